//! Keys that are refused with a word on what serves instead.

/// A key that can't be judged where it stands.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Name of the section in which it is known.
    pub section: &'static str,
    /// The key.
    pub key: &'static str,
    /// What can't be done.
    pub message: &'static str,
    /// The words beside the carets.
    pub label: &'static str,
    /// What can be used instead.
    pub help: &'static str,
}

const fn refused(
    section: &'static str,
    key: &'static str,
    message: &'static str,
    help: &'static str,
) -> Refused {
    Refused {
        section,
        key,
        message,
        label: "not in this version",
        help,
    }
}

/// A key that is one of another table.
const fn elsewhere(
    section: &'static str,
    key: &'static str,
    message: &'static str,
    help: &'static str,
) -> Refused {
    Refused {
        section,
        key,
        message,
        label: "not here",
        help,
    }
}

/// Keys that people who know the language's plans may write; a clear refusal serves them better than did-you-mean.
pub(crate) static REFUSED: [Refused; 15] = [
    refused(
        "test",
        "cases",
        "this version has no table-driven tests",
        "write a `[[test]]` for each case",
    ),
    refused(
        "test",
        "tags",
        "this version can't select tests by tag",
        "select by name with -run and -skip",
    ),
    refused(
        "request",
        "save",
        "this version can't take values over from a response",
        "judge it with `body`",
    ),
    refused(
        "spec",
        "before",
        "this version has no requests that are not judged",
        "put them first in the test: `[[test.request]]`",
    ),
    refused(
        "spec",
        "use",
        "this version can't include other files",
        "write the functions into this file",
    ),
    refused(
        "step",
        "out",
        "this version judges what pointers lead to in `[test.calls.NAME]` alone",
        "judge it there, for every call",
    ),
    refused(
        "program",
        "files",
        "this version writes no files for the program",
        "pass settings with `args` and `env`",
    ),
    elsewhere(
        "step",
        "before",
        "a step's place in the sequence says what it comes before",
        "in `[test.calls.NAME]`, `before` says that every call of NAME has ended first",
    ),
    elsewhere(
        "step",
        "after",
        "a step's place in the sequence says what it comes after",
        "in `[test.calls.NAME]`, `after` says that all others have ended before a call of NAME begins",
    ),
    elsewhere(
        "step",
        "concurrent-with",
        "a sequence is the order in which calls begin, whatever runs at the same time",
        "ask for it in `[test.calls.NAME]`; in the sequence, an inner list is any order",
    ),
    elsewhere(
        "step",
        "from",
        "a sequence looks at one set of calls",
        "the test's `from` says which",
    ),
    elsewhere(
        "sequence",
        "from",
        "a sequence looks at the calls that its test looks at",
        "write `from` beside `sequence`",
    ),
    elsewhere(
        "test",
        "under",
        "`under` is asked of a function's calls",
        "in `[test.calls.NAME]`, or in a step of the sequence",
    ),
    elsewhere(
        "test",
        "goroutine",
        "`goroutine` is asked of a function's calls",
        "in `[test.calls.NAME]`, in a step, or of a whole sequence: { gaps = [\"a\", \"b\"], goroutine = \"same\" }",
    ),
    elsewhere(
        "program",
        "http",
        "the version of HTTP is a request's own",
        "request = { get = \"/\", http = 2 }",
    ),
];
