//! The order of calls: `sequence`.

use super::{
    ArgumentExpectation, DurationBound, ErrorExpectation, ExpectedOutcome, Span, Spanned,
    Standpoint,
};
use crate::matcher::Matcher;

/// An order of calls.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// How strictly it is meant.
    pub mode: SequenceMode,
    /// All of its calls are made by one goroutine, whose calls alone it looks at: `{ gaps = [...], goroutine = "same" }`. The
    /// place of that key.
    pub one_goroutine: Option<Span>,
    /// Its elements in order.
    pub elements: Vec<SequenceElement>,
    /// Its place in the file.
    pub span: Span,
}

impl Sequence {
    /// Its calls.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.elements.iter().flat_map(SequenceElement::steps)
    }
}

/// How strictly a sequence is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceMode {
    /// Other calls may come before, between and after: `sequence = [...]`.
    Gaps,
    /// The calls of the names that the sequence mentions are these and no others: `sequence = { exact = [...] }`.
    Exact,
    /// Somewhere among the calls of the names that it mentions, these follow one another directly: `{ contiguous = [...] }`.
    Contiguous,
}

/// An element of a sequence.
#[derive(Clone, Debug)]
pub enum SequenceElement {
    /// A call.
    Step(Step),
    /// No call of this name between the step before and the step after: `"!x"`.
    Forbidden(Spanned<String>),
    /// These steps in any order: an inner list.
    AnyOrder(Vec<Step>, Span),
}

impl SequenceElement {
    /// Its calls.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        match self {
            Self::Step(step) => std::slice::from_ref(step),
            Self::AnyOrder(steps, _) => steps,
            Self::Forbidden(_) => &[],
        }
    }
}

/// A call in a sequence.
#[derive(Clone, Debug)]
pub struct Step {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// Only a call with these arguments matches, and with these parts of results (paths from
    /// [`Root::Result`](model::Root::Result)).
    pub args: Vec<ArgumentExpectation>,
    /// Only a call with these results matches, by position; empty for any. [`Matcher::Any`] where parts alone are
    /// asked for.
    pub returns: Vec<Spanned<Matcher>>,
    /// Only a call whose last result is such an error matches.
    pub error: Option<Box<Spanned<ErrorExpectation>>>,
    /// Only a call that took so long matches.
    pub took: Option<Spanned<DurationBound>>,
    /// Only a call that was entered so long after the step before was entered matches.
    pub gap: Option<Spanned<DurationBound>>,
    /// Only a call that ended so matches.
    pub outcome: Option<Spanned<ExpectedOutcome>>,
    /// Only a call that is made there matches.
    pub standpoint: Box<Standpoint>,
    /// Its place in the file.
    pub span: Span,
}
