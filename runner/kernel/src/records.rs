//! The live source of records.

use std::{
    io,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use aya::maps::MapError;
use goproctor_ebpf::RecordHeader;
use model::{Loss, SiteId, SiteLoss, Timestamp};
use trace::source::{Accounted, Mark, RecordSource};
use zerocopy::FromBytes;

use super::{
    KernelError,
    account::Account,
    maps::{Counts, count},
    own_sites::CALIBRATION,
    point::Point,
    ring::Ring,
};
use crate::clock;

/// At most so many records are handed out by one call, so that it ends.
const BATCH: usize = 4096;
/// The shortest and the longest pause between two looks into an empty ring. The kernel program wakes nobody up: that
/// would cost the watched program more than the hit itself. Nor are records looked for as soon as they come in: whoever
/// looks keeps a neighbouring processor busy, which makes the program slower than its hits do. The pause is the shortest
/// one where records come in so fast that they might fill the ring meanwhile.
const PAUSES: (Duration, Duration) = (Duration::from_micros(50), Duration::from_millis(2));
/// The part of the ring that may be full at a look before the next one: 1 / 16.
const CROWDED_PART: u64 = 16;

/// The records of a loaded program; reading them frees their room in the ring.
pub struct Records {
    ring: Ring,
    account: Account,
    counts: Arc<Counts>,
    points: Arc<[Point]>,
    /// The sites of calibration, whose records are nobody's.
    calibration: [SiteId; CALIBRATION],
    /// Whether so much of the ring was full since the last pause that the next one must be short.
    was_crowded: bool,
}

impl Records {
    pub(super) fn new(
        ring: Ring,
        counts: Arc<Counts>,
        points: Arc<[Point]>,
        calibration: [SiteId; CALIBRATION],
    ) -> Self {
        Self {
            ring,
            account: Account::new(points.len()),
            counts,
            points,
            calibration,
            was_crowded: false,
        }
    }

    /// Hands out what is there, without waiting.
    fn take(&mut self, sink: &mut dyn FnMut(&[u8])) -> io::Result<usize> {
        let account = &mut self.account;
        let mut note = |record: &[u8]| {
            if let Ok((header, _)) = RecordHeader::ref_from_prefix(record) {
                // Another goproctor may hit them while they are taken off.
                if self.calibration.contains(&SiteId(header.site)) {
                    return;
                }
                let time = Timestamp(header.time);
                account.take(header.site, header.hit, time);
            }
            sink(record);
        };
        let mut taken = 0;
        while taken < BATCH && self.ring.take(&mut note)? {
            taken += 1;
        }
        Ok(taken)
    }
}

impl RecordSource for Records {
    type Error = KernelError;

    fn drain(&mut self, wait: Duration, sink: &mut dyn FnMut(&[u8])) -> Result<usize, KernelError> {
        let begin = Instant::now();
        loop {
            self.was_crowded |= self.ring.waiting() > self.ring.size() / CROWDED_PART;
            let taken = self.take(sink).map_err(on_ring)?;
            let left = wait.saturating_sub(begin.elapsed());
            if taken > 0 || left.is_zero() {
                return Ok(taken);
            }
            let pause = match std::mem::take(&mut self.was_crowded) {
                true => PAUSES.0,
                false => PAUSES.1,
            };
            thread::sleep(pause.min(left));
        }
    }

    fn mark(&mut self) -> Mark {
        Mark {
            time: clock::now(),
            position: self.ring.produced(),
            counts: Vec::new(),
        }
    }

    // In this order: a hit takes its number, reads the clock and then takes its place in the ring, so that all are
    // counted that say an earlier time.
    fn mark_and_count(&mut self) -> Result<Mark, KernelError> {
        let time = clock::now();
        let counts = self
            .points
            .iter()
            .map(|point| count(&self.counts, point.site));
        Ok(Mark {
            time,
            counts: counts.collect::<Result<_, _>>()?,
            position: self.ring.produced(),
        })
    }

    fn has_passed(&self, mark: &Mark) -> bool {
        self.ring.consumed() >= mark.position
    }

    fn loss(&mut self, mark: &Mark) -> Result<Accounted, KernelError> {
        let mut loss = Loss::default();
        let mut complete = true;
        for (point, count) in self.points.iter().zip(&mark.counts) {
            let Some(missing) = self.account.missing(point.site.0, *count) else {
                continue;
            };
            complete &= missing.counted.is_none();
            if missing.lost > 0 {
                loss.sites.push(SiteLoss {
                    site: point.site,
                    function: point.function,
                    probes: point.probes.clone(),
                    lost: missing.lost,
                    gaps: missing.gaps,
                    counted: missing.counted,
                });
            }
        }
        Ok(Accounted { loss, complete })
    }

    fn forget_loss(&mut self, mark: &Mark) {
        for (point, count) in self.points.iter().zip(&mark.counts) {
            self.account.forget(point.site.0, *count);
        }
    }
}

pub(super) fn on_ring(error: io::Error) -> KernelError {
    KernelError::Map {
        map: "RING",
        error: Box::new(MapError::IoError(error)),
    }
}
