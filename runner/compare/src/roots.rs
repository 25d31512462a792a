//! Which changes are one difference: the first of a part is the root of the others, and one that begins alike in other parts or tests is
//! told once.

use crate::{
    change::Change,
    difference::{Comparison, Difference, Repeated},
    walk::Found,
};

/// So many consequences of a difference are kept; more are counted.
const MAX_CONSEQUENCES: usize = 40;

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
        if let Some(known) = known.find(|known| known.root.is_same(&root)) {
            known.also.push(root.part);
            return;
        }
        let consequences = found.into_iter().map(|found| found.change);
        // A program keeps state: what a request is given by it follows from what was done before.
        if let (Some(last), true) = (self.differences.last_mut(), is_given) {
            follow(last, std::iter::once(root).chain(consequences));
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
            follow(difference, consequences);
        }
    }

    /// Adds what follows from any difference in the calls, such as what stubs were asked: to the first, where there is one.
    pub(crate) fn add_following(&mut self, changes: Vec<Change>) {
        match self.differences.first_mut() {
            Some(first) => follow(first, changes),
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

fn follow(difference: &mut Difference, changes: impl IntoIterator<Item = Change>) {
    for change in changes {
        match difference.consequences.len() < MAX_CONSEQUENCES {
            true => difference.consequences.push(change),
            false => difference.more += 1,
        }
    }
}

/// Numbers the differences of a spec's tests, each with its name. One that begins in several tests is told in the first of them alone;
/// the others say that it is there.
pub fn join<'c>(tests: impl IntoIterator<Item = (&'c str, &'c mut Comparison)>) {
    let mut earlier: Vec<&mut Difference> = Vec::new();
    let mut next = 1;
    for (test, comparison) in tests {
        let mut own = Vec::new();
        for mut difference in std::mem::take(&mut comparison.differences) {
            let mut known = earlier.iter_mut();
            match known.find(|known| known.root.is_same(&difference.root)) {
                Some(known) => {
                    known.tests.push(test.to_owned());
                    comparison.repeated.push(Repeated {
                        number: known.number,
                        root: difference.root,
                        also: difference.also,
                    });
                }
                None => {
                    difference.number = next;
                    next += 1;
                    own.push(difference);
                }
            }
        }
        comparison.differences = own;
        earlier.extend(&mut comparison.differences);
    }
}
