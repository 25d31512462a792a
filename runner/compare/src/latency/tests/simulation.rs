//! A program whose times are drawn at random: `handler` calls `f01` to `f19`, of which `f10` to `f14` call `f15` to `f19` as well.

use std::f64::consts::TAU;

use fastrand::Rng;
use model::Nanoseconds;

use crate::latency::{Comparison, Parent, Rounds, Run, Settings, Side, Sides, Time, first};

/// How the machine and the program's calls behave.
#[derive(Clone, Copy, Debug)]
pub(super) enum Noise {
    /// Calls of Pareto times (no variance), runs that are disturbed as a whole now and then.
    HeavyTailed,
    /// The machine gets steadily slower, to half its speed, and walks up and down besides.
    Drifting,
    /// Each call takes one of two times, thirty-fold; which share does is another in each run.
    Bimodal,
}

pub(super) const NOISES: [Noise; 3] = [Noise::HeavyTailed, Noise::Drifting, Noise::Bimodal];
pub(super) const FUNCTIONS: usize = 20;
const CALLS: usize = 5;

/// A machine, and the two programs that run on it in turn.
pub(super) struct Machine {
    noise: Noise,
    random: Rng,
    /// Runs so far, of so many.
    run: (usize, usize),
    walk: f64,
    /// By how much the own time of which function is multiplied on the side after.
    pub(super) slower: Option<(usize, f64)>,
}

pub(super) fn name(function: usize) -> String {
    if function == 0 {
        "handler".to_owned()
    } else {
        format!("f{function:02}")
    }
}

impl Machine {
    pub(super) fn new(noise: Noise, seed: u64) -> Self {
        Self {
            noise,
            random: Rng::with_seed(seed),
            run: (0, 0),
            walk: 0.0,
            slower: None,
        }
    }

    pub(super) fn compare(&mut self, rounds: usize, settings: &Settings) -> Comparison {
        self.run = (0, 2 * rounds);
        let mut all = Rounds::default();
        for round in 0..rounds {
            let (before, after) = match first(round) {
                Side::Before => {
                    let before = self.run(Side::Before);
                    (before, self.run(Side::After))
                }
                Side::After => {
                    let after = self.run(Side::After);
                    (self.run(Side::Before), after)
                }
            };
            all.add(Sides {
                before: &before,
                after: &after,
            });
        }
        all.compare(settings)
    }

    fn run(&mut self, side: Side) -> Run {
        let speed = self.speed();
        let share = self.random.f64();
        let mut run = Run::default();
        for _ in 0..CALLS {
            let own: Vec<f64> = (0..FUNCTIONS)
                .map(|function| {
                    let slower = self
                        .slower
                        .filter(|(slower, _)| *slower == function && side == Side::After);
                    let typical = 20_000.0 * (1.0 + function as f64);
                    typical * speed * self.call(share) * slower.map_or(1.0, |(_, factor)| factor)
                })
                .collect();
            let mut whole = own.clone();
            for function in 15..FUNCTIONS {
                whole[function - 5] += own[function];
            }
            whole[0] += whole[1..15].iter().sum::<f64>();
            for function in 0..FUNCTIONS {
                let parent = match function {
                    0 => None,
                    1..15 => Some(name(0)),
                    _ => Some(name(function - 5)),
                };
                let parent = parent.as_deref().map_or(Parent::Unwatched, Parent::Caller);
                run.add(
                    &name(function),
                    parent,
                    time(own[function]),
                    time(whole[function]),
                );
            }
        }
        run
    }

    /// The factor of a whole run.
    fn speed(&mut self) -> f64 {
        let part = self.run.0 as f64 / self.run.1 as f64;
        self.run.0 += 1;
        match self.noise {
            Noise::HeavyTailed if self.random.f64() < 0.1 => 1.0 + 2.0 * self.random.f64(),
            Noise::HeavyTailed | Noise::Bimodal => (0.02 * self.normal()).exp(),
            Noise::Drifting => {
                self.walk += 0.02 * self.normal();
                (1.0 + part) * self.walk.exp()
            }
        }
    }

    /// The factor of a call.
    fn call(&mut self, share: f64) -> f64 {
        match self.noise {
            Noise::HeavyTailed => 1.0 + 0.02 / (1.0 - self.random.f64()),
            Noise::Drifting => (0.03 * self.normal()).exp(),
            Noise::Bimodal => {
                let slow = if self.random.f64() < share { 30.0 } else { 1.0 };
                slow * (0.05 * self.normal()).exp()
            }
        }
    }

    fn normal(&mut self) -> f64 {
        let (radius, angle) = (1.0 - self.random.f64(), self.random.f64());
        (-2.0 * radius.ln()).sqrt() * (TAU * angle).cos()
    }
}

pub(super) fn time(ns: f64) -> Time {
    Time {
        took: Nanoseconds(ns as u64),
        uncertainty: Nanoseconds(0),
    }
}
