//! A spec as it is understood: everything resolved that can be resolved without a binary, and every part
//! with the place in the file that it came from.

use std::{ops::Range, path::PathBuf, sync::Arc, time::Duration};

use super::matcher::{Comparison, Matcher};
pub use crate::model::Limits;
use crate::model::Path;

/// A place in a spec file: a range of bytes.
pub type Span = Range<usize>;

/// Something with its place in the file.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The thing.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a thing and its place together.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another thing.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: change(self.value),
            span: self.span,
        }
    }
}

/// A spec file's name and text; what spans point into.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user gave it.
    pub path: PathBuf,
    /// The text.
    pub text: Arc<str>,
}

impl Source {
    /// Line and column of a place, both from 1; the column counts characters.
    #[must_use]
    pub fn position(&self, place: usize) -> (usize, usize) {
        let mut end = place.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

impl Source {
    /// The spec's name: its file without folder and `.proctor.toml`.
    #[must_use]
    pub fn stem(&self) -> String {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        file.strip_suffix(".proctor.toml")
            .unwrap_or(&file)
            .to_owned()
    }
}

/// A whole spec.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The file.
    pub source: Source,
    /// The program under test.
    pub program: Program,
    /// The services that the program calls.
    pub stubs: Vec<Stub>,
    /// The functions to watch.
    pub functions: Vec<FunctionSpec>,
    /// The limits for all functions that set none of their own.
    pub limits: Limits,
    /// What must not be seen.
    pub redactions: Redactions,
    /// How work is handed from one goroutine to another: `[hand-off]`.
    pub hand_offs: Vec<HandOff>,
    /// How a request is told in a program without `net/http`: `[server]`.
    pub server: Option<Server>,
    /// The tests, in the order of the file.
    pub tests: Vec<Test>,
}

impl Spec {
    /// The function entry of that name.
    #[must_use]
    pub fn function(&self, label: &str) -> Option<&FunctionSpec> {
        self.functions.iter().find(|f| f.label.value == label)
    }

    /// The folder that relative paths in the spec start from.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        match self.source.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }
}

/// A value that carries the link from a request to work that another goroutine does for it:
/// `[hand-off] job = { from = "submit.j", to = "process.j" }`.
#[derive(Clone, Debug)]
pub struct HandOff {
    /// Its name.
    pub name: Spanned<String>,
    /// The call that hands over belongs to a request.
    pub from: CallPart,
    /// A call that begins with the same value there (the same pointer, or an equal value) belongs to that request from then on,
    /// with all that it calls and all goroutines that it creates, until it ends.
    pub to: CallPart,
}

/// A part of a call: `submit.j`, `submit.j.ID`, `service.returns.0`.
#[derive(Clone, Debug)]
pub struct CallPart {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// An argument, a result, or what a path leads to from there.
    pub path: Path,
    /// Where all of it stands.
    pub span: Span,
}

/// How a request is told in a program without `net/http`.
#[derive(Clone, Debug)]
pub struct Server {
    /// The function, by its name in the spec, that handles one request from its entry to its return.
    pub entry: Spanned<String>,
    /// What of its arguments tells the client: a string `host:port`, or the port as a number. None: requests are told
    /// by their order, so one must end before the next is sent.
    pub key: Option<Spanned<Path>>,
}

/// What must not be seen: `[redact]`.
#[derive(Clone, Debug, Default)]
pub struct Redactions {
    /// Values by path, e.g. `*.Password` or `login.token`, that are never read.
    pub paths: Vec<Redaction>,
    /// Values by the name of their type, e.g. `main.Secret`, that are never read.
    pub types: Vec<Redaction>,
    /// Text that matches is overwritten wherever it was read.
    pub patterns: Vec<Spanned<regex::bytes::Regex>>,
}

impl Redactions {
    /// Whether nothing is redacted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.types.is_empty() && self.patterns.is_empty()
    }
}

/// Values that are never read.
#[derive(Clone, Debug)]
pub struct Redaction {
    /// Which: names joined by `.`, `*` for any characters. A path begins with a parameter or a result, or with `*.` for
    /// any of these and any field; a type has its package.
    pub pattern: Spanned<String>,
    /// What stands in their place.
    pub label: String,
}

/// The program under test.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it comes from.
    pub origin: Origin,
    /// Its arguments.
    pub args: Vec<Spanned<Template>>,
    /// Environment variables that it gets besides the default ones, by name.
    pub env: Vec<(String, Spanned<Template>)>,
    /// When it counts as ready.
    pub ready: Ready,
    /// The Go toolchain to build with, e.g. `go1.26.8`; none: the go command's own choice.
    pub toolchain: Option<Spanned<String>>,
    /// How to build it.
    pub build: Build,
    /// Whether each test gets a fresh process. Default true.
    pub restart: bool,
    /// Whether its port speaks TLS: `tls = true`, `tls = { ca = "ca.pem" }`.
    pub tls: Option<Spanned<Tls>>,
}

/// How a program that speaks TLS is talked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// Whatever its certificate is: it was started by us, on loopback.
    Unverified,
    /// Its certificate must be issued by one in this PEM file, relative to the spec, for the name `localhost` or
    /// `127.0.0.1`.
    Trusting(PathBuf),
}

/// The version of HTTP that a request is sent with: `http = 2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// HTTP/1.1, one request at a time on a connection.
    #[default]
    One,
    /// HTTP/2, all `concurrency` requests at a time on one connection: after ALPN where the program speaks TLS, else with prior
    /// knowledge.
    Two,
}

/// Where the program comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A package for `go build`: an import path, or a path relative to the spec.
    Package(Spanned<String>),
    /// A binary that exists already, relative to the spec.
    Binary(Spanned<PathBuf>),
}

impl Origin {
    /// Where it stands in the file.
    #[must_use]
    pub const fn span(&self) -> &Span {
        match self {
            Self::Package(package) => &package.span,
            Self::Binary(binary) => &binary.span,
        }
    }
}

/// Options for `go build`.
#[derive(Clone, Debug, Default)]
pub struct Build {
    /// Build tags.
    pub tags: Vec<String>,
    /// Further flags, as given.
    pub flags: Vec<Spanned<String>>,
    /// Whether to build with the race detector.
    pub race: bool,
}

/// When the program counts as ready.
#[derive(Clone, Debug)]
pub struct Ready {
    /// What to try.
    pub probe: ReadyProbe,
    /// How long to try. Default 10 s.
    pub within: Duration,
    /// Where it stands; none for the default.
    pub span: Option<Span>,
}

/// How readiness is tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadyProbe {
    /// The port `${port}` accepts a connection.
    Accepts,
    /// A GET of that path on `${port}` is answered with a status below 400.
    Get(String),
}

/// Text with placeholders: `${port}`, `${port.NAME}`, `${stub.NAME}`, `${n}`, `${dir}`; `$${` is a literal `${`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its parts in order.
    pub parts: Vec<TemplatePart>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// As it stands.
    Literal(String),
    /// A free loopback port, by name; the empty name is `${port}`.
    Port(String),
    /// The URL of a stub, e.g. `http://127.0.0.1:40001`.
    Stub(String),
    /// The number of a repetition, from 0.
    Number,
    /// The target's temporary folder.
    Folder,
}

/// A service that the program calls, served on loopback.
#[derive(Clone, Debug)]
pub struct Stub {
    /// Its name.
    pub name: Spanned<String>,
    /// The answers to requests that no route takes: one after the other, the last repeats.
    pub answers: Vec<Answer>,
    /// Answers by method and path.
    pub routes: Vec<Route>,
}

/// Answers for one method and path.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method, upper case.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The answers: one after the other, the last repeats.
    pub answers: Vec<Answer>,
}

/// One answer of a stub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What to do.
    pub action: AnswerAction,
    /// How long to wait first.
    pub delay: Duration,
}

/// What a stub does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerAction {
    /// Respond.
    Respond {
        /// The status code.
        status: u16,
        /// The body.
        body: String,
        /// Headers.
        headers: Vec<(String, String)>,
    },
    /// Close the connection without a response.
    Drop,
}

/// An entry of `[functions]`.
#[derive(Clone, Debug)]
pub struct FunctionSpec {
    /// The name that the rest of the file uses.
    pub label: Spanned<String>,
    /// The Go function's name, or a glob over names.
    pub pattern: Spanned<String>,
    /// Only calls with these arguments count; empty for all.
    pub filter: Vec<ArgumentExpectation>,
    /// Limits of its own.
    pub limits: Option<Limits>,
    /// Whether its package is built so that floats in vector registers can be read.
    pub floats: bool,
}

impl FunctionSpec {
    /// Whether the pattern is a glob (contains `*` other than in a receiver, `?` or `[`).
    #[must_use]
    pub fn is_glob(&self) -> bool {
        super::glob::is_glob(&self.pattern.value)
    }
}

/// A test.
#[derive(Clone, Debug)]
pub struct Test {
    /// Its name.
    pub name: Spanned<String>,
    /// Its requests, in order; none means that the time from start to ready is judged.
    pub requests: Vec<RequestSpec>,
    /// Stubs that answer otherwise in this test.
    pub stubs: Vec<Stub>,
    /// Which calls its expectations look at, where they don't say otherwise: `from`. None: those of its requests.
    pub from: Option<Spanned<Scope>>,
    /// The order of calls.
    pub sequence: Option<Sequence>,
    /// How often functions are called.
    pub counts: Vec<CountExpectation>,
    /// How often functions are called by each request: `count-per-request`.
    pub counts_per_request: Vec<CountExpectation>,
    /// Values that travel from call to call: `flow`.
    pub flows: Vec<Flow>,
    /// Functions that must not be called, anywhere in the program.
    pub never: Vec<Spanned<String>>,
    /// What must hold for every call of a function.
    pub calls: Vec<CallExpectation>,
    /// Latency bounds over all calls of a function.
    pub latency: Vec<LatencyExpectation>,
    /// Whether the test is held by a snapshot, and where that stands.
    pub snapshot: Option<Spanned<bool>>,
    /// How long to wait for the requests' goroutines to end. Default 1 s.
    pub settle: Duration,
    /// How long the whole test may take. Default 60 s.
    pub within: Duration,
    /// Where the test begins.
    pub span: Span,
}

impl Test {
    /// Whether a snapshot holds it.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.value)
    }

    /// Whether it judges anything: a request's status at least.
    #[must_use]
    pub fn can_fail(&self) -> bool {
        !self.requests.is_empty()
            || self.sequence.is_some()
            || !self.counts.is_empty()
            || !self.counts_per_request.is_empty()
            || !self.flows.is_empty()
            || !self.never.is_empty()
            || !self.calls.is_empty()
            || !self.latency.is_empty()
            || self.is_held()
    }
}

/// A request, or several alike.
#[derive(Clone, Debug)]
pub struct RequestSpec {
    /// The method, upper case.
    pub method: String,
    /// Path and query.
    pub target: Spanned<Template>,
    /// Headers, sent as given; none is added but Host and, with a body, Content-Length.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Option<RequestBody>,
    /// How often. Default 1.
    pub repeat: u32,
    /// How many at a time (visitors, each with a connection that is kept alive). Default 1.
    pub concurrency: u32,
    /// How long one may take. Default 10 s.
    pub timeout: Duration,
    /// The version of HTTP.
    pub http: HttpVersion,
    /// What the status must be; none: below 400.
    pub status: Option<Spanned<Matcher>>,
    /// What the body must be.
    pub expected_body: Option<Spanned<Matcher>>,
    /// What response headers must be, by name.
    pub expected_headers: Vec<(String, Spanned<Matcher>)>,
    /// Where it stands.
    pub span: Span,
}

/// A request's body.
#[derive(Clone, Debug)]
pub enum RequestBody {
    /// Text, with no Content-Type of its own.
    Text(Template),
    /// JSON, with Content-Type application/json.
    Json(String),
    /// A form, with Content-Type application/x-www-form-urlencoded.
    Form(Vec<(String, Template)>),
}

/// Which calls an expectation looks at: `from`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// `"requests"`: those that the test's requests own; in a test without one, all.
    #[default]
    Requests,
    /// `"anywhere"`: all that the program made during the test, background too.
    Anywhere,
}

impl Scope {
    /// All there are.
    pub const ALL: [Self; 2] = [Self::Requests, Self::Anywhere];
}

/// A value that travels: `flow = [["service.returns.0", "publish.o"]]`.
///
/// Each call of a later part's function must have there a value that a call of the part before had: the same
/// pointer, or an equal value. That call had it before: it was entered (arguments) or had returned (results) when the later one
/// was entered; where the later part is a result, when that one returned.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Two parts or more, in the order of the way.
    pub parts: Vec<CallPart>,
    /// Where it stands.
    pub span: Span,
}

/// Where a call must stand among goroutines and other calls.
#[derive(Clone, Debug, Default)]
pub struct Standpoint {
    /// A call of this name is open somewhere above it: around it on its goroutine, or around the `go` statement that its
    /// goroutine, or one further up, came from. `under`
    pub under: Option<Spanned<String>>,
    /// The nearest watched call above it, likewise, is one of this name. `child-of`
    pub child_of: Option<Spanned<String>>,
    /// Which goroutine makes it. `goroutine`
    pub goroutine: Option<Spanned<GoroutineRelation>>,
}

/// Which goroutine makes a call, seen from the one that handles its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GoroutineRelation {
    /// `"same"`: that one itself.
    Same,
    /// `"child"`: one that it created.
    Child,
    /// `"distinct"`: any other.
    Distinct,
    /// `"any"`
    Any,
}

impl GoroutineRelation {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Same, Self::Child, Self::Distinct, Self::Any];
}

/// An order of calls.
#[derive(Clone, Debug)]
pub struct Sequence {
    /// How strictly it is meant.
    pub mode: SequenceMode,
    /// All of its calls are made by one goroutine, whose calls alone it looks at: `{ gaps = [...], goroutine = "same" }`. Where
    /// that stands.
    pub one_goroutine: Option<Span>,
    /// Its elements in order.
    pub elements: Vec<SequenceElement>,
    /// Where it stands.
    pub span: Span,
}

/// How strictly a sequence is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceMode {
    /// Other calls may come before, between and after: `sequence = [...]`.
    Gaps,
    /// The calls of the names that the sequence mentions are these and no others: `sequence = { exact = [...] }`.
    Exact,
    /// Somewhere among the calls of the names that it mentions, these stand next to one another: `{ contiguous = [...] }`.
    Contiguous,
}

/// An element of a sequence.
#[derive(Clone, Debug)]
pub enum SequenceElement {
    /// A call.
    Step(Step),
    /// No call of this name between the step before and the step after: `"!x"`.
    Forbidden(Spanned<String>),
    /// These steps in any order: an inner list.
    AnyOrder(Vec<Step>, Span),
}

/// A call in a sequence.
#[derive(Clone, Debug)]
pub struct Step {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// Only a call with these arguments matches, and with these parts of results (paths from
    /// [`Root::Result`](crate::model::Root::Result)).
    pub args: Vec<ArgumentExpectation>,
    /// Only a call with these results matches, by position; empty for any. [`Matcher::Any`] where parts alone are
    /// asked for.
    pub returns: Vec<Spanned<Matcher>>,
    /// Only a call whose last result is such an error matches.
    pub error: Option<Box<Spanned<ErrorExpectation>>>,
    /// Only a call that took so long matches.
    pub took: Option<Spanned<DurationBound>>,
    /// Only a call that was entered so long after the step before was entered matches.
    pub gap: Option<Spanned<DurationBound>>,
    /// Only a call that ended so matches.
    pub outcome: Option<Spanned<ExpectedOutcome>>,
    /// Only a call that stands so matches.
    pub standpoint: Box<Standpoint>,
    /// Where it stands.
    pub span: Span,
}

/// What a value, or a part of it, must be.
#[derive(Clone, Debug)]
pub struct ArgumentExpectation {
    /// Where it begins and what leads on. It stands where the last key does; for a whole result, where the matcher does.
    pub path: Spanned<Path>,
    /// What it must be.
    pub matcher: Spanned<Matcher>,
}

/// What must hold for every call of a function: `[test.calls.NAME]`.
#[derive(Clone, Debug)]
pub struct CallExpectation {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// What its arguments must be, and parts of its results (paths from
    /// [`Root::Result`](crate::model::Root::Result)).
    pub args: Vec<ArgumentExpectation>,
    /// What its results must be, by position; [`Matcher::Any`] where parts alone are asked for.
    pub returns: Vec<Spanned<Matcher>>,
    /// What its pointer arguments must point to when it returns, by path.
    pub out: Vec<ArgumentExpectation>,
    /// What its last result must be, which is an error.
    pub error: Option<Box<Spanned<ErrorExpectation>>>,
    /// How long it may take.
    pub took: Option<Spanned<DurationBound>>,
    /// How it must end.
    pub outcome: Option<Spanned<ExpectedOutcome>>,
    /// Which calls are meant, if not those that the test's `from` says.
    pub from: Option<Spanned<Scope>>,
    /// Where it must stand.
    pub standpoint: Standpoint,
    /// It ends before any call of these names in the same request begins. `before`
    pub before: Vec<Spanned<String>>,
    /// It begins after all calls of these names in the same request have ended. `after`
    pub after: Vec<Spanned<String>>,
    /// For each of these names there is a call on another goroutine whose time overlaps with its own. `concurrent-with`
    pub concurrent_with: Vec<Spanned<String>>,
}

/// What a call's last result must be, which is an `error`.
#[derive(Clone, Debug)]
pub struct ErrorExpectation {
    /// `error = false`: it is nil. Else it is an error, of which the other fields say more.
    pub nil: bool,
    /// `is`: the error or one that it wraps is this package variable, e.g. `database/sql.ErrNoRows`.
    pub is: Option<Spanned<String>>,
    /// `as`: the error or one that it wraps has this type, e.g. `*net.OpError`.
    pub as_type: Option<Spanned<String>>,
    /// `contains`, `matches`, `equal`: what its message must be.
    pub message: Option<Spanned<Matcher>>,
}

/// How a call must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// `"returned"`
    Returned,
    /// `"panicked"`: left by a panic
    Panicked,
    /// `"recovered"`: returned after a function that it deferred recovered a panic
    Recovered,
    /// `"goexit"`: left by `runtime.Goexit`
    Goexit,
    /// `"running"`: not ended when the test was
    Running,
    /// `"process-ended"`: its process ended first
    ProcessEnded,
}

impl ExpectedOutcome {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Returned,
        Self::Panicked,
        Self::Recovered,
        Self::Goexit,
        Self::Running,
        Self::ProcessEnded,
    ];

    /// Whether a call that ended so has results.
    #[must_use]
    pub const fn has_results(self) -> bool {
        matches!(self, Self::Returned | Self::Recovered)
    }
}

/// How often a function must be called: `count = { NAME = 1 }` or `{ NAME = { ge = 1 } }`.
#[derive(Clone, Debug)]
pub struct CountExpectation {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// The number of calls.
    pub matcher: Spanned<Matcher>,
}

/// Latency bounds of a function: `latency = { NAME = ["p50 < 50ms"] }`.
#[derive(Clone, Debug)]
pub struct LatencyExpectation {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// The bounds.
    pub bounds: Vec<Spanned<LatencyBound>>,
}

/// A bound on a statistic: `p99 < 500ms`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyBound {
    /// Of what.
    pub statistic: Statistic,
    /// The bound.
    pub bound: DurationBound,
}

/// A statistic over durations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// `min`
    Min,
    /// `mean`
    Mean,
    /// `max`
    Max,
    /// `pXX`, in percent, e.g. 99.9
    Percentile(f64),
}

/// A bound on a duration: `< 50ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurationBound {
    /// `<`, `<=`, `>` or `>=`.
    pub comparison: Comparison,
    /// The duration.
    pub duration: Duration,
}
