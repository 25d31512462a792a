//! Panics that the program's output speaks of: those that end it, as the runtime writes them, and those of handlers, as
//! `net/http` logs them.

use std::collections::VecDeque;

use super::line::{goroutine, text};

/// How many panics are kept, the last ones.
const MAX_PANICS: usize = 64;

/// How many lines a value and what follows it may take, up to the goroutine's trace.
const MAX_LINES: usize = 12;

/// How many frames of a trace are kept.
const MAX_FRAMES: usize = 64;

/// What the runtime writes before a value (`printpanics` in `runtime/panic.go`), and `net/http` after the time and before the
/// address of the client.
const CRASH: &[u8] = b"panic: ";
const HANDLER: &[u8] = b"http: panic serving ";

/// A panic, as the program's output has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PanicReport {
    /// The number of its goroutine.
    pub goroutine: u64,
    /// The value, as the runtime writes it.
    pub value: String,
    /// The functions that it went past or was to, innermost first, by the linker's names.
    pub frames: Vec<String>,
}

/// Watches a stream for panics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Panics {
    seen: VecDeque<PanicReport>,
    place: Place,
}

/// Where in a report the stream is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Outside,
    /// Behind the value's begin, with so many lines.
    Value(String, usize),
    /// In the trace of the last one that was seen.
    Trace,
}

impl Panics {
    pub(super) fn take(&mut self, line: &[u8]) {
        if let Some(value) = value(line) {
            self.place = Place::Value(text(value), 1);
            return;
        }
        self.place = match std::mem::take(&mut self.place) {
            Place::Outside => return,
            Place::Value(value, lines) => match goroutine(line) {
                Some(goroutine) => {
                    self.begin(goroutine, &value);
                    Place::Trace
                }
                None if lines >= MAX_LINES => Place::Outside,
                // What signal it was, and the empty line before the trace, are not of the value.
                None if line.is_empty() || line.starts_with(b"[signal ") => {
                    Place::Value(value, lines + 1)
                }
                None => Place::Value(value + "\n" + &text(line), lines + 1),
            },
            Place::Trace if line.is_empty() => Place::Outside,
            Place::Trace => {
                self.frame(line);
                Place::Trace
            }
        };
    }

    /// The last ones, the latest last.
    pub(super) fn seen(&self) -> impl Iterator<Item = &PanicReport> {
        self.seen.iter()
    }

    fn begin(&mut self, goroutine: u64, value: &str) {
        if self.seen.len() >= MAX_PANICS {
            self.seen.pop_front();
        }
        let value = value.strip_suffix(" [recovered]").unwrap_or(value);
        let again = value.strip_suffix(" [recovered, repanicked]");
        self.seen.push_back(PanicReport {
            goroutine,
            value: again.unwrap_or(value).to_owned(),
            frames: Vec::new(),
        });
    }

    /// `main.(*shop).charge(0xc000012345, 0x5)`; between the frames are their places.
    fn frame(&mut self, line: &[u8]) {
        let Some(panic) = self.seen.back_mut() else {
            return;
        };
        if line.starts_with(b"\t") {
            return;
        }
        let line = String::from_utf8_lossy(line);
        match line.rsplit_once('(') {
            // What is before it ran deferred functions, which did not panic.
            Some(("panic", _)) if panic.frames.len() < MAX_FRAMES => panic.frames.clear(),
            Some((function, _)) if panic.frames.len() < MAX_FRAMES => {
                panic.frames.push(function.to_owned());
            }
            _ => {}
        }
    }
}

/// The value that the line begins; of several panics of a goroutine the last one counts.
fn value(line: &[u8]) -> Option<&[u8]> {
    let crash = line.strip_prefix(b"\t").unwrap_or(line);
    if let Some(value) = crash.strip_prefix(CRASH) {
        return Some(value);
    }
    let at = memchr::memmem::find(line, HANDLER)?;
    let rest = line.get(at + HANDLER.len()..)?;
    let colon = memchr::memmem::find(rest, b": ")?;
    rest.get(colon + 2..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(output: &str) -> Vec<(u64, String, Vec<String>)> {
        let mut panics = Panics::default();
        for line in output.lines() {
            panics.take(line.as_bytes());
        }
        let seen = panics.seen().cloned();
        seen.map(|panic| (panic.goroutine, panic.value, panic.frames))
            .collect()
    }

    #[test]
    fn a_crash_has_a_value_and_the_frames_of_its_goroutine() {
        let output = "\
panic: runtime error: index out of range [5] with length 3

goroutine 7 [running]:
main.(*shop).charge(0xc000012345, 0x5)
\t/src/main.go:3 +0x1d
main.main()
\t/src/main.go:9 +0x1d

goroutine 8 [select]:
main.other()
";
        let frames = ["main.(*shop).charge", "main.main"].map(str::to_owned);
        assert_eq!(
            seen(output),
            [(
                7,
                "runtime error: index out of range [5] with length 3".to_owned(),
                frames.to_vec()
            )]
        );
    }

    #[test]
    fn a_handlers_panic_is_told_by_net_http() {
        let output = "\
2026/11/29 18:00:00 http: panic serving 127.0.0.1:40000: boom: at last
goroutine 34 [running]:
net/http.(*conn).serve.func1()
\t/go/src/net/http/server.go:1947 +0xbe
panic({0x6bd6a0?, 0x7a9a50?})
\t/go/src/runtime/panic.go:791 +0x132
main.charge(...)
\t/src/main.go:12
";
        assert_eq!(
            seen(output),
            [(
                34,
                "boom: at last".to_owned(),
                vec!["main.charge".to_owned()]
            )]
        );
    }

    #[test]
    fn the_last_of_several_panics_counts_and_values_may_have_lines() {
        let value = |output: &str| seen(output).into_iter().next().map(|(_, value, _)| value);
        let nested = "panic: a [recovered]\n\tpanic: b\n\ngoroutine 1 [running]:\n";
        assert_eq!(value(nested).as_deref(), Some("b"));
        let again = "panic: a [recovered, repanicked]\n\ngoroutine 1 [running]:\n";
        assert_eq!(value(again).as_deref(), Some("a"));
        let lines = "panic: a\nb\n[signal SIGSEGV: x]\n\ngoroutine 1 [running]:\n";
        assert_eq!(value(lines).as_deref(), Some("a\nb"));
        assert_eq!(value("panic: only told\ngoing on\n"), None);
        let long = "panic: a\n".to_owned() + &"b\n".repeat(20) + "goroutine 1 [running]:\n";
        assert_eq!(value(&long), None);
    }
}
