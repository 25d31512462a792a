//! Which calls an expectation looks at, and where a call must stand among others.

use super::Spanned;

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

/// Where a call must stand among goroutines and other calls.
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
