//! The thread that drains records into a tracer while the program works.
//!
//! There is no queue between them: a record is taken from the ring, traced and gone. If tracing is slower than the
//! program, the ring fills and the kernel program counts what it loses.
//!
//! What had happened at a moment is in as soon as the records in front of a [`Mark`] are, however busy the program
//! goes on.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender, TryRecvError},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use model::{Loss, Nanoseconds, Timestamp};
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
        "the program makes calls faster than goproctor can read them: the ring was not empty after {}; watch fewer functions",
        Nanoseconds::from(*.0).brief()
    )]
    TooSlow(Duration),
}

/// Gets each raw record besides the tracer, to write it down.
pub(super) type Copy = Box<dyn FnMut(&[u8]) + Send>;

/// A record source being drained.
pub struct Drain {
    state: Arc<Mutex<State>>,
    /// Where flushes are asked for; the thread ends when it is closed.
    requests: Option<Sender<Request>>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    tracer: Tracer,
    copy: Option<Copy>,
}

/// What is asked for with a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// That the records are in.
    Records,
    /// What was lost, too.
    Loss,
    /// The same, and the loss is not reported again.
    LossOnce,
}

/// A flush that somebody waits for.
struct Request {
    asked: Asked,
    reply: Sender<Result<Flushed, DrainError>>,
}

/// What a flush brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flushed {
    /// What was lost before, since the source was opened or a loss was last reported once.
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
        let state = Arc::new(Mutex::new(State { tracer, copy: None }));
        let (sender, requests) = mpsc::channel();
        let worker = Worker {
            source,
            state: Arc::clone(&state),
            patterns,
            cleaned: Vec::new(),
        };
        let thread = thread::spawn(move || worker.run(&requests));
        Self {
            state,
            requests: Some(sender),
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

    /// Takes in everything that happened before this call, and gives what was lost. It will be given again.
    ///
    /// # Errors
    /// The source can't be read, or it takes longer than `within`.
    pub fn flush(&self, within: Duration) -> Result<Flushed, DrainError> {
        self.wait(Asked::Loss, within)
    }

    /// The same, and what was lost is not given again.
    ///
    /// # Errors
    /// The source can't be read, or it takes longer than `within`.
    pub(crate) fn flush_once(&self, within: Duration) -> Result<Flushed, DrainError> {
        self.wait(Asked::LossOnce, within)
    }

    fn wait(&self, asked: Asked, within: Duration) -> Result<Flushed, DrainError> {
        let (reply, replied) = mpsc::channel();
        if let Some(requests) = &self.requests {
            // A thread that is gone does not reply.
            let _ = requests.send(Request { asked, reply });
        }
        match replied.recv_timeout(within) {
            Ok(flushed) => flushed,
            Err(RecvTimeoutError::Timeout) => Err(DrainError::TooSlow(within)),
            Err(RecvTimeoutError::Disconnected) => Err(DrainError::Source(
                "the thread that reads them has ended".to_owned(),
            )),
        }
    }

    /// Looks at the tracer, or changes it, between two records.
    pub fn with<T>(&self, look: impl FnOnce(&mut Tracer) -> T) -> T {
        look(&mut lock(&self.state).tracer)
    }

    /// Gives no more records to the copy that was set.
    pub(crate) fn stop_copying(&self) {
        lock(&self.state).copy = None;
    }

    /// Puts a fresh tracer in the place of the one there was; from here on records are also given to `copy`.
    pub fn renew(&self, tracer: Tracer, copy: Option<Copy>) {
        *lock(&self.state) = State { tracer, copy };
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take() {
            // The thread does not panic by itself.
            let _ = thread.join();
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The thread's side.
struct Worker<S> {
    source: S,
    state: Arc<Mutex<State>>,
    patterns: Arc<Patterns>,
    cleaned: Vec<u8>,
}

impl<S: RecordSource> Worker<S> {
    /// Drains until nobody asks any more. If that fails, all who ask get the error.
    fn run(mut self, requests: &Receiver<Request>) {
        let mut waiting = VecDeque::new();
        let Err(error) = self.drain(requests, &mut waiting) else {
            return;
        };
        let error = DrainError::Source(error.to_string());
        for request in waiting.into_iter().chain(requests) {
            // Who waits no longer needs no reply.
            let _ = request.reply.send(Err(error.clone()));
        }
    }

    fn drain(
        &mut self,
        requests: &Receiver<Request>,
        waiting: &mut VecDeque<Request>,
    ) -> Result<(), S::Error> {
        let mut flush = None;
        loop {
            match requests.try_recv() {
                Ok(request) => waiting.push_back(request),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return Ok(()),
            }
            if let (None, Some(request)) = (&flush, waiting.front()) {
                flush = Some(Flush::begin(request.asked, &mut self.source)?);
            }
            match &mut flush {
                Some(under_way) if self.source.has_passed(&under_way.mark) => {
                    if let Some(flushed) = under_way.conclude(&mut self.source)? {
                        flush = None;
                        if let Some(request) = waiting.pop_front() {
                            let _ = request.reply.send(Ok(flushed));
                        }
                    } else {
                        under_way.mark = self.source.mark_and_count()?;
                    }
                }
                Some(_) => self.take(SHORT_WAIT)?,
                None => self.take(WAIT)?,
            }
        }
    }

    /// Takes in some records.
    fn take(&mut self, wait: Duration) -> Result<(), S::Error> {
        let Self {
            source,
            state,
            patterns,
            cleaned,
        } = self;
        source.drain(wait, &mut |record| {
            let record = if patterns.is_empty() {
                record
            } else {
                cleaned.clear();
                cleaned.extend_from_slice(record);
                patterns.clean_record(cleaned);
                cleaned.as_slice()
            };
            let mut state = lock(state);
            // A record that can't be used counts as lost in the tracer's own account.
            let _ = state.tracer.feed(record);
            if let Some(copy) = &mut state.copy {
                copy(record);
            }
        })?;
        Ok(())
    }
}

/// A flush under way.
struct Flush {
    asked: Asked,
    begin: Instant,
    mark: Mark,
}

impl Flush {
    fn begin<S: RecordSource>(asked: Asked, source: &mut S) -> Result<Self, S::Error> {
        let mark = match asked {
            Asked::Records => source.mark(),
            Asked::Loss | Asked::LossOnce => source.mark_and_count()?,
        };
        Ok(Self {
            asked,
            begin: Instant::now(),
            mark,
        })
    }

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
    use std::{collections::VecDeque, convert::Infallible, io};

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

    /// A source that can't be read.
    struct Broken;

    impl RecordSource for Broken {
        type Error = io::Error;

        fn drain(&mut self, _: Duration, _: &mut dyn FnMut(&[u8])) -> io::Result<usize> {
            Err(io::Error::other("broken"))
        }

        fn mark(&mut self) -> Mark {
            Mark::default()
        }

        fn mark_and_count(&mut self) -> io::Result<Mark> {
            Ok(Mark::default())
        }

        fn has_passed(&self, _: &Mark) -> bool {
            false
        }

        fn loss(&mut self, _: &Mark) -> io::Result<Accounted> {
            Ok(Accounted::default())
        }

        fn forget_loss(&mut self, _: &Mark) {}
    }

    const WITHIN: Duration = Duration::from_secs(10);

    fn watch<S: RecordSource + Send + 'static>(source: S) -> Drain {
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
    fn a_source_that_fails_is_told_to_everyone_who_asks() {
        let watch = watch(Broken);
        for _ in 0..2 {
            let said = watch.flush(WITHIN).unwrap_err().to_string();
            assert!(said.ends_with("cannot be read: broken"), "{said}");
        }
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
