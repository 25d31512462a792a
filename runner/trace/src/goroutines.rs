//! The goroutines that live, their stacks, and the history of each.

use std::collections::HashMap;

use model::{Address, Goid, ProcessId, Timestamp};

use super::{
    numbers::{CallNumber, ScopeNumber},
    stacks::{Hits, Stack, Within},
};

/// A goroutine of a process. The runtime never uses a goid twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct GoroutineKey {
    pub(super) process: ProcessId,
    pub(super) goid: Goid,
}

/// What is reported of a goroutine.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GoroutineHistory {
    /// Who created it, if that was seen.
    pub(super) creator: Option<Goid>,
    /// The creator's innermost open call then.
    pub(super) creating_call: Option<CallNumber>,
    /// Where it started, as an address in the binary.
    pub(super) start: Option<Address>,
    /// In the `go` statement that started it: its last byte, as an address in the binary.
    pub(super) started: Option<Address>,
    /// The scope that it was created for.
    pub(super) scope: Option<ScopeNumber>,
    /// When it was created.
    pub(super) created: Option<Timestamp>,
    /// When it ended.
    pub(super) ended: Option<Timestamp>,
}

impl GoroutineHistory {
    /// Whether nothing is known of where it came from.
    pub(super) const fn is_unknown(&self) -> bool {
        self.created.is_none() && self.creator.is_none() && self.start.is_none()
    }
}

/// A goroutine that lives.
#[derive(Debug, Default)]
pub(super) struct Goroutine {
    pub(super) history: GoroutineHistory,
    /// Its own stack.
    pub(super) stack: Stack,
    /// The probes that it has hit.
    pub(super) hits: Hits,
    /// What goroutines cost that were created in its life.
    pub(super) within: Within,
    /// The thread on whose system stack it has open frames.
    pub(super) on_thread: Option<u32>,
    /// When it was created or hit a probe last.
    pub(super) last: Timestamp,
    /// Whether it serves a connection for as long as that is open.
    pub(super) is_of_connection: bool,
}

impl Goroutine {
    /// The scope that what it does now belongs to.
    pub(super) fn owner(&self) -> Option<ScopeNumber> {
        self.stack.innermost_scope().or(self.history.scope)
    }
}

/// Whose work a goroutine does, as the function that it starts with says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// The program's.
    Program,
    /// The runtime's own (`isSystemGoroutine` in `runtime/traceback.go`): its workers serve the whole program and never
    /// end, whichever goroutine was the first to need them.
    Runtime,
    /// A connection's: it lives as long as that is kept open, whoever opened it. What is done over the connection
    /// other goroutines wait for.
    Connection,
}

impl Service {
    /// That of a goroutine which starts with this function.
    pub(super) fn of(start: &str) -> Self {
        // The main goroutine and those of `iter.Pull` run the program's code.
        if start.starts_with("runtime.") && !matches!(start, "runtime.main" | "runtime.corostart") {
            return Self::Runtime;
        }
        match start {
            "net/http.(*conn).serve"
            | "net/http.(*persistConn).readLoop"
            | "net/http.(*persistConn).writeLoop"
            | "net/http.maybeDrainBody.func1"
            | "net/http.(*http2ClientConn).readLoop"
            | "net/http/internal/http2.(*ClientConn).readLoop" => Self::Connection,
            _ if start.ends_with("golang.org/x/net/http2.(*ClientConn).readLoop") => {
                Self::Connection
            }
            _ => Self::Program,
        }
    }
}

/// All goroutines: those that live with their state, those that ended with their history alone.
#[derive(Debug, Default)]
pub(super) struct Goroutines {
    pub(super) alive: HashMap<GoroutineKey, Goroutine>,
    pub(super) ended: Vec<(GoroutineKey, GoroutineHistory)>,
    /// How many that live, and how many that ended, are kept at most; without it, all are.
    pub(super) room: Option<usize>,
    /// The same for those that ended alone.
    pub(super) room_of_ended: Option<usize>,
    /// How many found no room since that was asked.
    pub(super) dropped: u64,
}

impl Goroutines {
    /// Takes a goroutine out of those that live.
    pub(super) fn end(&mut self, key: GoroutineKey, ended: Option<Timestamp>) -> Option<Goroutine> {
        let goroutine = self.alive.remove(&key)?;
        let room = self.room.or(self.room_of_ended);
        if room.is_some_and(|room| self.ended.len() >= room) {
            self.dropped += 1;
            return Some(goroutine);
        }
        self.ended.push((
            key,
            GoroutineHistory {
                ended,
                ..goroutine.history
            },
        ));
        Some(goroutine)
    }

    /// A goroutine was created, within all calls that its creator has open.
    pub(super) fn expect_end(&mut self, creator: GoroutineKey, call: Option<CallNumber>) {
        if let Some(creator) = self.alive.get_mut(&creator) {
            creator.within.unfinished += 1;
            if let Some(call) = call {
                let around = creator.stack.around(call);
                around.for_each(|frame| frame.within.unfinished += 1);
            }
        }
    }

    /// A goroutine ended, within those calls of its creator that were open when it was created and still are.
    pub(super) fn add_to_creator(&mut self, key: GoroutineKey, ended: &Goroutine) {
        let Some(creator) = ended
            .history
            .creator
            .filter(|_| ended.history.created.is_some())
        else {
            return;
        };
        let creator = GoroutineKey {
            goid: creator,
            ..key
        };
        if let Some(creator) = self.alive.get_mut(&creator) {
            let own = ended.hits.cost;
            let (longest, all) = (own + ended.within.largest, own + ended.within.all);
            creator.within.ended(longest, all);
            if let Some(call) = ended.history.creating_call {
                let around = creator.stack.around(call);
                around.for_each(|frame| frame.within.ended(longest, all));
            }
        }
    }

    /// Where more live than there is room for, takes out those that did nothing for the longest time. Most of them will
    /// have ended, and that was lost.
    pub(super) fn make_room(&mut self) -> Vec<Goroutine> {
        if self.room.is_none_or(|room| self.alive.len() <= room) {
            return Vec::new();
        }
        let mut times: Vec<Timestamp> = (self.alive.values())
            .map(|goroutine| goroutine.last)
            .collect();
        let middle = times.len() / 2;
        let (_, last, _) = times.select_nth_unstable(middle);
        let last = *last;
        let idle = self.alive.extract_if(|_, goroutine| goroutine.last <= last);
        let idle: Vec<Goroutine> = idle.map(|(_, goroutine)| goroutine).collect();
        self.dropped += idle.len() as u64;
        idle
    }

    /// The probes that it has hit; none for one that is not known.
    pub(super) fn hits(&self, key: GoroutineKey) -> Hits {
        self.alive
            .get(&key)
            .map_or_else(Hits::default, |goroutine| goroutine.hits)
    }

    /// The same for a frame on a thread's stack: without a goroutine, the hits are the thread's own.
    pub(super) fn hits_on(&self, thread: Hits, process: ProcessId, goid: Goid) -> Hits {
        match goid {
            Goid(0) => thread,
            goid => self.hits(GoroutineKey { process, goid }),
        }
    }
}
