//! What the target writes: kept within bounds, first and last part; the middle is counted.

use std::{
    collections::VecDeque,
    fmt,
    io::{self, Read},
    os::fd::AsFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{
    cause::Causes,
    line::{LEFT_OUT, Line},
    panics::PanicReport,
    races::RaceReports,
    stream::{Echo, Stream},
    texts::Texts,
};

/// How many bytes are kept of the beginning, and as many of the end.
const KEPT: usize = 64 << 10;

/// When so many bytes more are read, all are that both pipes held before: they hold [`KEPT`] each, and are read in turns.
const SURELY_READ: u64 = 4 * KEPT as u64;

/// What the target wrote to both streams, in the order in which it arrived: the first 64 KiB and the last
/// 64 KiB, and why it crashed, wherever that is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    omitted: u64,
    causes: Causes,
    texts: Texts,
}

impl Output {
    fn push(&mut self, stream: Stream, bytes: &[u8]) {
        self.causes.feed(stream, bytes, self.written());
        self.texts.push(stream, bytes);
        let (first, rest) = bytes.split_at(bytes.len().min(KEPT - self.head.len()));
        self.head.extend_from_slice(first);
        self.tail.extend(rest);
        let excess = self.tail.len().saturating_sub(KEPT);
        self.tail.drain(..excess);
        self.omitted += excess as u64;
    }

    /// How many bytes between the first and the last part are not kept.
    #[must_use]
    pub const fn omitted(&self) -> u64 {
        self.omitted
    }

    /// How many bytes the target wrote.
    #[must_use]
    pub fn written(&self) -> u64 {
        (self.head.len() + self.tail.len()) as u64 + self.omitted
    }

    /// The last `count` lines, without line ends. A line whose beginning is not kept is cut there.
    #[must_use]
    pub fn last_lines(&self, count: usize) -> Vec<String> {
        let lines = self.last(count).into_iter();
        lines.map(|line| line.text).collect()
    }

    /// Of a crash: why, by the program's own words, with the first goroutine's trace, and then the last `count` lines. If
    /// these have all of it, nothing comes before them.
    #[must_use]
    pub(crate) fn crash(&self, count: usize) -> Vec<String> {
        let mut last = self.last(count);
        let cause = self.causes.last().unwrap_or_default();
        let begin = cause.first().map(|line| line.end);
        let is_of_cause = |line: &Line| cause.iter().any(|known| known.end == line.end);
        if begin.is_none() || last.iter().any(|line| Some(line.end) == begin) {
            return last.into_iter().map(|line| line.text).collect();
        }
        let follows = last.first().is_some_and(|line| {
            let start = line.end.saturating_sub(line.text.len() as u64 + 1);
            is_of_cause(line) || cause.last().is_some_and(|known| known.end == start)
        });
        last.retain(|line| !is_of_cause(line));
        let mut lines: Vec<String> = cause.iter().map(|line| line.text.clone()).collect();
        if !follows && lines.last().is_none_or(|last| last != LEFT_OUT) {
            lines.push(LEFT_OUT.to_owned());
        }
        lines.extend(last.into_iter().map(|line| line.text));
        lines
    }

    /// Whether the race detector may be writing a report.
    const fn is_race_written(&self) -> bool {
        self.causes.is_race_written()
    }

    /// What is kept of the text behind so many bytes. If what was between is not kept, it begins later.
    pub(super) fn since(&self, written: u64) -> String {
        let bytes = self.end();
        let begin = self.written() - bytes.len() as u64;
        let skipped = usize::try_from(written.saturating_sub(begin)).unwrap_or(usize::MAX);
        String::from_utf8_lossy(bytes.get(skipped..).unwrap_or_default()).into_owned()
    }

    /// The panics that the program reported.
    pub(super) fn panics(&self) -> Vec<PanicReport> {
        self.causes.panics()
    }

    /// All bytes up to the last, as many as are kept without a gap.
    fn end(&self) -> Vec<u8> {
        let head = if self.omitted == 0 {
            self.head.as_slice()
        } else {
            &[]
        };
        head.iter().chain(&self.tail).copied().collect()
    }

    fn last(&self, count: usize) -> Vec<Line> {
        let bytes = self.end();
        let mut end = self.written();
        let lines = bytes.split_inclusive(|byte| *byte == b'\n').rev();
        let lines = lines.take(count).map(|line| {
            let text = line.strip_suffix(b"\n").unwrap_or(line);
            let text = text.strip_suffix(b"\r").unwrap_or(text);
            let text = String::from_utf8_lossy(text).into_owned();
            let line_end = end;
            end = end.saturating_sub(line.len() as u64);
            Line {
                end: line_end,
                text,
            }
        });
        let mut lines: Vec<Line> = lines.collect();
        lines.reverse();
        lines
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tail: Vec<u8> = self.tail.iter().copied().collect();
        if self.omitted == 0 {
            let whole = [self.head.as_slice(), &tail].concat();
            return f.write_str(&String::from_utf8_lossy(&whole));
        }
        f.write_str(&String::from_utf8_lossy(&self.head))?;
        write!(f, "\n[{} bytes left out]\n", self.omitted)?;
        f.write_str(&String::from_utf8_lossy(&tail))
    }
}

/// A thread that reads both streams until all writers have closed them, or until `finish` ends it.
#[derive(Debug)]
pub(super) struct Capture {
    output: Arc<Mutex<Output>>,
    over: Option<io::PipeWriter>,
    thread: Option<JoinHandle<()>>,
    /// The ends that are read, to see whether something waits there; none after the end.
    sources: Vec<io::PipeReader>,
}

impl Capture {
    /// Starts to read.
    pub(super) fn start(
        stdout: io::PipeReader,
        stderr: io::PipeReader,
        echo: Option<Echo>,
    ) -> io::Result<Self> {
        let (ear, over) = io::pipe()?;
        let output = Arc::default();
        let sources = vec![stdout.try_clone()?, stderr.try_clone()?];
        let reader = Reader {
            open: vec![(Stream::Stdout, stdout), (Stream::Stderr, stderr)],
            ear,
            output: Arc::clone(&output),
            echo,
        };
        let thread = thread::Builder::new()
            .name("target's output".into())
            .spawn(move || reader.run())?;
        Ok(Self {
            output,
            over: Some(over),
            thread: Some(thread),
            sources,
        })
    }

    /// What was read so far.
    pub(super) fn output(&self) -> Output {
        lock(&self.output).clone()
    }

    /// What was written before this call, or as much of it as is read within that time.
    pub(super) fn caught_up(&self, within: Duration) -> Output {
        let (output, _) = self.read(within, |_| true);
        output.clone()
    }

    /// Forgets the texts of both streams, once what was written before this call is read, or as much of it as is within
    /// that time.
    pub(super) fn begin_texts(&self, within: Duration) {
        let (mut output, _) = self.read(within, |_| true);
        output.texts = Texts::default();
    }

    /// The texts of both streams as they are written before this call. What can't be read within that time is missing, and
    /// they say so.
    pub(super) fn texts(&self, within: Duration) -> model::Output {
        let (output, is_read) = self.read(within, |_| true);
        output.texts.written(!is_read)
    }

    /// Takes the reports of the race detector among what was written before this call. They are waited for, at most that
    /// long.
    pub(super) fn take_races(&self, within: Duration) -> RaceReports {
        let (mut output, is_read) = self.read(within, |output| !output.is_race_written());
        RaceReports {
            unread: !is_read,
            ..output.causes.take_races()
        }
    }

    /// Waits until what was written before this call is read and that is `enough`, at most that long; and whether it is read.
    fn read(
        &self,
        within: Duration,
        enough: impl Fn(&Output) -> bool,
    ) -> (MutexGuard<'_, Output>, bool) {
        let deadline = Instant::now() + within;
        let begin = lock(&self.output).written();
        loop {
            let output = lock(&self.output);
            let is_read = self.is_over()
                || output.written().saturating_sub(begin) >= SURELY_READ
                || !self.has_more();
            let is_late = Instant::now() >= deadline;
            if (is_read && enough(&output)) || is_late || self.is_over() {
                return (output, is_read);
            }
            drop(output);
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Whether nothing is read any more.
    fn is_over(&self) -> bool {
        self.thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Whether something was written that is not read yet. While the output is locked, nothing is between both.
    fn has_more(&self) -> bool {
        let sources = self.sources.iter();
        let mut sources: Vec<_> = sources
            .map(|pipe| PollFd::new(pipe.as_fd(), PollFlags::POLLIN))
            .collect();
        // If that is not known, there is more.
        poll(&mut sources, PollTimeout::ZERO).is_err()
            || sources.iter().any(|source| {
                source
                    .revents()
                    .is_none_or(|events| events.contains(PollFlags::POLLIN))
            })
    }

    /// Waits until both streams are closed, at most that long.
    pub(super) fn settle(&self, within: Duration) {
        let deadline = Instant::now() + within;
        while !self.is_over() && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Reads what is there, and no more.
    pub(super) fn finish(&mut self) {
        self.over = None;
        if let Some(thread) = self.thread.take() {
            // It can only have panicked in the echo; the output up to there is kept.
            let _ = thread.join();
        }
        self.sources.clear();
    }
}

struct Reader {
    open: Vec<(Stream, io::PipeReader)>,
    ear: io::PipeReader,
    output: Arc<Mutex<Output>>,
    echo: Option<Echo>,
}

impl Reader {
    fn run(mut self) {
        let mut chunk = vec![0; KEPT];
        while !self.open.is_empty() {
            let Ok((ready, over)) = self.wait() else {
                return;
            };
            if over && ready.is_empty() {
                return;
            }
            for index in ready.into_iter().rev() {
                self.read(index, &mut chunk);
            }
        }
    }

    /// Which of the open streams have something, or have ended; and whether it is over.
    fn wait(&self) -> io::Result<(Vec<usize>, bool)> {
        let mut sources: Vec<_> = self
            .open
            .iter()
            .map(|(_, pipe)| PollFd::new(pipe.as_fd(), PollFlags::POLLIN))
            .collect();
        sources.push(PollFd::new(self.ear.as_fd(), PollFlags::POLLIN));
        loop {
            match poll(&mut sources, PollTimeout::NONE) {
                Ok(_) => break,
                Err(nix::errno::Errno::EINTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let ready = sources.iter().enumerate();
        let ready = ready.filter(|(_, source)| source.any() == Some(true));
        let mut ready: Vec<usize> = ready.map(|(index, _)| index).collect();
        let over = ready.last() == Some(&self.open.len());
        if over {
            ready.pop();
        }
        Ok((ready, over))
    }

    fn read(&mut self, index: usize, chunk: &mut [u8]) {
        let (stream, pipe) = &mut self.open[index];
        let stream = *stream;
        // There is something to read, so this is at once.
        let mut output = lock(&self.output);
        match pipe.read(chunk) {
            Ok(0) => drop(self.open.remove(index)),
            Ok(length) => {
                output.push(stream, &chunk[..length]);
                drop(output);
                if let Some(echo) = &mut self.echo {
                    echo(stream, &chunk[..length]);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => drop(self.open.remove(index)),
        }
    }
}

/// No code panics while it holds one of our locks; if it did, the data is still whole.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn little_output_is_kept_whole() {
        let mut output = Output::default();
        output.push(Stream::Stdout, b"one\ntw");
        output.push(Stream::Stdout, b"o\nthree\n");
        assert_eq!(output.to_string(), "one\ntwo\nthree\n");
        assert_eq!(output.last_lines(2), ["two", "three"]);
        assert_eq!((output.written(), output.omitted()), (14, 0));
    }

    #[test]
    fn of_much_output_both_ends_are_kept() {
        let mut output = Output::default();
        for number in 0..100_000 {
            output.push(Stream::Stdout, format!("line {number}\n").as_bytes());
        }
        let text = output.to_string();
        assert!(text.starts_with("line 0\nline 1\n"));
        assert!(text.ends_with("line 99998\nline 99999\n"));
        assert!(text.contains(&format!("[{} bytes left out]", output.omitted())));
        assert_eq!(output.written(), 1_088_890);
        assert_eq!(output.written() - output.omitted(), 2 * KEPT as u64);
        assert_eq!(output.last_lines(1), ["line 99999"]);
    }

    /// What a program writes that crashes with so many goroutines.
    fn crash(goroutines: usize) -> Output {
        let mut output = Output::default();
        output.push(Stream::Stdout, b"serving\n");
        let cause = "panic: boom\n\ngoroutine 7 [running]:\nmain.f()\n\t/src/main.go:3\n\n";
        output.push(Stream::Stderr, cause.as_bytes());
        for number in 0..goroutines {
            let text = format!("goroutine {number} [select]:\nmain.g()\n\t/src/main.go:9\n\n");
            output.push(Stream::Stderr, text.as_bytes());
        }
        output
    }

    #[test]
    fn a_crash_is_shown_with_its_cause_first_however_much_follows() {
        let output = crash(100_000);
        assert!(output.omitted() > 0 && !output.last_lines(50).join("\n").contains("boom"));
        let shown = output.crash(3);
        assert_eq!(
            shown,
            [
                "panic: boom",
                "",
                "goroutine 7 [running]:",
                "main.f()",
                "\t/src/main.go:3",
                "[…]",
                "main.g()",
                "\t/src/main.go:9",
                ""
            ]
        );
    }

    #[test]
    fn nothing_of_a_crash_is_shown_twice() {
        assert_eq!(crash(0).crash(10), crash(0).last_lines(10));
        assert_eq!(
            crash(0).crash(3),
            [
                "panic: boom",
                "",
                "goroutine 7 [running]:",
                "main.f()",
                "\t/src/main.go:3",
                ""
            ]
        );
        assert!(Output::default().crash(3).is_empty());
    }

    #[test]
    fn a_character_across_the_boundary_stays_whole() {
        let mut output = Output::default();
        output.push(Stream::Stdout, &vec![b'a'; KEPT - 1]);
        output.push(Stream::Stdout, "é!".as_bytes());
        assert!(output.to_string().ends_with("aé!"));
        assert!(output.last_lines(1)[0].ends_with("aé!"));
    }

    #[test]
    fn a_writer_that_stays_open_does_not_hold_up_the_end() {
        let (stdout, mut kept_open) = io::pipe().unwrap();
        let (stderr, closed) = io::pipe().unwrap();
        drop(closed);
        let mut capture = Capture::start(stdout, stderr, None).unwrap();
        kept_open.write_all(b"still here").unwrap();
        capture.finish();
        assert_eq!(capture.output().to_string(), "still here");
    }

    #[test]
    fn reports_of_races_are_taken_as_soon_as_they_are_written() {
        let (stdout, _out) = io::pipe().unwrap();
        let (stderr, mut err) = io::pipe().unwrap();
        let capture = Capture::start(stdout, stderr, None).unwrap();
        let report = b"==================\nWARNING: DATA RACE\nWrite\n==================\n";
        err.write_all(report).unwrap();
        let taken = capture.take_races(Duration::from_secs(10));
        assert_eq!((taken.reports.len(), taken.unread), (1, false));
        assert_eq!(taken.reports[0].lines, ["WARNING: DATA RACE", "Write"]);
        let taken = capture.take_races(Duration::from_secs(10));
        assert_eq!(taken, RaceReports::default(), "once");

        // One that is being written is waited for.
        err.write_all(&report[..30]).unwrap();
        let rest = thread::spawn(move || {
            thread::sleep(Duration::from_millis(20));
            err.write_all(&report[30..]).unwrap();
            err
        });
        let taken = capture.take_races(Duration::from_secs(10));
        assert_eq!(taken.reports[0].lines, ["WARNING: DATA RACE", "Write"]);
        drop(rest.join().unwrap());
    }
}
