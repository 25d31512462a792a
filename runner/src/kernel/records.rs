//! The live source of records.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use aya::maps::{MapData, RingBuf};

use super::{
    KernelError,
    program::{Counts, Point, count},
};
use crate::{
    clock,
    model::{Loss, SiteLoss, Timestamp},
    trace::source::RecordSource,
};

/// At most so many records are handed out by one call, so that it ends.
const BATCH: usize = 65_536;
/// The shortest and the longest pause between two looks into an empty ring. The kernel program wakes
/// nobody up: that would cost the watched program more than the hit itself.
const PAUSES: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(1));

/// The records of a loaded program; reading them frees their room in the ring.
pub struct Records {
    ring: RingBuf<MapData>,
    counts: Arc<Counts>,
    points: Arc<[Point]>,
}

impl Records {
    pub(super) fn new(ring: RingBuf<MapData>, counts: Arc<Counts>, points: Arc<[Point]>) -> Self {
        Self {
            ring,
            counts,
            points,
        }
    }

    /// Hands out what is there, without waiting.
    fn take(&mut self, sink: &mut dyn FnMut(&[u8])) -> usize {
        let mut taken = 0;
        while taken < BATCH
            && let Some(record) = self.ring.next()
        {
            sink(&record);
            taken += 1;
        }
        taken
    }
}

impl RecordSource for Records {
    type Error = KernelError;

    fn drain(&mut self, wait: Duration, sink: &mut dyn FnMut(&[u8])) -> Result<usize, KernelError> {
        let begin = Instant::now();
        let mut pause = PAUSES.0;
        loop {
            let taken = self.take(sink);
            let left = wait.saturating_sub(begin.elapsed());
            if taken > 0 || left.is_zero() {
                return Ok(taken);
            }
            thread::sleep(pause.min(left));
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    fn loss(&mut self) -> Result<Loss, KernelError> {
        let mut loss = Loss::default();
        for point in self.points.iter() {
            let lost = count(&self.counts, point.site)?.lost;
            if lost > 0 {
                loss.sites.push(SiteLoss {
                    site: point.site,
                    function: point.function,
                    lost,
                });
            }
        }
        Ok(loss)
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }
}
