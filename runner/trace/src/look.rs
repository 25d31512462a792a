//! Looks at a program that goes on: it is told bit by bit, each call with its end.
//!
//! What belongs together is told together: all that a request did, once nothing of it goes on; of what no request owns, a call
//! with those that it led to, once all of them have ended. What goes on for long is told as it is so far. From then on its
//! calls are told one by one, and each that was told as running is told once more when it has ended.

use std::collections::{BTreeMap, BTreeSet};

use model::{Loss, Observation, Timestamp};

use super::{
    calls::{Held, runs_at},
    numbers::{CallNumber, RequestNumber},
    observe::{Seen, goroutine_of},
    threads,
    tracer::Tracer,
};

/// So many calls wait to be told at most; where there are more, all are told as they are.
pub(super) const MOST: usize = 1 << 17;

/// A look at a program that goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// What began before is not told.
    pub begin: Timestamp,
    /// What happened before was looked at already.
    pub from: Timestamp,
    /// The moment of the look.
    pub to: Timestamp,
    /// What began by then is told though it goes on; at the last look that is `to`, so that all is told.
    pub overdue: Timestamp,
}

/// The requests of which nothing was told yet.
#[derive(Debug, Default)]
struct Turn {
    /// They are told now.
    due: BTreeSet<RequestNumber>,
    /// They wait.
    held: BTreeSet<RequestNumber>,
}

/// Calls that are told with no request, each with those that it led to.
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
    /// use trace::{Look, Tracer};
    ///
    /// let mut tracer = Tracer::new(Arc::new(Plan::default()), Box::new(|_| None), Vec::new());
    /// let begin = Timestamp(0);
    /// let look = Look { begin, from: begin, to: Timestamp(200), overdue: Timestamp(100) };
    /// assert!(tracer.look(&look, Loss::default()).calls.is_empty());
    /// ```
    pub fn look(&mut self, look: &Look, loss: Loss) -> Observation {
        self.add_up_own_costs();
        let calls = &mut self.ledger.calls;
        calls.hold(look.begin);
        let untold = calls.held().filter(|(_, call)| !call.told).count();
        let crowded = untold > MOST || calls.is_crowded();
        let look = &Look {
            overdue: if crowded { look.to } else { look.overdue },
            ..*look
        };
        let turn = self.turn(look);
        let due = self.due_calls(look, &turn);
        let calls = self.ledger.calls.tell(&due, look.to);
        self.ledger.calls.make_room();
        threads::forget_idle(&mut self.threads);
        let within = |time: Timestamp| (look.from..=look.to).contains(&time);
        let stories = self.stories_of(&calls, |story| match story.request {
            Some(owner) if turn.due.contains(&owner) => true,
            Some(owner) if turn.held.contains(&owner) => false,
            Some(_) => story.created.is_some_and(within),
            // Its end, too: nothing else tells of one that lives on when it is told first.
            None => story.created.is_some_and(within) || story.ended.is_some_and(within),
        });
        let requests = self.requests_of(&calls, &stories, |number, _| turn.due.contains(&number));
        self.ledger.requests.tell(turn.due);
        let seen = Seen {
            calls,
            totals: None,
            stories,
            requests,
        };
        self.observation(seen, (look.from, look.to), loss, &turn.held)
    }

    /// Which requests are told now.
    fn turn(&self, look: &Look) -> Turn {
        let mut busy = self.busy();
        let ended = self.goroutines.ended.iter();
        let later = ended.filter(|(_, story)| story.ended.is_some_and(|ended| ended > look.to));
        busy.extend(later.filter_map(|(_, story)| story.request));
        let mut turn = Turn::default();
        for (number, request) in self.ledger.requests.untold(look.begin) {
            let runs = busy.contains(&number) || request.left.is_some_and(|left| left > look.to);
            let place = match runs && request.entered > look.overdue {
                true => &mut turn.held,
                false => &mut turn.due,
            };
            place.insert(number);
        }
        turn
    }

    /// The calls that are told now, by number.
    fn due_calls(&self, look: &Look, turn: &Turn) -> Vec<CallNumber> {
        let stories = self.stories();
        let mut due = Vec::new();
        let mut units = Units::default();
        for (number, Held { call, told }) in self.ledger.calls.held() {
            let runs = runs_at(call, look.to);
            let owner = call.request.map(|id| RequestNumber(id.0));
            let waits =
                call.entered > look.to || owner.is_some_and(|owner| turn.held.contains(&owner));
            match told {
                true if runs => {}
                false if waits => {}
                false if owner.is_none_or(|owner| !turn.due.contains(&owner)) => {
                    let creating = || stories.get(&goroutine_of(call))?.creating_call;
                    let parent = call.parent.map(|id| CallNumber(id.0));
                    let led_to_it = parent.or_else(creating);
                    units.add(number, led_to_it, call.entered, runs);
                }
                _ => due.push(number),
            }
        }
        due.extend(units.due(look.overdue));
        due.sort_unstable();
        due
    }
}
