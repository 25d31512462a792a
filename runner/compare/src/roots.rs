//! Which changes are one difference: the first of a part is the root of the others, and one that begins alike in other parts or tests is
//! told once.

use crate::{
    change::{Change, What},
    difference::{Comparison, Difference, Repeated},
    value::ValueChange,
    walk::Found,
};

/// The differences that were found so far.
#[derive(Default)]
pub(crate) struct Roots {
    pub(crate) differences: Vec<Difference>,
}

impl Roots {
    /// Adds what was found in one part: the first that happened is the root of the others.
    pub(crate) fn add(&mut self, mut found: Vec<Found>) {
        let Some(first) = first(&found).and_then(|index| found.get(index)) else {
            return;
        };
        // Of goroutines that do the same, any may be first.
        let is_root = |other: &Found| other.change.is_same(&first.change);
        let Some(root) = found.iter().position(is_root) else {
            return;
        };
        let root = found.remove(root);
        let is_given = root.is_given();
        let root = root.change;
        let mut known = self.differences.iter_mut();
        let consequences = found.into_iter().map(|found| found.change);
        if let Some(known) = known.find(|known| known.root.is_same(&root)) {
            known.also.push(root.part);
            let further: Vec<Change> = consequences.filter(|change| !known.has(change)).collect();
            known.follow(further);
            return;
        }
        // A program keeps state: what a request is given by it follows from what was done before.
        if let (Some(last), true) = (self.differences.last_mut(), is_given) {
            last.follow(std::iter::once(root).chain(consequences));
            return;
        }
        self.differences.push(Difference {
            number: self.differences.len() + 1,
            later: !self.differences.is_empty(),
            root,
            also: Vec::new(),
            tests: Vec::new(),
            consequences: Vec::new(),
            more: 0,
        });
        if let Some(difference) = self.differences.last_mut() {
            difference.follow(consequences);
        }
    }

    /// Adds what follows from any difference in the calls, such as what stubs were asked: to the first, where there is one.
    pub(crate) fn add_following(&mut self, changes: Vec<Change>) {
        match self.differences.first_mut() {
            Some(first) => first.follow(changes),
            None => {
                for change in changes {
                    self.add(vec![Found::without_time(change)]);
                }
            }
        }
    }
}

/// The first that happened, by its index. Where that is not known, they are in the order of the walk.
pub(crate) fn first(found: &[Found]) -> Option<usize> {
    let mut all = found.iter().enumerate();
    let (mut index, mut first) = all.next()?;
    for (other, found) in all {
        if found.is_before(first) {
            (index, first) = (other, found);
        }
    }
    Some(index)
}

/// Numbers the differences of a spec's tests, each with its name. One that begins in several tests is told in the first of them alone;
/// the others say that it is there, and what else follows from it in them. What a call is given by state that differed in the same way in
/// an earlier test is no difference of its own.
pub fn join<'c>(tests: impl IntoIterator<Item = (&'c str, &'c mut Comparison)>) {
    let mut earlier: Vec<&mut Difference> = Vec::new();
    let mut next = 1;
    for (test, comparison) in tests {
        let mut own: Vec<Difference> = Vec::new();
        for mut difference in std::mem::take(&mut comparison.differences) {
            let told = earlier.iter().map(|known| &**known).chain(&own);
            let Some(number) = told_before(&mut difference, &told.collect::<Vec<_>>()) else {
                difference.number = next;
                next += 1;
                own.push(difference);
                continue;
            };
            let is_it = |known: &Difference| known.number == number;
            if let Some(known) = own.iter_mut().find(|known| is_it(known)) {
                known.take_in(difference);
            } else if let Some(known) = earlier.iter_mut().find(|known| is_it(known)) {
                known.tests.push(test.to_owned());
                difference.consequences.retain(|change| !known.has(change));
                comparison.repeated.push(Repeated {
                    number,
                    root: difference.root,
                    also: difference.also,
                    consequences: difference.consequences,
                });
            }
        }
        comparison.differences = own;
        earlier.extend(&mut comparison.differences);
    }
}

/// The number of the difference that was told before and is this one; none if it is another. What its calls are given by state that
/// differed before in the same way is taken out of it: then it begins later, or not at all.
fn told_before(difference: &mut Difference, told: &[&Difference]) -> Option<usize> {
    if let Some(carrier) = carrier(&difference.root, told) {
        let consequences = &mut difference.consequences;
        consequences.retain(|change| {
            let is_told = told.iter().any(|known| known.has(change));
            !is_told && self::carrier(change, told).is_none()
        });
        if consequences.is_empty() {
            return Some(carrier);
        }
        difference.root = consequences.remove(0);
    }
    let mut known = told.iter();
    let known = known.find(|known| known.root.is_same(&difference.root))?;
    Some(known.number)
}

/// The number of the difference that told all values before that a call is given otherwise, each within something else: state of the
/// program that both calls reach.
fn carrier(change: &Change, told: &[&Difference]) -> Option<usize> {
    let What::Arguments(values) = &change.what else {
        return None;
    };
    let tells = |known: &&&Difference, value: &ValueChange| {
        let is_within = value.path.contains(['.', '[']);
        is_within
            && known
                .changes()
                .any(|change| change.values().contains(value))
    };
    let mut carriers = values.iter().map(|value| {
        let known = told.iter().find(|known| tells(known, value))?;
        Some(known.number)
    });
    let first = carriers.next()??;
    carriers.all(|carrier| carrier.is_some()).then_some(first)
}
