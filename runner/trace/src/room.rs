//! How much is kept of a program that is [looked at](super::Look) while it goes on: no more than there is room for. What
//! finds none is not told, and counted.

use model::{Call, Content, Timestamp, Value};

use super::{
    goroutines::GoroutineKey,
    ledger::Ledger,
    stacks::{Frame, Opened},
    tracer::Tracer,
};

/// So many threads are known at most before those that have nothing open are forgotten.
const THREADS: usize = 1 << 10;

/// How much is kept until it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// How many calls.
    pub calls: usize,
    /// How many bytes their values take, about.
    pub bytes: usize,
    /// How many goroutines that live, how many that ended, and how many requests.
    pub goroutines: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            calls: 1 << 16,
            bytes: 24 << 20,
            goroutines: 1 << 16,
        }
    }
}

/// What found no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Calls that are not told.
    pub calls: u64,
    /// Calls that were told as running, and whose end is not told.
    pub ends: u64,
    /// Goroutines of which it is not told where they came from, or that they ended.
    pub goroutines: u64,
    /// Requests that are not told.
    pub requests: u64,
}

impl Dropped {
    /// Whether all was told.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.calls == 0 && self.ends == 0 && self.goroutines == 0 && self.requests == 0
    }

    /// With what was dropped later.
    #[must_use]
    pub const fn and(self, later: Self) -> Self {
        Self {
            calls: self.calls + later.calls,
            ends: self.ends + later.ends,
            goroutines: self.goroutines + later.goroutines,
            requests: self.requests + later.requests,
        }
    }
}

impl Tracer {
    /// The same with no more room than that, for a program that is looked at.
    #[must_use]
    pub const fn within(mut self, room: Room) -> Self {
        self.room = Some(room);
        self.ledger.calls.room = Some(room);
        self.ledger.requests.room = Some(room.goroutines);
        self.goroutines.room = Some(room.goroutines);
        self
    }

    /// What found no room since this was asked last.
    pub fn take_dropped(&mut self) -> Dropped {
        let calls = &mut self.ledger.calls;
        Dropped {
            calls: std::mem::take(&mut calls.dropped),
            ends: std::mem::take(&mut calls.dropped_ends),
            goroutines: std::mem::take(&mut self.goroutines.dropped),
            requests: std::mem::take(&mut self.ledger.requests.dropped),
        }
    }

    /// Where more goroutines live than there is room for, forgets those that did nothing for the longest time. Most of them
    /// will have ended, and that was lost.
    pub(super) fn make_room(&mut self) {
        let Some(room) = self.room else { return };
        let alive = &self.goroutines.alive;
        if alive.len() <= room.goroutines {
            return;
        }
        let mut times: Vec<Timestamp> = alive.values().map(|goroutine| goroutine.last).collect();
        let middle = times.len() / 2;
        let (_, last, _) = times.select_nth_unstable(middle);
        let last = *last;
        let idle = alive.iter().filter(|(_, goroutine)| goroutine.last <= last);
        let idle: Vec<GoroutineKey> = idle.map(|(key, _)| *key).collect();
        for key in idle {
            let Some(mut goroutine) = self.goroutines.alive.remove(&key) else {
                continue;
            };
            self.goroutines.dropped += 1;
            while let Some(frame) = goroutine.stack.pop() {
                self.ledger.abandon(&frame);
            }
        }
    }

    /// Forgets threads that have nothing open, if there are many.
    pub(super) fn forget_threads(&mut self) {
        if self.threads.len() > THREADS {
            self.threads
                .retain(|_, thread| thread.frames().next().is_some());
        }
    }
}

impl Ledger {
    /// A frame is not followed any more; how it ends is not known.
    fn abandon(&mut self, frame: &Frame) {
        match frame.opened {
            Opened::Request(number) => self.requests.abandon(number),
            Opened::Call { number, .. } => {
                self.forget_saved(number);
                self.calls.abandon(number);
            }
        }
    }
}

/// About how many bytes a call takes.
pub(super) fn weight(call: &Call) -> usize {
    size_of::<Call>()
        + of_values(&call.arguments)
        + of_values(&call.results)
        + of_values(&call.picked)
}

pub(super) fn of_values(values: &[Value]) -> usize {
    values.iter().map(of_value).sum()
}

fn of_value(value: &Value) -> usize {
    // What the allocator adds is in the 16.
    size_of::<Value>()
        + match &value.content {
            Content::Text(text) | Content::Bytes(text) => 16 + 32 + text.bytes.len(),
            Content::Pointer(pointer) => 16 + 16 + of_value(&pointer.target),
            Content::Elements(elements) => 16 + 32 + of_values(&elements.values),
            Content::Struct(fields) => 16 + of_values(fields),
            Content::Map(entries) => {
                let entries = entries.values.iter();
                let entries = entries.map(|(key, value)| of_value(key) + of_value(value));
                16 + 32 + entries.sum::<usize>()
            }
            Content::Interface(held) => 16 + of_value(held),
            Content::Func(func) => {
                let name = func.name.as_ref().map_or(0, String::len);
                16 + 64 + name + func.captured.as_ref().map_or(0, of_value)
            }
            Content::Channel(_) | Content::Complex(_) => 32,
            Content::Bool(_)
            | Content::Int(_)
            | Content::Uint(_)
            | Content::Float(_)
            | Content::Nil
            | Content::Address(_)
            | Content::Redacted(_)
            | Content::Unread(_) => 0,
        }
}
