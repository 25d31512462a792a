//! Why an expectation can't be decided: every reason, its words, and what the user can do.

use std::fmt;

use model::{Address, Completion, End, Goid, Nanoseconds, Outcome, Status};
use spec::document::DurationBound;

use super::wording::{self, plural};

/// Why an expectation can't be decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// A value was not read.
    Unread(Status),
    /// Parts of a value were not read.
    Partial,
    /// The spec redacts a value.
    Redacted,
    /// Only the beginning of a text was read.
    Truncated {
        /// How many bytes were read.
        read: usize,
        /// How many there are, if that is known.
        full: Option<u64>,
        /// The limits that cut it, if a larger one would help.
        limits: Option<&'static str>,
    },
    /// Only the first elements of a list, or some entries of a map, were read.
    Elements {
        /// How many were read.
        read: usize,
        /// How many there are.
        full: u64,
        /// The limit that cuts them.
        limit: &'static str,
    },
    /// Channels have no identity in what is read.
    Channel,
    /// No function is known at an address.
    NoFunction(Address),
    /// A value of this type has no text form.
    NoText(String),
    /// A regular expression can't be compiled for bytes.
    Pattern(String),
    /// One of several values: which, and why that is not known.
    Of(String, Box<Self>),
    /// This part is nil, and so are others.
    Nil(String),
    /// Some values of this part are not known.
    Source(String),
    /// The Error method of this type makes the message.
    Message(String),
    /// This type may wrap another error.
    Wraps(String),
    /// A method of an error decides.
    Method {
        /// The error's type.
        ty: String,
        /// `Is` or `As`.
        method: &'static str,
        /// Whether the type has the method for certain.
        is_certain: bool,
    },
    /// Something may be a variable of the standard library.
    MayBe {
        /// What: a variable, or `the error`.
        what: String,
        /// That variable.
        variable: &'static str,
    },
    /// An error wraps more errors than are looked at.
    TooManyErrors,
    /// The call was still running when the test ended.
    Running,
    /// The call took at least so long; its end was not seen.
    AtLeast(Nanoseconds),
    /// The hit that shows how the call ended may be lost.
    EndLost,
    /// The call ended without a return, and what ended it was not seen.
    EndUnseen,
    /// When another call ended is not known.
    EndOf {
        /// Its function.
        function: String,
        /// The goroutine that made it.
        goroutine: Goid,
        /// How it ended.
        outcome: Outcome,
    },
    /// A call of this function may have ended before: hits that show it were lost.
    EndOfLost(String),
    /// A time is so near to its bound that the uncertainty decides.
    NearBound(String, DurationBound),
    /// A gap of a sequence is as near to its bound.
    NearGap,
    /// Fewer calls than a percentile needs.
    Samples {
        /// How many there are.
        seen: usize,
        /// How many it needs.
        needed: usize,
        /// Which percentile.
        percent: f64,
    },
    /// At least so many calls were made.
    MoreCalls(i128),
    /// A count is not compared with an integer.
    NotAnInteger,
    /// A search over so many calls takes too long.
    TooManyCalls(usize),
    /// Hits were lost.
    Lost {
        /// How many.
        hits: u64,
        /// Of what.
        of: LostHits,
        /// Where: ` (2 of main.f entry)`; empty if that is not known.
        places: String,
    },
    /// No function was watched for this name.
    NotWatched(String),
    /// Copies of a function have no probes.
    Inlined {
        /// The name in the spec.
        label: String,
        /// The copies.
        copies: String,
    },
    /// So many times the request that owns handed-over work is not known.
    HandOffs(u64),
    /// Calls of this name were counted for all requests together, and some requests are not the test's.
    OtherRequests(String),
    /// The test sent no request.
    NoRequest,
    /// Only some requests were sent.
    Unsent {
        /// How many were sent.
        sent: usize,
        /// How many should have been.
        planned: usize,
    },
    /// A request of the test was not found in the program.
    Unmatched {
        /// Which: `request 1, GET /`.
        request: String,
        /// Why.
        why: String,
        /// Whether the program handled no request at all that is known.
        no_server: bool,
    },
    /// The creation of this goroutine was not seen.
    Creator(Goid),
    /// This goroutine was running before the test began.
    Older(Goid),
    /// The caller of a call was not seen.
    Caller,
    /// The race detector's reports were not read to their end.
    Races,
    /// A recording does not have the test.
    NotRecorded,
    /// A reason that more time may remove, and how the test ended.
    Cut(Box<(Self, Completion)>),
}

/// Of what hits were lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LostHits {
    /// Of anything.
    Any,
    /// Of the functions of this name.
    Label(String),
    /// Those that link a call to its goroutine and request.
    Causality,
    /// Those of watched functions that may have been called in between.
    Between,
}

impl Reason {
    /// Why a value of this status is not known.
    pub(super) fn of(what: impl fmt::Display, reason: Self) -> Self {
        Self::Of(what.to_string(), Box::new(reason))
    }

    /// Whether it might be gone had the test run longer.
    pub(super) fn is_of_running(&self) -> bool {
        match self {
            Self::Running | Self::AtLeast(_) => true,
            Self::EndOf { outcome, .. } => *outcome == Outcome::Running,
            Self::Of(_, reason) => reason.is_of_running(),
            _ => false,
        }
    }

    /// A stable word for it, for programs.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unread(Status::DepthLimit | Status::Cut | Status::LostChunk)
            | Self::Truncated { .. }
            | Self::Elements { .. } => "limit",
            Self::Unread(_) | Self::Partial => "unread",
            Self::Redacted => "redacted",
            Self::Channel
            | Self::NoFunction(_)
            | Self::NoText(_)
            | Self::Nil(_)
            | Self::Message(_)
            | Self::Wraps(_)
            | Self::Method { .. }
            | Self::MayBe { .. } => "opaque",
            Self::Source(_) => "source",
            Self::Pattern(_) | Self::TooManyErrors | Self::TooManyCalls(_) => "too_large",
            Self::Running | Self::AtLeast(_) => "running",
            Self::EndLost | Self::EndOfLost(_) | Self::Lost { .. } | Self::MoreCalls(_) => "lost",
            Self::EndUnseen | Self::EndOf { .. } => "unseen_end",
            Self::NearBound(..) | Self::NearGap => "uncertain",
            Self::Samples { .. } => "samples",
            Self::NotAnInteger => "not_an_integer",
            Self::NotWatched(_) | Self::Inlined { .. } => "not_watched",
            Self::HandOffs(_) => "hand_off",
            Self::OtherRequests(_) => "other_requests",
            Self::NoRequest | Self::Unsent { .. } => "unsent",
            Self::Unmatched { .. } => "unmatched",
            Self::Creator(_) | Self::Older(_) | Self::Caller => "caller",
            Self::Races => "output",
            Self::NotRecorded => "not_recorded",
            Self::Of(_, reason) => reason.kind(),
            Self::Cut(cut) => cut.0.kind(),
        }
    }

    /// What the user can do, if anything.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        const LOST: &str = "watch fewer functions, or give the ring more room with --ring";
        let advice = match self {
            Self::Unread(status) => return status_advice(*status).map(str::to_owned),
            Self::Truncated { limits, .. } => {
                return limits.map(|limits| format!("raise {limits}"));
            }
            Self::Elements { read, limit, .. } => {
                let depth = if *read == 0 { "limits.depth or " } else { "" };
                return Some(format!(
                    "raise {depth}{limit}, or ask for the part by its path"
                ));
            }
            Self::MayBe { variable, .. } => return Some(format!("ask for `{variable}`")),
            Self::Of(_, reason) => return reason.advice(),
            Self::Cut(cut) => {
                let more = more_time(&cut.1);
                return cut.0.advice().or_else(|| Some(more.to_owned()));
            }
            Self::Partial => "ask for a part of it by its path",
            Self::Redacted => "remove it from [redact], or from the expectation",
            Self::Message(_) => "ask for its type with `as`, or for a field by its path",
            Self::EndLost | Self::EndOfLost(_) | Self::Lost { .. } => LOST,
            Self::NearBound(..) => "watch fewer functions below it, or move the bound",
            Self::Samples { .. } => "repeat the request, or bound max instead",
            Self::TooManyCalls(_) => "name functions in the sequence that are called less often",
            Self::Inlined { .. } => {
                "build the program with //go:noinline on it, or with -gcflags=-l"
            }
            Self::HandOffs(_) => {
                "name a value that only one request has at a time, such as a pointer"
            }
            Self::OtherRequests(_) => {
                "keep other clients away, or look at all calls with from = \"anywhere\""
            }
            Self::Unmatched {
                no_server: true, ..
            } => {
                "if net/http does not handle it, name what does: [server] entry = \"…\", a name of [functions]"
            }
            Self::Races => "make the program write less",
            Self::NotRecorded => "record the session again",
            Self::Channel
            | Self::NoFunction(_)
            | Self::NoText(_)
            | Self::Pattern(_)
            | Self::Nil(_)
            | Self::Source(_)
            | Self::Wraps(_)
            | Self::Method { .. }
            | Self::TooManyErrors
            | Self::Running
            | Self::AtLeast(_)
            | Self::EndUnseen
            | Self::EndOf { .. }
            | Self::NearGap
            | Self::MoreCalls(_)
            | Self::NotAnInteger
            | Self::NotWatched(_)
            | Self::NoRequest
            | Self::Unsent { .. }
            | Self::Unmatched { .. }
            | Self::Creator(_)
            | Self::Older(_)
            | Self::Caller => return None,
        };
        Some(advice.to_owned())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unread(status) => unread(*status, f),
            Self::Partial => f.write_str("parts of the value were not read"),
            Self::Redacted => f.write_str("the value is redacted, so it is never read"),
            Self::Truncated { read, full, .. } => match full {
                Some(full) => write!(f, "only {read} of {full} bytes were read"),
                None => write!(f, "only the first {read} bytes are known"),
            },
            Self::Elements { read, full, .. } => {
                write!(f, "only {read} of {full} elements were read")
            }
            Self::Channel => f.write_str("channels can't be compared: only their sizes are read"),
            Self::NoFunction(address) => write!(f, "no known function starts at {address}"),
            Self::NoText(ty) => write!(f, "this {ty} has no text form"),
            Self::Pattern(error) => write!(f, "the pattern can't be used on bytes: {error}"),
            Self::Of(what, reason) => write!(f, "{what}: {reason}"),
            Self::Nil(part) => {
                write!(f, "{part} is nil, and a nil does not show where it came from")
            }
            Self::Source(part) => write!(
                f,
                "some values of {part} are unknown, and one of them may be the same"
            ),
            Self::Message(ty) => write!(f, "only the Error method of {ty} knows its message"),
            Self::Wraps(ty) => {
                write!(f, "{ty} may wrap another error: its Unwrap method is not known")
            }
            Self::Method {
                ty,
                method,
                is_certain,
            } => {
                let has = if *is_certain { "has" } else { "may have" };
                write!(f, "{ty} {has} an {method} method, and its answer is not known")
            }
            Self::MayBe { what, variable } => write!(f, "{what} may be {variable}"),
            Self::TooManyErrors => f.write_str("the error wraps too many errors"),
            Self::Running => f.write_str("the call was still running when the test ended"),
            Self::AtLeast(time) => write!(
                f,
                "the call took {} or more: its end was not seen",
                wording::time(*time)
            ),
            Self::EndLost => f.write_str("the hit that shows how the call ended may be lost"),
            Self::EndUnseen => {
                f.write_str("the call ended without a return, and what ended it was not seen")
            }
            Self::EndOf {
                function,
                goroutine,
                outcome,
            } => write!(
                f,
                "when {function} on {goroutine} ended is not known: {}",
                wording::ending(*outcome)
            ),
            Self::EndOfLost(function) => write!(
                f,
                "hits that show when {function} ended were lost, so it may have ended before"
            ),
            Self::NearBound(time, bound) => {
                write!(f, "{time} is too close to the bound {bound} to decide")
            }
            Self::NearGap => f.write_str(
                "a gap is too close to its bound to decide: goproctor's own cost lies within it",
            ),
            Self::Samples {
                seen,
                needed,
                percent,
            } => write!(f, "{}, p{percent} needs {needed}", plural(*seen, "sample")),
            Self::MoreCalls(least) => write!(f, "{least} calls were seen, and there may be more"),
            Self::NotAnInteger => f.write_str("a count is only compared with integers"),
            Self::TooManyCalls(calls) => {
                write!(f, "checking {} takes too long", plural(*calls, "call"))
            }
            Self::Lost { hits, of, places } => lost(*hits, of, places, f),
            Self::NotWatched(label) => write!(f, "no function was watched for {label}"),
            Self::Inlined { label, copies } => write!(
                f,
                "{label} was inlined in places, where its calls are not seen ({copies})"
            ),
            Self::HandOffs(times) => write!(
                f,
                "{} the request that owns the work of a hand-off or of the [server] is not known: a value could not be read, equal values of several requests waited at once, or a hit was lost",
                plural(*times, "time")
            ),
            Self::OtherRequests(label) => write!(
                f,
                "the program also handled requests that are not the test's, and calls of {label} were counted for all of them together"
            ),
            Self::NoRequest => f.write_str("the test sent no request"),
            Self::Unsent { sent, planned } => {
                write!(f, "only {sent} of {planned} requests were sent")
            }
            Self::Unmatched { request, why, .. } => write!(f, "{request}: {why}"),
            Self::Creator(goid) => {
                write!(f, "the creation of {goid} was not seen, so its caller is not known")
            }
            Self::Older(goid) => write!(
                f,
                "{goid} started before the test, so the calls that it was in are not known"
            ),
            Self::Caller => f.write_str("the caller was not seen"),
            Self::Races => f.write_str(
                "the program writes more than can be read in time, so reports of the race detector may be missing",
            ),
            Self::NotRecorded => f.write_str("the recording does not have this test"),
            Self::Cut(cut) => write!(f, "{}; the test {}", cut.0, cut.1),
        }
    }
}

/// How a test ended that was cut, and what to do about it.
pub(super) fn cut_note(completion: &Completion) -> String {
    format!("the test {completion}; {}", more_time(completion))
}

const fn more_time(completion: &Completion) -> &'static str {
    match completion.end {
        End::Deadline => "raise `within`",
        End::Settled | End::SettlePassed | End::ProcessEnded | End::Ready => "raise `settle`",
    }
}

fn lost(hits: u64, of: &LostHits, places: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (count, was) = (plural(hits, "hit"), wording::was(hits));
    match of {
        LostHits::Any => write!(f, "{count} {was} lost{places}"),
        LostHits::Label(label) => write!(f, "{count} of {label} {was} lost{places}"),
        LostHits::Causality => {
            let link = if hits == 1 { "links" } else { "link" };
            write!(
                f,
                "{count} that {link} calls to goroutines and requests {was} lost{places}"
            )
        }
        LostHits::Between => write!(
            f,
            "{count} of watched functions {was} lost, so another call may be in between"
        ),
    }
}

fn unread(status: Status, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(match status {
        Status::DepthLimit => "the value is deeper than limits.depth",
        Status::Cut => "the value is beyond limits.elements or limits.string",
        Status::Cycle => "the pointer leads back to a value that contains it",
        Status::BeingWritten => "the program was writing the map at that moment",
        Status::TypeUnknown => "the binary does not describe the type",
        Status::NotDescribed => "the binary does not say where the closure keeps what it captured",
        Status::NotRead => "the value was not read",
        Status::Absent => "there is no such element, key or dynamic type",
        Status::Unreadable { address, errno } => {
            return write!(
                f,
                "the memory at {address} could not be read (error {errno})"
            );
        }
        Status::InVectorRegister => "the value is in a vector register, which a probe can't read",
        Status::LostChunk => "the record had no room for the value",
        Status::Malformed => "the header that leads to the value is malformed",
        Status::NoLocation => "the value has no location at this moment",
    })
}

const fn status_advice(status: Status) -> Option<&'static str> {
    match status {
        Status::DepthLimit => Some("raise limits.depth, or ask for the part by its path"),
        Status::Cut => Some("raise the limit, or ask for the part by its path"),
        Status::InVectorRegister => Some("give the function `floats = true`"),
        Status::LostChunk => Some("lower the limits of this function, or watch fewer arguments"),
        Status::Cycle
        | Status::BeingWritten
        | Status::TypeUnknown
        | Status::NotDescribed
        | Status::NotRead
        | Status::Absent
        | Status::Unreadable { .. }
        | Status::Malformed
        | Status::NoLocation => None,
    }
}
