//! The first element of an ordered list that is different.

use std::collections::BTreeMap;

use super::outcome::{Outcome, Step};

/// A search for the first element of an ordered list that is different from its first.
///
/// First both ends are tried: the first must be the same, and the last different. Each further trial then halves what is left. After an
/// unresolved trial the next ones are made a quarter of the way from the ends, an eighth, and so on, since neighbours of what does not
/// build seldom build.
///
/// Where the list turns more than once, one of the places is found where an element is the same and the next different.
#[derive(Clone, Debug)]
pub struct Bisection<T> {
    elements: Vec<T>,
    outcomes: BTreeMap<usize, Outcome>,
    /// The last that is known to be the same, and the first that is known to be different.
    range: (usize, usize),
    /// Trials without an outcome since the last that had one.
    unresolved: usize,
}

/// An element to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BisectionTrial<T> {
    /// What to try.
    pub element: T,
    index: usize,
}

/// What a bisection ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BisectionConclusion<T> {
    /// Two neighbours, both tried.
    First {
        /// It is the same.
        last_same: T,
        /// It is different: the first that is.
        first_different: T,
    },
    /// The first that is different is one of the unresolved ones or the last named here; trials cannot say which.
    Between {
        /// It is the same.
        last_same: T,
        /// All between, in order: none of them has an outcome. One at least.
        unresolved: Vec<T>,
        /// It is different.
        first_different: T,
    },
    /// Both ends are the same, so there is nothing to find.
    BothSame,
    /// Both ends are different, so the cause lies before the first element, or is something else.
    BothDifferent,
    /// The first element is different and the last is the same: the list is compared with its end, not with its begin. Turn it round.
    Reversed,
    /// The first element has no outcome.
    FirstUnresolved,
    /// The last element has no outcome.
    LastUnresolved,
}

impl<T: Clone> Bisection<T> {
    /// A search among these, in their order. `None` if there are fewer than two: they are the ends.
    #[must_use]
    pub fn new(elements: Vec<T>) -> Option<Self> {
        let last = elements.len().checked_sub(1).filter(|last| *last > 0)?;
        Some(Self {
            elements,
            outcomes: BTreeMap::new(),
            range: (0, last),
            unresolved: 0,
        })
    }

    /// The trial of the first element, to tell its outcome where it is known.
    #[must_use]
    pub fn first(&self) -> BisectionTrial<T> {
        self.trial(0)
    }

    /// The trial of the last element, to tell its outcome where it is known.
    #[must_use]
    pub fn last(&self) -> BisectionTrial<T> {
        self.trial(self.elements.len() - 1)
    }

    /// What to try next, or what was found.
    #[must_use]
    pub fn step(&self) -> Step<BisectionTrial<T>, BisectionConclusion<T>> {
        let last = self.last();
        let Some(at_last) = self.outcomes.get(&last.index) else {
            return Step::Try(last);
        };
        let Some(at_first) = self.outcomes.get(&0) else {
            return Step::Try(self.first());
        };
        match (at_first, at_last) {
            (Outcome::Same, Outcome::Different) => self.narrow(),
            (Outcome::Unresolved, _) => Step::Done(BisectionConclusion::FirstUnresolved),
            (_, Outcome::Unresolved) => Step::Done(BisectionConclusion::LastUnresolved),
            (Outcome::Same, Outcome::Same) => Step::Done(BisectionConclusion::BothSame),
            (Outcome::Different, Outcome::Different) => {
                Step::Done(BisectionConclusion::BothDifferent)
            }
            (Outcome::Different, Outcome::Same) => Step::Done(BisectionConclusion::Reversed),
        }
    }

    /// Takes what came of a trial.
    pub fn tell(&mut self, trial: BisectionTrial<T>, outcome: Outcome) {
        let index = trial.index;
        self.outcomes.insert(index, outcome);
        if index <= self.range.0 || index >= self.range.1 {
            return;
        }
        match outcome {
            Outcome::Same => self.range.0 = index,
            Outcome::Different => self.range.1 = index,
            Outcome::Unresolved => {
                self.unresolved += 1;
                return;
            }
        }
        self.unresolved = 0;
    }

    /// Makes trials to the end.
    ///
    /// # Errors
    /// The first of `attempt`.
    pub fn drive<E>(
        mut self,
        mut attempt: impl FnMut(&BisectionTrial<T>) -> Result<Outcome, E>,
    ) -> Result<BisectionConclusion<T>, E> {
        loop {
            match self.step() {
                Step::Done(conclusion) => return Ok(conclusion),
                Step::Try(trial) => {
                    let outcome = attempt(&trial)?;
                    self.tell(trial, outcome);
                }
            }
        }
    }

    /// The largest number of trials when so many of them are unresolved: 2 for the ends, ⌊log₂ (n − 2)⌋ + 1 for the n − 2 between, and 2
    /// for each unresolved one: itself, and one after it that does not halve.
    #[cfg(test)]
    pub(super) fn most_trials(&self, unresolved: usize) -> usize {
        let between = self.elements.len() - 2;
        2 + (usize::BITS - between.leading_zeros()) as usize + 2 * unresolved
    }

    fn trial(&self, index: usize) -> BisectionTrial<T> {
        BisectionTrial {
            element: self.elements[index].clone(),
            index,
        }
    }

    fn narrow(&self) -> Step<BisectionTrial<T>, BisectionConclusion<T>> {
        let (same, different) = self.range;
        let between = same + 1..different;
        let untried: Vec<usize> = between
            .clone()
            .filter(|index| !self.outcomes.contains_key(index))
            .collect();
        let place = (fraction(self.unresolved) * untried.len() as f64) as usize;
        if let Some(index) = untried.get(place) {
            return Step::Try(self.trial(*index));
        }
        let last_same = self.elements[same].clone();
        let first_different = self.elements[different].clone();
        Step::Done(match self.elements.get(between) {
            Some(unresolved) if !unresolved.is_empty() => BisectionConclusion::Between {
                last_same,
                unresolved: unresolved.to_vec(),
                first_different,
            },
            _ => BisectionConclusion::First {
                last_same,
                first_different,
            },
        })
    }
}

/// 1/2, 1/4, 3/4, 1/8, 5/8, 3/8, 7/8, …: van der Corput's sequence. Places that lie far from all before.
fn fraction(index: usize) -> f64 {
    let (mut left, mut part, mut fraction) = (index + 1, 0.5, 0.0);
    while left > 0 {
        fraction += part * (left % 2) as f64;
        left /= 2;
        part /= 2.0;
    }
    fraction
}
