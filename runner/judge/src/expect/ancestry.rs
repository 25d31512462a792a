//! The calls above a call, across goroutines: the calls around it on its own goroutine, those around the `go`
//! statement that this goroutine came from, and so on.
//!
//! A call that a request owns is looked at up to that request's handler: what is open further up is the server's, and
//! began before the test did. A hand-off is not a call above: it carries the owner, not the stack.
//!
//! The calls above a goroutine are not known if its creation was not seen, or if it was there before the test began.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use model::{
    Call, CallId, FunctionId, Goid, Goroutine, Observation, Outcome, ProcessId, Scope, ScopeId,
    Timestamp,
};

use super::{Reason, duration::end_is_certain, truth::Truth};

type Key = (ProcessId, Goid);

/// What is directly above a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// This call.
    Call(CallId),
    /// Nothing: it is outermost in its request, or in all that its goroutine descends from.
    Top,
    /// Not known: the creation of this goroutine was not seen.
    Unseen(Goid),
    /// Not known: this goroutine was there before the test began.
    Older(Goid),
}

impl Link {
    /// Why it is not known, if it is not.
    pub(super) fn reason(self) -> Option<Reason> {
        match self {
            Self::Call(_) | Self::Top => None,
            Self::Unseen(goid) => Some(Reason::Creator(goid)),
            Self::Older(goid) => Some(Reason::Older(goid)),
        }
    }
}

/// Whether a call of some name is above a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Above {
    /// One does.
    Yes,
    /// None does that was seen.
    No,
    /// This call may be one of that name.
    Unsure(CallId),
    /// This call is one of that name, but may have returned before: hits of its function were lost.
    Doubtful(CallId),
    /// What is above is not known.
    Unknown(Link),
}

/// When a call ended, in ns on the kernel's clock: at one of these moments or between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// The earliest; [`u64::MAX`] for one that did not end during the test.
    pub(super) low: u64,
    /// The latest.
    pub(super) high: u64,
}

impl End {
    /// Whether it is one moment.
    pub(super) const fn is_certain(self) -> bool {
        self.low == self.high
    }
}

/// The calls of an observation by what is above them.
#[derive(Debug)]
pub(super) struct Ancestry<'a> {
    observation: &'a Observation,
    /// The run of the Go test that is judged; none where requests are.
    run: Option<ScopeId>,
    /// The index of each goroutine.
    goroutines: OnceCell<HashMap<Key, usize>>,
    /// What is above goroutines that were asked about.
    origins: RefCell<HashMap<Key, Link>>,
    /// The latest moment at which each call can have ended.
    latest: OnceCell<Vec<u64>>,
    above: RefCell<HashMap<String, Rc<[Above]>>>,
}

impl<'a> Ancestry<'a> {
    /// Of all calls of an observation, which is of a run of a Go test or of requests.
    pub(super) fn new(observation: &'a Observation, run: Option<ScopeId>) -> Self {
        Self {
            observation,
            run,
            goroutines: OnceCell::new(),
            origins: RefCell::default(),
            latest: OnceCell::new(),
            above: RefCell::default(),
        }
    }

    /// The run of the Go test that is judged; none where requests are.
    pub(super) const fn run(&self) -> Option<ScopeId> {
        self.run
    }

    /// The call of that number.
    pub(super) fn call(&self, id: CallId) -> Option<&'a Call> {
        self.observation.calls.get(usize::try_from(id.0).ok()?)
    }

    /// The request, or the run of the Go test, that owns a call.
    pub(super) fn owner(&self, call: &Call) -> Option<&'a Scope> {
        match self.run {
            Some(run) => {
                let owned = self.observation.is_within(call.scope, run);
                self.observation.scope(run).filter(|_| owned)
            }
            None => self.observation.request_around(call.scope),
        }
    }

    /// The innermost scope that something belongs to and that is the work of this goroutine itself.
    fn scope_of(&self, scope: Option<ScopeId>, goroutine: Key) -> Option<&'a Scope> {
        let around = self.observation.scopes_around(scope);
        let mut around = around.filter_map(|id| self.observation.scope(id));
        around.find(|scope| (scope.process, scope.goroutine) == goroutine)
    }

    /// What is known of a goroutine.
    pub(super) fn goroutine(&self, process: ProcessId, goid: Goid) -> Option<&'a Goroutine> {
        let all = self.goroutines.get_or_init(|| {
            let all = self.observation.goroutines.iter().enumerate();
            all.map(|(index, goroutine)| ((goroutine.process, goroutine.goid), index))
                .collect()
        });
        self.observation.goroutines.get(*all.get(&(process, goid))?)
    }

    /// What is directly above a call.
    pub(super) fn link(&self, call: &Call) -> Link {
        let own = self.scope_of(call.scope, (call.process, call.goroutine));
        let parent = call.parent.filter(|parent| *parent < call.id);
        match (parent.and_then(|parent| self.call(parent)), own) {
            (Some(parent), Some(scope)) if parent.entered < scope.entered => Link::Top,
            (Some(parent), _) => Link::Call(parent.id),
            (None, Some(_)) => Link::Top,
            (None, None) => self.origin((call.process, call.goroutine), call.id),
        }
    }

    /// What is above a goroutine, as seen from a call that it made.
    fn origin(&self, start: Key, below: CallId) -> Link {
        let mut origins = self.origins.borrow_mut();
        let mut passed = Vec::new();
        let mut key = start;
        let origin = loop {
            if let Some(known) = origins.get(&key) {
                break *known;
            }
            passed.push(key);
            match self.step(key) {
                Ok(link) => break link,
                // Goroutines that created one another make no sense.
                Err(_) if passed.len() > self.observation.goroutines.len() => {
                    break Link::Unseen(key.1);
                }
                Err(creator) => key = creator,
            }
        };
        origins.extend(passed.into_iter().map(|key| (key, origin)));
        match origin {
            // A call is above those alone that were entered after it.
            Link::Call(call) if call >= below => Link::Unseen(start.1),
            link => link,
        }
    }

    /// What is above a goroutine's outermost call, or the goroutine that created it when it had called nothing.
    fn step(&self, key: Key) -> Result<Link, Key> {
        let (process, goid) = key;
        if goid == Goid(0) {
            return Ok(Link::Top);
        }
        let Some(goroutine) = self.goroutine(process, goid) else {
            return Ok(Link::Unseen(goid));
        };
        let Some(created) = goroutine.created else {
            return Ok(Link::Unseen(goid));
        };
        let begin = self.observation.window.map(|(begin, _)| begin);
        if begin.is_none_or(|begin| created < begin) {
            return Ok(Link::Older(goid));
        }
        if let Some(call) = goroutine.creating_call {
            return Ok(Link::Call(call));
        }
        match goroutine.creator {
            None => Ok(Link::Unseen(goid)),
            // The runtime itself: the first goroutine, or a timer's.
            Some(Goid(0)) => Ok(Link::Top),
            Some(creator) if self.scope_of(goroutine.scope, (process, creator)).is_some() => {
                Ok(Link::Top)
            }
            Some(creator) => Err((process, creator)),
        }
    }

    /// For each call of the observation, whether one of a name is above it; `membership` says for each call whether
    /// it is one.
    pub(super) fn above(&self, label: &str, membership: impl Fn(&Call) -> Truth) -> Rc<[Above]> {
        if let Some(known) = self.above.borrow().get(label) {
            return Rc::clone(known);
        }
        let calls = &self.observation.calls;
        let mut members = Vec::with_capacity(calls.len());
        let mut above: Vec<Above> = Vec::with_capacity(calls.len());
        for call in calls {
            let of = |id: CallId| {
                let index = usize::try_from(id.0).ok()?;
                Some((*members.get(index)?, *above.get(index)?))
            };
            let link = self.link(call);
            let own = match link {
                Link::Top => Above::No,
                Link::Unseen(_) | Link::Older(_) => Above::Unknown(link),
                Link::Call(parent) => match of(parent) {
                    None => Above::Unknown(Link::Unseen(call.goroutine)),
                    Some((Above::Yes, _) | (_, Above::Yes)) => Above::Yes,
                    Some((Above::No, further)) => further,
                    Some((member, _)) => member,
                },
            };
            above.push(own);
            members.push(match membership(call) {
                Truth::Yes if self.has_lost(call.function) => Above::Doubtful(call.id),
                Truth::Yes => Above::Yes,
                Truth::No => Above::No,
                Truth::Unknown(_) => Above::Unsure(call.id),
            });
        }
        let above: Rc<[Above]> = above.into();
        let mut known = self.above.borrow_mut();
        known.insert(label.to_owned(), Rc::clone(&above));
        above
    }

    /// Whether hits of a function were lost, so that a call of it may have ended before it seems to.
    pub(super) fn has_lost(&self, function: FunctionId) -> bool {
        self.observation.loss.of(function) > 0
    }

    /// When a call ended, as well as that is known.
    pub(super) fn end(&self, call: &Call) -> End {
        let latest = || {
            let latest = self.latest.get_or_init(|| self.latest_ends());
            let index = usize::try_from(call.id.0).ok();
            let latest = index.and_then(|index| latest.get(index));
            latest.copied().unwrap_or(u64::MAX)
        };
        match (sure_end(self.observation, call), call.outcome) {
            (Some(end), _) => End {
                low: end.0,
                high: end.0,
            },
            (None, Outcome::Running) if is_still_running(self.observation, call) => End {
                low: u64::MAX,
                high: u64::MAX,
            },
            (None, _) => End {
                low: call.entered.0,
                high: latest(),
            },
        }
    }

    /// A call can't have ended after those around it on its goroutine, nor after that goroutine.
    fn latest_ends(&self) -> Vec<u64> {
        let mut latest: Vec<u64> = Vec::with_capacity(self.observation.calls.len());
        for call in &self.observation.calls {
            let around = match call.parent {
                Some(parent) => usize::try_from(parent.0)
                    .ok()
                    .and_then(|parent| latest.get(parent).copied()),
                None => self
                    .goroutine(call.process, call.goroutine)
                    .and_then(|goroutine| Some(goroutine.ended?.0)),
            };
            let own = match sure_end(self.observation, call) {
                Some(end) => Some(end),
                None => call.left,
            };
            let own = own.map_or(u64::MAX, |end| end.0);
            latest.push(own.min(around.unwrap_or(u64::MAX)));
        }
        latest
    }
}

/// When a call ended, if that is certain.
fn sure_end(observation: &Observation, call: &Call) -> Option<Timestamp> {
    let is_certain = match call.outcome {
        Outcome::Returned | Outcome::Recovered => true,
        Outcome::Panicked => end_is_certain(observation, call),
        // Without a hit of its own that was seen: a panic may have gone past it before.
        Outcome::Goexit | Outcome::ProcessEnded => {
            end_is_certain(observation, call) && observation.loss.of_causality() == 0
        }
        Outcome::Running | Outcome::Unwound => false,
    };
    call.left.filter(|_| is_certain)
}

fn is_still_running(observation: &Observation, call: &Call) -> bool {
    end_is_certain(observation, call) && observation.loss.of_causality() == 0
}
