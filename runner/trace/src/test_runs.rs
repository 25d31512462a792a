//! The runs of Go tests that were seen, each with what belongs to it.
//!
//! Tests run one within the other and at the same time, so an observation of one is a copy, and what no test that is still to be
//! judged needs is forgotten afterwards.

use std::collections::BTreeSet;

use model::{Call, Loss, Observation, Running, Scope, ScopeId, Timestamp, Totals};

use super::{
    numbers::ScopeNumber,
    observe::Seen,
    overflow::{Beyond, took_until},
    totals::Ended,
    tracer::Tracer,
};

impl Tracer {
    /// The runs of Go tests that are known, by beginning: scopes whose ids and parents hold for this tracer's whole life.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use model::plan::Plan;
    /// use trace::Tracer;
    ///
    /// let tracer = Tracer::new(Arc::new(Plan::default()), Box::new(|_| None), Vec::new());
    /// assert_eq!(tracer.test_runs(), []);
    /// ```
    #[must_use]
    pub fn test_runs(&self) -> Vec<Scope> {
        let scopes = self.ledger.scopes.iter();
        let runs = scopes.filter(|(_, scope)| scope.test().is_some());
        runs.map(|(_, scope)| scope.clone()).collect()
    }

    /// What happened in a [run](Self::test_runs) of a Go test, in the form of [`Self::observe`], from its beginning to `to`, both
    /// included; none if the run is not known. Nothing is forgotten.
    ///
    /// - The calls that belong to it, and those that belong to no Go test.
    /// - Its scope, first of those without a parent that belong to it, and the scopes within it.
    /// - The goroutines that were created for it or made such a call.
    /// - As losses: `loss`.
    ///
    /// The second part is the run's own scope in the observation.
    pub fn observe_test(
        &mut self,
        run: ScopeId,
        to: Timestamp,
        loss: Loss,
    ) -> Option<(Observation, ScopeId)> {
        self.add_up_own_costs();
        let run = ScopeNumber::of(run);
        let scopes = &self.ledger.scopes;
        let begin = scopes.get(run)?.entered;
        let first = scopes.first_call(run)?;
        let belongs = |scope| scopes.around(scope).any(|(number, _)| number == run);
        let is_meant = |call: &&Call| {
            let scope = call.scope.map(ScopeNumber::of);
            call.entered <= to
                && (belongs(scope) || (call.entered >= begin && scopes.is_of_no_test(scope)))
        };
        let mut calls: Vec<Call> = (self.ledger.calls.since(first))
            .filter(is_meant)
            .cloned()
            .collect();
        let beyond = self.ledger.calls.overflow.as_ref();
        let beyond = beyond.and_then(|beyond| beyond.of_run(run, (begin, to), scopes));
        let (not_kept, totals) = match beyond {
            Some(Beyond { not_kept, ended }) => {
                let totals = add(&mut calls, ended, to, belongs);
                (Some(not_kept), Some(totals))
            }
            None => (None, None),
        };
        let histories = self.histories_of(&calls, |history| belongs(history.scope));
        let scopes = self.scopes_of(&calls, &histories, |number, _| belongs(Some(number)));
        let own = scopes
            .iter()
            .position(|scope| ScopeNumber::of(scope.id) == run)?;
        let seen = Seen {
            calls,
            totals,
            histories,
            scopes,
        };
        let observation = Observation {
            not_kept,
            ..self.put_together(seen, (begin, to), loss)
        };
        Some((observation, ScopeId(u32::try_from(own).ok()?)))
    }

    /// What of a [run](Self::test_runs) of a Go test still goes on: goroutines that were started for it, but for those that only keep a
    /// connection open.
    #[must_use]
    pub fn running_of(&self, run: ScopeId) -> Running {
        let run = ScopeNumber::of(run);
        let scopes = &self.ledger.scopes;
        let belongs = |scope: &Scope| {
            let number = ScopeNumber::of(scope.id);
            scopes.around(Some(number)).any(|(number, _)| number == run)
        };
        self.named(self.unfinished(belongs))
    }

    /// Forgets the calls that no [run](Self::test_runs) needs which is still of interest, and all that only they needed. Calls that
    /// belong to no Go test are needed by the runs that had begun by then.
    pub fn forget_all_but(&mut self, is_of_interest: impl Fn(&Scope) -> bool, now: Timestamp) {
        let scopes = &self.ledger.scopes;
        let runs = scopes.iter();
        let runs = runs.filter(|(_, scope)| scope.test().is_some() && is_of_interest(scope));
        let runs: BTreeSet<ScopeNumber> = runs.map(|(number, _)| number).collect();
        let began = runs.iter().filter_map(|run| scopes.get(*run));
        let earliest = began.map(|scope| scope.entered).min();
        if let Some(overflow) = &mut self.ledger.calls.overflow {
            overflow.keep_only(&runs, earliest, scopes);
        }
        self.ledger.calls.keep_only(|call| {
            let scope = call.scope.map(ScopeNumber::of);
            let of_a_run = scopes
                .around(scope)
                .any(|(number, _)| runs.contains(&number));
            let may_matter = earliest.is_some_and(|earliest| call.entered >= earliest);
            of_a_run || (may_matter && scopes.is_of_no_test(scope))
        });
        self.forget_goroutines(&runs);
        self.forget_histories(now, &runs);
    }

    /// Forgets the goroutines of runs that have ended and that nobody needs, where it is not seen that goroutines end. What one still
    /// does belongs to another test from here on.
    fn forget_goroutines(&mut self, needed: &BTreeSet<ScopeNumber>) {
        if self.plan.gate.is_none() {
            return;
        }
        let scopes = &self.ledger.scopes;
        self.goroutines.alive.retain(|_, goroutine| {
            let mut around = scopes.around(goroutine.owner());
            let mut is_over = false;
            let is_needed = around.any(|(number, scope)| {
                is_over |= scope.test().is_some() && scope.left.is_some();
                needed.contains(&number)
            });
            is_needed || !is_over
        });
    }

    /// The records that came in since this was asked and could not be used, as losses.
    pub fn take_unusable(&mut self) -> Loss {
        let mut loss = Loss::default();
        let unusable = self.unusable.take(&self.plan);
        unusable.for_each(|lost| loss.add(lost));
        loss
    }

    /// How many owners hand-offs and servers left unknown since this was asked, lost hits of their functions included.
    pub fn take_unknown_owners(&mut self, loss: &Loss) -> u64 {
        self.take_unknown_hand_offs(loss, &BTreeSet::new())
    }
}

/// Adds the calls that were counted and are shown to those of a run that were kept; gives the totals of all.
fn add(
    calls: &mut Vec<Call>,
    mut ended: Ended,
    to: Timestamp,
    belongs: impl Fn(Option<ScopeNumber>) -> bool,
) -> Totals {
    let shown: Vec<Call> = ended.calls().cloned().collect();
    for call in calls.iter() {
        let is_owned = belongs(call.scope.map(ScopeNumber::of));
        ended.tally(call.function, is_owned, took_until(call, to));
    }
    calls.extend(shown);
    calls.sort_by_key(|call| call.id);
    ended.totals()
}
