//! A difference: where it begins, and what follows from it.

use model::SourcePosition;

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
    /// What lies on its path in this test, and not in the earlier one.
    pub consequences: Vec<Change>,
}

/// So many consequences of a difference are kept; more are counted.
const MAX_CONSEQUENCES: usize = 400;

impl Difference {
    /// Its root, and what follows from it.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        std::iter::once(&self.root).chain(&self.consequences)
    }

    /// Whether a change is of it.
    pub(crate) fn has(&self, change: &Change) -> bool {
        self.changes().any(|own| own.is_same(change))
    }

    /// Adds what follows from it, in its order.
    pub(crate) fn follow(&mut self, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            match self.consequences.len() < MAX_CONSEQUENCES {
                true => self.consequences.push(change),
                false => self.more += 1,
            }
        }
    }

    /// Takes in what is the same difference in other requests of the test.
    pub(crate) fn take_in(&mut self, other: Self) {
        self.also.push(other.root.part);
        self.also.extend(other.also);
        self.more += other.more;
        let further = other.consequences.into_iter();
        let further: Vec<Change> = further.filter(|change| !self.has(change)).collect();
        self.follow(further);
    }
}

impl Comparison {
    /// All places in the source that it names, on both sides.
    pub fn places_mut(&mut self) -> impl Iterator<Item = &mut SourcePosition> {
        let differences = self.differences.iter_mut();
        let changes = differences
            .flat_map(|difference| {
                std::iter::once(&mut difference.root).chain(&mut difference.consequences)
            })
            .chain(self.repeated.iter_mut().flat_map(|repeated| {
                std::iter::once(&mut repeated.root).chain(&mut repeated.consequences)
            }));
        changes.flat_map(|change| change.places.iter_mut().flatten())
    }
}
