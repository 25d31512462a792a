//! The tables of a test and of its stubs: what is sent and answered, and what must be seen.

use super::{
    shape::{REQUIRED, Section, Shape, keys},
    values::ERROR,
};

pub(crate) static TEST: Section = Section {
    name: "test",
    about: "A test: what is sent, and what must be seen of the calls that it causes.",
    keys: keys! {
        "name": Shape::Text, "the Go test's", "its name, unique in the file; required where `go-test` is not given";
        "tags": Shape::List(&Shape::Text), "none", "words to choose it by on the command line: `--tag slow`, `--skip-tag db`";
        "cases": Shape::List(&Shape::Map(&Shape::Json)), "none",
            "what differs in tests that are alike: a test for each, called `NAME/CASE`; each has a `name` and the same further keys, of which `${case.KEY}` is the value in any string of the test";
        "go-test": Shape::Text, "a test of a program",
            "the Go test that it looks at, by its full name: `\"TestCheckout/free shipping\"`; `*` stands for any part of an element";
        "request": REQUESTS, "none",
            "the request, or several in order; with none, the time from start to ready is judged";
        "before": REQUESTS, "none", "requests that are sent before, must succeed, and are not judged: log in, make data";
        "cookies": Shape::Flag, "`false`", "whether its requests share a jar of cookies, as in a browser";
        "stubs": Shape::Map(&Shape::Table(&STUB)), "as in `[stubs]`",
            "stubs with other answers in this test, and what they must have received";
        "from": Shape::Choice(SCOPES), "`\"requests\"`",
            "which calls its expectations look at: those that its requests own, or all that the program makes during the test";
        "sequence": Shape::Either(&[Shape::List(&ELEMENT), Shape::Table(&SEQUENCE)]), "not judged", "the order of calls";
        "count": Shape::Map(&Shape::Matcher), "not judged", "how often functions are called";
        "count-per-request": Shape::Map(&Shape::Matcher), "not judged", "how often functions are called by each request";
        "never": Shape::List(&Shape::Text), "none", "functions that must not be called, not even in the background";
        "calls": Shape::Map(&Shape::Table(&CALLS)), "none", "what must hold for every call of a function; none at all fails";
        "flow": Shape::List(&Shape::List(&Shape::Text)), "not judged",
            "values that travel from call to call, each as a list of two parts of calls or more: `[[\"service.returns.0\", \"publish.o\"]]`";
        "latency": Shape::Map(&Shape::Either(&[Shape::Latency, Shape::List(&Shape::Latency)])), "not judged",
            "bounds on the durations of all calls of a function";
        "goroutines": Shape::Table(&LEFT), "not judged", "what its requests, or its Go test, may leave behind";
        "snapshot": Shape::Flag, "`false`", "whether the calls are compared with a reviewed snapshot";
        "args": Shape::List(&Shape::Template), "the program's", "arguments in place of those of `[program]`";
        "stdin": Shape::Template, "nothing", "what the program reads from its standard input";
        "stop": Shape::Choice(SIGNALS), "not sent",
            "the signal that a program with a port is sent when the requests are answered; it must end within `within`";
        "exit": Shape::Matcher, "`0`", "what the exit status of a command must be, or of a program that the test ends";
        "stdout": Shape::Matcher, "not judged", "what the program must write to its standard output during the test";
        "stderr": Shape::Matcher, "not judged", "what the program must write to its standard error during the test";
        "settle": Shape::Duration, "`\"1s\"`", "how long to wait for goroutines of answered requests, or for those of a Go test that has ended, where `goroutines` is given";
        "within": Shape::Duration, "`\"60s\"`", "how long the whole test may take";
    },
};

/// A request, or several.
pub(super) const REQUESTS: Shape =
    Shape::Either(&[Shape::Table(&REQUEST), Shape::List(&Shape::Table(&REQUEST))]);

pub(crate) static LEFT: Section = Section {
    name: "goroutines",
    about: "What a test's requests, or its Go test, may leave behind.",
    keys: keys! {
        "left": Shape::Matcher, REQUIRED,
            "how many goroutines that they started still run `settle` after the last answer, or the Go test's end; those that only keep a connection open don't count";
    },
};

pub(crate) static REQUEST: Section = Section {
    name: "request",
    about: "A request: one method with its path, what goes with it, and what must come back.",
    keys: keys! {
        "get": Shape::Template, "one of these", "path and query";
        "post": Shape::Template, "one of these", "path and query";
        "put": Shape::Template, "one of these", "path and query";
        "patch": Shape::Template, "one of these", "path and query";
        "delete": Shape::Template, "one of these", "path and query";
        "head": Shape::Template, "one of these", "path and query";
        "options": Shape::Template, "one of these", "path and query";
        "send": Shape::Table(&SEND), "no body", "the body";
        "headers": Shape::Map(&Shape::Template), "none", "headers that are sent, besides Host and Content-Length";
        "repeat": Shape::Integer(1, 1_000_000), "`1`", "how often it is sent; `${n}` counts from 0";
        "concurrency": Shape::Integer(1, 10_000), "`1`",
            "how many at a time, each with a connection of its own that is kept alive";
        "timeout": Shape::Duration, "`\"10s\"`", "how long one may take";
        "http": Shape::Integer(1, 2), "`1`", "the version of HTTP: 1 is HTTP/1.1; with 2, all visitors share one connection";
        "status": Shape::Matcher, "below 400", "what the status must be";
        "body": Shape::Matcher, "not judged", "what the response's body must be";
        "json": Shape::Map(&Shape::Value), "not judged",
            "what parts of the response's JSON must be, by [path](#json): `{ \"items[0].name\" = \"book\" }`";
        "response-headers": Shape::Map(&Shape::Matcher), "not judged", "what headers of the response must be";
        "save": Shape::Map(&Shape::Either(&[Shape::Text, Shape::Table(&CAPTURE)])), "nothing",
            "values of the response that later requests of the test use as `${NAME}`: `\"json.PATH\"`, `\"cookie.NAME\"`, `\"header.NAME\"` or a [capture](#capture)";
    },
};

pub(crate) static CAPTURE: Section = Section {
    name: "capture",
    about: "A value of a response that only a regular expression finds.",
    keys: keys! {
        "body": Shape::Text, REQUIRED,
            "a regular expression with one group, whose match in the response's body is the value";
    },
};

pub(crate) static SEND: Section = Section {
    name: "send",
    about: "A request's body: one of `text`, `json` and `form`.",
    keys: keys! {
        "text": Shape::Template, "one of these", "text, with no Content-Type of its own";
        "json": Shape::Json, "one of these", "sent as application/json";
        "form": Shape::Map(&Shape::Either(&[Shape::Template, Shape::Literal])), "one of these",
            "sent as application/x-www-form-urlencoded";
        "headers": Shape::Map(&Shape::Template), "none", "headers that are sent, as `headers` of the request";
    },
};

pub(crate) static SEQUENCE: Section = Section {
    name: "sequence",
    about: "A sequence with more options than a plain list: one of `gaps`, `exact` and `contiguous`.",
    keys: keys! {
        "gaps": Shape::List(&ELEMENT), "one of these", "other calls may come before, between and after, as in a plain list";
        "exact": Shape::List(&ELEMENT), "one of these", "the calls of the names that it mentions are these and no others";
        "contiguous": Shape::List(&ELEMENT), "one of these",
            "somewhere among the calls of the names that it mentions, these follow one another directly";
        "goroutine": Shape::Choice(&["same"]), "any", "all of its calls are made by one goroutine, whose calls alone it looks at";
    },
};

pub(crate) static STEP: Section = Section {
    name: "step",
    about: "A call in a sequence, where its name alone is not enough.",
    keys: keys! {
        "call": Shape::Text, REQUIRED, "the function's name in `[functions]`";
        "args": Shape::Map(&Shape::Value), "any", "only a call with these arguments matches";
        "returns": Shape::Either(&[Shape::Value, Shape::List(&Shape::Value)]), "any",
            "only a call with these results matches, by position";
        "error": Shape::Either(&[Shape::Flag, Shape::Table(&ERROR)]), "any",
            "only a call whose last result is such an error matches";
        "took": Shape::Bound, "any", "only a call with this duration matches";
        "gap": Shape::Bound, "any", "only a call that began this long after the step before it began matches";
        "outcome": Shape::Choice(OUTCOMES), "any", "only a call with this end matches";
        "under": Shape::Text, "any", "only a call that has a call of this name above it matches";
        "child-of": Shape::Text, "any", "only a call whose nearest watched call above it is of this name matches";
        "goroutine": Shape::Choice(GOROUTINES), "`\"any\"`",
            "only a call that this goroutine makes matches, seen from the one that handles the request";
    },
};

pub(crate) static CALLS: Section = Section {
    name: "calls",
    about: "What must hold for every call of a function in a test: `[test.calls.NAME]`.",
    keys: keys! {
        "args": Shape::Map(&Shape::Value), "not judged", "what its arguments must be, by name";
        "returns": Shape::Either(&[Shape::Value, Shape::List(&Shape::Value)]), "not judged",
            "what its results must be, by position";
        "out": Shape::Map(&Shape::Value), "not judged", "what its pointer arguments must point to when it returns, by name";
        "error": Shape::Either(&[Shape::Flag, Shape::Table(&ERROR)]), "not judged",
            "what its last result must be, which is an error: `false` for nil, `true` for any error";
        "took": Shape::Bound, "not judged", "how long it may take";
        "outcome": Shape::Choice(OUTCOMES), "not judged", "how it must end";
        "from": Shape::Choice(SCOPES), "the test's", "which calls are meant";
        "under": Shape::Text, "not judged", "a call of this name is above it";
        "child-of": Shape::Text, "not judged", "the nearest watched call above it is of this name";
        "goroutine": Shape::Choice(GOROUTINES), "`\"any\"`",
            "which goroutine makes it, seen from the one that handles its request";
        "before": NAMES, "not judged", "it ends before any call of these names in the same request begins";
        "after": NAMES, "not judged", "it begins after all calls of these names in the same request have ended";
        "concurrent-with": NAMES, "not judged",
            "for each of these names there is a call on another goroutine whose time overlaps with its own";
    },
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

/// What a program is asked to end with.
const SIGNALS: &[&str] = &["TERM", "INT", "QUIT", "HUP"];

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

pub(crate) static STUB: Section = Section {
    name: "stub",
    about: "A service that the program calls; its URL is `${stub.NAME}`. One answer to everything, or a list of answers.",
    keys: keys! {
        "status": Shape::Integer(200, 599), "`200`", "the status of the one answer";
        "body": Shape::Text, "`\"\"`", "the body of the one answer, as written";
        "headers": Shape::Map(&Shape::Text), "none", "the headers of the one answer";
        "delay": Shape::Duration, "`\"0s\"`", "how long the one answer waits";
        "drop": Shape::Flag, "`false`", "close the connection instead of answering";
        "answers": Shape::List(&Shape::Table(&ANSWER)), "the one answer", "answers one after the other; the last repeats";
        "routes": Shape::Map(&Shape::Either(&[Shape::Table(&ANSWER), Shape::List(&Shape::Table(&ANSWER))])), "none",
            "answers by method and path, e.g. `\"GET /a\"`; a request without a route gets the stub's own answer, or 404 if it has none";
        "upstream": Shape::Text, "none", "in `[stubs]`: the service that it stands for, whose answers `goproctor run --record-stubs` records, e.g. `\"http://127.0.0.1:9000\"`";
        "received": Shape::List(&Shape::Table(&RECEIVED)), "not judged",
            "in a test: what the stub must have received, in order";
    },
};

pub(crate) static RECEIVED: Section = Section {
    name: "received",
    about: "A request that a stub must have received in a test: `[[test.stubs.NAME.received]]`. One method with its path, and what came with it.",
    keys: keys! {
        "get": Shape::Text, "one of these", "the path, with the query if one is written";
        "post": Shape::Text, "one of these", "likewise";
        "put": Shape::Text, "one of these", "likewise";
        "patch": Shape::Text, "one of these", "likewise";
        "delete": Shape::Text, "one of these", "likewise";
        "head": Shape::Text, "one of these", "likewise";
        "options": Shape::Text, "one of these", "likewise";
        "headers": Shape::Map(&Shape::Matcher), "not judged", "what its headers must be";
        "json": Shape::Map(&Shape::Value), "not judged", "what parts of its JSON must be, by [path](#json)";
        "form": Shape::Map(&Shape::Matcher), "not judged", "what the fields of its form must be";
        "body": Shape::Matcher, "not judged", "what its body must be";
        "count": Shape::Matcher, "at least one", "how many such requests came, from where this entry looks on";
    },
};

pub(crate) static ANSWER: Section = Section {
    name: "answer",
    about: "One answer of a stub.",
    keys: keys! {
        "status": Shape::Integer(200, 599), "`200`", "the status";
        "body": Shape::Text, "`\"\"`", "the body, as written";
        "headers": Shape::Map(&Shape::Text), "none", "the headers";
        "delay": Shape::Duration, "`\"0s\"`", "how long to wait first";
        "drop": Shape::Flag, "`false`", "close the connection instead of answering";
    },
};
