//! The open frames of one stack, outermost first.
//!
//! A frame is identified by its depth. Whatever happens at some depth shows that no deeper frame is open any more,
//! so frames that were left without a `ret` (panics, `runtime.Goexit`) can't linger.

use model::{Awaited, Depth, FunctionId, Goid, Nanoseconds};

use super::numbers::{CallNumber, ScopeNumber};

/// The open frames of a goroutine's stack, or of a thread's system stack. Depths never decrease.
#[derive(Debug, Default)]
pub(super) struct Stack {
    frames: Vec<Frame>,
}

/// A frame that was entered and not yet left.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Its place on the stack.
    pub(super) depth: Depth,
    /// What it is.
    pub(super) opened: Opened,
    /// The goroutine that entered it.
    pub(super) goid: Goid,
    /// The hits that goroutine had made, the one that entered it included.
    pub(super) hits: Hits,
    /// What the hits at its own two ends cost, if that is counted.
    pub(super) edge: Nanoseconds,
    /// What goroutines did that were created within it.
    pub(super) within: Within,
    /// The innermost scope that is open on this stack up to this frame, itself included.
    pub(super) scope: Option<ScopeNumber>,
    /// Whether a function that it deferred has recovered a panic, so that it is about to return.
    pub(super) recovering: bool,
}

/// What the probes cost the goroutines that were created within a frame, or within a goroutine's life, and that ended within it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Within {
    /// That goroutine which they cost the most.
    pub(super) largest: Nanoseconds,
    /// All of them.
    pub(super) all: Nanoseconds,
    /// How many have not ended.
    pub(super) unfinished: u32,
    /// What all hits of the program had cost when the frame was entered.
    pub(super) before: Nanoseconds,
}

impl Within {
    /// With a goroutine that ended: what it cost by itself with what it may have waited for, and all of it.
    pub(super) fn ended(&mut self, longest: Nanoseconds, all: Nanoseconds) {
        self.largest = self.largest.max(longest);
        self.all = self.all + all;
        self.unfinished = self.unfinished.saturating_sub(1);
    }

    /// What a call has of it. `nested` is what its own goroutine's hits cost, `now` what all hits of the program do.
    pub(super) fn awaited(&self, nested: Nanoseconds, now: Nanoseconds) -> Option<Awaited> {
        let meanwhile = now.0.saturating_sub(self.before.0);
        let all = match self.unfinished {
            0 => self.all.0,
            _ => meanwhile.saturating_sub(nested.0).max(self.all.0),
        };
        (all > 0).then_some(Awaited {
            largest: self.largest,
            others: Nanoseconds(all.saturating_sub(self.largest.0)),
        })
    }
}

/// Hits of probes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hits {
    /// How many.
    pub(super) count: u64,
    /// What they cost together.
    pub(super) cost: Nanoseconds,
}

impl Hits {
    /// With one more, of that cost.
    pub(super) const fn and(self, cost: Nanoseconds) -> Self {
        Self {
            count: self.count.saturating_add(1),
            cost: Nanoseconds(self.cost.0.saturating_add(cost.0)),
        }
    }

    /// Without the last one, of that cost.
    pub(super) const fn without(self, cost: Nanoseconds) -> Self {
        Self {
            count: self.count.saturating_sub(1),
            cost: Nanoseconds(self.cost.0.saturating_sub(cost.0)),
        }
    }

    /// What those cost that are not among `earlier` ones.
    pub(super) const fn cost_since(self, earlier: Self) -> Nanoseconds {
        Nanoseconds(self.cost.0.saturating_sub(earlier.cost.0))
    }
}

/// What a frame is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Opened {
    /// A call of a watched function.
    Call {
        function: FunctionId,
        number: CallNumber,
    },
    /// A scope.
    Scope(ScopeNumber),
}

impl Frame {
    /// The watched function, if it is a call.
    pub(super) const fn function(&self) -> Option<FunctionId> {
        match self.opened {
            Opened::Call { function, .. } => Some(function),
            Opened::Scope(_) => None,
        }
    }
}

impl Stack {
    pub(super) fn push(&mut self, frame: Frame) {
        self.frames.push(frame);
    }

    pub(super) fn pop(&mut self) -> Option<Frame> {
        self.frames.pop()
    }

    /// Takes the innermost frame if it is deeper than `depth`.
    pub(super) fn pop_deeper(&mut self, depth: Depth) -> Option<Frame> {
        self.frames.pop_if(|frame| frame.depth > depth)
    }

    /// Takes the innermost frame if it is not less deep than `depth`.
    pub(super) fn pop_from(&mut self, depth: Depth) -> Option<Frame> {
        self.frames.pop_if(|frame| frame.depth >= depth)
    }

    /// Takes the innermost frame that one goroutine entered (on a system stack).
    pub(super) fn pop_of(&mut self, goid: Goid) -> Option<Frame> {
        let at = self.frames.iter().rposition(|frame| frame.goid == goid)?;
        Some(self.frames.remove(at))
    }

    /// The innermost frame.
    pub(super) fn innermost_mut(&mut self) -> Option<&mut Frame> {
        self.frames.last_mut()
    }

    /// The frames at exactly that depth, the innermost last. Holds while none is deeper.
    pub(super) fn at(&self, depth: Depth) -> &[Frame] {
        let first = self
            .frames
            .iter()
            .rposition(|frame| frame.depth != depth)
            .map_or(0, |last_other| last_other + 1);
        self.frames.get(first..).unwrap_or_default()
    }

    /// The innermost call that the goroutine has open here.
    pub(super) fn innermost_call(&self, goid: Goid) -> Option<CallNumber> {
        self.frames
            .iter()
            .rev()
            .find_map(|frame| match frame.opened {
                Opened::Call { number, .. } if frame.goid == goid => Some(number),
                _ => None,
            })
    }

    /// The innermost scope that is open here.
    pub(super) fn innermost_scope(&self) -> Option<ScopeNumber> {
        self.frames.last()?.scope
    }

    /// The scopes that calls here belong to because they were handed to them, not because they are open here.
    pub(super) fn handed(&self) -> Vec<ScopeNumber> {
        let owners = self.frames.iter().filter_map(|frame| frame.scope);
        let mut owners: Vec<ScopeNumber> = owners.collect();
        owners.dedup();
        owners.retain(|owner| {
            let mut frames = self.frames.iter();
            !frames.any(|frame| matches!(frame.opened, Opened::Scope(open) if open == *owner))
        });
        owners
    }

    pub(super) fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The frames that were open when that call was the innermost one, and still are.
    pub(super) fn around(&mut self, call: CallNumber) -> impl Iterator<Item = &mut Frame> {
        self.frames
            .iter_mut()
            .filter(move |frame| match frame.opened {
                Opened::Call { number, .. } => number <= call,
                Opened::Scope(_) => false,
            })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }
}
