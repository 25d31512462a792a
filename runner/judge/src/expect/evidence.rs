//! What a test is judged on.

use model::{
    Carried, Completion, Ending, Exchange, Nanoseconds, Observation, Output, Races, Running,
    ScopeId, StubUse,
};

/// What a Go test, or a test's requests, left running.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// What of it still ran, at the last look.
    pub running: Running,
    /// How long after the test, or the last answer, the last look was, if that was before all of `settle` had passed.
    pub cut: Option<Nanoseconds>,
}

/// All that a test is judged on.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// What was seen of the program from the test's beginning to its end.
    pub observation: Observation,
    /// The requests that were sent, in the order of the test's entries and their repetitions.
    pub exchanges: Vec<Exchange>,
    /// The scopes that the test is about. Parallel to `exchanges`: which of the program's requests each was, or why that is not known.
    /// Of a Go test, which has no exchanges: its run alone.
    pub scopes: Vec<Result<ScopeId, String>>,
    /// What the stubs were asked.
    pub stubs: Vec<StubUse>,
    /// Whether the test ran into its own time limit before it was complete.
    pub timed_out: bool,
    /// How the test came to its end, if that is known.
    pub completion: Option<Completion>,
    /// What a Go test left running, if that is asked for.
    pub left: Option<Left>,
    /// What the race detector reported, if it is in the program.
    pub races: Option<Races>,
    /// What was carried from request to request, where that did not go as asked.
    pub carried: Carried,
    /// What the program wrote during the test, if that is judged.
    pub output: Option<Output>,
    /// How the program ended, if that is judged.
    pub ending: Option<Ending>,
}
