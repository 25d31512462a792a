//! The tables of a test: what is sent, and what must be seen.

use super::{
    shape::{REQUIRED, Section, Shape, key},
    stub::STUB,
    values::ERROR,
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
            "from",
            Shape::Choice(SCOPES),
            "`\"requests\"`",
            "which calls its expectations look at: those that its requests own, or all that the program makes during the test",
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
            "count-per-request",
            Shape::Map(&Shape::Matcher),
            "not judged",
            "how often functions are called by each request",
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
            "flow",
            Shape::List(&Shape::List(&Shape::Text)),
            "not judged",
            "values that travel from call to call, each as a list of two parts of calls or more: `[[\"service.returns.0\", \"publish.o\"]]`",
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
            "http",
            Shape::Integer(1, 2),
            "`1`",
            "the version of HTTP: 1 is HTTP/1.1; with 2, all visitors share one connection",
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
    about: "A sequence of which more is said than a plain list does: one of `gaps`, `exact` and `contiguous`.",
    keys: &[
        key(
            "gaps",
            Shape::List(&ELEMENT),
            "one of these",
            "other calls may come before, between and after, as in a plain list",
        ),
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
        key(
            "goroutine",
            Shape::Choice(&["same"]),
            "any",
            "all of its calls are made by one goroutine, whose calls alone it looks at",
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
        key(
            "outcome",
            Shape::Choice(OUTCOMES),
            "any",
            "only a call that ended so matches",
        ),
        key(
            "under",
            Shape::Text,
            "any",
            "only a call that has a call of this name above it matches",
        ),
        key(
            "child-of",
            Shape::Text,
            "any",
            "only a call whose nearest watched call above it is of this name matches",
        ),
        key(
            "goroutine",
            Shape::Choice(GOROUTINES),
            "`\"any\"`",
            "only a call that this goroutine makes matches, seen from the one that handles the request",
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
            Shape::Choice(OUTCOMES),
            "not judged",
            "how it must end",
        ),
        key(
            "from",
            Shape::Choice(SCOPES),
            "the test's",
            "which calls are meant",
        ),
        key(
            "under",
            Shape::Text,
            "not judged",
            "a call of this name is above it",
        ),
        key(
            "child-of",
            Shape::Text,
            "not judged",
            "the nearest watched call above it is of this name",
        ),
        key(
            "goroutine",
            Shape::Choice(GOROUTINES),
            "`\"any\"`",
            "which goroutine makes it, seen from the one that handles its request",
        ),
        key(
            "before",
            NAMES,
            "not judged",
            "it ends before any call of these names in the same request begins",
        ),
        key(
            "after",
            NAMES,
            "not judged",
            "it begins after all calls of these names in the same request have ended",
        ),
        key(
            "concurrent-with",
            NAMES,
            "not judged",
            "for each of these names there is a call on another goroutine whose time overlaps with its own",
        ),
    ],
};

/// An element of a sequence.
static ELEMENT: Shape = Shape::Either(&[
    Shape::Text,
    Shape::Table(&STEP),
    Shape::List(&Shape::Either(&[Shape::Text, Shape::Table(&STEP)])),
]);

/// A function's name, or several.
const NAMES: Shape = Shape::Either(&[Shape::Text, Shape::List(&Shape::Text)]);

/// Which calls are looked at.
const SCOPES: &[&str] = &["requests", "anywhere"];

/// Which goroutine makes a call.
const GOROUTINES: &[&str] = &["same", "child", "distinct", "any"];

/// How a call ends.
const OUTCOMES: &[&str] = &[
    "returned",
    "panicked",
    "recovered",
    "goexit",
    "running",
    "process-ended",
];
