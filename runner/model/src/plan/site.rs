//! The addresses to probe, and what a hit of one is.

use std::collections::BTreeSet;

use super::{Operand, Read, ReadAddress};
use crate::{Address, FileOffset, FunctionId, Limits, Location, ProbeKind, Register, SiteId};

/// One address to probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its number, which is also its attach cookie.
    pub id: SiteId,
    /// Its address in the binary.
    pub address: Address,
    /// Its position in the file.
    pub offset: FileOffset,
    /// What a hit means; several when one address serves several purposes.
    pub roles: Vec<Role>,
    /// Where `g` is found.
    pub goroutine: GoroutineSource,
    /// The pieces of memory to read, in order.
    pub reads: Vec<Read>,
    /// How much is read at most.
    pub limits: Limits,
    /// The registers whose values are left out of the record, because something is redacted and they may hold it.
    pub hidden: Vec<Register>,
    /// What is remembered of an entry until the return of the same call.
    pub saves: Vec<Save>,
    /// How far the stack pointer is below where it was at the function's entry, in bytes; 0 at entries and at `ret`s.
    pub below: u32,
    /// What the kernel program has to do about the instruction there.
    pub instruction: SiteInstruction,
    /// The values whose copies can be read here.
    pub copies: Vec<Copied>,
}

impl Site {
    /// The watched function that it belongs to.
    #[must_use]
    pub fn function(&self) -> Option<FunctionId> {
        self.roles.iter().find_map(Role::function)
    }

    /// What its hits show; `servers` are the functions whose calls are requests.
    #[must_use]
    pub fn probes(&self, servers: &BTreeSet<FunctionId>) -> Vec<ProbeKind> {
        let returned = |role: &Role| role.function_of(ProbeKind::Return);
        let left = self.roles.iter().filter_map(returned);
        let left = left.filter(|function| servers.contains(function));
        let left = left.map(|_| ProbeKind::RequestLeft);
        self.roles.iter().map(Role::probe).chain(left).collect()
    }
}

/// What the kernel program has to do about a probed instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SiteInstruction {
    /// Nothing: the kernel executes it.
    #[default]
    Plain,
    /// It is the jump of a stack check, and a hit from which it jumps is no entry of the function but leads to
    /// `runtime.morestack`.
    StackCheck,
    /// It is a `ret`, which the program executes itself where the kernel lets it.
    Return,
}

/// Whether it is about a function's parameters or its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Moment {
    /// Its parameters.
    Entry,
    /// Its results, if it returns by the `ret` at that address: a panic may lead to another one.
    Return(Address),
}

/// A parameter or result that has copies, in the frame, of what of it is in vector registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Of the parameters, or of the results.
    pub moment: Moment,
    /// Which of the function's parameters or results, from 0.
    pub index: u32,
    /// Where the copies are, in bytes from the stack pointer at this site; its other pieces are left out.
    pub location: Location,
}

/// A number that is remembered at a function's entry until it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Save {
    /// The function.
    pub function: FunctionId,
    /// Which of the function's, from 0.
    pub slot: u32,
    /// The number.
    pub value: Operand,
}

/// What a hit of a site means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// A watched function was entered.
    Entry {
        /// Which.
        function: FunctionId,
        /// Whether the body has a branch to this address: then a hit whose call is still open at the
        /// same depth is a back edge, not a call.
        loop_head: bool,
    },
    /// A watched function is at a `ret`.
    Return {
        /// Which.
        function: FunctionId,
    },
    /// A watched function has copies of floats in its frame, which at its entry or at its `ret` are in vector
    /// registers ([`Site::copies`]).
    Copied {
        /// Which.
        function: FunctionId,
    },
    /// `runtime.newproc1` made a goroutine, which the hit's own goroutine created: its caller is about to queue it, or it has just
    /// returned.
    GoroutineCreated {
        /// Where the new `*runtime.g` is.
        result: ReadAddress,
    },
    /// `runtime.goexit1` was entered: the hit's goroutine ends.
    GoroutineEnded,
    /// `runtime.recovery` was entered: a panic of the hit's goroutine was recovered.
    PanicRecovered {
        /// Where the `*runtime.g` is.
        goroutine: ReadAddress,
    },
    /// `runtime.fatalpanic` was entered: nobody recovered a panic of the hit's goroutine, and the process ends.
    PanicUnrecovered,
    /// `net/http.serverHandler.ServeHTTP` was entered.
    RequestEntered {
        /// Where the `*http.Request` is.
        request: ReadAddress,
    },
    /// A function that the spec names was entered, which handles a request from entry to return: one of
    /// [`Plan::servers`](super::Plan::servers).
    ServerEntered {
        /// Which.
        function: FunctionId,
    },
    /// A function that serves a request is at a `ret`.
    RequestLeft,
    /// A function of package `testing` was entered that runs a Go test: one of [`Plan::tests`](super::Plan::tests).
    TestEntered {
        /// Where what it runs is, or its name.
        test: ReadAddress,
    },
    /// A function that runs a Go test is at a `ret`.
    TestLeft,
    /// A Go test says that it is skipped or that it fails: one of [`Plan::test_marks`](super::Plan::test_marks).
    TestMarked {
        /// Where the test is.
        test: ReadAddress,
    },
    /// A client is about to send a request over a connection: one of [`Plan::clients`](super::Plan::clients).
    RequestSent {
        /// Where the connection is.
        connection: ReadAddress,
    },
    /// `runtime.main` was entered: by goroutine 1, or an assumption about the runtime is wrong.
    MainEntered,
}

/// What is at the place that a hit's role speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A watched function.
    Function(FunctionId),
    /// What a pointer of the runtime or of a server leads to, in words.
    Pointer(ReadAddress, &'static str),
    /// The hit's own goroutine.
    Goroutine,
}

/// What a hit does to the frames of its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameEdge {
    /// One begins.
    Begin,
    /// One ends: the site is a `ret`.
    End,
    /// None begins or ends.
    Within,
}

impl Role {
    /// All that others need to know of a role: they ask the methods below, so that a new role has one line here.
    const fn facts(&self) -> (ProbeKind, FrameEdge, Subject) {
        use FrameEdge::{Begin, End, Within};
        use Subject::{Function, Goroutine, Pointer};
        match *self {
            Self::Entry { function, .. } => (ProbeKind::Entry, Begin, Function(function)),
            Self::Return { function } => (ProbeKind::Return, End, Function(function)),
            Self::Copied { function } => (ProbeKind::Copy, Within, Function(function)),
            Self::GoroutineCreated { result } => {
                let created = Pointer(result, "the new goroutine");
                (ProbeKind::GoroutineCreated, Within, created)
            }
            Self::GoroutineEnded => (ProbeKind::GoroutineEnded, Begin, Goroutine),
            Self::PanicRecovered { goroutine } => {
                let panics = Pointer(goroutine, "the goroutine's panics");
                (ProbeKind::PanicRecovered, Begin, panics)
            }
            Self::PanicUnrecovered => (ProbeKind::PanicUnrecovered, Begin, Goroutine),
            Self::RequestEntered { request } => {
                let request = Pointer(request, "the request");
                (ProbeKind::RequestEntered, Begin, request)
            }
            Self::ServerEntered { function } => {
                (ProbeKind::RequestEntered, Begin, Function(function))
            }
            Self::RequestLeft => (ProbeKind::RequestLeft, End, Goroutine),
            Self::TestEntered { test } => {
                (ProbeKind::TestEntered, Begin, Pointer(test, "the test"))
            }
            Self::TestLeft => (ProbeKind::TestLeft, End, Goroutine),
            Self::TestMarked { test } => (ProbeKind::TestMarked, Begin, Pointer(test, "the test")),
            Self::RequestSent { connection } => {
                let connection = Pointer(connection, "the client's connection");
                (ProbeKind::RequestSent, Begin, connection)
            }
            Self::MainEntered => (ProbeKind::MainEntered, Begin, Goroutine),
        }
    }

    /// What a probe with this role shows.
    #[must_use]
    pub const fn probe(&self) -> ProbeKind {
        self.facts().0
    }

    /// What a hit does to the frames of its stack.
    #[must_use]
    pub const fn edge(&self) -> FrameEdge {
        self.facts().1
    }

    pub(crate) const fn subject(&self) -> Subject {
        self.facts().2
    }

    /// The watched function that it is a role of.
    #[must_use]
    pub const fn function(&self) -> Option<FunctionId> {
        match self.subject() {
            Subject::Function(function) => Some(function),
            Subject::Pointer(..) | Subject::Goroutine => None,
        }
    }

    /// The watched function that it shows that of.
    #[must_use]
    pub fn function_of(&self, probe: ProbeKind) -> Option<FunctionId> {
        self.function().filter(|_| self.probe() == probe)
    }
}

/// Where `g` is found at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GoroutineSource {
    /// In the register that the ABI reserves for it.
    Register,
    /// In thread-local storage (the stack ABI).
    ThreadLocal,
}
