//! All sections with their keys.

use super::{Key, REQUIRED, Section, Shape};

const fn key(name: &'static str, shape: Shape, default: &'static str, about: &'static str) -> Key {
    Key {
        name,
        shape,
        default,
        about,
    }
}

/// All sections, in the order of the documentation.
pub(crate) static SECTIONS: [&Section; 17] = [
    &SPEC, &PROGRAM, &READY, &BUILD, &STUB, &ANSWER, &FUNCTION, &LIMITS, &REDACT, &TEST, &REQUEST,
    &SEND, &SEQUENCE, &STEP, &CALLS, &ERROR, &MATCHER,
];

pub(crate) static SPEC: Section = Section {
    name: "spec",
    about: "The whole file.",
    keys: &[
        key(
            "program",
            Shape::Table(&PROGRAM),
            REQUIRED,
            "the program under test",
        ),
        key(
            "stubs",
            Shape::Map(&Shape::Table(&STUB)),
            "none",
            "services that the program calls, served on loopback, by name",
        ),
        key(
            "functions",
            Shape::Map(&Shape::Either(&[Shape::Text, Shape::Table(&FUNCTION)])),
            "none",
            "the functions to watch, under the names that the rest of the file uses",
        ),
        key(
            "limits",
            Shape::Table(&LIMITS),
            "as below",
            "how much is read from memory, for functions that set no limits of their own",
        ),
        key(
            "redact",
            Shape::Table(&REDACT),
            "none",
            "what must not be seen",
        ),
        key(
            "test",
            Shape::List(&Shape::Table(&TEST)),
            REQUIRED,
            "the tests, each with a name of its own",
        ),
    ],
};

pub(crate) static PROGRAM: Section = Section {
    name: "program",
    about: "The program under test: a package to build or a binary that exists.",
    keys: &[
        key(
            "package",
            Shape::Text,
            "this or `binary`",
            "what `go build` gets: an import path, or a path relative to the spec's folder",
        ),
        key(
            "binary",
            Shape::Text,
            "this or `package`",
            "a binary that exists already, relative to the spec's folder; a private copy of it is run",
        ),
        key(
            "args",
            Shape::List(&Shape::Template),
            "none",
            "the program's arguments",
        ),
        key(
            "env",
            Shape::Map(&Shape::Template),
            "none",
            "environment variables besides PATH, HOME, TMPDIR and TZ",
        ),
        key(
            "ready",
            Shape::Table(&READY),
            "the port accepts",
            "when the program counts as ready",
        ),
        key(
            "toolchain",
            Shape::Text,
            "the go command's own choice",
            "the Go release to build with, e.g. `go1.26.8`",
        ),
        key(
            "build",
            Shape::Table(&BUILD),
            "none",
            "options for `go build`",
        ),
        key(
            "restart",
            Shape::Flag,
            "`true`",
            "whether each test gets a fresh process",
        ),
        key(
            "floats",
            Shape::Flag,
            "`false`",
            "whether the packages of the declared functions are built without optimizations, so that all floats can be read",
        ),
    ],
};

pub(crate) static READY: Section = Section {
    name: "ready",
    about: "When the program counts as ready.",
    keys: &[
        key(
            "get",
            Shape::Text,
            "this or `accept`",
            "a GET of this path on `${port}` is answered with a status below 400",
        ),
        key(
            "accept",
            Shape::Flag,
            "`true`",
            "`${port}` accepts a connection",
        ),
        key("within", Shape::Duration, "`\"10s\"`", "how long to try"),
    ],
};

pub(crate) static BUILD: Section = Section {
    name: "build",
    about: "Options for `go build`.",
    keys: &[
        key("tags", Shape::List(&Shape::Text), "none", "build tags"),
        key(
            "flags",
            Shape::List(&Shape::Text),
            "none",
            "further flags, as given",
        ),
        key(
            "race",
            Shape::Flag,
            "`false`",
            "whether to build with the race detector",
        ),
    ],
};

pub(crate) static STUB: Section = Section {
    name: "stub",
    about: "A service that the program calls; its URL is `${stub.NAME}`. One answer to everything, or a list of answers.",
    keys: &[
        key(
            "status",
            Shape::Integer(200, 599),
            "`200`",
            "the status of the one answer",
        ),
        key(
            "body",
            Shape::Text,
            "`\"\"`",
            "the body of the one answer, as it stands",
        ),
        key(
            "headers",
            Shape::Map(&Shape::Text),
            "none",
            "the headers of the one answer",
        ),
        key(
            "delay",
            Shape::Duration,
            "`\"0s\"`",
            "how long the one answer waits",
        ),
        key(
            "drop",
            Shape::Flag,
            "`false`",
            "close the connection instead of answering",
        ),
        key(
            "answers",
            Shape::List(&Shape::Table(&ANSWER)),
            "the one answer",
            "answers one after the other; the last repeats",
        ),
        key(
            "routes",
            Shape::Map(&Shape::Either(&[
                Shape::Table(&ANSWER),
                Shape::List(&Shape::Table(&ANSWER)),
            ])),
            "none",
            "answers by method and path, e.g. `\"GET /a\"`; what no route takes gets the stub's own answer, or 404 if it has none",
        ),
    ],
};

pub(crate) static ANSWER: Section = Section {
    name: "answer",
    about: "One answer of a stub.",
    keys: &[
        key("status", Shape::Integer(200, 599), "`200`", "the status"),
        key("body", Shape::Text, "`\"\"`", "the body, as it stands"),
        key("headers", Shape::Map(&Shape::Text), "none", "the headers"),
        key(
            "delay",
            Shape::Duration,
            "`\"0s\"`",
            "how long to wait first",
        ),
        key(
            "drop",
            Shape::Flag,
            "`false`",
            "close the connection instead of answering",
        ),
    ],
};

pub(crate) static FUNCTION: Section = Section {
    name: "function",
    about: "A function to watch, where its name alone is not enough.",
    keys: &[
        key(
            "func",
            Shape::Text,
            REQUIRED,
            "the function's name as Go writes it, or a glob over names",
        ),
        key(
            "args",
            Shape::Map(&Shape::Value),
            "all calls",
            "only calls with these arguments count; not for a glob",
        ),
        key(
            "limits",
            Shape::Table(&LIMITS),
            "the spec's",
            "how much of its values is read",
        ),
        key(
            "floats",
            Shape::Flag,
            "the program's",
            "whether its package is built without optimizations, so that all floats can be read",
        ),
    ],
};

pub(crate) static LIMITS: Section = Section {
    name: "limits",
    about: "How much is read from memory. What a limit cuts is visible, and never judged as if it were whole.",
    keys: &[
        key(
            "depth",
            Shape::Integer(0, 16),
            "`3`",
            "levels of references that are followed",
        ),
        key(
            "string",
            Shape::Integer(1, 4096),
            "`256`",
            "bytes of a string",
        ),
        key(
            "elements",
            Shape::Integer(0, 1024),
            "`16`",
            "elements of a slice, an array or a map",
        ),
        key(
            "bytes",
            Shape::Integer(512, 32_768),
            "`16384`",
            "bytes of memory that one hit brings, of all its values together",
        ),
    ],
};

pub(crate) static REDACT: Section = Section {
    name: "redact",
    about: "What must not be seen. What is told by path or type is never read; text that matches a pattern is overwritten before anything is shown or kept.",
    keys: &[
        key(
            "values",
            Shape::Map(&Shape::Text),
            "none",
            "labels for values, by path: `\"*.Password\"`, `\"login.token\"`",
        ),
        key(
            "types",
            Shape::Map(&Shape::Text),
            "none",
            "labels for all values of a type: `\"main.Secret\"`",
        ),
        key(
            "patterns",
            Shape::List(&Shape::Text),
            "none",
            "regular expressions for text, wherever it stands",
        ),
    ],
};

pub(crate) static TEST: Section = Section {
    name: "test",
    about: "A test: what is sent, and what must be seen of the calls that it causes.",
    keys: &[
        key("name", Shape::Text, REQUIRED, "its name, unlike all others"),
        key(
            "request",
            Shape::Either(&[Shape::Table(&REQUEST), Shape::List(&Shape::Table(&REQUEST))]),
            "none",
            "the request, or several in order; with none, the time from start to ready is judged",
        ),
        key(
            "stubs",
            Shape::Map(&Shape::Table(&STUB)),
            "as in `[stubs]`",
            "stubs that answer otherwise in this test",
        ),
        key(
            "sequence",
            Shape::Either(&[Shape::List(&ELEMENT), Shape::Table(&SEQUENCE)]),
            "not judged",
            "the order of calls",
        ),
        key(
            "count",
            Shape::Map(&Shape::Matcher),
            "not judged",
            "how often functions are called",
        ),
        key(
            "never",
            Shape::List(&Shape::Text),
            "none",
            "functions that must not be called, in the background neither",
        ),
        key(
            "calls",
            Shape::Map(&Shape::Table(&CALLS)),
            "none",
            "what must hold for every call of a function; none at all fails",
        ),
        key(
            "latency",
            Shape::Map(&Shape::Either(&[
                Shape::Latency,
                Shape::List(&Shape::Latency),
            ])),
            "not judged",
            "bounds on the durations of all calls of a function",
        ),
        key(
            "snapshot",
            Shape::Flag,
            "`false`",
            "whether the calls are held by a reviewed snapshot",
        ),
        key(
            "settle",
            Shape::Duration,
            "`\"1s\"`",
            "how long to wait for goroutines of answered requests",
        ),
        key(
            "within",
            Shape::Duration,
            "`\"60s\"`",
            "how long the whole test may take",
        ),
    ],
};

pub(crate) static REQUEST: Section = Section {
    name: "request",
    about: "A request: one method with its path, what goes with it, and what must come back.",
    keys: &[
        key("get", Shape::Template, "one of these", "path and query"),
        key("post", Shape::Template, "one of these", "path and query"),
        key("put", Shape::Template, "one of these", "path and query"),
        key("patch", Shape::Template, "one of these", "path and query"),
        key("delete", Shape::Template, "one of these", "path and query"),
        key("head", Shape::Template, "one of these", "path and query"),
        key("options", Shape::Template, "one of these", "path and query"),
        key("send", Shape::Table(&SEND), "no body", "the body"),
        key(
            "headers",
            Shape::Map(&Shape::Template),
            "none",
            "headers that are sent, besides Host and Content-Length",
        ),
        key(
            "repeat",
            Shape::Integer(1, 1_000_000),
            "`1`",
            "how often it is sent; `${n}` counts from 0",
        ),
        key(
            "concurrency",
            Shape::Integer(1, 10_000),
            "`1`",
            "how many at a time, each with a connection of its own that is kept alive",
        ),
        key(
            "timeout",
            Shape::Duration,
            "`\"10s\"`",
            "how long one may take",
        ),
        key(
            "status",
            Shape::Matcher,
            "below 400",
            "what the status must be",
        ),
        key(
            "body",
            Shape::Matcher,
            "not judged",
            "what the response's body must be",
        ),
        key(
            "response-headers",
            Shape::Map(&Shape::Matcher),
            "not judged",
            "what headers of the response must be",
        ),
    ],
};

pub(crate) static SEND: Section = Section {
    name: "send",
    about: "A request's body: one of `text`, `json` and `form`.",
    keys: &[
        key(
            "text",
            Shape::Template,
            "one of these",
            "text, with no Content-Type of its own",
        ),
        key(
            "json",
            Shape::Json,
            "one of these",
            "sent as application/json",
        ),
        key(
            "form",
            Shape::Map(&Shape::Either(&[Shape::Template, Shape::Literal])),
            "one of these",
            "sent as application/x-www-form-urlencoded",
        ),
        key(
            "headers",
            Shape::Map(&Shape::Template),
            "none",
            "headers that are sent, as `headers` of the request",
        ),
    ],
};

pub(crate) static SEQUENCE: Section = Section {
    name: "sequence",
    about: "A sequence that is meant more strictly: one of `exact` and `contiguous`. A plain list allows other calls before, between and after.",
    keys: &[
        key(
            "exact",
            Shape::List(&ELEMENT),
            "one of these",
            "the calls of the names that it mentions are these and no others",
        ),
        key(
            "contiguous",
            Shape::List(&ELEMENT),
            "one of these",
            "somewhere among the calls of the names that it mentions, these stand next to one another",
        ),
    ],
};

pub(crate) static STEP: Section = Section {
    name: "step",
    about: "A call in a sequence, where its name alone is not enough.",
    keys: &[
        key(
            "call",
            Shape::Text,
            REQUIRED,
            "the function's name in `[functions]`",
        ),
        key(
            "args",
            Shape::Map(&Shape::Value),
            "any",
            "only a call with these arguments matches",
        ),
        key(
            "returns",
            Shape::Either(&[Shape::Value, Shape::List(&Shape::Value)]),
            "any",
            "only a call with these results matches, by position",
        ),
        key(
            "error",
            Shape::Either(&[Shape::Flag, Shape::Table(&ERROR)]),
            "any",
            "only a call whose last result is such an error matches",
        ),
        key(
            "took",
            Shape::Bound,
            "any",
            "only a call that took so long matches",
        ),
        key(
            "gap",
            Shape::Bound,
            "any",
            "only a call that began so long after the step before it began matches",
        ),
    ],
};

pub(crate) static CALLS: Section = Section {
    name: "calls",
    about: "What must hold for every call of a function in a test: `[test.calls.NAME]`.",
    keys: &[
        key(
            "args",
            Shape::Map(&Shape::Value),
            "not judged",
            "what its arguments must be, by name",
        ),
        key(
            "returns",
            Shape::Either(&[Shape::Value, Shape::List(&Shape::Value)]),
            "not judged",
            "what its results must be, by position",
        ),
        key(
            "out",
            Shape::Map(&Shape::Value),
            "not judged",
            "what its pointer arguments must point to when it returns, by name",
        ),
        key(
            "error",
            Shape::Either(&[Shape::Flag, Shape::Table(&ERROR)]),
            "not judged",
            "what its last result must be, which is an error: `false` for nil, `true` for any error",
        ),
        key("took", Shape::Bound, "not judged", "how long it may take"),
        key(
            "outcome",
            Shape::Choice(&["returned", "running"]),
            "not judged",
            "how it must end",
        ),
    ],
};

pub(crate) static ERROR: Section = Section {
    name: "error",
    about: "What the error in a call's last result must be; several keys must all hold.",
    keys: &[
        key(
            "is",
            Shape::Text,
            "not judged",
            "it, or an error that it wraps, is this variable: `\"database/sql.ErrNoRows\"`",
        ),
        key(
            "as",
            Shape::Text,
            "not judged",
            "it, or an error that it wraps, is of this type: `\"*net.OpError\"`",
        ),
        key("equal", Shape::Text, "not judged", "its message is this"),
        key(
            "contains",
            Shape::Text,
            "not judged",
            "its message contains this",
        ),
        key(
            "matches",
            Shape::Text,
            "not judged",
            "this regular expression finds a match in its message",
        ),
    ],
};

pub(crate) static MATCHER: Section = Section {
    name: "matcher",
    about: "What a value must be. A plain literal means `equal`; several keys must all hold.",
    keys: &[
        key(
            "any",
            Shape::Flag,
            "—",
            "anything at all, also a value that could not be read",
        ),
        key("equal", Shape::Literal, "—", "equal to this"),
        key("contains", Shape::Text, "—", "a string that contains this"),
        key(
            "matches",
            Shape::Text,
            "—",
            "a string in which this regular expression finds a match",
        ),
        key("nil", Shape::Flag, "—", "nil, or with `false` not nil"),
        key(
            "len",
            Shape::Matcher,
            "—",
            "the length of a string, slice, array, map or channel",
        ),
        key(
            "type",
            Shape::Text,
            "—",
            "what an interface holds is of this type; any other value is",
        ),
        key(
            "has",
            Shape::Value,
            "—",
            "an element of a list, or a value of a map, is so",
        ),
        key(
            "each",
            Shape::Value,
            "—",
            "every element of a list, or every value of a map, is so",
        ),
        key("lt", Shape::Number, "—", "less than"),
        key("le", Shape::Number, "—", "at most"),
        key("gt", Shape::Number, "—", "greater than"),
        key("ge", Shape::Number, "—", "at least"),
    ],
};

/// An element of a sequence.
static ELEMENT: Shape = Shape::Either(&[
    Shape::Text,
    Shape::Table(&STEP),
    Shape::List(&Shape::Either(&[Shape::Text, Shape::Table(&STEP)])),
]);
