//! The tables of a file that its tests share.

use model::Limits;

use super::{
    shape::{REQUIRED, Section, Shape, keys},
    test::{
        ANSWER, CALLS, CAPTURE, LEFT, RECEIVED, REQUEST, REQUESTS, SEND, SEQUENCE, STEP, STUB, TEST,
    },
    values::{ERROR, MATCHER},
};

/// All sections, in the order of the documentation.
pub(crate) static SECTIONS: [&Section; 24] = [
    &SPEC, &PROGRAM, &GO_TEST, &READY, &TLS, &BUILD, &STUB, &ANSWER, &RECEIVED, &FUNCTION, &LIMITS,
    &REDACT, &HAND_OFF, &SERVER, &TEST, &REQUEST, &CAPTURE, &SEND, &SEQUENCE, &STEP, &CALLS, &LEFT,
    &ERROR, &MATCHER,
];

pub(crate) static SPEC: Section = Section {
    name: "spec",
    about: "The whole file.",
    keys: keys! {
        "use": Shape::List(&Shape::Text), "none",
            "files, relative to this one, that add their `[functions]`, `[stubs]`, `[limits]` and `[redact]`";
        "program": Shape::Table(&PROGRAM), "this or `go-test` in each test", "the program under test";
        "go-test": Shape::Table(&GO_TEST), "as `go test` has it", "what the test binary is given, where the tests are Go tests";
        "stubs": Shape::Map(&Shape::Table(&STUB)), "none", "services that the program calls, served on loopback, by name";
        "functions": Shape::Map(&Shape::Either(&[Shape::Text, Shape::Table(&FUNCTION)])), "none",
            "the functions to watch, under the names that the rest of the file uses";
        "limits": Shape::Table(&LIMITS), "as below",
            "how much is read from memory, for functions that set no limits of their own";
        "redact": Shape::Table(&REDACT), "none", "values to keep secret";
        "hand-off": Shape::Map(&Shape::Table(&HAND_OFF)), "none",
            "values that carry a request's work from one goroutine to another, by names of your own";
        "server": Shape::Table(&SERVER), "`net/http`", "how requests are recognized in a program without `net/http`";
        "before": REQUESTS, "none",
            "requests that are sent before those of each test, must succeed, and are not judged";
        "test": Shape::List(&Shape::Table(&TEST)), REQUIRED, "the tests, each with a name of its own";
    },
};

pub(crate) static PROGRAM: Section = Section {
    name: "program",
    about: "The program under test: a package to build or a binary that exists.",
    keys: keys! {
        "package": Shape::Text, "this or `binary`",
            "what `go build` gets: an import path, or a path relative to the spec's folder";
        "binary": Shape::Text, "this or `package`",
            "a binary that exists already, relative to the spec's folder; a private copy of it is run";
        "args": Shape::List(&Shape::Template), "none", "the program's arguments";
        "env": Shape::Map(&Shape::Template), "none", "environment variables besides PATH, HOME, TMPDIR and TZ; `--env` wins";
        "files": Shape::Map(&Shape::Template), "none",
            "files that are written below `${dir}` before each start, by their paths there";
        "workdir": Shape::Template, "the package's folder",
            "the program's working folder, relative to the spec's folder or beginning with `${dir}`";
        "setup": Shape::Either(&[Shape::List(&Shape::Template), Shape::List(&Shape::List(&Shape::Template))]), "none",
            "a command, or several, that are run before each start: `[\"./migrate\", \"up\"]`";
        "ready": Shape::Table(&READY), "the port accepts", "when the program counts as ready";
        "toolchain": Shape::Text, "the go command's own choice", "the Go release to build with, e.g. `go1.26.8`";
        "build": Shape::Table(&BUILD), "none", "options for `go build`";
        "restart": Shape::Flag, "`true`", "whether each test gets a fresh process";
        "floats": Shape::Flag, "`false`",
            "whether the packages of the declared functions are built without optimizations, so that all floats can be read";
        "fast-returns": Shape::Flag, "`false`",
            "whether to change goproctor's own copy of the program so that watching a return costs as little as watching an entry (docs/spec.md, \"Fast returns\")";
        "tls": Shape::Either(&[Shape::Flag, Shape::Table(&TLS)]), "`false`",
            "whether `${port}` speaks TLS, and whose certificates it may show";
    },
};

pub(crate) static GO_TEST: Section = Section {
    name: "go-test",
    about: "What the test binary is given, in a spec whose tests are Go tests (docs/go-test.md).",
    keys: keys! {
        "env": Shape::Map(&Shape::Template), "none", "environment variables besides those that `go test` is given";
    },
};

pub(crate) static READY: Section = Section {
    name: "ready",
    about: "When the program counts as ready.",
    keys: keys! {
        "get": Shape::Text, "this or `accept`", "a GET of this path on `${port}` is answered with a status below 400";
        "accept": Shape::Flag, "`true`", "`${port}` accepts a connection";
        "within": Shape::Duration, "`\"10s\"`", "how long to try";
    },
};

pub(crate) static TLS: Section = Section {
    name: "tls",
    about: "TLS with a certificate that is verified; `tls = true` takes any.",
    keys: keys! {
        "ca": Shape::Text, REQUIRED,
            "a PEM file, relative to the spec's folder; one of its certificates must have issued the program's, for `localhost` or `127.0.0.1`";
    },
};

pub(crate) static BUILD: Section = Section {
    name: "build",
    about: "Options for `go build`.",
    keys: keys! {
        "tags": Shape::List(&Shape::Text), "none", "build tags";
        "flags": Shape::List(&Shape::Text), "none", "further flags, as given";
        "race": Shape::Flag, "`false`",
            "whether to build with the race detector; a test during which it reports a data race fails";
    },
};

/// It is watched all the same.
pub(crate) const ACCEPT: &str = "accept";

/// What may be done with a function that was inlined in places.
pub(crate) static INLINED: &[&str] = &["refuse", ACCEPT];

pub(crate) static FUNCTION: Section = Section {
    name: "function",
    about: "A function to watch, where its name alone is not enough.",
    keys: keys! {
        "func": Shape::Text, REQUIRED, "the function's name as Go writes it, or a glob over names";
        "closure": Shape::Text, "the function itself",
            "a text in the source of one function literal of `func`: that literal is watched, whatever its number";
        "args": Shape::Map(&Shape::Value), "all calls", "only calls with these arguments count; not for a glob";
        "where": Shape::Expression, "all calls",
            "only calls of which this holds count: `'order.Item == \"book\" && qty >= 3'`; not for a glob";
        "limits": Shape::Table(&LIMITS), "the spec's", "how much of its values is read";
        "floats": Shape::Flag, "the program's",
            "whether its package is built without optimizations, so that all floats can be read";
        "partly-inlined": Shape::Choice(INLINED), "`\"refuse\"`",
            "whether it is watched although the compiler put copies of it elsewhere, where calls are not seen";
    },
};

pub(crate) static LIMITS: Section = Section {
    name: "limits",
    about: "How much is read from memory. What a limit cuts is visible, and never judged as if it were whole.",
    keys: keys! {
        "depth": Shape::Integer(0, Limits::MAX_DEPTH), "`3`", "levels of references that are followed";
        "string": Shape::Integer(1, Limits::MAX_STRING), "`256`", "bytes of a string";
        "elements": Shape::Integer(0, Limits::MAX_ELEMENTS), "`16`", "elements of a slice, an array or a map";
        "bytes": Shape::Integer(Limits::MIN_BYTES, Limits::MAX_BYTES), "`16384`",
            "bytes of memory that one hit brings, of all its values together";
    },
};

pub(crate) static REDACT: Section = Section {
    name: "redact",
    about: "Values to keep secret. Values named by path or type are never read; text that matches a pattern is overwritten before it is shown or stored.",
    keys: keys! {
        "values": Shape::Map(&Shape::Text), "none", "labels for values, by path: `\"*.Password\"`, `\"login.token\"`";
        "types": Shape::Map(&Shape::Text), "none", "labels for all values of a type: `\"main.Secret\"`";
        "patterns": Shape::List(&Shape::Text), "none", "regular expressions for text, wherever it appears";
    },
};

pub(crate) static HAND_OFF: Section = Section {
    name: "hand-off",
    about: "A value that carries a request's work from one goroutine to another: `[hand-off] NAME = { from = …, to = … }`.",
    keys: keys! {
        "from": Shape::Text, REQUIRED,
            "an argument or a result of a call that belongs to a request, or a part of it: `\"submit.j\"`";
        "to": Shape::Text, REQUIRED,
            "an argument, or a part of it, of the calls that belong to that request if they begin with the same value there: `\"process.j\"`";
    },
};

pub(crate) static SERVER: Section = Section {
    name: "server",
    about: "How requests are recognized in a program without `net/http`.",
    keys: keys! {
        "entry": Shape::Text, REQUIRED,
            "the function, by its name in `[functions]`, that handles one request from its entry to its return";
        "key": Shape::Text, "requests are matched by order",
            "which of its arguments identifies the client: a string `host:port`, or the port as a number";
    },
};
