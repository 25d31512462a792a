//! How two sides pass the values of the same functions, and what else the compiler made of these.
//!
//! A side says of each function its [facts](Fact), each about a [subject](Subject). Facts about the same subject become a [`Row`].

mod fact;
mod places;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use model::SourcePosition;

pub use fact::{
    Convention, Fact, Frame, Inlining, Passed, ProbeMoment, Probes, Stepping, Subject, ValueRole,
    Way, WayNote,
};
pub use places::passed;

/// What is known of one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AbiSide {
    /// The Go release that built it: `go1.27.3`.
    pub release: String,
    /// The functions that are declared, in the order of the spec.
    pub functions: Vec<FunctionAbi>,
    /// What can't be watched on this side, and why.
    pub missing: Vec<String>,
}

/// A function on one side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionAbi {
    /// Its name in Go's own notation.
    pub name: String,
    /// Where it begins in the source, if that is known.
    pub place: Option<SourcePosition>,
    /// What is known of it, each subject once.
    pub facts: Vec<(Subject, Fact)>,
}

/// What both sides say about a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is about.
    pub subject: Subject,
    /// What each side says; none where it has no such thing.
    pub sides: [Option<Fact>; 2],
}

impl Row {
    /// Whether the sides differ in it.
    #[must_use]
    pub fn differs(&self) -> bool {
        match &self.sides {
            [Some(before), Some(after)] => !before.is_like(after),
            [None, None] => false,
            _ => true,
        }
    }
}

/// A function on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedFunction {
    /// Its name.
    pub name: String,
    /// Where it begins in the source, by side.
    pub places: [Option<SourcePosition>; 2],
    /// Whether each side has it.
    pub is_there: [bool; 2],
    /// What is known of it: values first, in their order.
    pub rows: Vec<Row>,
}

impl ComparedFunction {
    /// Whether the sides differ in it.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.is_there != [true; 2] || self.rows.iter().any(Row::differs)
    }
}

/// Puts the functions of two sides together: in the order of the side before, then those that only the side after has.
#[must_use]
pub fn compare(before: &AbiSide, after: &AbiSide) -> Vec<ComparedFunction> {
    let names: BTreeSet<&str> = before.functions.iter().map(|f| f.name.as_str()).collect();
    let shared = before.functions.iter().map(|function| {
        let mut others = after.functions.iter();
        (
            Some(function),
            others.find(|other| other.name == function.name),
        )
    });
    let added = after.functions.iter();
    let added = added.filter(|function| !names.contains(function.name.as_str()));
    shared
        .chain(added.map(|function| (None, Some(function))))
        .filter_map(|(before, after)| {
            let place = |side: Option<&FunctionAbi>| side.and_then(|f| f.place.clone());
            let facts = |side: Option<&FunctionAbi>| side.map_or(Vec::new(), |f| f.facts.clone());
            Some(ComparedFunction {
                name: before.or(after)?.name.clone(),
                places: [place(before), place(after)],
                is_there: [before.is_some(), after.is_some()],
                rows: rows(facts(before), facts(after)),
            })
        })
        .collect()
}

/// Facts about the same subjects side by side. What only the side after has comes behind what precedes it there.
fn rows(before: Vec<(Subject, Fact)>, after: Vec<(Subject, Fact)>) -> Vec<Row> {
    let mut rows: Vec<Row> = before
        .into_iter()
        .map(|(subject, fact)| Row {
            subject,
            sides: [Some(fact), None],
        })
        .collect();
    let mut behind = 0;
    for (subject, fact) in after {
        match rows.iter().position(|row| row.subject == subject) {
            Some(place) => {
                if let Some(Row {
                    sides: [_, side], ..
                }) = rows.get_mut(place)
                {
                    *side = Some(fact);
                }
                behind = place + 1;
            }
            None => {
                let row = Row {
                    subject,
                    sides: [None, Some(fact)],
                };
                rows.insert(behind, row);
                behind += 1;
            }
        }
    }
    rows
}
