//! What a plan is asked for, and why there may be none.

use std::collections::BTreeSet;

use golang::{BinaryError, UnknownResults, code::CodeError};
use model::{Address, Limits, Path};

use super::{Declared, FastReturns, InlinedInto, SelectError};

/// Functions to watch, under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedLabel {
    /// The name that the rest of the spec uses.
    pub label: String,
    /// A function's name, or a glob over names.
    pub pattern: String,
    /// How much is read from memory.
    pub limits: Limits,
    /// Whether arguments are read at entry.
    pub arguments: bool,
    /// Whether results are read at return.
    pub results: bool,
    /// The parts of its values that expectations ask for. One that the types do not have is passed over: the
    /// expectations are validated against the same types.
    pub paths: Vec<Path>,
    /// Those among them that identify requests: they are picked, and text read whole, also where a path is an argument or
    /// a result as it is.
    pub keys: Vec<Path>,
    /// Whether a function may be inlined in places, where calls of it are not seen. Matches of a glob always may.
    pub accepts_inlined: bool,
}

/// A value that carries the link from a request to what another goroutine does for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOffRequest {
    /// Its name.
    pub name: String,
    /// The label of the functions that hand over, and the path to the value in their arguments or results.
    pub from: (String, Path),
    /// The label of the functions that take over, and the path to the value in their arguments.
    pub to: (String, Path),
}

/// How a request is identified in a program without `net/http`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerRequest {
    /// The label of the functions that handle one request from entry to return.
    pub label: String,
    /// The path to what identifies the client in their arguments.
    pub key: Option<Path>,
}

impl WatchedLabel {
    /// Watches a pattern under a name, with all that there is to read and the default limits.
    #[must_use]
    pub fn new(label: impl Into<String>, pattern: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            pattern: pattern.into(),
            limits: Limits::default(),
            arguments: true,
            results: true,
            paths: Vec::new(),
            keys: Vec::new(),
            accepts_inlined: false,
        }
    }
}

/// Which probes of goproctor's own a plan has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImplicitProbes {
    /// Goroutines: who created them, and when they end.
    pub goroutines: bool,
    /// The ends of all goroutines. Without it, only of those that `runtime.Goexit` ends, which leaves calls open.
    pub goroutine_ends: bool,
    /// Requests that the program's `net/http` server handles, if it has one.
    pub requests: bool,
    /// The main goroutine's entry, the self-check's known fact.
    pub main: bool,
    /// Go tests, and the requests that the program's own `net/http` clients send.
    pub tests: bool,
}

impl ImplicitProbes {
    /// Those of a program that is no test binary.
    pub const PROGRAM: Self = Self {
        goroutines: true,
        goroutine_ends: true,
        requests: true,
        main: true,
        tests: false,
    };
    /// Those of a test binary.
    pub const TESTS: Self = Self {
        tests: true,
        ..Self::PROGRAM
    };
    /// None of them.
    pub const NONE: Self = Self {
        goroutines: false,
        goroutine_ends: false,
        requests: false,
        main: false,
        tests: false,
    };
}

/// What a plan is asked for.
#[derive(Clone, Debug)]
pub struct PlanRequest<'a> {
    /// The functions to watch.
    pub labels: Vec<WatchedLabel>,
    /// The probes of goproctor's own.
    pub implicit: ImplicitProbes,
    /// What the program's source declares, where that is known. It distinguishes an unreachable function from one that
    /// does not exist, and for binaries that [need it](golang::Binary::needs_source) the parameters and results
    /// that they leave out.
    pub declared: Option<&'a Declared>,
    /// Whether the functions are probed at their entries alone: then it is not seen when and how their calls end.
    pub entries_only: bool,
    /// How many functions a glob may match.
    pub glob_limit: usize,
    /// What must not be seen of the values.
    pub redact: Vec<Redact>,
    /// Whether each entry reads where its goroutine came from, for goroutines that are older than the probes.
    pub ancestry: bool,
    /// Whether text is redacted by patterns, too. Then, as with [`redact`](Self::redact), no register is recorded but
    /// those of values that may be seen: the others may hold what is left of a secret.
    pub patterns: bool,
    /// How work is handed from one goroutine to another. The paths must be among the [keys](WatchedLabel::keys) of their labels;
    /// a function whose types do not have them is passed over.
    pub hand_offs: Vec<HandOffRequest>,
    /// How a request is identified in a program without `net/http`, likewise.
    pub server: Option<ServerRequest>,
    /// Whether functions may leave through the ends of others.
    pub fast_returns: FastReturns,
    /// The functions of the Go tests of which hits are recorded; without it, all hits are. It is passed over in a program of
    /// which it can't be told whose hits are whose: one that hands work over, or that has no `testing.tRunner` as it is known.
    pub looked_at: Option<BTreeSet<Address>>,
}

/// Values that must not be seen, and what is shown in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redact {
    /// Those that a path of names leads to. `login.token` is the field `token` of the parameter or result `login`, and
    /// `login` all of it; what begins with `*.`, as `*.Password`, means any parameter, result or field from there on. What begins with
    /// the label of a function and has more names, as `insert.order.At` or `insert.returns.0`, means values of that function.
    /// The names lead through pointers, slices, arrays, the values of maps and embedded structs; `*` in a name
    /// matches any characters.
    Path {
        /// The names.
        pattern: String,
        /// What is shown in its place.
        label: String,
    },
    /// Those of the types of a name, with the full or the short package path; `*` matches any characters.
    Type {
        /// The name.
        pattern: String,
        /// What is shown in its place.
        label: String,
    },
}

/// A redaction that redacts nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pattern} redacts nothing: neither the watched functions nor their types have it")]
pub struct RedactionError {
    /// Its index in the request.
    pub index: usize,
    /// The pattern.
    pub pattern: String,
}

impl PlanRequest<'_> {
    /// Watches these labels and has all probes of goproctor's own.
    #[must_use]
    pub fn new(labels: Vec<WatchedLabel>) -> Self {
        Self {
            labels,
            implicit: ImplicitProbes::PROGRAM,
            declared: None,
            entries_only: false,
            glob_limit: super::SelectOptions::default().limit,
            redact: Vec::new(),
            ancestry: false,
            patterns: false,
            hand_offs: Vec::new(),
            server: None,
            fast_returns: FastReturns::Off,
            looked_at: None,
        }
    }
}

/// What a person should know about a plan that can be carried out all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanWarning {
    /// A function that a glob matched, or that may be, was inlined in places, where calls of it are not seen.
    #[error("{label}: {function} was inlined in places ({into}); calls there are not seen")]
    PartlyInlined {
        /// The label.
        label: String,
        /// The function; for a literal, the function that it is written in.
        function: String,
        /// Where to.
        into: InlinedInto,
    },
    /// Functions that a glob matches have no body of their own, since all calls of them were inlined.
    #[error(
        "{label}: calls of {} are not seen: the compiler inlined them everywhere",
        some_of(functions)
    )]
    InlinedAway {
        /// The label.
        label: String,
        /// The functions.
        functions: Vec<String>,
    },
    /// Literals that a glob matches came with inlined functions, and have names of the functions that hold them.
    #[error(
        "{label}: calls of {} are not seen: they are closures of other functions, which were inlined there",
        some_of(literals)
    )]
    HoldersNames {
        /// The label.
        label: String,
        /// The literals.
        literals: Vec<String>,
    },
    /// A function leaves by jumps alone (as assembly does), so that its calls are never seen to return.
    #[error("{function} leaves by a jump to {target}: its calls are not seen to return")]
    NeverReturns {
        /// The function.
        function: String,
        /// Where it jumps to.
        target: String,
    },
    /// The binary does not describe a function's parameters, as with assembly.
    #[error("the binary does not describe the parameters of {function}: they are not read")]
    NoSignature {
        /// The function.
        function: String,
    },
    /// A function's results are not known.
    #[error("{}", no_results(function, *reason))]
    NoResults {
        /// The function.
        function: String,
        /// Why they are not.
        reason: UnknownResults,
    },
    /// A generic function's body is shared by more instances than are distinguished.
    #[error(
        "{function} is shared by {count} instances, too many to distinguish: values that depend on its type arguments are not read"
    )]
    ManyInstances {
        /// The function.
        function: String,
        /// How many there are.
        count: usize,
    },
    /// The program has more types and closures than can be read where an interface or a func value leads to them.
    #[error(
        "the program has too many types: {left_out} of those that an interface or a func value can lead to are not read"
    )]
    ManyTypes {
        /// How many are left out.
        left_out: usize,
    },
    /// The types of what is read are more than the kernel program has room for.
    #[error("the program has too many types: some pointers are not followed")]
    ManyViews,
    /// A function that serves requests past `net/http`'s own handler is unknown in this version.
    #[error(
        "goproctor does not know this version of {function} ({reason}): its requests are not identified"
    )]
    UnknownServer {
        /// The function.
        function: String,
        /// What is not as expected.
        reason: &'static str,
    },
}

/// The first few of some names, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 50;
    match names.get(SHOWN..) {
        Some(more @ [_, ..]) => format!("{} and {} more", names[..SHOWN].join(", "), more.len()),
        _ => names.join(", "),
    }
}

fn no_results(function: &str, reason: UnknownResults) -> String {
    match reason {
        UnknownResults::LeftOut => format!(
            "Go 1.17 does not describe the results of {function}: without its source they are not read"
        ),
        UnknownResults::RangeOverFunction => format!(
            "{function} loops over a function, and the debug information leaves out results that such a loop sets: without its source they are not read"
        ),
        UnknownResults::NoSuchType => format!(
            "the binary does not have a type that {function} declares for its results: they are not read"
        ),
    }
}

/// A label whose pattern can't be watched as it is written.
#[derive(Debug, thiserror::Error)]
#[error("{label}: {source}")]
pub struct LabelError {
    /// The label.
    pub label: String,
    /// Why.
    pub source: SelectError,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Redactions that redact nothing; all that there are.
    #[error("{}", lines(.redactions))]
    Redactions {
        /// The redactions.
        redactions: Vec<RedactionError>,
        /// The labels that can't be watched either: the redactions may be for these.
        labels: Vec<LabelError>,
    },
    /// A function of the runtime that goproctor needs is unknown in this release.
    #[error(
        "goproctor does not know {function} of {release} ({reason}): this release is not supported"
    )]
    Implicit {
        /// The function.
        function: &'static str,
        /// The Go release.
        release: String,
        /// What is not as expected.
        reason: &'static str,
    },
    /// A function's machine code is not understood.
    #[error("cannot watch {function}: {source}")]
    Code {
        /// The function.
        function: String,
        /// Why.
        source: CodeError,
    },
    /// A probe's address is not in the code of its function.
    #[error("cannot watch {function}: {address} is not in its code")]
    OutOfFunction {
        /// The function.
        function: String,
        /// The address.
        address: Address,
    },
    /// The binary can't be read.
    #[error(transparent)]
    Binary(#[from] BinaryError),
}

fn lines(errors: &[impl ToString]) -> String {
    let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
