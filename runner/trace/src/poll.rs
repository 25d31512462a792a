//! Looks at a program that goes on: it is told bit by bit, each call with its end.
//!
//! What belongs together is told together: all that a scope did, once nothing of it goes on; of what is in no scope, a call
//! with those that it led to, once all of them have ended. What goes on for long is told as it is so far. From then on its
//! calls are told one by one, and each that was told as running is told once more when it has ended.

use std::collections::{BTreeMap, BTreeSet};

use model::{Loss, Observation, Timestamp};

use super::{
    calls::{Held, runs_at},
    numbers::{CallNumber, ScopeNumber},
    observe::{Seen, goroutine_of},
    threads,
    tracer::Tracer,
};

/// So many calls wait to be told at most; where there are more, all are told as they are.
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

/// The scopes of which nothing was told yet.
#[derive(Debug, Default)]
struct DueScopes {
    /// They are told now.
    due: BTreeSet<ScopeNumber>,
    /// They wait.
    held: BTreeSet<ScopeNumber>,
}

/// Calls that are told with no scope, each with those that it led to.
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
    /// What is settled or overdue and was not told by an earlier look, as [`Self::observe`] tells it; and, once more, the
    /// calls that were told as running and have ended since. Such a call stands alone or with what it did since: calls that
    /// were told before are no parents.
    ///
    /// All calls must be [kept](Self::keep), and nothing else but looks may tell them.
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
        let untold = calls.held().filter(|(_, call)| !call.told).count();
        let crowded = untold > MAX_UNREPORTED || calls.is_crowded();
        let poll = &Poll {
            overdue: if crowded { poll.to } else { poll.overdue },
            ..*poll
        };
        let turn = self.turn(poll);
        let due = self.due_calls(poll, &turn);
        let calls = self.ledger.calls.tell(&due, poll.to);
        self.ledger.calls.make_room();
        threads::forget_idle(&mut self.threads);
        let within = |time: Timestamp| (poll.from..=poll.to).contains(&time);
        let histories = self.stories_of(&calls, |history| match history.scope {
            Some(owner) if turn.due.contains(&owner) => true,
            Some(owner) if turn.held.contains(&owner) => false,
            Some(_) => history.created.is_some_and(within),
            // Its end, too: nothing else tells of one that lives on when it is told first.
            None => history.created.is_some_and(within) || history.ended.is_some_and(within),
        });
        let scopes = self.scopes_of(&calls, &histories, |number, _| turn.due.contains(&number));
        self.ledger.scopes.tell(turn.due);
        let seen = Seen {
            calls,
            totals: None,
            histories,
            scopes,
        };
        self.observation(seen, (poll.from, poll.to), loss, &turn.held)
    }

    /// Which scopes are told now.
    fn turn(&self, poll: &Poll) -> DueScopes {
        let mut busy = self.busy();
        let ended = self.goroutines.ended.iter();
        let later = ended.filter(|(_, history)| history.ended.is_some_and(|ended| ended > poll.to));
        busy.extend(later.filter_map(|(_, history)| history.scope));
        let mut turn = DueScopes::default();
        for (number, scope) in self.ledger.scopes.untold(poll.begin) {
            let runs = busy.contains(&number) || scope.left.is_some_and(|left| left > poll.to);
            let place = match runs && scope.entered > poll.overdue {
                true => &mut turn.held,
                false => &mut turn.due,
            };
            place.insert(number);
        }
        turn
    }

    /// The calls that are told now, by number.
    fn due_calls(&self, poll: &Poll, turn: &DueScopes) -> Vec<CallNumber> {
        let histories = self.histories();
        let mut due = Vec::new();
        let mut units = Units::default();
        for (number, Held { call, told }) in self.ledger.calls.held() {
            let runs = runs_at(call, poll.to);
            let owner = call.scope.map(ScopeNumber::of);
            let waits =
                call.entered > poll.to || owner.is_some_and(|owner| turn.held.contains(&owner));
            match told {
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
