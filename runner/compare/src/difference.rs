//! A difference: where it begins, and what follows from it.

use crate::change::Change;

/// What differs between two sides of one test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What differs, each where it begins, in the order in which it happened.
    pub differences: Vec<Difference>,
    /// Those that begin in an earlier test of the spec, once tests were [joined](crate::join).
    pub repeated: Vec<Repeated>,
    /// Why not all was seen, if so: then something may differ that is not told.
    pub doubt: Option<String>,
}

/// A difference, and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its number among those of the test, or of the spec once tests were [joined](crate::join).
    pub number: usize,
    /// Where it begins.
    pub root: Change,
    /// The other requests of the test in which the same difference begins.
    pub also: Vec<String>,
    /// The other tests in which it does, once they were [joined](crate::join).
    pub tests: Vec<String>,
    /// Whether something else differed earlier in the same test, from which it may follow: a program keeps state.
    pub later: bool,
    /// What lies on its path, in the order in which it happened.
    pub consequences: Vec<Change>,
    /// How many consequences there are besides.
    pub more: usize,
}

/// A difference that begins in an earlier test of the spec, too, and is told there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// Its number there.
    pub number: usize,
    /// Where it begins in this test.
    pub root: Change,
    /// The other requests of this test in which it begins.
    pub also: Vec<String>,
}
