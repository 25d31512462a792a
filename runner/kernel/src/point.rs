//! Where a probe is set, and what its hits show.

use std::collections::BTreeSet;

use model::{FileOffset, FunctionId, ProbeKind, SiteId, plan::Site};

/// A probe of the plan, as far as attaching and loss need it.
#[derive(Clone, Debug)]
pub(super) struct Point {
    pub(super) site: SiteId,
    pub(super) offset: FileOffset,
    /// The watched function that it belongs to.
    pub(super) function: Option<FunctionId>,
    /// What its hits show.
    pub(super) probes: Vec<ProbeKind>,
}

impl Point {
    pub(super) fn new(site: &Site, servers: &BTreeSet<FunctionId>) -> Self {
        Self {
            site: site.id,
            offset: site.offset,
            function: site.function(),
            probes: site.probes(servers),
        }
    }
}
