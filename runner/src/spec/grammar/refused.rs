//! Keys that are refused with a word on what serves instead.

/// A key that this version can't judge.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Name of the section in which it is known.
    pub section: &'static str,
    /// The key.
    pub key: &'static str,
    /// What can't be done.
    pub message: &'static str,
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
        help,
    }
}

/// Keys that people who know the language's plans may write; a clear refusal serves them better than did-you-mean.
pub(crate) static REFUSED: [Refused; 19] = [
    refused(
        "calls",
        "goroutine",
        "this version can't judge which goroutine makes a call",
        "a `sequence` shows that it belongs to the request and comes after its cause",
    ),
    refused(
        "step",
        "goroutine",
        "this version can't judge which goroutine makes a call",
        "the step's place in the sequence shows that it belongs to the request",
    ),
    refused(
        "calls",
        "under",
        "this version can't judge which call a call stands under",
        "name both in a `sequence`",
    ),
    refused(
        "calls",
        "child-of",
        "this version can't judge which call a call stands under",
        "name both in a `sequence`",
    ),
    refused(
        "calls",
        "concurrent-with",
        "this version can't judge what runs at the same time",
        "name both in an inner list of a `sequence`: any order",
    ),
    refused(
        "calls",
        "before",
        "this version judges order in `sequence` alone",
        "name both in a `sequence`",
    ),
    refused(
        "calls",
        "after",
        "this version judges order in `sequence` alone",
        "name both in a `sequence`",
    ),
    refused(
        "step",
        "outcome",
        "this version can't select steps by outcome",
        "judge it in `[test.calls.NAME]`, for every call",
    ),
    refused(
        "step",
        "under",
        "this version can't judge which call a call stands under",
        "put that call before it in the sequence",
    ),
    refused(
        "test",
        "flow",
        "this version can't follow a value from call to call",
        "assert the value in both calls with `[test.calls.NAME]`",
    ),
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
        "test",
        "from",
        "this version looks at the calls that the test's requests own",
        "`never` looks at all calls",
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
    refused(
        "function",
        "closure",
        "this version can't find a closure by its text",
        "name it as Go does: `main.checkSite.func1` is the first literal of checkSite",
    ),
];
