//! Outputs of real test binaries, and what becomes of them. In ordinary text here, `^V`, `^O` and `^N` stand for the bytes.

mod artifacts;
mod attributes;
mod edges;
mod recorded;

use std::cell::RefCell;
use std::collections::{HashSet, VecDeque};
use std::io::{self, Write};
use std::rc::Rc;

use super::{Mode, Outcome, Rewriter, Summary, Verdict, Verdicts};

/// Verdicts on runs that have all ended, in the order of their ends. An empty reason passes.
#[derive(Clone, Default)]
struct Known(VecDeque<(String, Verdict)>);

impl Known {
    fn new(runs: &[(&str, &str)]) -> Self {
        let run = |&(name, why): &(&str, &str)| {
            let lines = why.split('|').map(str::to_owned).collect();
            (
                name.to_owned(),
                Verdict {
                    fails: !why.is_empty(),
                    lines,
                    places: Vec::new(),
                    artifacts: Vec::new(),
                },
            )
        };
        Self(runs.iter().map(run).collect())
    }
}

impl Verdicts for Known {
    fn next(&mut self, test: &str, _: Outcome) -> Option<Verdict> {
        let place = self.0.iter().position(|(name, _)| name == test)?;
        self.0.remove(place).map(|(_, verdict)| verdict)
    }

    fn below(&mut self, test: &str) -> Vec<(String, Verdict)> {
        let mut names = HashSet::new();
        let prefix = format!("{test}/");
        let (below, rest): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|(name, _)| name.starts_with(&prefix) && names.insert(name.clone()));
        self.0 = rest;
        below.into()
    }

    fn rest(&mut self) -> Vec<(String, Verdict)> {
        self.0.drain(..).collect()
    }
}

/// Output that can be looked at while it is written.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn take(&self) -> String {
        readable(&std::mem::take(&mut *self.0.borrow_mut()))
    }
}

const MARKS: [(&str, &str); 4] = [
    ("^V", "\x16"),
    ("^O", "\x0f"),
    ("^N", "\x0e"),
    ("^[", "\x1b"),
];

fn readable(bytes: &[u8]) -> String {
    MARKS.iter().fold(
        String::from_utf8_lossy(bytes).into_owned(),
        |text, (word, mark)| text.replace(mark, word),
    )
}

fn bytes(text: &str) -> Vec<u8> {
    MARKS
        .iter()
        .fold(text.to_owned(), |text, (word, mark)| {
            text.replace(word, mark)
        })
        .into_bytes()
}

fn rewrite(mode: Mode, minor: u32, chunks: &[&[u8]], verdicts: Known) -> (Vec<u8>, Summary) {
    let out = Shared::default();
    let mut rewriter = Rewriter::new(mode, minor, out.clone(), verdicts);
    for chunk in chunks {
        rewriter.write(chunk).unwrap();
    }
    let summary = rewriter.finish().unwrap();
    (out.0.take(), summary)
}

fn rewritten(mode: Mode, minor: u32, text: &str, runs: &[(&str, &str)]) -> String {
    readable(&rewrite(mode, minor, &[&bytes(text)], Known::new(runs)).0)
}

/// That the output is the recorded one but for these changes, however the recorded one is cut.
#[track_caller]
fn changes(
    mode: Mode,
    minor: u32,
    recorded: &str,
    runs: &[(&str, &str)],
    changes: &[(&str, &str)],
) -> Summary {
    let recorded = readable(recorded.as_bytes());
    let mut want = recorded.clone();
    for (old, new) in changes {
        assert_eq!(want.matches(old).count(), 1, "{old:?} in {want}");
        want = want.replace(old, new);
    }
    let recorded = bytes(&recorded);
    let (out, summary) = rewrite(mode, minor, &[&recorded], Known::new(runs));
    assert_eq!(readable(&out), want);
    let single: Vec<&[u8]> = recorded.chunks(1).collect();
    assert_eq!(
        readable(&rewrite(mode, minor, &single, Known::new(runs)).0),
        want
    );
    let mut random = Random(7);
    for _ in 0..20 {
        let (mut rest, mut chunks) = (&recorded[..], Vec::new());
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at((1 + random.below(90)).min(rest.len()));
            chunks.push(chunk);
            rest = after;
        }
        assert_eq!(
            rewrite(mode, minor, &chunks, Known::new(runs)),
            (out.clone(), summary)
        );
    }
    summary
}

/// A generator of numbers that are the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % u64::try_from(end).unwrap()).unwrap()
    }
}
