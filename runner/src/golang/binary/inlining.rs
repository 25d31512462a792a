//! Inlining: what became of a function that may have no body of its own.

use crate::model::SourcePosition;

/// What became of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InlinedCopies {
    /// Whether it has a body of its own.
    pub out_of_line: bool,
    /// How many copies of it were inlined into other functions.
    pub count: u64,
    /// The first few of them, in the order of the binary.
    pub first: Vec<InlinedCopy>,
}

/// One copy of a function, inlined into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlinedCopy {
    /// The function whose body holds the copy.
    pub caller: String,
    /// Where the call stands in the source, if the binary says.
    pub position: Option<SourcePosition>,
}
