//! What a run of goproctor goes through, and moments in it.

use std::{
    io::{BufRead, BufReader},
    ops::Range,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use nix::unistd::Pid;

use super::{End, Round, TICK};

/// How long each piece of a run took when it was last seen: until the first test, each test, what lies between two, and
/// from the last one on. Moments are counted from their piece's begin and lie before its end, so that a load that changes
/// moves them by little.
pub(super) struct Course(Vec<Duration>);

/// The pieces in which the program runs, but for the last test's: where the program has just ended, another follows.
const PROGRAM: Range<usize> = 1..4;

impl Course {
    /// That of a run that nothing ends.
    pub(super) fn of(command: &mut Command) -> Self {
        let mut run = Run::begin(command);
        while run.runs() {
            thread::sleep(TICK);
        }
        let ended = Instant::now();
        let output = run.child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "a whole run: {errors}");
        run.begun.extend(run.told);
        run.begun.push(ended);
        Self(lengths(&run.begun).collect())
    }

    /// Takes note of how long each piece took that has passed, the last one if the run has ended by itself.
    pub(super) fn note(&mut self, run: &Run, ended: Option<Instant>) {
        let begun: Vec<Instant> = run.begun.iter().copied().chain(ended).collect();
        for (known, length) in self.0.iter_mut().zip(lengths(&begun)) {
            *known = length;
        }
    }

    /// A moment in the round's part of the time in which there is what it ends: in which piece, and how long after its
    /// begin.
    pub(super) fn moment(&self, round: &Round, random: &mut Rng) -> (usize, Duration) {
        let pieces = match round.end {
            End::Goproctor(_) | End::Twice(_) => 0..self.0.len(),
            End::Program(_) => PROGRAM,
        };
        let part = self.0[pieces.clone()].iter().sum::<Duration>() / count(round.parts);
        let within = random.u64(..u64::try_from(part.as_nanos()).unwrap());
        let mut rest = part * count(round.part) + Duration::from_nanos(within);
        for piece in pieces.clone() {
            if rest < self.0[piece] {
                return (piece, rest);
            }
            rest -= self.0[piece];
        }
        (pieces.end - 1, self.0[pieces.end - 1])
    }
}

fn lengths(begun: &[Instant]) -> impl Iterator<Item = Duration> {
    begun.windows(2).map(|pair| pair[1] - pair[0])
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}

/// A run, and what of it has passed.
pub(super) struct Run {
    pub(super) child: Child,
    told: mpsc::Receiver<Instant>,
    /// When each piece began.
    begun: Vec<Instant>,
}

impl Run {
    pub(super) fn begin(command: &mut Command) -> Self {
        let begun = vec![Instant::now()];
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, told) = mpsc::channel();
        thread::spawn(move || {
            let lines = lines.map_while(Result::ok);
            for _ in lines.filter(|line| line.starts_with(r#"{"event":"test_"#)) {
                let _ = tell.send(Instant::now());
            }
        });
        Self { child, told, begun }
    }

    pub(super) fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap())
    }

    /// Whether it still runs; takes note of what has begun.
    pub(super) fn runs(&mut self) -> bool {
        self.begun.extend(self.told.try_iter());
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for a moment in a piece, the piece's end or the run's.
    pub(super) fn wait(&mut self, piece: usize, moment: Duration) {
        while self.runs() && self.begun.len() <= piece + 1 {
            let begun = self.begun.get(piece);
            let rest = begun.map(|begun| moment.saturating_sub(begun.elapsed()));
            match rest {
                Some(Duration::ZERO) => return,
                rest => thread::sleep(rest.map_or(TICK, |rest| rest.min(TICK))),
            }
        }
    }
}
