//! What the run of a test brings.

use std::collections::BTreeMap;

use judge::expect::Evidence;
use model::{CallId, Carried, Exchange, Observation, StubUse};
use trace::{Dropped, match_requests};

/// What a test brought.
#[derive(Debug)]
pub struct TestRun {
    /// What it is called: as in the spec, or the Go test's own full name.
    pub name: String,
    /// What it is judged on.
    pub evidence: Evidence,
    /// How the program ended during the test although it should not have, and what it wrote last.
    pub died: Option<String>,
    /// The last lines that the program wrote during the test.
    pub output: Vec<String>,
    /// The lines of its output that tell of uses of a setting whose value has a pattern.
    pub setting_uses: Vec<String>,
    /// The values that calls panicked with, as far as the program's output has them.
    pub panics: BTreeMap<CallId, String>,
    /// Values of this run, and the placeholders that stand for them.
    pub substitutions: Vec<(String, String)>,
    /// What there was no [room](super::Live::within) for.
    pub dropped: Dropped,
}

/// What a test is judged on.
pub(super) fn evidence(
    observation: Observation,
    exchanges: Vec<Exchange>,
    stubs: Vec<StubUse>,
    timed_out: bool,
) -> Evidence {
    let requests = match_requests(&observation, &exchanges);
    let requests = requests
        .into_iter()
        .map(|found| found.map_err(|why| why.to_string()));
    Evidence {
        scopes: requests.collect(),
        observation,
        exchanges,
        stubs,
        timed_out,
        completion: None,
        left: None,
        races: None,
        carried: Carried::default(),
        output: None,
        ending: None,
    }
}
