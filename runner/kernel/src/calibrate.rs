//! What one hit costs the program that makes it, measured on this machine with the very program that will
//! watch: probes of its own on three small functions of goproctor itself, one at an instruction that the kernel
//! emulates, as an entry has, one at an instruction that is stepped over, and one at a `ret`, which the program may execute. The hit reads a goroutine and a string, as an
//! entry of a usual function does. Some work is done between two hits: again and again at once, they would find in the
//! processor's caches and predictions all that they need, and cost less than they do in a program that works.

use std::{
    fs::{File, TryLockError},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use super::{
    Kernel, KernelError, LinkKind, SpareKernel,
    own_code::{EXECUTABLE, own_offset},
    own_sites::{self, CALIBRATION},
    point::Point,
};
use arch::{CalibrationTarget, Stepping, calibration_targets};
use model::{Nanoseconds, plan::RuntimeLayout};

/// The string that is read.
const TEXT: &[u8] = b"an argument";
/// How many calls are timed; the middle one counts.
const CALLS: usize = 201;
/// After so many, the records are dropped.
const BATCH: usize = 20;
/// How long to wait for another goproctor that calibrates, which takes some milliseconds.
const TURN: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(1);
/// How long other work is done between two calls.
const WORK: Duration = Duration::from_micros(10);

/// What one hit costs the goroutine that makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HitCost {
    /// At an instruction that the kernel emulates.
    pub emulated: Nanoseconds,
    /// At one that it lets the processor step over.
    pub stepped: Nanoseconds,
    /// At a `ret`, which is stepped over where the kernel does not let goproctor execute it.
    pub returning: Nanoseconds,
}

impl HitCost {
    /// The cost at an instruction of that kind.
    #[must_use]
    pub const fn of(&self, stepping: Stepping) -> Nanoseconds {
        match stepping {
            Stepping::Emulated => self.emulated,
            Stepping::Stepped => self.stepped,
            Stepping::Return => self.returning,
        }
    }
}

impl SpareKernel {
    /// Measures what one hit costs, as [`Kernel::calibrate`] does, and gives the program back if it can be used again.
    ///
    /// # Errors
    /// goproctor's own executable can't be probed.
    pub fn calibrate(self) -> Result<(HitCost, Option<Self>), KernelError> {
        let mut kernel = self.with(&own_sites::plan())?;
        let cost = kernel.calibrate()?;
        Ok((cost, kernel.into_spare()?))
    }
}

impl Kernel {
    /// Measures what one hit costs. Takes some milliseconds; only before the probes are attached and before
    /// the records are handed out.
    ///
    /// # Errors
    /// It is too late, or goproctor's own executable can't be probed.
    pub fn calibrate(&mut self) -> Result<HitCost, KernelError> {
        let targets = calibration_targets();
        let lock = alone()?;
        let g = fake_g(&self.runtime)?;
        let without = middle(&targets, &g, || Ok(()))?;
        self.attach_to_self(&targets)?;
        let with = middle(&targets, &g, || self.discard())?;
        self.take_off(targets.len(), lock)?;
        let [emulated, stepped, returning] =
            [0, 1, 2].map(|kind| Nanoseconds(with[kind].saturating_sub(without[kind])));
        Ok(HitCost {
            emulated,
            stepped,
            returning,
        })
    }

    fn attach_to_self(
        &mut self,
        targets: &[CalibrationTarget; CALIBRATION],
    ) -> Result<(), KernelError> {
        let sites = self.calibration.iter().zip(targets);
        let points: Vec<_> = sites
            .map(|(site, target)| {
                own_offset(target.site, target.code).map(|offset| Point {
                    site: *site,
                    offset,
                    function: None,
                    probes: Vec::new(),
                })
            })
            .collect::<Result<_, _>>()?;
        self.attach_points(&points, Path::new(EXECUTABLE))
    }

    /// Takes the probes of calibration off. Where that is done one by one, the program's own probes will take as long
    /// each, so it is timed.
    fn take_off(&mut self, points: usize, lock: File) -> Result<(), KernelError> {
        match self.kind() {
            LinkKind::Multi => self.detach_later(lock),
            LinkKind::Single => {
                let took = self.detach()?;
                self.single_detach = Some(took / points as u32);
                Ok(())
            }
        }
    }
}

/// How long a call takes, in ns, the clock's own time included.
fn time(target: &CalibrationTarget, g: &[u8]) -> u64 {
    let begin = Instant::now();
    // SAFETY: the function touches nothing but its own frame and registers that a call may change.
    unsafe { (target.function)(g.as_ptr(), TEXT.as_ptr(), TEXT.len()) };
    Nanoseconds::from(begin.elapsed()).0
}

/// How long a call of each target takes, in ns: the middle one of many, in turns.
fn middle(
    targets: &[CalibrationTarget; CALIBRATION],
    g: &[u8],
    mut after_batch: impl FnMut() -> Result<(), KernelError>,
) -> Result<[u64; CALIBRATION], KernelError> {
    let mut times = [[0; CALLS]; CALIBRATION];
    for call in 0..CALLS {
        for (times, target) in times.iter_mut().zip(targets) {
            work();
            times[call] = time(target, g);
        }
        if call % BATCH == 0 {
            after_batch()?;
        }
    }
    Ok(times.map(|mut times| {
        times.sort_unstable();
        times[CALLS / 2]
    }))
}

/// Keeps other goproctors from calibrating at the same time. They probe the same instructions of the same file, and so the
/// calls that are timed here.
///
/// The lock goes with the last copy of the file, not before: a child that was just forked has one, as it has one of the link that
/// keeps the probes set, and lets go of both when it executes its program.
fn alone() -> Result<File, KernelError> {
    let failed = |error| KernelError::OwnCode {
        path: EXECUTABLE,
        error,
    };
    let file = File::open(EXECUTABLE).map_err(failed)?;
    let deadline = Instant::now() + TURN;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(PAUSE),
            Err(TryLockError::WouldBlock) => {
                return Err(KernelError::Calibration(
                    "another process holds the lock on goproctor's executable",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
    }
}

/// Does something else for a while.
fn work() {
    let begin = Instant::now();
    while begin.elapsed() < WORK {
        std::hint::spin_loop();
    }
}

/// Memory that looks like a `runtime.g`, with a goid.
fn fake_g(runtime: &RuntimeLayout) -> Result<Vec<u8>, KernelError> {
    const MAX_G: u64 = 65_536;
    let end = runtime.g_goid.max(runtime.g_stack_hi);
    if end > MAX_G {
        return Err(KernelError::Calibration(
            "the plan's layout of runtime.g is not plausible",
        ));
    }
    Ok(vec![1; end as usize + 8])
}

#[cfg(test)]
mod tests {
    use trace::source::RecordSource as _;

    use super::*;
    use crate::LoadOptions;

    #[test]
    fn the_targets_are_found_in_the_executable() {
        for target in &calibration_targets() {
            own_offset(target.site, target.code).unwrap();
        }
    }

    /// Each would be hit by the other's probes, and take that for what a call costs without any.
    #[test]
    fn two_do_not_calibrate_at_the_same_time() {
        let calibrate = || {
            let mut kernel = Kernel::load(&own_sites::plan(), &LoadOptions::default()).unwrap();
            (0..5)
                .map(|_| kernel.calibrate().unwrap())
                .collect::<Vec<HitCost>>()
        };
        let other = thread::spawn(calibrate);
        for cost in calibrate().into_iter().chain(other.join().unwrap()) {
            assert!(
                cost.emulated.0 > 0 && cost.stepped > cost.emulated,
                "{cost:?}"
            );
        }
    }

    /// A child that was just forked holds a copy of the link until it executes its program, so the probes may stay for a moment
    /// after they are taken off, and the next goproctor that calibrates hits them.
    #[test]
    fn hits_of_another_calibration_are_no_records() {
        let targets = calibration_targets();
        // Let go of when the kernel's probes are gone: another test may calibrate.
        let _lock = alone().unwrap();
        let mut kernel = Kernel::load(&own_sites::plan(), &LoadOptions::default()).unwrap();
        kernel.attach_to_self(&targets).unwrap();
        let mut records = kernel.records().unwrap();
        let g = fake_g(&kernel.runtime).unwrap();
        middle(&targets, &g, || Ok(())).unwrap();
        let mut seen = 0;
        let taken = records.drain(Duration::ZERO, &mut |_| seen += 1).unwrap();
        assert_eq!((taken, seen), (CALIBRATION * CALLS, 0));
    }

    /// Live: a stepped instruction takes a second trap, so it costs more; a `ret` is one of them or costs as little as an
    /// emulated one.
    #[test]
    fn a_hit_has_a_cost_of_each_kind() {
        let mut kernel = Kernel::load(&own_sites::plan(), &LoadOptions::default()).unwrap();
        let cost = kernel.calibrate().unwrap();
        assert!(cost.emulated.0 > 0, "{cost:?}");
        assert!(cost.stepped > cost.emulated, "{cost:?}");
        assert!(cost.returning.0 > 0, "{cost:?}");
        assert_eq!(
            kernel.hits().unwrap()[0].hits,
            0,
            "its own hits are not the plan's"
        );
    }
}
