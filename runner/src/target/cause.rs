//! Why a Go program crashed, as it says itself. It is noticed while the output streams by: the runtime writes it
//! first, and then every goroutine, so that it is soon no longer among the last lines.

use super::{
    line::{LEFT_OUT, LINE, Line, goroutine, text},
    panics::{PanicReport, Panics},
    races::{RACE, RULE, RaceReports, Races},
    stream::Stream,
};

/// How many lines are kept of the cause itself, up to the first goroutine.
const OPENING: usize = 12;

/// How many lines are kept of the first goroutine's trace.
const TRACE: usize = 24;

/// What the runtime begins a crash with (`runtime/panic.go`, `runtime/signal_unix.go`, `runtime/stack.go`), and the race
/// detector a report, after which it may end the program.
const BEGINNINGS: [&[u8]; 8] = [
    b"panic: ",
    b"fatal error: ",
    b"unexpected fault address ",
    b"runtime: goroutine stack exceeds ",
    b"runtime: out of memory",
    b"fatal: morestack on ",
    b"fatal: bad g in signal handler",
    RACE,
];

/// Watches both streams for the cause of a crash, for panics, and for the reports of the race detector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Causes {
    stdout: Reader,
    stderr: Reader,
}

impl Causes {
    /// Takes in what a stream brought; the program had written `before` bytes before, to both of them.
    pub(super) fn feed(&mut self, stream: Stream, bytes: &[u8], before: u64) {
        let reader = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        reader.feed(bytes, before);
    }

    /// Whether the race detector may be writing a report.
    pub(super) const fn is_race_written(&self) -> bool {
        self.stdout.races.is_writing() || self.stderr.races.is_writing()
    }

    /// Takes the reports of the race detector.
    pub(super) fn take_races(&mut self) -> RaceReports {
        let mut taken = self.stderr.races.drain();
        let more = self.stdout.races.drain();
        taken.reports.extend(more.reports);
        taken.more += more.more;
        taken
    }

    /// The panics that were reported.
    pub(super) fn panics(&self) -> Vec<PanicReport> {
        let both = self.stderr.panics.seen().chain(self.stdout.panics.seen());
        both.cloned().collect()
    }

    /// The last cause that was given: what the crash begins with and its first goroutine's trace.
    pub(super) fn last(&self) -> Option<&[Line]> {
        let causes = [&self.stdout.cause, &self.stderr.cause];
        let causes = causes.into_iter().filter(|cause| !cause.is_empty());
        causes
            .max_by_key(|cause| cause.first().map(|line| line.end))
            .map(Vec::as_slice)
    }
}

/// One stream, line by line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Reader {
    /// What has come of the line that is being written.
    line: Vec<u8>,
    place: Place,
    cause: Vec<Line>,
    races: Races,
    panics: Panics,
}

/// Where in a cause the stream is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// In none.
    #[default]
    Outside,
    /// Before the first goroutine, with so many lines.
    Opening(usize),
    /// In the first goroutine's trace, with so many lines.
    Trace(usize),
    /// In a report of the race detector, with so many lines.
    Race(usize),
}

impl Reader {
    fn feed(&mut self, bytes: &[u8], before: u64) {
        let mut at = 0;
        for end in memchr::memchr_iter(b'\n', bytes) {
            self.extend(bytes.get(at..end).unwrap_or_default());
            at = end + 1;
            let line = std::mem::take(&mut self.line);
            self.take(&line, before + at as u64);
            self.line = line;
            self.line.clear();
        }
        self.extend(bytes.get(at..).unwrap_or_default());
    }

    /// One byte more than is kept says that there was more.
    fn extend(&mut self, bytes: &[u8]) {
        let room = (LINE + 1).saturating_sub(self.line.len());
        self.line
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn take(&mut self, line: &[u8], end: u64) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.races.take(line);
        self.panics.take(line);
        let goes_on = matches!(self.place, Place::Opening(lines) if lines < OPENING);
        if begins(line) && !goes_on {
            self.cause.clear();
            self.place = if line.starts_with(RACE) {
                Place::Race(0)
            } else {
                Place::Opening(0)
            };
        }
        self.place = match self.place {
            Place::Outside => return,
            Place::Opening(_) if goroutine(line).is_some() => {
                self.keep(line, end, 0, TRACE, Place::Trace)
            }
            Place::Opening(lines) => self.keep(line, end, lines, OPENING, Place::Opening),
            Place::Trace(_) if line.is_empty() || goroutine(line).is_some() => Place::Outside,
            Place::Trace(lines) => self.keep(line, end, lines, TRACE, Place::Trace),
            Place::Race(_) if line == RULE => Place::Outside,
            Place::Race(lines) => self.keep(line, end, lines, OPENING + TRACE, Place::Race),
        };
    }

    /// Keeps a line after so many others, if there is room for it.
    fn keep(
        &mut self,
        line: &[u8],
        end: u64,
        lines: usize,
        most: usize,
        place: fn(usize) -> Place,
    ) -> Place {
        if lines < most {
            let text = text(line);
            self.cause.push(Line { end, text });
        } else if lines == most {
            let text = LEFT_OUT.to_owned();
            self.cause.push(Line { end, text });
        }
        place(lines.saturating_add(1))
    }
}

/// Whether a crash begins with that line. A signal is there by its name: `SIGSEGV: segmentation violation`.
fn begins(line: &[u8]) -> bool {
    let is_signal = line.strip_prefix(b"SIG").is_some_and(|rest| {
        let name = rest.iter().take_while(|byte| byte.is_ascii_uppercase());
        let name = name.count();
        name > 0 && rest.get(name..).is_some_and(|rest| rest.starts_with(b": "))
    });
    is_signal
        || BEGINNINGS
            .iter()
            .any(|beginning| line.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(output: &str) -> Vec<String> {
        let mut causes = Causes::default();
        // As it may come: in pieces that do not end where lines do.
        let mut before = 0;
        for piece in output.as_bytes().chunks(7) {
            causes.feed(Stream::Stderr, piece, before);
            before += piece.len() as u64;
        }
        let lines = causes.last().unwrap_or_default().iter();
        lines.map(|line| line.text.clone()).collect()
    }

    #[test]
    fn a_panic_is_kept_with_its_own_goroutine_alone() {
        let output = "\
listening
panic: a [recovered]
\tpanic: b

goroutine 7 [running]:
main.f(...)
\t/src/main.go:3 +0x1d

goroutine 8 [select]:
main.g()
";
        assert_eq!(
            cause(output),
            [
                "panic: a [recovered]",
                "\tpanic: b",
                "",
                "goroutine 7 [running]:",
                "main.f(...)",
                "\t/src/main.go:3 +0x1d"
            ]
        );
    }

    #[test]
    fn every_kind_of_crash_is_noticed() {
        for first in [
            "fatal error: all goroutines are asleep - deadlock!",
            "unexpected fault address 0x0",
            "SIGQUIT: quit",
            "SIGSEGV: segmentation violation",
            "runtime: goroutine stack exceeds 1000000000-byte limit",
            "WARNING: DATA RACE",
        ] {
            let output = format!("before\n{first}\nafter\n");
            assert_eq!(cause(&output), [first, "after"]);
        }
        assert!(cause("SIG: x\nSIGnal: x\nno panic: x\n  panic: x\n").is_empty());
    }

    #[test]
    fn what_is_long_is_cut_with_a_mark() {
        let output = format!("panic: {}\n", "x".repeat(5000));
        let lines = cause(&output);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].len(), LINE + LEFT_OUT.len());
        assert!(lines[0].ends_with(LEFT_OUT));

        let mut output = "fatal error: stack overflow\n".to_owned();
        output += &"runtime.f()\n".repeat(50);
        output += "goroutine 1 [running]:\n";
        output += &"main.f()\n".repeat(200);
        let lines = cause(&output);
        assert_eq!(lines.len(), OPENING + 1 + TRACE + 1);
        assert_eq!(lines[OPENING], LEFT_OUT);
        assert_eq!(lines[OPENING + 1], "goroutine 1 [running]:");
        assert_eq!(lines.last().map(String::as_str), Some(LEFT_OUT));
    }

    #[test]
    fn the_last_cause_counts_and_one_that_leads_to_another_stays_before_it() {
        let output =
            "runtime: goroutine stack exceeds 1000-byte limit\nfatal error: stack overflow\n";
        assert_eq!(cause(output).len(), 2);
        let told = "panic: only told\n".to_owned() + &"going on\n".repeat(20);
        assert_eq!(cause(&(told + "panic: real\n")), ["panic: real"]);
        let traced = "panic: only told\ngoroutine 1 [running]:\nmain.f()\npanic: real\n";
        assert_eq!(cause(traced), ["panic: real"]);
        let race = "==================\nWARNING: DATA RACE\nWrite\n==================\nmore\n";
        assert_eq!(cause(race), ["WARNING: DATA RACE", "Write"]);
        assert_eq!(cause(&format!("{race}panic: real\n")), ["panic: real"]);
    }
}
