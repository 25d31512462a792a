//! What is asked of calls: of their values, their time, their end, and where they are among others.

use std::time::Duration;

use model::Path;

use super::Spanned;
use crate::matcher::{Comparison, Matcher};

/// What a value, or a part of it, must be.
#[derive(Clone, Debug)]
pub struct ArgumentExpectation {
    /// Where it begins and what leads on. Its place is that of the last key; for a whole result, that of the matcher.
    pub path: Spanned<Path>,
    /// What it must be.
    pub matcher: Spanned<Matcher>,
}

/// What must hold for every call of a function: `[test.calls.NAME]`.
#[derive(Clone, Debug)]
pub struct CallExpectation {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// What its arguments must be, and parts of its results (paths from
    /// [`Root::Result`](model::Root::Result)).
    pub args: Vec<ArgumentExpectation>,
    /// What its results must be, by position; [`Matcher::Any`] where parts alone are asked for.
    pub returns: Vec<Spanned<Matcher>>,
    /// What its pointer arguments must point to when it returns, by path.
    pub out: Vec<ArgumentExpectation>,
    /// What its last result must be, which is an error.
    pub error: Option<Box<Spanned<ErrorExpectation>>>,
    /// How long it may take.
    pub took: Option<Spanned<DurationBound>>,
    /// How it must end.
    pub outcome: Option<Spanned<ExpectedOutcome>>,
    /// Which calls are meant, if not those that the test's `from` says.
    pub from: Option<Spanned<Scope>>,
    /// Where it must be made.
    pub standpoint: Standpoint,
    /// It ends before any call of these names in the same request begins. `before`
    pub before: Vec<Spanned<String>>,
    /// It begins after all calls of these names in the same request have ended. `after`
    pub after: Vec<Spanned<String>>,
    /// For each of these names there is a call on another goroutine whose time overlaps with its own. `concurrent-with`
    pub concurrent_with: Vec<Spanned<String>>,
}

/// What a call's last result must be, which is an `error`.
#[derive(Clone, Debug)]
pub struct ErrorExpectation {
    /// `error = false`: it is nil. Else it is an error, of which the other fields say more.
    pub nil: bool,
    /// `is`: the error or one that it wraps is this package variable, e.g. `database/sql.ErrNoRows`.
    pub is: Option<Spanned<String>>,
    /// `as`: the error or one that it wraps has this type, e.g. `*net.OpError`.
    pub as_type: Option<Spanned<String>>,
    /// `contains`, `matches`, `equal`: what its message must be.
    pub message: Option<Spanned<Matcher>>,
}

/// How a call must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// `"returned"`
    Returned,
    /// `"panicked"`: left by a panic
    Panicked,
    /// `"recovered"`: returned after a function that it deferred recovered a panic
    Recovered,
    /// `"goexit"`: left by `runtime.Goexit`
    Goexit,
    /// `"running"`: not ended when the test was
    Running,
    /// `"process-ended"`: its process ended first
    ProcessEnded,
}

impl ExpectedOutcome {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Returned,
        Self::Panicked,
        Self::Recovered,
        Self::Goexit,
        Self::Running,
        Self::ProcessEnded,
    ];

    /// Whether a call that ended so has results.
    #[must_use]
    pub const fn has_results(self) -> bool {
        matches!(self, Self::Returned | Self::Recovered)
    }
}

/// A bound on a duration: `< 50ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationBound {
    /// `<`, `<=`, `>` or `>=`.
    pub comparison: Comparison,
    /// The duration.
    pub duration: Duration,
}

/// Which calls an expectation looks at: `from`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// `"requests"`: those that the test's requests own; in a test without one, all.
    #[default]
    Requests,
    /// `"anywhere"`: all that the program made during the test, background too.
    Anywhere,
}

impl Scope {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Requests, Self::Anywhere];
}

/// Where a call must be made, among goroutines and other calls.
#[derive(Clone, Debug, Default)]
pub struct Standpoint {
    /// A call of this name is open somewhere above it: around it on its goroutine, or around the `go` statement that its
    /// goroutine, or one further up, came from. `under`
    pub under: Option<Spanned<String>>,
    /// The nearest watched call above it, likewise, is one of this name. `child-of`
    pub child_of: Option<Spanned<String>>,
    /// Which goroutine makes it. `goroutine`
    pub goroutine: Option<Spanned<GoroutineRelation>>,
}

/// Which goroutine makes a call, seen from the one that handles its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoroutineRelation {
    /// `"same"`: that one itself.
    Same,
    /// `"child"`: one that it created.
    Child,
    /// `"distinct"`: any other.
    Distinct,
    /// `"any"`
    Any,
}

impl GoroutineRelation {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Same, Self::Child, Self::Distinct, Self::Any];
}
