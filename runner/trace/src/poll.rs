//! Polls of a program that goes on: it is reported bit by bit, each call with its end.
//!
//! What belongs together is reported together: all that a scope did, once nothing of it goes on; outside of scopes, a call
//! with those that it led to, once all of them have ended. What goes on for long is reported as it is so far. From then on
//! its calls are reported one by one, and each that was reported as running once more when it has ended.

use std::collections::{BTreeMap, BTreeSet};

use model::{Loss, Observation, Timestamp};

use super::{
    calls::{Held, runs_at},
    numbers::{CallNumber, ScopeNumber},
    observe::{Seen, goroutine_of},
    threads,
    tracer::Tracer,
};

/// At most so many calls wait for a poll; where there are more, all are reported as they are.
pub(super) const MAX_UNREPORTED: usize = 1 << 17;

/// Which part of a running program's work to report now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Poll {
    /// What began before is never reported.
    pub begin: Timestamp,
    /// The moment of the poll before.
    pub from: Timestamp,
    /// The moment of this poll.
    pub to: Timestamp,
    /// What began by then is reported although it goes on. At the last poll this is `to`, so that everything is reported.
    pub overdue: Timestamp,
}

/// The scopes that were not reported yet.
#[derive(Debug, Default)]
struct DueScopes {
    /// They are reported now.
    due: BTreeSet<ScopeNumber>,
    /// They wait.
    held: BTreeSet<ScopeNumber>,
}

/// Calls that are reported without a scope, each with those that it led to.
#[derive(Default)]
struct Units {
    all: Vec<Unit>,
    /// Where each of their calls is.
    places: BTreeMap<CallNumber, usize>,
}

struct Unit {
    began: Timestamp,
    runs: bool,
    calls: Vec<CallNumber>,
}

impl Units {
    /// Adds a call to that of the one that led to it, if this is in one.
    fn add(
        &mut self,
        number: CallNumber,
        led_to_it: Option<CallNumber>,
        began: Timestamp,
        runs: bool,
    ) {
        let place = led_to_it.and_then(|call| self.places.get(&call).copied());
        let place = place.unwrap_or(self.all.len());
        self.places.insert(number, place);
        match self.all.get_mut(place) {
            Some(unit) => {
                unit.runs |= runs;
                unit.calls.push(number);
            }
            None => self.all.push(Unit {
                began,
                runs,
                calls: vec![number],
            }),
        }
    }

    /// The calls of those that have ended or began by then.
    fn due(self, overdue: Timestamp) -> impl Iterator<Item = CallNumber> {
        let due = self.all.into_iter();
        let due = due.filter(move |unit| !unit.runs || unit.began <= overdue);
        due.flat_map(|unit| unit.calls)
    }
}

impl Tracer {
    /// What is settled or overdue and no earlier poll reported, in the form of [`Self::observe`]; and, once more, the
    /// calls that were reported as running and have ended since. Such a call is alone or with what it did since: calls that
    /// were reported before are no parents.
    ///
    /// All calls must be [kept](Self::keep), and nothing but polls may report them.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use model::{Loss, Timestamp, plan::Plan};
    /// use trace::{Poll, Tracer};
    ///
    /// let mut tracer = Tracer::new(Arc::new(Plan::default()), Box::new(|_| None), Vec::new());
    /// let begin = Timestamp(0);
    /// let poll = Poll { begin, from: begin, to: Timestamp(200), overdue: Timestamp(100) };
    /// assert!(tracer.poll(&poll, Loss::default()).calls.is_empty());
    /// ```
    pub fn poll(&mut self, poll: &Poll, loss: Loss) -> Observation {
        self.add_up_own_costs();
        let calls = &mut self.ledger.calls;
        calls.hold(poll.begin);
        let unreported = calls.held().filter(|(_, call)| !call.reported).count();
        let crowded = unreported > MAX_UNREPORTED || calls.is_crowded();
        let poll = &Poll {
            overdue: if crowded { poll.to } else { poll.overdue },
            ..*poll
        };
        let turn = self.turn(poll);
        let due = self.due_calls(poll, &turn);
        let calls = self.ledger.calls.report(&due, poll.to);
        self.ledger.calls.make_room();
        threads::forget_idle(&mut self.threads);
        let within = |time: Timestamp| (poll.from..=poll.to).contains(&time);
        let histories = self.histories_of(&calls, |history| match history.scope {
            Some(owner) if turn.due.contains(&owner) => true,
            Some(owner) if turn.held.contains(&owner) => false,
            Some(_) => history.created.is_some_and(within),
            // Its end, too: nothing else reports the end of one that lived on when it was reported first.
            None => history.created.is_some_and(within) || history.ended.is_some_and(within),
        });
        let scopes = self.scopes_of(&calls, &histories, |number, _| turn.due.contains(&number));
        self.ledger.scopes.report(turn.due);
        let seen = Seen {
            calls,
            totals: None,
            histories,
            scopes,
        };
        self.observation(seen, (poll.from, poll.to), loss, &turn.held)
    }

    /// Which scopes are reported now.
    fn turn(&self, poll: &Poll) -> DueScopes {
        let mut busy = self.busy();
        let ended = self.goroutines.ended.iter();
        let later = ended.filter(|(_, history)| history.ended.is_some_and(|ended| ended > poll.to));
        busy.extend(later.filter_map(|(_, history)| history.scope));
        let mut turn = DueScopes::default();
        for (number, scope) in self.ledger.scopes.unreported(poll.begin) {
            let runs = busy.contains(&number) || scope.left.is_some_and(|left| left > poll.to);
            let place = match runs && scope.entered > poll.overdue {
                true => &mut turn.held,
                false => &mut turn.due,
            };
            place.insert(number);
        }
        turn
    }

    /// The calls that are reported now, by number.
    fn due_calls(&self, poll: &Poll, turn: &DueScopes) -> Vec<CallNumber> {
        let histories = self.histories();
        let mut due = Vec::new();
        let mut units = Units::default();
        for (number, Held { call, reported }) in self.ledger.calls.held() {
            let runs = runs_at(call, poll.to);
            let owner = call.scope.map(ScopeNumber::of);
            let waits =
                call.entered > poll.to || owner.is_some_and(|owner| turn.held.contains(&owner));
            match reported {
                true if runs => {}
                false if waits => {}
                false if owner.is_none_or(|owner| !turn.due.contains(&owner)) => {
                    let creating = || histories.get(&goroutine_of(call))?.creating_call;
                    let parent = call.parent.map(|id| CallNumber(id.0));
                    let led_to_it = parent.or_else(creating);
                    units.add(number, led_to_it, call.entered, runs);
                }
                _ => due.push(number),
            }
        }
        due.extend(units.due(poll.overdue));
        due.sort_unstable();
        due
    }
}
