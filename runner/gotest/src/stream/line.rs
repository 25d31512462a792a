//! The lines that package testing prints about tests.

use super::verdict::Outcome;

/// The byte before a line that testing frames, ^V (testing.markFraming).
pub(super) const MARK: u8 = 0x16;

/// ^[ takes the meaning from the byte after it, since Go 1.27 (testing.markEscape).
pub(super) const ESCAPE: u8 = 0x1b;

/// A longer line is none to cmd/internal/test2json either (its inBuffer).
const MAX_LINE: usize = 4096;

/// A test reported deeper than this is not recognized.
const MAX_INDENT: usize = 4 * 32;

/// A line that testing prints about tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// `--- PASS: TestX (0.00s)`
    Report(Report),
    /// `=== CONT  TestX` and others that name the test of the lines that follow.
    Update {
        /// `=== RUN`, which begins a test.
        begins: bool,
        /// The test's full name.
        name: String,
    },
    /// The last line, `PASS` or `FAIL`.
    Last,
}

/// The report of a test's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// How many levels the line is indented.
    pub(super) depth: usize,
    /// How the test ended.
    pub(super) outcome: Outcome,
    /// The test's full name.
    pub(super) name: String,
}

impl Report {
    /// Whether it is no report outside of JSON mode, where subtests are indented and no others are.
    pub(super) fn is_misplaced(&self) -> bool {
        (self.depth == 0) != (top_level(&self.name) == self.name)
    }

    /// The line with `FAIL` in place of its own word.
    pub(super) fn failing(&self, line: &[u8]) -> Vec<u8> {
        const WORDS: &str = "--- FAIL";
        let mark = usize::from(line.first() == Some(&MARK));
        let (before, rest) = line.split_at((mark + 4 * self.depth).min(line.len()));
        [
            before,
            WORDS.as_bytes(),
            rest.get(WORDS.len()..).unwrap_or_default(),
        ]
        .concat()
    }
}

/// What bytes at the beginning of a possible line are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// No line of testing.
    Other,
    /// Perhaps the beginning of one.
    Undecided,
    /// One, with its length, including the newline.
    Whole(Line, usize),
}

/// What the bytes are if a line of testing without ^V may begin here.
pub(super) fn look(bytes: &[u8]) -> Look {
    match bytes.first() {
        None => Look::Undecided,
        Some(b'P') => look_for_last(bytes, b"PASS\n"),
        Some(b'F') => look_for_last(bytes, b"FAIL\n"),
        Some(b'=') => look_for_update(bytes),
        Some(b'-' | b' ') => look_for_report(bytes),
        Some(_) => Look::Other,
    }
}

/// What the bytes are if a line of testing with ^V begins here.
pub(super) fn look_framed(bytes: &[u8]) -> Look {
    let Some((&MARK, framed)) = bytes.split_first() else {
        return Look::Other;
    };
    match framed.first() {
        // In this mode nothing is indented (common.flushToParent), and updates need no attention.
        Some(b' ' | b'=') => Look::Other,
        _ => match look(framed) {
            Look::Whole(line, length) => Look::Whole(line, length + 1),
            other => other,
        },
    }
}

fn look_for_last(bytes: &[u8], last: &[u8]) -> Look {
    match prefix(bytes, last) {
        Prefix::Whole(_) => Look::Whole(Line::Last, last.len()),
        Prefix::Part => Look::Undecided,
        Prefix::Other => Look::Other,
    }
}

fn look_for_update(bytes: &[u8]) -> Look {
    const UPDATES: [&[u8]; 4] = [b"=== RUN   ", b"=== CONT  ", b"=== NAME  ", b"=== PAUSE "];
    let mut look = Look::Other;
    for update in UPDATES {
        match prefix(bytes, update) {
            Prefix::Whole(rest) => {
                let begins = update == UPDATES[0];
                return whole(bytes, rest, |name| {
                    Some(Line::Update {
                        begins,
                        name: name.to_owned(),
                    })
                });
            }
            Prefix::Part => look = Look::Undecided,
            Prefix::Other => {}
        }
    }
    look
}

fn look_for_report(bytes: &[u8]) -> Look {
    const REPORTS: [(&[u8], Outcome); 3] = [
        (b"--- PASS: ", Outcome::Passed),
        (b"--- FAIL: ", Outcome::Failed),
        (b"--- SKIP: ", Outcome::Skipped),
    ];
    let indent = bytes.iter().take_while(|&&byte| byte == b' ').count();
    if indent > MAX_INDENT {
        return Look::Other;
    }
    let unindented = bytes.get(indent..).unwrap_or_default();
    if unindented.is_empty() {
        return Look::Undecided;
    }
    if indent % 4 != 0 {
        return Look::Other;
    }
    let mut look = Look::Other;
    for (report, outcome) in REPORTS {
        match prefix(unindented, report) {
            Prefix::Whole(rest) => {
                return whole(bytes, rest, |text| {
                    let name = reported_name(text)?.to_owned();
                    Some(Line::Report(Report {
                        depth: indent / 4,
                        outcome,
                        name,
                    }))
                });
            }
            Prefix::Part => look = Look::Undecided,
            Prefix::Other => {}
        }
    }
    look
}

/// The line that ends in `rest`, if `rest` has its end and is what `read` expects.
fn whole(bytes: &[u8], rest: &[u8], read: impl Fn(&str) -> Option<Line>) -> Look {
    let length = rest
        .iter()
        .take(MAX_LINE)
        .position(|&byte| byte == b'\n' || byte == MARK);
    match length {
        None if rest.len() < MAX_LINE => Look::Undecided,
        Some(length) if rest.get(length) == Some(&b'\n') => {
            let text = rest
                .get(..length)
                .and_then(|text| std::str::from_utf8(text).ok());
            match text.and_then(read) {
                Some(line) => Look::Whole(line, bytes.len() - rest.len() + length + 1),
                None => Look::Other,
            }
        }
        _ => Look::Other,
    }
}

/// The name in `TestX/a:b_(c) (0.00s)`. Names have no spaces (testing.rewrite). Reports of benchmarks have no time.
fn reported_name(text: &str) -> Option<&str> {
    let (name, time) = text.split_once(" (")?;
    let (seconds, hundredths) = time.strip_suffix("s)")?.split_once('.')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (!name.is_empty() && digits(seconds) && hundredths.len() == 2 && digits(hundredths))
        .then_some(name)
}

/// The top-level test of a test.
pub(super) fn top_level(name: &str) -> &str {
    name.split_once('/').map_or(name, |(top, _)| top)
}

/// Whether a test's name says that it ran below another.
pub(super) fn is_below(name: &str, above: &str) -> bool {
    name.strip_prefix(above)
        .is_some_and(|rest| rest.starts_with('/'))
}

enum Prefix<'a> {
    /// The bytes begin with all of it; what follows.
    Whole(&'a [u8]),
    /// The bytes end within it.
    Part,
    Other,
}

fn prefix<'a>(bytes: &'a [u8], prefix: &[u8]) -> Prefix<'a> {
    match bytes.strip_prefix(prefix) {
        Some(rest) => Prefix::Whole(rest),
        None if prefix.starts_with(bytes) => Prefix::Part,
        None => Prefix::Other,
    }
}
