//! All that was seen of a program during a test: what expectations judge, snapshots hold and reports show.

use serde::{Deserialize, Serialize};

use super::{
    Call, FunctionId, Goroutine, Location, Nanoseconds, ProcessId, Request, SiteId, Timestamp,
    TypeId, TypeTable,
};

/// A place in the program's source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePosition {
    /// The file as the binary names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// A parameter or a result of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name in the source; empty or `_` if it has none, `~r0` and the like for unnamed results.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Where it is, at entry for parameters and at a `ret` for results.
    pub location: Location,
}

/// A watched function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its number.
    pub id: FunctionId,
    /// Its name in Go's own notation, with the full package path, e.g. `net.(*Resolver).lookupIP`.
    pub name: String,
    /// Where it begins in the source, if the binary says.
    pub position: Option<SourcePosition>,
    /// Its parameters in order, receiver first; a generic function's dictionary is not among them.
    pub parameters: Vec<Parameter>,
    /// Its results in order.
    pub results: Vec<Parameter>,
}

/// A name that a spec gave to one or more functions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The name.
    pub name: String,
    /// The functions behind it, sorted.
    pub functions: Vec<FunctionId>,
}

/// How many hits of one site found no room in the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteLoss {
    /// The site.
    pub site: SiteId,
    /// The watched function that it belongs to; none for a site of goproctor's own (goroutines, requests).
    pub function: Option<FunctionId>,
    /// How many of its hits were lost.
    pub lost: u64,
}

/// What was lost.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// The sites that lost hits; a site that lost none is not listed.
    pub sites: Vec<SiteLoss>,
}

impl Loss {
    /// How many hits were lost in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.sites.iter().map(|site| site.lost).sum()
    }

    /// How many hits of one function's sites were lost.
    #[must_use]
    pub fn of(&self, function: FunctionId) -> u64 {
        self.sites
            .iter()
            .filter(|site| site.function == Some(function))
            .map(|site| site.lost)
            .sum()
    }

    /// How many hits of goproctor's own sites were lost: goroutines and requests may then be wrongly attributed.
    #[must_use]
    pub fn of_causality(&self) -> u64 {
        self.sites
            .iter()
            .filter(|site| site.function.is_none())
            .map(|site| site.lost)
            .sum()
    }
}

/// When a probe was hit, and what that cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeHit {
    /// The kernel's clock.
    pub time: Timestamp,
    /// What it cost the goroutine that made it, as calibrated at start.
    pub cost: Nanoseconds,
}

/// All that was seen of a program in one window of time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The types that values, parameters and results speak of.
    pub types: TypeTable,
    /// The watched functions; [`FunctionId`] is the index.
    pub functions: Vec<Function>,
    /// The spec's names for them.
    pub labels: Vec<Label>,
    /// The program's process, if it was one of ours.
    pub process: Option<ProcessId>,
    /// The calls, by entry; [`CallId`](super::CallId) is the index.
    pub calls: Vec<Call>,
    /// The goroutines that were seen to be created or to make a call, by process and goid.
    pub goroutines: Vec<Goroutine>,
    /// The requests, by beginning; [`RequestId`](super::RequestId) is the index.
    pub requests: Vec<Request>,
    /// What was lost.
    pub loss: Loss,
    /// The hits of goproctor's own probes in the window, by time.
    pub hits: Vec<ProbeHit>,
    /// Begin and end of the window.
    pub window: Option<(Timestamp, Timestamp)>,
}

impl Observation {
    /// The label of that name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.name == name)
    }

    /// The function of that number.
    #[must_use]
    pub fn function(&self, id: FunctionId) -> Option<&Function> {
        self.functions.get(id.0 as usize)
    }
}
