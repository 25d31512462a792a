//! One thing that is not the same on both sides.

use std::collections::BTreeSet;

use model::{Outcome, SourcePosition};

use crate::value::ValueChange;

/// One thing that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The request or Go test that it belongs to.
    pub part: String,
    /// The calls around it, outermost first.
    pub stack: Vec<String>,
    /// The function that it is about; empty for a change of the part itself.
    pub function: String,
    /// What that function and the innermost call around it are called on both sides.
    pub(crate) keys: [String; 2],
    /// Where the function begins in the source in which the change is to be looked for, before and after: the function's own where it
    /// gives or does something else, its caller's where it is called otherwise.
    pub places: [Option<SourcePosition>; 2],
    /// What it is.
    pub what: What,
}

/// What is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// It is called with other arguments.
    Arguments(Vec<ValueChange>),
    /// Called with the same arguments, it gives other results.
    Results(Vec<ValueChange>),
    /// It ends in another way; with what it returned, where it did.
    Outcome {
        /// How it ended, and its results.
        before: (Outcome, Vec<String>),
        /// How it ends.
        after: (Outcome, Vec<String>),
    },
    /// It is called more or less often.
    Calls {
        /// How often it was called there.
        before: usize,
        /// How often it is.
        after: usize,
        /// The arguments of the first call that is new, or gone.
        arguments: Vec<(String, String)>,
    },
    /// It is called earlier or later than that function.
    Order {
        /// The function that it changed places with.
        other: String,
        /// Whether it is called before it now.
        earlier: bool,
    },
    /// It runs in a goroutine of its own, or does not any more.
    Goroutine {
        /// Whether it has one now.
        own: bool,
    },
    /// The request is answered otherwise.
    Answer {
        /// The status, or why there was no answer.
        before: String,
        /// The same now.
        after: String,
    },
    /// The request or the Go test is there on one side alone.
    Part {
        /// Whether it is new.
        added: bool,
    },
    /// A stub is asked more or less often.
    Asked {
        /// `rates: GET /rates`.
        request: String,
        /// How often it was asked.
        before: usize,
        /// How often it is.
        after: usize,
    },
}

impl Change {
    /// A change of a part itself.
    pub(crate) fn of_part(part: &str, what: What) -> Self {
        Self {
            part: part.to_owned(),
            stack: Vec::new(),
            function: String::new(),
            keys: Default::default(),
            places: [None, None],
            what,
        }
    }

    /// The values that are not the same.
    pub(crate) fn values(&self) -> &[ValueChange] {
        match &self.what {
            What::Arguments(values) | What::Results(values) => values,
            _ => &[],
        }
    }

    /// Whether it is the same change as one of another part, another test or another comparison: of the same function with the same
    /// caller, in the same values, whatever they are.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        is_same_kind(&self.what, &other.what) && self.keys == other.keys
    }
}

fn is_same_kind(one: &What, other: &What) -> bool {
    match (one, other) {
        (What::Arguments(one), What::Arguments(other))
        | (What::Results(one), What::Results(other)) => !paths(one).is_disjoint(&paths(other)),
        (
            What::Outcome { before, after },
            What::Outcome {
                before: b,
                after: a,
            },
        ) => before.0 == b.0 && after.0 == a.0,
        (
            What::Calls { before, after, .. },
            What::Calls {
                before: b,
                after: a,
                ..
            },
        ) => before.cmp(after) == b.cmp(a),
        (
            What::Asked {
                request,
                before,
                after,
            },
            What::Asked {
                request: r,
                before: b,
                after: a,
            },
        ) => request == r && before.cmp(after) == b.cmp(a),
        (one, other) => one == other,
    }
}

/// Where values differ, whichever element of a list it is.
fn paths(values: &[ValueChange]) -> BTreeSet<String> {
    let paths = values.iter().map(|change| {
        let mut path = String::new();
        for part in change.path.split_inclusive('[') {
            let number = part.trim_start_matches(|c: char| c.is_ascii_digit());
            path.push_str(if number.starts_with(']') {
                number
            } else {
                part
            });
        }
        path
    });
    paths.collect()
}
