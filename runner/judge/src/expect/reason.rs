//! Why an expectation can't be decided: every reason, its words, and what the user can do.

use std::{borrow::Cow, fmt};

use model::{
    Address, Completion, Content, Countable, End, Goid, Nanoseconds, NotKept, Outcome, Status,
};
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
    /// The process ended before the goroutines of a Go test had time to end.
    EndedBefore {
        /// How long after the test.
        after: String,
        /// Which ran then.
        left: String,
    },
    /// The test sent no request.
    NoRequest,
    /// Only some requests were sent.
    Unsent {
        /// How many were sent.
        sent: usize,
        /// How many should have been.
        planned: usize,
    },
    /// The answer to an earlier request did not have the value of this name.
    Unsaved(String),
    /// A stub received more than there was room for, or the recording does not have it.
    StubRoom,
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
    /// Calls or goroutines of a Go test found no room.
    NotKept(NotKept),
    /// What the program wrote, or how it ended, was not seen.
    NotSeen(&'static str),
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
    /// Why one of several values is not known.
    pub(super) fn of(what: impl fmt::Display, reason: Self) -> Self {
        Self::Of(what.to_string(), Box::new(reason))
    }

    /// Why a value is not known, if it is not.
    pub(super) const fn unread(content: &Content) -> Option<Self> {
        match content {
            Content::Unread(status) => Some(Self::Unread(*status)),
            Content::Redacted(_) => Some(Self::Redacted),
            _ => None,
        }
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
        self.words().kind
    }

    /// What the user can do, if anything.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        self.words().advice.map(Cow::into_owned)
    }

    fn words(&self) -> Words {
        match self {
            Self::Unread(status) => unread(*status),
            Self::Partial => words(UNREAD, "parts of the value were not read")
                .advise("ask for a part of it by its path"),
            Self::Redacted => words("redacted", "the value is redacted, so it is never read")
                .advise("remove it from [redact], or from the expectation"),
            Self::Truncated { read, full, limits } => Words {
                kind: "limit",
                text: match full {
                    Some(full) => format!("only {read} of {full} bytes were read").into(),
                    None => format!("only the first {read} bytes are known").into(),
                },
                advice: limits.map(|limits| format!("raise {limits}").into()),
            },
            Self::Elements { read, full, limit } => {
                let depth = if *read == 0 { "limits.depth or " } else { "" };
                words("limit", format!("only {read} of {full} elements were read"))
                    .advise(format!("raise {depth}{limit}, or ask for the part by its path"))
            }
            Self::Channel => words(OPAQUE, "channels can't be compared: only their sizes are read"),
            Self::NoFunction(address) => {
                words(OPAQUE, format!("no known function starts at {address}"))
            }
            Self::NoText(ty) => words(OPAQUE, format!("this {ty} has no text form")),
            Self::Nil(part) => {
                let text = format!("{part} is nil, and a nil does not show where it came from");
                words(OPAQUE, text)
            }
            Self::Message(ty) => {
                words(OPAQUE, format!("only the Error method of {ty} knows its message"))
                    .advise("ask for its type with `as`, or for a field by its path")
            }
            Self::Wraps(ty) => {
                let text = format!("{ty} may wrap another error: its Unwrap method is not known");
                words(OPAQUE, text)
            }
            Self::Method { ty, method, is_certain } => {
                let has = if *is_certain { "has" } else { "may have" };
                words(OPAQUE, format!("{ty} {has} an {method} method, and its answer is not known"))
            }
            Self::MayBe { what, variable } => words(OPAQUE, format!("{what} may be {variable}"))
                .advise(format!("ask for `{variable}`")),
            Self::Source(part) => {
                let text = "are unknown, and one of them may be the same";
                words("source", format!("some values of {part} {text}"))
            }
            Self::Pattern(error) => {
                words("too_large", format!("the pattern can't be used on bytes: {error}"))
            }
            Self::TooManyErrors => words("too_large", "the error wraps too many errors"),
            Self::TooManyCalls(calls) => {
                let calls = plural(calls, "call");
                words("too_large", format!("checking {calls} takes too long"))
                    .advise("name functions in the sequence that are called less often")
            }
            Self::Of(what, reason) => {
                let words = reason.words();
                let text = format!("{what}: {}", words.text).into();
                Words { text, ..words }
            }
            Self::Running => words("running", "the call was still running when the test ended"),
            Self::AtLeast(time) => {
                let time = time.precise();
                words("running", format!("the call took {time} or more: its end was not seen"))
            }
            Self::EndUnseen => {
                let text = "the call ended without a return, and what ended it was not seen";
                words("unseen_end", text)
            }
            Self::EndOf { function, goroutine, outcome } => {
                let ending = wording::ending(*outcome);
                let text = format!("when {function} on {goroutine} ended is not known: {ending}");
                words("unseen_end", text)
            }
            Self::EndLost => {
                words("lost", "the hit that shows how the call ended may be lost").advise(LOST)
            }
            Self::EndOfLost(function) => {
                let text = format!("hits that show when {function} ended were lost");
                words("lost", format!("{text}, so it may have ended before")).advise(LOST)
            }
            Self::Lost { hits, of, places } => lost(*hits, of, places),
            Self::MoreCalls(least) => {
                words("lost", format!("{least} calls were seen, and there may be more"))
            }
            Self::NearBound(time, bound) => {
                words("uncertain", format!("{time} is too close to the bound {bound} to decide"))
                    .advise("watch fewer functions below it, or move the bound")
            }
            Self::NearGap => {
                let text = "a gap is too close to its bound to decide";
                words("uncertain", format!("{text}: goproctor's own cost lies within it"))
            }
            Self::Samples { seen, needed, percent } => {
                let seen = plural(seen, "sample");
                words("samples", format!("{seen}, p{percent} needs {needed}"))
                    .advise("repeat the request, or bound max instead")
            }
            Self::NotAnInteger => words("not_an_integer", "a count is only compared with integers"),
            Self::NotWatched(label) => {
                words("not_watched", format!("no function was watched for {label}"))
            }
            Self::Inlined { label, copies } => {
                let text = format!("{label} was inlined in places, where its calls are not seen");
                words("not_watched", format!("{text} ({copies})"))
                    .advise("build the program with //go:noinline on it, or with -gcflags=-l")
            }
            Self::HandOffs(times) => {
                let times = plural(times, "time");
                let text = "the request that owns the work of a hand-off or of the [server] is not known: \
                            a value could not be read, equal values of several requests waited at once, or a hit was lost";
                words("hand_off", format!("{times} {text}"))
                    .advise("name a value that only one request has at a time, such as a pointer")
            }
            Self::OtherRequests(label) => {
                let text = "the program also handled requests that are not the test's";
                let all = "were counted for all of them together";
                words("other_requests", format!("{text}, and calls of {label} {all}"))
                    .advise("keep other clients away, or look at all calls with from = \"anywhere\"")
            }
            Self::EndedBefore { after, left } => {
                let text = format!("the process ended {after} after the test, while these goroutines still ran: {left}");
                words("process_ended", text).advise("have the test wait for its goroutines")
            }
            Self::NoRequest => words("unsent", "the test sent no request"),
            Self::Unsent { sent, planned } => {
                words("unsent", format!("only {sent} of {planned} requests were sent"))
            }
            Self::Unsaved(name) => {
                let text = format!("`${{{name}}}` was not saved, so not all requests were sent");
                words("unsent", text)
            }
            Self::StubRoom => words("limit", "what came with this request was not kept: a stub keeps the first 1,000 requests of a test, and 4 MiB of them"),
            Self::Unmatched { request, why, no_server } => {
                let words = words("unmatched", format!("{request}: {why}"));
                match no_server {
                    true => words.advise("if net/http does not handle it, name what does: [server] entry = \"…\", a name of [functions]"),
                    false => words,
                }
            }
            Self::Creator(goid) => {
                let text = format!("the creation of {goid} was not seen, so its caller is not known");
                words("caller", text)
            }
            Self::Older(goid) => {
                let text = "started before the test, so the calls that it was in are not known";
                words("caller", format!("{goid} {text}"))
            }
            Self::Caller => words("caller", "the caller was not seen"),
            Self::Races => words("output", "the program writes more than can be read in time, so reports of the race detector may be missing")
                .advise("make the program write less"),
            Self::NotKept(not_kept) => words("room", not_kept_words(not_kept)).advise(
                "assert `count`, `never` and `latency` alone, watch fewer functions, or name a smaller subtest in `go-test`",
            ),
            Self::NotSeen(what) => words("not_seen", format!("{what} was not seen")),
            Self::NotRecorded => words("not_recorded", "the recording does not have this test")
                .advise("record the session again"),
            Self::Cut(cut) => {
                let (reason, completion) = &**cut;
                let words = reason.words();
                Words {
                    text: format!("{}; the test {completion}", words.text).into(),
                    advice: words.advice.or(Some(more_time(completion).into())),
                    ..words
                }
            }
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().text)
    }
}

/// What is said of a reason.
struct Words {
    /// A stable word for it.
    kind: &'static str,
    /// The reason in one sentence.
    text: Cow<'static, str>,
    /// What the user can do.
    advice: Option<Cow<'static, str>>,
}

fn words(kind: &'static str, text: impl Into<Cow<'static, str>>) -> Words {
    Words {
        kind,
        text: text.into(),
        advice: None,
    }
}

impl Words {
    fn advise(self, advice: impl Into<Cow<'static, str>>) -> Self {
        let advice = Some(advice.into());
        Self { advice, ..self }
    }
}

/// What only the program's own code knows.
const OPAQUE: &str = "opaque";

/// What can be done about lost hits.
const LOST: &str = "watch fewer functions, or give the ring more room with --ring";

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

fn lost(hits: u64, of: &LostHits, places: &str) -> Words {
    let (count, was) = (plural(hits, "hit"), wording::was(hits));
    let (of, then) = match of {
        LostHits::Any => (String::new(), ""),
        LostHits::Label(label) => (format!(" of {label}"), ""),
        LostHits::Causality => {
            let link = if hits == 1 { "links" } else { "link" };
            (format!(" that {link} calls to goroutines and requests"), "")
        }
        LostHits::Between => {
            let then = ", so another call may be in between";
            (" of watched functions".to_owned(), then)
        }
    };
    words("lost", format!("{count}{of} {was} lost{places}{then}")).advise(LOST)
}

fn unread(status: Status) -> Words {
    match status {
        Status::DepthLimit => words("limit", "the value is deeper than limits.depth")
            .advise("raise limits.depth, or ask for the part by its path"),
        Status::Cut => words(
            "limit",
            "the value is beyond limits.elements or limits.string",
        )
        .advise("raise the limit, or ask for the part by its path"),
        Status::LostChunk => words("limit", "the record had no room for the value")
            .advise("lower the limits of this function, or watch fewer arguments"),
        Status::InVectorRegister => words(
            UNREAD,
            "the value is in a vector register, which a probe can't read",
        )
        .advise("give the function `floats = true`"),
        Status::Cycle => words(UNREAD, "the pointer leads back to a value that contains it"),
        Status::BeingWritten => words(UNREAD, "the program was writing the map at that moment"),
        Status::TypeUnknown => words(UNREAD, "the binary does not describe the type"),
        Status::NotDescribed => words(
            UNREAD,
            "the binary does not say where the closure keeps what it captured",
        ),
        Status::NotRead => words(UNREAD, "the value was not read"),
        Status::Absent => words(UNREAD, "there is no such element, key or dynamic type"),
        Status::Unreadable { address, errno } => words(
            UNREAD,
            format!("the memory at {address} could not be read (error {errno})"),
        ),
        Status::Malformed => words(UNREAD, "the header that leads to the value is malformed"),
        Status::NoLocation => words(UNREAD, "the value has no location at this moment"),
    }
}

/// `2868928 calls of this test were counted but not kept: there is no room for so many`
fn not_kept_words(not_kept: &NotKept) -> String {
    let calls = (not_kept.calls > 0).then(|| plural(not_kept.calls, "call"));
    let goroutines = not_kept.goroutines;
    let ended = (goroutines > 0).then(|| plural(goroutines, "goroutine"));
    let what: Vec<String> = calls.into_iter().chain(ended).collect();
    let was = wording::was(not_kept.calls + goroutines);
    let counted = match not_kept.countable {
        Countable::Nothing => "seen",
        Countable::AllCalls | Countable::OwnCalls => "counted",
    };
    let what = what.join(" and ");
    format!("{what} of this test {was} {counted} but not kept: there is no room for so many")
}

/// What could not be read.
const UNREAD: &str = "unread";
