//! The system stacks: each thread has one, and another for signals.
//!
//! Their frames belong to the thread, not to the goroutine on whose behalf the runtime runs there: that may change
//! between a function's entry and its `ret`.

use std::collections::HashMap;

use model::{Goid, ProcessId};

use super::stacks::{Frame, Hits, Stack};

/// So many threads are known at most before those that have nothing open are forgotten.
const MAX_THREADS: usize = 1 << 10;

/// A thread of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ThreadKey {
    pub(super) process: ProcessId,
    pub(super) tid: u32,
}

/// The stacks of a thread that are no goroutine's.
#[derive(Debug, Default)]
pub(super) struct Thread {
    /// By their upper ends.
    stacks: Vec<(u64, Stack)>,
    /// The probes that were hit here for no goroutine.
    pub(super) hits: Hits,
}

impl Thread {
    /// The stack with that upper end.
    pub(super) fn stack(&mut self, high: u64) -> &mut Stack {
        let known = self.stacks.iter().position(|(other, _)| *other == high);
        let index = known.unwrap_or_else(|| {
            self.stacks.retain(|(_, stack)| !stack.is_empty());
            self.stacks.push((high, Stack::default()));
            self.stacks.len() - 1
        });
        &mut self.stacks[index].1
    }

    /// Takes a frame that was entered for a goroutine.
    pub(super) fn pop_of(&mut self, goid: Goid) -> Option<Frame> {
        self.stacks
            .iter_mut()
            .find_map(|(_, stack)| stack.pop_of(goid))
    }

    /// All open frames.
    pub(super) fn frames(&self) -> impl Iterator<Item = &Frame> {
        self.stacks.iter().flat_map(|(_, stack)| stack.frames())
    }
}

/// The threads that hit a probe on a system stack.
pub(super) type Threads = HashMap<ThreadKey, Thread>;

/// Forgets threads that have nothing open, if there are many.
pub(super) fn forget_idle(threads: &mut Threads) {
    if threads.len() > MAX_THREADS {
        threads.retain(|_, thread| thread.frames().next().is_some());
    }
}
