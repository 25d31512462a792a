//! Which of many candidates make a difference.

use super::{
    known::{Known, Missing, Subset},
    outcome::{Outcome, Step},
    smallest::smallest,
};

/// A search for the smallest sets of candidates that make a difference.
///
/// First two trials: all candidates on must make a difference, and none on must not. Then the smallest set is found, left out, and looked for again,
/// until the rest makes no difference. So each set is tried alone, and all candidates without the sets are.
///
/// Trials, where each has an outcome and more candidates never make a difference go away: 2 for the ends, ⌈log₂ n⌉ + 1 for each candidate of a set of
/// n candidates, 1 for all others without it; and where the set has several, 2 more for each. Otherwise the
/// number within the last set that halving led to, n, is squared: n² + 3n at most, as of *ddmin*.
#[derive(Clone, Debug)]
pub struct CauseSearch<T> {
    candidates: Vec<T>,
    known: Known,
}

/// A combination to try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseTrial<T> {
    /// The candidates to switch on, in the order in which the search was given them.
    pub on: Vec<T>,
    /// All others.
    pub off: Vec<T>,
    numbers: Subset,
}

/// What a search ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CauseConclusion<T> {
    /// With all candidates on there is no difference: none of them is a cause, or one hides what another does.
    NoDifference,
    /// With no candidate on there is a difference already: something else is a cause.
    Elsewhere,
    /// The trial with all candidates on has no outcome, so there is nothing to search in.
    AllUnresolved,
    /// The trial with no candidate on has no outcome, so nothing is known to be the same.
    NoneUnresolved,
    /// These.
    Found(Causes<T>),
}

/// What makes the difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Causes<T> {
    /// Sets that have no candidate in common, each of which makes a difference alone. One at least.
    pub sets: Vec<Cause<T>>,
    /// What all other candidates make without them.
    pub others: Others,
}

/// What the candidates make that are in no set, all of them on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// No difference: the sets are all there is, and without them there is none.
    Same,
    /// Without the sets a trial has no outcome: there may be further causes.
    Unresolved,
}

/// A set that makes a difference when it alone is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause<T> {
    /// The candidates, in the order in which the search was given them. Several are needed together.
    pub candidates: Vec<T>,
    /// Those of them that may not be needed: the set without them has no outcome. Of all others it is known that the set without them makes no
    /// difference.
    pub unproven: Vec<T>,
    /// Those of them that something else stands in for: with them alone off, and all candidates on that are in no other set, there is a
    /// difference nonetheless. To switch only them off does not help.
    pub replaced: Vec<T>,
}

impl<T: Clone> CauseSearch<T> {
    /// A search among these. Those that are likeliest to be a cause should come first.
    #[must_use]
    pub fn new(candidates: Vec<T>) -> Self {
        Self {
            candidates,
            known: Known::default(),
        }
    }

    /// The trial with all candidates on, to tell its outcome where it is known.
    #[must_use]
    pub fn all(&self) -> CauseTrial<T> {
        self.trial((0..self.candidates.len()).collect())
    }

    /// The trial with no candidate on, to tell its outcome where it is known.
    #[must_use]
    pub fn none(&self) -> CauseTrial<T> {
        self.trial(Subset::new())
    }

    /// What to try next, or what was found.
    #[must_use]
    pub fn step(&self) -> Step<CauseTrial<T>, CauseConclusion<T>> {
        match self.conclude() {
            Ok(conclusion) => Step::Done(conclusion),
            Err(Missing(on)) => Step::Try(self.trial(on)),
        }
    }

    /// Takes what came of a trial.
    pub fn tell(&mut self, trial: CauseTrial<T>, outcome: Outcome) {
        self.known.tell(trial.numbers, outcome);
    }

    /// Makes trials to the end.
    ///
    /// # Errors
    /// The first of `attempt`.
    pub fn drive<E>(
        mut self,
        mut attempt: impl FnMut(&CauseTrial<T>) -> Result<Outcome, E>,
    ) -> Result<CauseConclusion<T>, E> {
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

    /// The largest number of trials for one set of so many candidates, where each trial has an outcome and more candidates never make a
    /// difference go away: 2 for the ends, ⌈log₂ n⌉ + 1 for each candidate of the set, 1 for all others without it; and where the set has
    /// several, 2 more for each. For one of thirty these are 9, of which 2 may be known before.
    #[cfg(test)]
    pub(super) fn most_trials(&self, set: usize) -> usize {
        let halvings = self
            .candidates
            .len()
            .max(1)
            .next_power_of_two()
            .trailing_zeros() as usize;
        let confirmations = if set > 1 { 2 * set } else { 0 };
        2 + set * (halvings + 1) + confirmations + 1
    }

    fn trial(&self, on: Subset) -> CauseTrial<T> {
        let off = (0..self.candidates.len())
            .filter(|number| !on.contains(number))
            .collect();
        CauseTrial {
            on: self.named(&on),
            off: self.named(&off),
            numbers: on,
        }
    }

    fn named(&self, numbers: &Subset) -> Vec<T> {
        numbers
            .iter()
            .filter_map(|number| self.candidates.get(*number))
            .cloned()
            .collect()
    }

    fn conclude(&self) -> Result<CauseConclusion<T>, Missing> {
        let all: Subset = (0..self.candidates.len()).collect();
        match self.known.outcome(&all)? {
            Outcome::Same => return Ok(CauseConclusion::NoDifference),
            Outcome::Unresolved => return Ok(CauseConclusion::AllUnresolved),
            Outcome::Different => {}
        }
        match self.known.outcome(&Subset::new())? {
            Outcome::Different => Ok(CauseConclusion::Elsewhere),
            Outcome::Unresolved => Ok(CauseConclusion::NoneUnresolved),
            Outcome::Same => Ok(CauseConclusion::Found(self.causes(all)?)),
        }
    }

    /// Finds a set, leaves it out and looks again, until the rest makes no difference.
    fn causes(&self, mut rest: Subset) -> Result<Causes<T>, Missing> {
        let mut found = Vec::new();
        let others = loop {
            let set = smallest(&self.known, &rest)?;
            rest = &rest - &set.candidates;
            found.push(set);
            match self.known.outcome(&rest)? {
                Outcome::Different => {}
                Outcome::Same => break Others::Same,
                Outcome::Unresolved => break Others::Unresolved,
            }
        };
        let mut sets = Vec::new();
        for set in found {
            sets.push(Cause {
                replaced: self.named(&self.replaced(&set.candidates, &rest)?),
                candidates: self.named(&set.candidates),
                unproven: self.named(&set.unproven),
            });
        }
        Ok(Causes { sets, others })
    }

    /// Which candidates of a set the rest stands in for. Of one alone the rest has been tried.
    fn replaced(&self, set: &Subset, rest: &Subset) -> Result<Subset, Missing> {
        let mut replaced = Subset::new();
        if set.len() < 2 {
            return Ok(replaced);
        }
        for candidate in set {
            let mut on = rest | set;
            on.remove(candidate);
            if self.known.is_different(&on)? {
                replaced.insert(*candidate);
            }
        }
        Ok(replaced)
    }
}
