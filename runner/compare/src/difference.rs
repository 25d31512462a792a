//! What differs between two sides: where each difference begins, and what follows from it.
//!
//! Both sides are walked together. A call that was given the same on both sides and brings something else has changed itself, or something
//! in it has; so the walk goes in, as far as there are watched calls. What happened first of all that it meets is a **root**: the order of
//! the walk says so within a goroutine, the time of one run between goroutines. All that happened later in the same request or Go test lies
//! on the root's path, or may: the **consequences**. What [varies](crate::Side::unstable) on a side is no difference.

use std::collections::BTreeMap;

use model::{Outcome, SourcePosition};

use crate::{
    roots::{self, Roots},
    run::Part,
    side::Side,
    value::ValueChange,
    walk::{Found, Walk},
};

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

/// Compares two sides of a test.
#[must_use]
pub fn compare(before: &Side, after: &Side) -> Comparison {
    let Matched { both, alone } = Matched::of(&before.parts, &after.parts);
    let mut run = Vec::new();
    let mut requests = Vec::new();
    for (before, after) in both {
        let found = of_part(before, after);
        match before.is_run {
            true => run.extend(found),
            false => requests.push(found),
        }
    }
    let mut roots = Roots::default();
    for found in with_run(run, requests) {
        roots.add(found);
    }
    // Which requests a Go test sends follows from what it was answered before.
    roots.add_following(alone.into_iter().map(on_one_side).collect());
    roots.add_following(asked(before, after));
    let doubt = before.doubt.as_ref().or(after.doubt.as_ref());
    Comparison {
        differences: roots.differences,
        repeated: Vec::new(),
        doubt: doubt.cloned(),
    }
}

/// What differs in a part.
fn of_part(before: &Part, after: &Part) -> Vec<Found> {
    let mut walk = Walk::of(&before.name);
    let unordered = before.unordered || after.unordered;
    walk.list(&before.below, &after.below, unordered);
    let mut found = walk.found;
    if let (Some(was), Some(is)) = (before.answer.known(), after.answer.known())
        && was != is
    {
        let (was, is) = (was.clone(), is.clone());
        let what = What::Answer {
            before: was,
            after: is,
        };
        found.push(Found::without_time(Change::of_part(&before.name, what)));
    }
    found
}

/// A Go test sends its requests, and goes on with their answers: what it does itself and the first request that differs are one.
fn with_run(run: Vec<Found>, requests: Vec<Vec<Found>>) -> Vec<Vec<Found>> {
    let of_run = roots::first(&run).and_then(|index| run.get(index));
    let Some(of_run) = of_run.cloned() else {
        return requests;
    };
    let requests: Vec<Vec<Found>> = requests.into_iter().filter(|one| !one.is_empty()).collect();
    let is_before = |found: &Vec<Found>| {
        let root = roots::first(found).and_then(|index| found.get(index));
        root.is_some_and(|root| root.is_before(&of_run))
    };
    match requests.iter().any(is_before) {
        true => {
            let mut requests = requests;
            if let Some(first) = requests.iter_mut().find(|found| is_before(found)) {
                first.extend(run);
            }
            requests
        }
        false => vec![
            run.into_iter()
                .chain(requests.into_iter().flatten())
                .collect(),
        ],
    }
}

fn on_one_side((part, added): (&Part, bool)) -> Change {
    Change::of_part(&part.name, What::Part { added })
}

impl Change {
    /// A change of a part itself.
    fn of_part(part: &str, what: What) -> Self {
        Self {
            part: part.to_owned(),
            stack: Vec::new(),
            function: String::new(),
            keys: Default::default(),
            places: [None, None],
            what,
        }
    }
}

/// The parts of two sides.
struct Matched<'s> {
    /// Those of the same name, in their order.
    both: Vec<(&'s Part, &'s Part)>,
    /// Those that are on one side alone, with whether it is the second.
    alone: Vec<(&'s Part, bool)>,
}

impl<'s> Matched<'s> {
    fn of(before: &'s [Part], after: &'s [Part]) -> Self {
        let mut rest: Vec<&Part> = after.iter().collect();
        let mut both = Vec::new();
        let mut alone = Vec::new();
        for part in before {
            match rest.iter().position(|other| other.name == part.name) {
                Some(place) => both.push((part, rest.remove(place))),
                None if part.sometimes => {}
                None => alone.push((part, false)),
            }
        }
        let added = rest.into_iter().filter(|part| !part.sometimes);
        alone.extend(added.map(|part| (part, true)));
        Self { both, alone }
    }
}

/// What the stubs are asked more or less often, where that is the same in all runs of each side.
fn asked(before: &Side, after: &Side) -> Vec<Change> {
    let (Some(before), Some(after)) = (&before.asked, &after.asked) else {
        return Vec::new();
    };
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for request in before {
        counts.entry(request).or_default().0 += 1;
    }
    for request in after {
        counts.entry(request).or_default().1 += 1;
    }
    let changed = counts
        .into_iter()
        .filter(|(_, (before, after))| before != after);
    let changed = changed.map(|(request, (before, after))| What::Asked {
        request: request.to_owned(),
        before,
        after,
    });
    changed.map(|what| Change::of_part("", what)).collect()
}

#[cfg(test)]
mod tests;
