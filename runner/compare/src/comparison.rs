//! What differs between two sides: where each difference begins, and what follows from it.
//!
//! Both sides are walked together. A call that was given the same on both sides and brings something else has changed itself, or something
//! in it has; so the walk goes in, as far as there are watched calls. What happened first of all that it meets is a **root**: the order of
//! the walk says so within a goroutine, the time of one run between goroutines. All that happened later in the same request or Go test lies
//! on the root's path, or may: the **consequences**. What [varies](crate::Side::unstable) on a side is no difference.

use std::collections::BTreeMap;

use crate::{
    change::{Change, What},
    difference::Comparison,
    roots::{self, Roots},
    run::Part,
    side::Side,
    walk::{Found, Walk},
};

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
