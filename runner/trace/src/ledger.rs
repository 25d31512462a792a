//! Entries and returns become calls: what a hit does to the open frames of its stack.
//!
//! - Every hit shows that frames deeper than its own are gone: they were left without a `ret`.
//! - An entry at the depth of an open frame shows that this one is gone too, but for two cases: a branch back to
//!   the function's first instruction ([`Role::Entry`]'s `loop_head`), and a function that hands its frame on by a
//!   jump. Go's compiler makes such jumps in the wrappers that it generates and nowhere else (`ir.TailCallStmt` in
//!   `cmd/compile`), and assembly may.
//! - A `ret` ends every call that is open at its depth.
//!
//! What else ends frames the [tracer](super::tracer) knows: panics, `Goexit` and the end of the process.

use std::collections::BTreeMap;

use model::{
    Call, CallId, Function, FunctionId, Goid, List, Nanoseconds, Outcome, ProbeKind, Scope,
    Timestamp,
    plan::{FrameEdge, Plan, Role},
};

use super::{
    calls::Calls,
    copies::Copies,
    decode::{Program, Saved},
    go_tests::{self, Clients},
    hand_off::HandOffs,
    hit::Hit,
    numbers::{CallNumber, ScopeNumber},
    requests,
    scopes::Scopes,
    stacks::{Frame, Hits, Opened, Stack, Within},
    values,
};

/// What did not become a call, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Hits that were fed.
    pub hits: u64,
    /// Returns without an entry: the call began before the probes were there, or its entry was lost.
    pub unmatched: u64,
    /// Branches back to a function's first instruction.
    pub back_edges: u64,
    /// Calls that were left without a `ret`; when is not known, so they have no duration.
    pub unwound: u64,
    /// Hits whose goroutine could not be read.
    pub without_goroutine: u64,
    /// Goroutines whose creation was seen, but not which they were.
    pub unknown_children: u64,
    /// Panics that were recovered, but it could not be read by which frame.
    pub unknown_recoveries: u64,
    /// Bytes that are no record of this plan.
    pub malformed: u64,
}

/// The calls and scopes as they are known so far.
#[derive(Debug)]
pub(super) struct Ledger {
    pub(super) program: Program,
    pub(super) calls: Calls,
    pub(super) scopes: Scopes,
    pub(super) hand_offs: HandOffs,
    /// For whom the program's own clients send requests.
    pub(super) clients: Clients,
    pub(super) counts: Counts,
    /// What all hits of the program have cost.
    pub(super) all_cost: Nanoseconds,
    /// Whether the hits at its own two ends count among what a call cost.
    pub(super) with_edges: bool,
    /// By function: whether it may hand its frame on by a jump.
    tail_jumpers: Vec<bool>,
    /// What was saved at the entry of open calls, by pick; of those functions alone that have picks that need it.
    saved: BTreeMap<CallNumber, SavedWords>,
    /// The copies of results that open calls may be about to return.
    copied: BTreeMap<CallNumber, Copies>,
}

/// What was saved at the entry of a call, by pick.
type SavedWords = Box<[Option<Saved>]>;

/// What must be known of the rest of the program to understand a hit on a stack.
pub(super) struct Surroundings<'a> {
    /// The hits that a goroutine had made before this one.
    pub(super) hits: &'a dyn Fn(Goid) -> Hits,
    /// The call that is open on the goroutine's own stack, for a hit on a system stack.
    pub(super) outer_call: Option<CallNumber>,
    /// The scope that the hit belongs to if none is open on its stack.
    pub(super) scope: Option<ScopeNumber>,
}

/// How a frame ends.
#[derive(Clone, Copy)]
pub(super) enum Ending<'a> {
    /// With a `ret`, which this hit is.
    Returned(&'a Hit<'a>),
    /// Some time before this moment.
    Unwound(Timestamp),
    /// By a panic that went past it.
    Panicked(Timestamp),
    /// With its goroutine, by `runtime.Goexit`.
    Goexit(Timestamp),
    /// With its process.
    ProcessEnded(Timestamp),
}

impl Ledger {
    pub(super) fn new(program: Program, plan: &Plan) -> Self {
        Self {
            program,
            calls: Calls::default(),
            scopes: Scopes::default(),
            hand_offs: HandOffs::new(plan),
            clients: Clients::default(),
            counts: Counts::default(),
            all_cost: Nanoseconds(0),
            with_edges: false,
            tail_jumpers: plan.functions.iter().map(may_tail_jump).collect(),
            saved: BTreeMap::new(),
            copied: BTreeMap::new(),
        }
    }

    /// Takes in a hit on `stack`.
    pub(super) fn advance(
        &mut self,
        plan: &Plan,
        hit: &Hit<'_>,
        stack: &mut Stack,
        around: &Surroundings<'_>,
    ) {
        while let Some(frame) = stack.pop_deeper(hit.depth) {
            self.end(plan, &frame, Ending::Unwound(hit.time), around.hits);
        }
        if !hit.site.copies.is_empty() {
            self.copy(plan, hit, stack);
        }
        if hit.is_at(FrameEdge::Begin) {
            self.enter(plan, hit, stack, around);
        }
        if hit.is_at(FrameEdge::End) {
            self.leave(plan, hit, stack, around);
        }
    }

    /// Ends a frame that is no longer on its stack.
    pub(super) fn end(
        &mut self,
        plan: &Plan,
        frame: &Frame,
        ending: Ending<'_>,
        hits: &dyn Fn(Goid) -> Hits,
    ) {
        match frame.opened {
            Opened::Scope(number) => self.scopes.leave(number, ending.time()),
            Opened::Call { function, number } => {
                let ending = self.as_far_as_known(ending, function);
                if matches!(ending, Ending::Unwound(_)) {
                    self.counts.unwound += 1;
                }
                let (saved, copied) = self.forget_saved(number);
                let Some(call) = self.calls.get_mut(number) else {
                    return;
                };
                let nested = hits(frame.goid).cost_since(frame.hits);
                call.own_cost = nested + frame.edge;
                call.awaited = frame.within.awaited(nested, self.all_cost).map(Box::new);
                call.outcome = ending.outcome(frame);
                match ending {
                    Ending::Returned(hit) => {
                        call.left = Some(hit.time);
                        if let Some(function) = plan.functions.get(function.0 as usize) {
                            let decoder = values::decoder(&self.program, hit);
                            let saved = saved.as_deref().unwrap_or_default();
                            values::returned(call, function, &decoder, saved);
                        }
                        self.hand_offs.leave(plan, &self.program, call, hit);
                        if let Some(copied) = copied {
                            copied.complete_results(call, hit.site.address);
                        }
                    }
                    Ending::Panicked(time) | Ending::Goexit(time) | Ending::ProcessEnded(time) => {
                        call.left = Some(time);
                    }
                    Ending::Unwound(_) => {}
                }
                self.calls.ended(number, &self.scopes);
            }
        }
    }

    /// Ends all frames of a goroutine's own stack.
    pub(super) fn end_all(
        &mut self,
        plan: &Plan,
        stack: &mut Stack,
        ending: Ending<'_>,
        hits: Hits,
    ) {
        while let Some(frame) = stack.pop() {
            self.end(plan, &frame, ending, &|_| hits);
        }
    }

    /// A frame is not followed any more; how it ends is not known.
    pub(super) fn abandon(&mut self, frame: &Frame) {
        match frame.opened {
            Opened::Scope(number) => self.scopes.abandon(number),
            Opened::Call { number, .. } => {
                self.forget_saved(number);
                self.calls.abandon(number);
            }
        }
    }

    /// Takes out what was kept of an open call besides the call itself.
    fn forget_saved(&mut self, number: CallNumber) -> (Option<SavedWords>, Option<Copies>) {
        let saved = match self.saved.is_empty() {
            true => None,
            false => self.saved.remove(&number),
        };
        let copied = match self.copied.is_empty() {
            true => None,
            false => self.copied.remove(&number),
        };
        (saved, copied)
    }

    fn enter(&mut self, plan: &Plan, hit: &Hit<'_>, stack: &mut Stack, around: &Surroundings<'_>) {
        let here = stack.at(hit.depth);
        if is_back_edge(here, hit) {
            self.counts.back_edges += 1;
            return;
        }
        if !self.may_be_tail_jump(here, hit, around) {
            while let Some(frame) = stack.pop_from(hit.depth) {
                self.end(plan, &frame, Ending::Unwound(hit.time), around.hits);
            }
        }
        // A scope first, so that a watched ServeHTTP belongs to its own.
        for role in &hit.site.roles {
            let outer = stack.innermost_scope();
            let owner = outer.or(around.scope);
            let open = outer.and_then(|outer| self.scopes.get(outer));
            let entered = match *role {
                Role::TestEntered { .. } => go_tests::entered(plan, hit),
                Role::TestMarked { .. } => {
                    if let Some((mark, name)) = go_tests::marked(plan, hit) {
                        self.scopes.mark(hit.process, &name, mark);
                    }
                    None
                }
                Role::RequestSent { .. } => {
                    self.clients.sent(plan, hit, owner);
                    None
                }
                Role::RequestEntered { request } => requests::entered(plan, hit, request, open),
                Role::ServerEntered { function } => {
                    requests::server_entered(plan, &self.program, hit, function, open)
                }
                _ => None,
            };
            let number = entered.and_then(|scope| {
                let sender = self.clients.take_sender(&scope);
                let parent = sender.unwrap_or(owner);
                let parent = parent.map(ScopeNumber::id);
                let from = self.calls.next();
                self.scopes.enter(Scope { parent, ..scope }, from)
            });
            if let Some(number) = number {
                self.push(stack, hit, Opened::Scope(number), Some(number), around);
            }
        }
        for function in functions_of(hit, ProbeKind::Entry) {
            let scope = stack.innermost_scope();
            let owner = scope.or(around.scope);
            let hand_offs = &mut self.hand_offs;
            let handed = hand_offs.enter(plan, &self.program, function, hit, owner);
            let scope = handed.or(scope);
            let owner = handed.or(owner);
            let number = self.record_call(plan, function, hit, stack, around, owner);
            let opened = Opened::Call { function, number };
            self.push(stack, hit, opened, scope, around);
        }
    }

    /// Opens a frame.
    fn push(
        &self,
        stack: &mut Stack,
        hit: &Hit<'_>,
        opened: Opened,
        scope: Option<ScopeNumber>,
        around: &Surroundings<'_>,
    ) {
        stack.push(Frame {
            within: Within {
                before: self.all_cost,
                ..Within::default()
            },
            depth: hit.depth,
            opened,
            goid: hit.goid,
            hits: (around.hits)(hit.goid).and(hit.cost),
            edge: match self.with_edges {
                true => hit.cost,
                false => Nanoseconds(0),
            },
            scope,
            recovering: false,
        });
    }

    fn leave(&mut self, plan: &Plan, hit: &Hit<'_>, stack: &mut Stack, around: &Surroundings<'_>) {
        let here = stack.at(hit.depth);
        self.counts.unmatched += unmatched(here, hit);
        while let Some(frame) = stack.pop_from(hit.depth) {
            let ending = if self.returns_here(&frame, hit) {
                Ending::Returned(hit)
            } else {
                Ending::Unwound(hit.time)
            };
            self.end(plan, &frame, ending, around.hits);
        }
    }

    /// Reads the copies of floats that the innermost call at the hit's depth has in its frame.
    fn copy(&mut self, plan: &Plan, hit: &Hit<'_>, stack: &Stack) {
        let Some(Opened::Call { function, number }) =
            stack.at(hit.depth).last().map(|frame| frame.opened)
        else {
            return;
        };
        if !hit.site.roles.contains(&Role::Copied { function }) {
            return;
        }
        let described = plan.functions.get(function.0 as usize);
        let (Some(function), Some(call)) = (described, self.calls.get_mut(number)) else {
            return;
        };
        let decoder = values::decoder_of_copies(&self.program, hit);
        let mut copies = Copies::read(call, function, hit.site, &decoder);
        copies.complete_arguments(call);
        if !copies.is_empty() {
            self.copied.entry(number).or_default().renew(copies);
        }
    }

    fn record_call(
        &mut self,
        plan: &Plan,
        function: FunctionId,
        hit: &Hit<'_>,
        stack: &Stack,
        around: &Surroundings<'_>,
        scope: Option<ScopeNumber>,
    ) -> CallNumber {
        self.calls.count_largest(&self.scopes);
        if self.calls.is_full() {
            return self.calls.skip();
        }
        let number = self.calls.next();
        let parent = stack.innermost_call(hit.goid).or(around.outer_call);
        let seen = plan.functions.get(function.0 as usize).map(|function| {
            let decoder = values::decoder(&self.program, hit);
            if let Some(saved) = values::saved(function, &decoder) {
                self.saved.insert(number, saved);
            }
            values::entered(function, &decoder)
        });
        let seen = seen.unwrap_or_default();
        self.calls.push(Call {
            id: CallId(number.0),
            process: hit.process,
            goroutine: hit.goid,
            function,
            parent: parent.map(|parent| CallId(parent.0)),
            scope: scope.map(ScopeNumber::id),
            entered: hit.time,
            left: None,
            outcome: Outcome::Running,
            arguments: seen.arguments,
            results: List::default(),
            picked: seen.picked,
            instance: seen.instance,
            own_cost: Nanoseconds(0),
            awaited: None,
        });
        number
    }

    /// A function that may leave by a jump may have been gone for long when a panic or `Goexit` ended what was around it.
    fn as_far_as_known<'a>(&self, ending: Ending<'a>, function: FunctionId) -> Ending<'a> {
        match ending {
            Ending::Panicked(time) | Ending::Goexit(time) if self.is_tail_jumper(function) => {
                Ending::Unwound(time)
            }
            ending => ending,
        }
    }

    fn is_tail_jumper(&self, function: FunctionId) -> bool {
        self.tail_jumpers
            .get(function.0 as usize)
            .is_some_and(|may| *may)
    }

    /// Whether an entry came by a jump from the innermost frame at its depth: that function may jump, was entered by
    /// the goroutine's hit before this one, and the frame has not been through this function before.
    fn may_be_tail_jump(&self, here: &[Frame], hit: &Hit<'_>, around: &Surroundings<'_>) -> bool {
        let Some(from) = here.last() else {
            return false;
        };
        let again = here
            .iter()
            .filter_map(Frame::function)
            .any(|open| functions_of(hit, ProbeKind::Entry).any(|function| function == open));
        let may_jump = from
            .function()
            .is_some_and(|function| self.is_tail_jumper(function));
        may_jump && !again && (around.hits)(hit.goid) == from.hits
    }

    /// Whether a frame at the depth of a `ret` returns by it.
    fn returns_here(&self, frame: &Frame, hit: &Hit<'_>) -> bool {
        match frame.opened {
            Opened::Scope(_) => {
                let roles = &hit.site.roles;
                roles.contains(&Role::RequestLeft) || roles.contains(&Role::TestLeft)
            }
            Opened::Call { function, .. } => {
                hit.site.roles.contains(&Role::Return { function }) || self.is_tail_jumper(function)
            }
        }
    }
}

impl Ending<'_> {
    const fn time(&self) -> Timestamp {
        match self {
            Self::Returned(hit) => hit.time,
            Self::Unwound(time)
            | Self::Panicked(time)
            | Self::Goexit(time)
            | Self::ProcessEnded(time) => *time,
        }
    }

    const fn outcome(&self, frame: &Frame) -> Outcome {
        match self {
            Self::Returned(_) if frame.recovering => Outcome::Recovered,
            Self::Returned(_) => Outcome::Returned,
            Self::Unwound(_) => Outcome::Unwound,
            Self::Panicked(_) => Outcome::Panicked,
            Self::Goexit(_) => Outcome::Goexit,
            Self::ProcessEnded(_) => Outcome::ProcessEnded,
        }
    }
}

/// Whether a function's body may end by a jump into another: it was written in assembly or generated as a wrapper.
fn may_tail_jump(function: &Function) -> bool {
    function
        .position
        .as_ref()
        .is_some_and(|position| position.file == "<autogenerated>" || position.file.ends_with(".s"))
}

/// The watched functions that a hit shows that of.
fn functions_of(hit: &Hit<'_>, probe: ProbeKind) -> impl Iterator<Item = FunctionId> {
    let roles = hit.site.roles.iter();
    roles.filter_map(move |role| role.function_of(probe))
}

/// Whether a hit is a branch back to the first instruction of the innermost open call.
fn is_back_edge(here: &[Frame], hit: &Hit<'_>) -> bool {
    let Some(innermost) = here.last().and_then(Frame::function) else {
        return false;
    };
    hit.site.roles.contains(&Role::Entry {
        function: innermost,
        loop_head: true,
    })
}

/// How many functions return by a hit without an open call.
fn unmatched(here: &[Frame], hit: &Hit<'_>) -> u64 {
    functions_of(hit, ProbeKind::Return)
        .filter(|function| !here.iter().any(|open| open.function() == Some(*function)))
        .count() as u64
}
