//! The lines of a recording.

use std::{borrow::Cow, collections::BTreeMap};

use model::{
    Address, Completion, Exchange, Loss, Nanoseconds, ProcessId, Races, StubUse, Timestamp,
    plan::Plan,
};
use serde::{Deserialize, Serialize};

/// The version of the format; raised with every change that an older version can't read.
pub(crate) const FORMAT_VERSION: u32 = 2;

/// What was watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecText {
    /// The file's name.
    pub name: String,
    /// What stood in it.
    pub text: String,
}

/// The beginning of a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestBegin {
    /// Its name.
    pub name: String,
    /// Whether it had a process of its own; if not, what came in for the test before it belongs to its past.
    pub fresh_process: bool,
}

/// What is known when a test has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completion: Option<Completion>,
    /// What the race detector reported, if it is in the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub races: Option<Races>,
    /// Values of this run, and the placeholders that stand for them in snapshots.
    #[serde(default)]
    pub substitutions: Vec<(String, String)>,
    /// The names of functions that goroutines started with and that func values are, by address in the binary.
    #[serde(alias = "start_functions")]
    pub functions: BTreeMap<Address, String>,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line<'a> {
    /// Begins a test.
    Test(Cow<'a, TestBegin>),
    /// A record in base64, up to its last byte that means something.
    Record(Cow<'a, str>),
    /// Bytes in base64 that came as a record, but are none.
    Malformed(Cow<'a, str>),
    /// A process ended.
    Exit {
        /// Which.
        process: ProcessId,
        /// When.
        time: Timestamp,
    },
    /// Ends a test.
    End(Box<Cow<'a, TestEnd>>),
    /// Ends the recording: so many tests.
    Tests(usize),
}

/// The first line. Only its version is read until that is known to be ours.
#[derive(Debug, Serialize)]
pub(super) struct FirstLine<'a> {
    pub(super) goproctor_recording: u32,
    pub(super) header: &'a Header,
}

/// What every version's first line has.
#[derive(Debug, Deserialize)]
pub(super) struct AnyFirstLine {
    pub(super) goproctor_recording: u32,
    pub(super) header: serde_json::Value,
}
