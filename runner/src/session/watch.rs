//! The thread that drains records into a tracer while the program works.
//!
//! There is no queue between them: a record is taken from the ring, traced and gone. If tracing is slower than the
//! program, the ring fills and the kernel program counts what it loses.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use crate::{
    model::{Loss, Timestamp},
    redact::Patterns,
    trace::{Tracer, source::RecordSource},
};

/// How long the thread waits for the next record before it looks whether something is wanted of it.
const WAIT: Duration = Duration::from_millis(5);

/// Why watching failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WatchError {
    /// Records can't be read any more.
    #[error("the records of the kernel program cannot be read: {0}")]
    Source(String),
    /// The ring did not get empty.
    #[error(
        "the program makes calls faster than they can be taken in: after {0:?} the ring is not empty yet; watch fewer functions"
    )]
    NeverEmpty(Duration),
}

/// Gets each raw record besides the tracer, to write it down.
pub(super) type Copy = Box<dyn FnMut(&[u8]) + Send>;

/// A record source being drained.
pub struct Watch {
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
    loss: Loss,
    now: Timestamp,
    error: Option<WatchError>,
}

impl Watch {
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
                loss: Loss::default(),
                now: source.now(),
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

    /// Takes in everything that happened before this call, and gives what has been lost since the source was opened.
    ///
    /// # Errors
    /// The source can't be read, or it is not empty `within` that time.
    pub fn flush(&self, within: Duration) -> Result<(Loss, Timestamp), WatchError> {
        let begin = Instant::now();
        let mut state = self.shared.lock();
        state.wanted += 1;
        let ticket = state.wanted;
        loop {
            if let Some(error) = &state.error {
                return Err(error.clone());
            }
            if state.done >= ticket {
                return Ok((state.loss.clone(), state.now));
            }
            if begin.elapsed() > within {
                return Err(WatchError::NeverEmpty(within));
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

    /// Puts a fresh tracer in the place of the one there was; from here on records are also given to `copy`.
    pub fn renew(&self, tracer: Tracer, copy: Option<Copy>) {
        let mut state = self.shared.lock();
        state.tracer = tracer;
        state.copy = copy;
    }
}

impl Drop for Watch {
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
        while !self.stop.load(Ordering::Relaxed) {
            let (wanted, flushing) = {
                let state = self.lock();
                (state.wanted, state.wanted > state.done)
            };
            let wait = if flushing { Duration::ZERO } else { WAIT };
            // Before the drain: what comes in behind an empty one is of the next flush.
            let now = source.now();
            let drained = source.drain(wait, &mut |record| {
                let record = if patterns.is_empty() {
                    record
                } else {
                    cleaned.clear();
                    cleaned.extend_from_slice(record);
                    patterns.clean_record(&mut cleaned);
                    cleaned.as_slice()
                };
                let mut state = self.lock();
                // A record that can't be used counts as lost in the tracer's own account.
                let _ = state.tracer.feed(record);
                if let Some(copy) = &mut state.copy {
                    copy(record);
                }
            });
            let outcome = match drained {
                Ok(0) if flushing => source.loss().map(Some),
                Ok(_) => Ok(None),
                Err(error) => Err(error),
            };
            let mut state = self.lock();
            match outcome {
                Ok(None) => continue,
                Ok(Some(loss)) => {
                    state.loss = loss;
                    state.now = now;
                    state.done = wanted;
                }
                Err(error) => {
                    state.error = Some(WatchError::Source(error.to_string()));
                    self.stop.store(true, Ordering::Relaxed);
                }
            }
            drop(state);
            self.changed.notify_all();
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::plan::Plan;

    /// A source that is always empty, and whose time goes on with each look.
    struct Empty(u64);

    impl RecordSource for Empty {
        type Error = Infallible;

        fn drain(&mut self, _: Duration, _: &mut dyn FnMut(&[u8])) -> Result<usize, Infallible> {
            self.0 += 1;
            Ok(0)
        }

        fn loss(&mut self) -> Result<Loss, Infallible> {
            self.0 |= 1 << 63;
            Ok(Loss::default())
        }

        fn now(&self) -> Timestamp {
            Timestamp(self.0)
        }
    }

    #[test]
    fn what_came_in_behind_the_last_drain_is_of_the_next_flush() {
        let tracer = Tracer::new(Arc::new(Plan::default()), Box::new(|_| None), Vec::new());
        let watch = Watch::begin(Empty(0), tracer, Arc::default());
        let (_, now) = watch.flush(Duration::from_secs(10)).unwrap();
        assert!(now.0 < 1 << 63, "the time from before the drain");
    }
}
