//! The thread that drains records into a tracer while the program works.
//!
//! There is no queue between them: a record is taken from the ring, traced and gone. If tracing is slower than the
//! program, the ring fills and the kernel program counts what it loses.
//!
//! What had happened at a moment is in as soon as the records in front of a [`Mark`] are, however busy the program
//! goes on.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use model::{Loss, Timestamp};
use trace::{
    Tracer,
    redact::Patterns,
    source::{Accounted, Mark, RecordSource},
};

/// How long the ring may take to get empty once the program is quiet.
pub(super) const DRAIN: Duration = Duration::from_secs(10);

/// How long the thread waits for the next record before it looks whether something is wanted of it.
const WAIT: Duration = Duration::from_millis(5);

/// How long the thread waits for a record that is being made in front of a mark.
const SHORT_WAIT: Duration = Duration::from_micros(100);

/// How long hits may be under way until they count as lost.
const UNDER_WAY: Duration = Duration::from_millis(200);

/// Why watching failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DrainError {
    /// Records can't be read any more.
    #[error("the records of the kernel program cannot be read: {0}")]
    Source(String),
    /// What had happened was not taken in in time.
    #[error(
        "the program makes calls faster than they can be taken in: {0:?} were not enough for what waited in the ring; watch fewer functions"
    )]
    TooSlow(Duration),
}

/// Gets each raw record besides the tracer, to write it down.
pub(super) type Copy = Box<dyn FnMut(&[u8]) + Send>;

/// A record source being drained.
pub struct Drain {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    stop: AtomicBool,
}

struct State {
    tracer: Tracer,
    copy: Option<Copy>,
    /// The last flush that was asked for, and the last that is done.
    wanted: u64,
    done: u64,
    /// The most that was asked for since the last flush was done.
    asked: Asked,
    flushed: Flushed,
    error: Option<DrainError>,
}

/// What is asked for with a flush.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// That the records are in.
    #[default]
    Records,
    /// What was lost, too.
    Loss,
    /// The same, and the loss is not to be told again.
    LossOnce,
}

/// What a flush brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flushed {
    /// What was lost before, since the source was opened or a loss was told for the last time.
    pub loss: Loss,
    /// What happened before this moment is in, or counted as lost.
    pub now: Timestamp,
}

impl Drain {
    /// Begins to drain a source into a tracer. What the patterns redact is overwritten before anything else.
    pub fn begin<S>(source: S, tracer: Tracer, patterns: Arc<Patterns>) -> Self
    where
        S: RecordSource + Send + 'static,
    {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                tracer,
                copy: None,
                wanted: 0,
                done: 0,
                asked: Asked::default(),
                flushed: Flushed::default(),
                error: None,
            }),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let thread = thread::spawn({
            let shared = Arc::clone(&shared);
            move || shared.drain(source, &patterns)
        });
        Self {
            shared,
            thread: Some(thread),
        }
    }

    /// Takes in everything that happened before this call, and gives the moment up to which it did.
    ///
    /// # Errors
    /// The source can't be read, or it takes longer than `within`.
    pub(crate) fn catch_up(&self, within: Duration) -> Result<Timestamp, DrainError> {
        let flushed = self.wait(Asked::Records, within)?;
        Ok(flushed.now)
    }

    /// Takes in everything that happened before this call, and tells what was lost. It will be told again.
    ///
    /// # Errors
    /// The source can't be read, or it takes longer than `within`.
    pub fn flush(&self, within: Duration) -> Result<Flushed, DrainError> {
        self.wait(Asked::Loss, within)
    }

    /// The same, and what was lost is not told again.
    ///
    /// # Errors
    /// The source can't be read, or it takes longer than `within`.
    pub(crate) fn flush_once(&self, within: Duration) -> Result<Flushed, DrainError> {
        self.wait(Asked::LossOnce, within)
    }

    fn wait(&self, asked: Asked, within: Duration) -> Result<Flushed, DrainError> {
        let begin = Instant::now();
        let mut state = self.shared.lock();
        state.wanted += 1;
        state.asked = state.asked.max(asked);
        let ticket = state.wanted;
        loop {
            if let Some(error) = &state.error {
                return Err(error.clone());
            }
            if state.done >= ticket {
                return Ok(state.flushed.clone());
            }
            if begin.elapsed() > within {
                return Err(DrainError::TooSlow(within));
            }
            state = self
                .shared
                .changed
                .wait_timeout(state, WAIT)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// Looks at the tracer, or changes it, between two records.
    pub fn with<T>(&self, look: impl FnOnce(&mut Tracer) -> T) -> T {
        look(&mut self.shared.lock().tracer)
    }

    /// Gives no more records to the copy that was set.
    pub(crate) fn stop_copying(&self) {
        self.shared.lock().copy = None;
    }

    /// Puts a fresh tracer in the place of the one there was; from here on records are also given to `copy`.
    pub fn renew(&self, tracer: Tracer, copy: Option<Copy>) {
        let mut state = self.shared.lock();
        state.tracer = tracer;
        state.copy = copy;
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // The thread has no panics of its own to tell of.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn drain<S: RecordSource>(&self, mut source: S, patterns: &Patterns) {
        let mut cleaned = Vec::new();
        let mut flush: Option<Flush> = None;
        while !self.stop.load(Ordering::Relaxed) {
            if let Err(error) = self.advance(&mut source, &mut flush, patterns, &mut cleaned) {
                self.lock().error = Some(DrainError::Source(error.to_string()));
                self.stop.store(true, Ordering::Relaxed);
                self.changed.notify_all();
            }
        }
    }

    /// Takes in some records, and brings what is asked for nearer to its end.
    fn advance<S: RecordSource>(
        &self,
        source: &mut S,
        flush: &mut Option<Flush>,
        patterns: &Patterns,
        cleaned: &mut Vec<u8>,
    ) -> Result<(), S::Error> {
        if flush.is_none() {
            *flush = self
                .wanted()
                .map(|wanted| wanted.begin(source))
                .transpose()?;
        }
        if let Some(waiting) = flush
            && source.has_passed(&waiting.mark)
        {
            if let Some(flushed) = waiting.conclude(source)? {
                self.done(waiting.ticket, flushed);
                *flush = None;
            } else {
                waiting.mark = source.mark_and_count()?;
            }
            return Ok(());
        }
        let wait = if flush.is_some() { SHORT_WAIT } else { WAIT };
        source.drain(wait, &mut |record| {
            let record = if patterns.is_empty() {
                record
            } else {
                cleaned.clear();
                cleaned.extend_from_slice(record);
                patterns.clean_record(cleaned);
                cleaned.as_slice()
            };
            let mut state = self.lock();
            // A record that can't be used counts as lost in the tracer's own account.
            let _ = state.tracer.feed(record);
            if let Some(copy) = &mut state.copy {
                copy(record);
            }
        })?;
        Ok(())
    }

    /// What is asked for and was not begun.
    fn wanted(&self) -> Option<Wanted> {
        let mut state = self.lock();
        (state.wanted > state.done).then(|| Wanted {
            ticket: state.wanted,
            asked: std::mem::take(&mut state.asked),
        })
    }

    fn done(&self, ticket: u64, flushed: Flushed) {
        let mut state = self.lock();
        state.done = ticket;
        state.flushed = flushed;
        drop(state);
        self.changed.notify_all();
    }
}

struct Wanted {
    ticket: u64,
    asked: Asked,
}

impl Wanted {
    fn begin<S: RecordSource>(self, source: &mut S) -> Result<Flush, S::Error> {
        let mark = match self.asked {
            Asked::Records => source.mark(),
            Asked::Loss | Asked::LossOnce => source.mark_and_count()?,
        };
        Ok(Flush {
            ticket: self.ticket,
            asked: self.asked,
            begin: Instant::now(),
            mark,
        })
    }
}

/// A flush under way.
struct Flush {
    ticket: u64,
    asked: Asked,
    begin: Instant,
    mark: Mark,
}

impl Flush {
    /// What it brought, once its mark is passed; nothing if hits are still under way, and there is time.
    fn conclude<S: RecordSource>(&self, source: &mut S) -> Result<Option<Flushed>, S::Error> {
        let now = self.mark.time;
        if self.asked == Asked::Records {
            let loss = Loss::default();
            return Ok(Some(Flushed { loss, now }));
        }
        let Accounted { loss, complete } = source.loss(&self.mark)?;
        if !complete && self.begin.elapsed() < UNDER_WAY {
            return Ok(None);
        }
        if self.asked == Asked::LossOnce {
            source.forget_loss(&self.mark);
        }
        Ok(Some(Flushed { loss, now }))
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, convert::Infallible};

    use model::{SiteId, SiteLoss, plan::Plan};

    use super::*;

    /// A source whose time goes on with each look, which always has more, and which counts what it gave.
    struct Busy {
        time: u64,
        given: u64,
        /// Whether what is missing is known to be lost, by look; in the end it is.
        complete: VecDeque<bool>,
        forgotten: u64,
    }

    impl Busy {
        fn new(complete: &[bool]) -> Self {
            Self {
                time: 0,
                given: 0,
                complete: complete.iter().copied().collect(),
                forgotten: 0,
            }
        }
    }

    impl RecordSource for Busy {
        type Error = Infallible;

        fn drain(&mut self, _: Duration, sink: &mut dyn FnMut(&[u8])) -> Result<usize, Infallible> {
            self.given += 1;
            sink(b"no record");
            Ok(1)
        }

        fn mark(&mut self) -> Mark {
            self.time += 1;
            Mark {
                time: Timestamp(self.time),
                position: self.given + 10,
                counts: Vec::new(),
            }
        }

        fn mark_and_count(&mut self) -> Result<Mark, Infallible> {
            Ok(self.mark())
        }

        fn has_passed(&self, mark: &Mark) -> bool {
            self.given >= mark.position
        }

        fn loss(&mut self, mark: &Mark) -> Result<Accounted, Infallible> {
            let lost = mark.position - self.forgotten;
            Ok(Accounted {
                loss: Loss {
                    sites: vec![SiteLoss::new(SiteId(0), None, lost)],
                },
                complete: self.complete.pop_front().unwrap_or(true),
            })
        }

        fn forget_loss(&mut self, mark: &Mark) {
            self.forgotten = mark.position;
        }
    }

    const WITHIN: Duration = Duration::from_secs(10);

    fn watch(source: Busy) -> Drain {
        let tracer = Tracer::new(Arc::new(Plan::default()), Box::new(|_| None), Vec::new());
        Drain::begin(source, tracer, Arc::default())
    }

    #[test]
    fn a_flush_is_done_when_its_mark_is_passed_however_much_comes_behind() {
        let watch = watch(Busy::new(&[]));
        assert_eq!(watch.catch_up(WITHIN).unwrap(), Timestamp(1));
        let flushed = watch.flush(WITHIN).unwrap();
        assert_eq!(flushed.now, Timestamp(2), "the time of the mark");
        let taken = watch.with(|tracer| tracer.counts().hits);
        assert!(taken >= flushed.loss.total(), "all in front of the mark");
    }

    #[test]
    fn what_is_under_way_is_waited_for_with_a_later_mark() {
        let watch = watch(Busy::new(&[false, false, true]));
        let flushed = watch.flush(WITHIN).unwrap();
        assert_eq!(flushed.now, Timestamp(3));
    }

    #[test]
    fn a_loss_that_is_told_once_is_not_told_again() {
        let watch = watch(Busy::new(&[]));
        let first = watch.flush(WITHIN).unwrap().loss.total();
        let again = watch.flush_once(WITHIN).unwrap().loss.total();
        assert!(again > first, "both from the beginning");
        let all = watch.with(|tracer| tracer.counts().hits);
        let since = watch.flush(WITHIN).unwrap().loss.total();
        let all_since = watch.with(|tracer| tracer.counts().hits);
        assert!(since <= all_since - again && all >= again);
    }
}
