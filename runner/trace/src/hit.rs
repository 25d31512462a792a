//! A record together with the site that made it, and where on which stack it happened.

use arch::{PROGRAM_COUNTER, STACK_POINTER};
use model::{
    Address, Depth, Goid, Nanoseconds, ProcessId, Timestamp,
    plan::{FrameEdge, LinkKind, Operand, ReadAddress, Site},
};

use super::record::Record;

/// One hit of a probe.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit<'a> {
    pub(super) record: &'a Record<'a>,
    pub(super) site: &'a Site,
    pub(super) process: ProcessId,
    pub(super) goid: Goid,
    pub(super) depth: Depth,
    pub(super) time: Timestamp,
    /// What it cost the goroutine that made it.
    pub(super) cost: Nanoseconds,
}

impl<'a> Hit<'a> {
    /// None if the goroutine could not be read.
    pub(super) fn new(record: &'a Record<'a>, site: &'a Site, cost: Nanoseconds) -> Option<Self> {
        Some(Self {
            record,
            site,
            process: record.process(),
            goid: record.goid()?,
            depth: Depth(record.depth().0.wrapping_sub(u64::from(site.below))),
            time: record.time(),
            cost,
        })
    }

    /// Whether it happened on a goroutine's own stack.
    pub(super) fn on_goroutine(&self) -> bool {
        !self.record.on_system_stack() && self.goid != Goid(0)
    }

    /// Whether a frame begins or ends here.
    pub(super) fn is_at(&self, edge: FrameEdge) -> bool {
        self.site.roles.iter().any(|role| role.edge() == edge)
    }

    /// How far the process's code lies from where the binary was linked.
    pub(super) fn load_bias(&self) -> u64 {
        let here = self.record.register(PROGRAM_COUNTER);
        here.wrapping_sub(self.site.address.0)
    }

    /// The address that a place holds or is.
    pub(super) fn resolve(&self, place: ReadAddress) -> Option<Address> {
        let top = Address(self.record.register(STACK_POINTER));
        match place {
            ReadAddress::Register(register) => Some(Address(self.record.register(register))),
            ReadAddress::StackAddress(displacement) => Some(top.offset(displacement)),
            ReadAddress::Stack(displacement) => {
                let word = self.record.memory().word(top.offset(displacement));
                word.ok().map(Address).or_else(|| self.followed(place))
            }
        }
    }

    /// The pointer that a place held, by the chunk that was read through it. The chunks of a site's reads come first
    /// and in order, but for those that had nothing to read.
    fn followed(&self, place: ReadAddress) -> Option<Address> {
        let index = self
            .site
            .reads
            .iter()
            .position(|read| read.first == Operand::from(place))?;
        let read = &self.site.reads[index];
        let LinkKind::Constant(count) = read.link.kind else {
            return None;
        };
        let full = u64::from(count) * u64::from(read.link.element);
        let mut found = None;
        for chunk in self.record.chunks().take(index + 1) {
            let fits = chunk.full == full && chunk.view == read.link.view;
            if fits && found.is_some_and(|found| found != chunk.address) {
                return None;
            }
            if fits {
                found = Some(chunk.address);
            }
        }
        found
    }
}
