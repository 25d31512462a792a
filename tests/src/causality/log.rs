//! The journals as a program wrote them.

use model::{Goid, Outcome};

/// Why a text is no log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogError {
    /// The line, from 1.
    pub line: usize,
    /// What is there.
    pub text: String,
}

/// A function that writes its calls down.
#[derive(Clone, Copy, Debug)]
pub struct Signature<'a> {
    /// Its name in Go's notation.
    pub name: &'a str,
    /// How many values its arguments are, those inside of receivers counted one by one.
    pub arguments: usize,
    /// Likewise its results.
    pub results: usize,
}

/// What one goroutine did, from a beginning to an end of its own.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// Its number, by which others speak of it.
    pub number: i64,
    /// The goroutine.
    pub goid: Goid,
    /// The goroutine that created it; none for the runtime itself.
    pub creator: Option<Goid>,
    /// The run and the call of its creator that was open then; none if that has no journal, or no call was open.
    pub creating: Option<(i64, usize)>,
    /// Whether the goroutine was created for this run; else it was there before.
    pub created: bool,
    /// The id of the request that it worked for.
    pub request: Option<i64>,
    /// The number of an event before it was created.
    pub before: u64,
    /// The number of its last event; none if it never ended.
    pub after: Option<u64>,
    /// The function that the goroutine started with.
    pub start: &'a str,
    /// Its calls, by entry.
    pub calls: Vec<Told<'a>>,
}

/// A call.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Index of its function.
    pub function: usize,
    /// The call of the same run within which it was made.
    pub parent: Option<usize>,
    /// The number of its beginning.
    pub begin: u64,
    /// The number of its end; none if it was still open when the log was written.
    pub end: Option<u64>,
    /// How it ended; none if it had not.
    pub outcome: Option<Outcome>,
    /// Its arguments and then its results, with spaces between.
    pub values: &'a str,
}

/// All that a program wrote down.
#[derive(Clone, Debug, Default)]
pub struct Log<'a> {
    /// The functions.
    pub functions: Vec<Signature<'a>>,
    /// What the goroutines did, by number.
    pub runs: Vec<Run<'a>>,
}

impl<'a> Log<'a> {
    /// Reads a log.
    ///
    /// # Errors
    /// A line is not as a journal writes it.
    pub fn read(text: &'a str) -> Result<Self, LogError> {
        let mut log = Self::default();
        for (index, line) in text.lines().enumerate() {
            log.line(line).ok_or_else(|| LogError {
                line: index + 1,
                text: line.to_owned(),
            })?;
        }
        Ok(log)
    }

    /// How many calls there are.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.runs.iter().map(|run| run.calls.len()).sum()
    }

    fn line(&mut self, line: &'a str) -> Option<()> {
        let (kind, rest) = line.split_once(' ')?;
        match kind {
            "f" => self.functions.push(signature(rest)?),
            "g" => self.runs.push(run(rest)?),
            "c" => {
                let told = told(rest)?;
                let signature = self.functions.get(told.function)?;
                let results = match told.outcome {
                    Some(outcome) if outcome.has_results() => signature.results,
                    _ => 0,
                };
                let calls = &mut self.runs.last_mut()?.calls;
                let parent_before = told.parent.is_none_or(|parent| parent < calls.len());
                if told.values().count() != signature.arguments + results || !parent_before {
                    return None;
                }
                calls.push(told);
            }
            _ => return None,
        }
        Some(())
    }
}

impl<'a> Told<'a> {
    /// The arguments and then the results: numbers as they are, texts behind a `'`.
    pub fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.values.split(' ').filter(|value| !value.is_empty())
    }
}

fn signature(rest: &str) -> Option<Signature<'_>> {
    // A name has spaces nowhere.
    let mut words = rest.split(' ').map(|word| word.strip_prefix('\''));
    let mut word = || words.next().flatten();
    Some(Signature {
        name: word()?,
        arguments: word()?.len(),
        results: word()?.len(),
    })
}

fn run(rest: &str) -> Option<Run<'_>> {
    let mut words = rest.split(' ');
    let number = words.next()?.parse().ok()?;
    let goid = Goid(words.next()?.parse().ok()?);
    let creator = Goid(words.next()?.parse().ok()?);
    let creator_run: i64 = words.next()?.parse().ok()?;
    let creator_call: i64 = words.next()?.parse().ok()?;
    let request: i64 = words.next()?.parse().ok()?;
    let before = words.next()?.parse().ok()?;
    let after: u64 = words.next()?.parse().ok()?;
    let start = words.next()?.strip_prefix('\'')?;
    Some(Run {
        number,
        goid,
        creator: Some(creator).filter(|goid| *goid != Goid(0)),
        creating: usize::try_from(creator_call)
            .ok()
            .map(|call| (creator_run, call)),
        created: creator_run >= 0 || creator == Goid(0),
        request: Some(request).filter(|request| *request >= 0),
        before,
        after: Some(after).filter(|after| *after > 0),
        start,
        calls: Vec::new(),
    })
}

fn told(rest: &str) -> Option<Told<'_>> {
    let mut words = rest.splitn(6, ' ');
    let function = words.next()?.parse().ok()?;
    let parent: i64 = words.next()?.parse().ok()?;
    let begin = words.next()?.parse().ok()?;
    let end: u64 = words.next()?.parse().ok()?;
    let outcome = match words.next()? {
        "r" => Some(Outcome::Returned),
        "p" => Some(Outcome::Panicked),
        "c" => Some(Outcome::Recovered),
        "g" => Some(Outcome::Goexit),
        "?" => None,
        _ => return None,
    };
    Some(Told {
        function,
        parent: usize::try_from(parent).ok(),
        begin,
        end: Some(end).filter(|end| *end > 0),
        outcome,
        values: words.next().unwrap_or_default(),
    })
}
