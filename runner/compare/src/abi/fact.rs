//! What is known of a function on one side.

use std::fmt;

use model::Piece;

/// What a fact is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// By which of Go's two conventions it is called.
    Convention,
    /// A value, or the part of it that is passed on its own.
    Value {
        /// What it is for the function.
        role: ValueRole,
        /// Which of the parameters or results it is, from 0.
        index: usize,
        /// The value's name, or the path to the part: `order.ID`.
        path: String,
        /// How many parts of the same value and path come before it: blank fields have one name.
        earlier: usize,
    },
    /// The type arguments of a generic function.
    Dictionary,
    /// Its frame.
    Frame,
    /// Its inlined copies.
    Inlining,
    /// Where goproctor sets its probes.
    Probes(ProbeMoment),
}

/// What a value is for a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueRole {
    /// What a method is called on.
    Receiver,
    /// A parameter.
    Parameter,
    /// A result.
    Result,
}

/// When a probe is hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeMoment {
    /// When the function is entered.
    Entry,
    /// When it returns.
    Return,
    /// When floats have been copied to where they can be read.
    Copy,
}

/// What is known of a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// How it is called.
    Convention(Convention),
    /// How a value is passed.
    Passed(Passed),
    /// Where the dictionary is.
    Dictionary(Vec<Piece>),
    /// How large the frame is.
    Frame(Frame),
    /// What became of its calls.
    Inlining(Inlining),
    /// Probes, those that are alike together.
    Probes(Vec<Probes>),
}

/// Go's calling conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// Everything is on the stack: up to Go 1.16, and assembly.
    Stack,
    /// What fits is in registers: from Go 1.17 on.
    Registers,
}

/// The stack that a call takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// So many bytes below its return address.
    Bytes(u32),
    /// None: the function has no body of its own.
    NoBody,
    /// The binary does not say.
    Unknown,
}

/// What became of calls of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inlining {
    /// None is inlined.
    Nowhere,
    /// Some are.
    Copies {
        /// How many copies there are; 0 where the binary says only that there are some.
        count: u64,
        /// Some of the functions that hold them.
        callers: Vec<String>,
        /// The function that it is copied with: the one around a function literal.
        with: Option<String>,
    },
    /// All are, or there are none: it has no body, and no copy is described.
    Gone,
    /// It is not known why.
    Unknown(String),
}

/// Probes that are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probes {
    /// How a hit of them is dealt with.
    pub way: Way,
    /// Where they are, in bytes from the function's first instruction.
    pub offsets: Vec<u64>,
}

/// How the kernel executes a probed instruction, and why.
///
/// ```
/// use compare::abi::{Way, WayNote, Stepping};
/// let kept = WayNote::Kept("no other function ends in the same way".to_owned());
/// let way = Way { stepping: Stepping::Return, note: Some(kept) };
/// assert_eq!(way.to_string(), "a ret: no other function ends in the same way");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// How it is executed.
    pub stepping: Stepping,
    /// What became of a `ret`, where fast returns are asked for.
    pub note: Option<WayNote>,
}

/// What became of a `ret`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayNote {
    /// The function leaves through the end of this one.
    Through(String),
    /// It stays, for this reason.
    Kept(String),
}

/// How the kernel executes a probed instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepping {
    /// It is emulated.
    Emulated,
    /// The processor steps over it.
    Stepped,
    /// It is a `ret`.
    Return,
    /// It can't be read.
    Unknown,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.stepping {
            Stepping::Emulated => "emulated",
            Stepping::Stepped => "stepped",
            Stepping::Return => "a ret",
            Stepping::Unknown => "its instruction can't be read",
        })?;
        match &self.note {
            Some(WayNote::Through(function)) => write!(f, ", through the end of {function}"),
            Some(WayNote::Kept(why)) => write!(f, ": {why}"),
            None => Ok(()),
        }
    }
}

impl Probes {
    /// Whether others are as many and are executed alike, wherever they are.
    fn is_like(&self, other: &Self) -> bool {
        self.way.stepping == other.way.stepping && self.offsets.len() == other.offsets.len()
    }
}

impl Fact {
    /// Whether it says the same as another. Where in the code a probe is does not count.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Probes(one), Self::Probes(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(a, b)| a.is_like(b))
            }
            _ => self == other,
        }
    }
}

/// How a value, or a part of one, is passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passed {
    /// Its type, as Go writes it.
    pub ty: String,
    /// Where its pieces are, each with its offset within the whole value; none where that is not known. A value without bytes has no
    /// pieces.
    pub pieces: Option<Vec<Piece>>,
}
