//! What a recording holds, beside the records themselves.

use std::collections::BTreeMap;

use model::{
    Address, Carried, Completion, Ending, Exchange, Loss, Nanoseconds, Output, Races, StubUse,
    Timestamp, plan::Plan,
};

/// What was watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The version of goproctor that wrote it.
    pub goproctor: String,
    /// The plan that the records speak of.
    pub plan: Plan,
    /// What a hit costs the goroutine that makes it, as calibrated at start, for each of the plan's sites.
    pub hit_costs: Vec<Nanoseconds>,
    /// The spec, if there was one.
    pub spec: Option<SpecText>,
}

impl Header {
    /// The header of a recording that this version writes.
    #[must_use]
    pub fn new(plan: Plan, hit_costs: Vec<Nanoseconds>, spec: Option<SpecText>) -> Self {
        Self {
            goproctor: env!("CARGO_PKG_VERSION").to_owned(),
            plan,
            hit_costs,
            spec,
        }
    }
}

/// A spec as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecText {
    /// The file's name.
    pub name: String,
    /// What stood in it.
    pub text: String,
    /// The files that it uses.
    pub used: Vec<UsedText>,
}

/// A file that a spec uses, as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedText {
    /// Its path, relative to the spec's folder.
    pub name: String,
    /// What stood in it.
    pub text: String,
}

/// The beginning of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestBegin {
    /// Its name.
    pub name: String,
    /// Whether it had a process of its own; if not, what came in for the test before it belongs to its past.
    pub fresh_process: bool,
}

/// What is known when a test has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestEnd {
    /// When it began and ended, on the records' clock.
    pub window: (Timestamp, Timestamp),
    /// What was lost during it.
    pub loss: Loss,
    /// The requests that were sent, in order.
    pub exchanges: Vec<Exchange>,
    /// What the stubs were asked.
    pub stubs: Vec<StubUse>,
    /// Whether the test ran into its own time limit.
    pub timed_out: bool,
    /// How it came to its end.
    pub completion: Option<Completion>,
    /// What the race detector reported, if it is in the program.
    pub races: Option<Races>,
    /// What was carried from request to request, where that did not go as asked.
    pub carried: Carried,
    /// What the program wrote, if that is judged.
    pub output: Option<Output>,
    /// How the program ended, if that is judged.
    pub ending: Option<Ending>,
    /// Values of this run, and the placeholders that stand for them in snapshots.
    pub substitutions: Vec<(String, String)>,
    /// The names of functions that goroutines started with and that func values are, by address in the binary.
    pub functions: BTreeMap<Address, String>,
}

/// A test of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedTest {
    /// How it began.
    pub begin: TestBegin,
    /// How it ended.
    pub end: TestEnd,
    /// Where its lines are.
    pub(super) lines: Lines,
}

/// A stretch of lines in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    /// Where the first one begins, in bytes.
    pub(super) offset: u64,
    /// Its number, from 1.
    pub(super) first: usize,
    /// How many there are.
    pub(super) count: usize,
}
