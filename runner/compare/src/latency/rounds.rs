//! Rounds, and what follows from them.

use std::collections::BTreeMap;

use super::{
    comparison::{Comparison, FunctionLatency},
    finding::{Finding, Paired, Standard},
    holm,
    link::Links,
    origin::{Changes, Times},
    run::{Run, RunTimes},
    settings::Settings,
    side::{Side, Sides},
    typical::Typical,
};

/// Rounds of both sides. Of each function only its typical times are kept.
#[derive(Clone, Debug, Default)]
pub struct Rounds {
    count: usize,
    functions: BTreeMap<String, History>,
    links: Links,
}

/// A function in all rounds that call it.
#[derive(Clone, Debug, Default)]
struct History(BTreeMap<usize, Sides<Option<RunTimes>>>);

/// The two times of a function, to be judged.
struct Candidate<'r> {
    name: &'r str,
    history: &'r History,
    own: Paired,
    whole: Paired,
}

impl Rounds {
    /// Adds a round: a run of each side, one right after the other.
    pub fn add(&mut self, runs: Sides<&Run>) {
        for (side, run) in [(Side::Before, runs.before), (Side::After, runs.after)] {
            for (name, times) in run.functions() {
                let round = self
                    .functions
                    .entry(name.to_owned())
                    .or_default()
                    .0
                    .entry(self.count)
                    .or_default();
                match side {
                    Side::Before => round.before = Some(times),
                    Side::After => round.after = Some(times),
                }
            }
            self.links.add(self.count, side, run);
        }
        self.count += 1;
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Compares all functions.
    #[must_use]
    pub fn compare(&self, settings: &Settings) -> Comparison {
        let candidates: Vec<_> = self
            .functions
            .iter()
            .map(|(name, history)| history.candidate(name, settings))
            .collect();
        let tested = || {
            candidates
                .iter()
                .flat_map(|candidate| [&candidate.own, &candidate.whole])
                .filter(|time| time.is_tested())
        };
        let p_values: Vec<f64> = tested().map(Paired::p_value).collect();
        let standard = Standard::new(settings, p_values.len());
        let mut adjusted = holm::adjust(&p_values).into_iter();
        let mut judge = |time: &Paired| {
            let p_value = if time.is_tested() {
                adjusted.next().unwrap_or(1.0)
            } else {
                1.0
            };
            time.judge(p_value, standard)
        };
        let judged: BTreeMap<&str, Times> = candidates
            .iter()
            .map(|candidate| {
                let (own, whole) = (judge(&candidate.own), judge(&candidate.whole));
                let times = match candidate.history.only_on() {
                    Some(side) => Times {
                        own: Finding::OnlyOn(side),
                        whole: Finding::OnlyOn(side),
                    },
                    None => Times { own, whole },
                };
                (candidate.name, times)
            })
            .collect();
        Comparison {
            rounds: self.count,
            needed: standard.needed(),
            functions: self.explain(&judged),
        }
    }

    fn explain(&self, judged: &BTreeMap<&str, Times>) -> BTreeMap<String, FunctionLatency> {
        let calls = |name: &str, round: usize| {
            self.functions
                .get(name)
                .map_or_else(Sides::default, |history| history.calls_in(round))
        };
        let changes = Changes {
            functions: judged,
            links: &self.links,
            calls: &calls,
        };
        let mut origins = changes.origins();
        let functions = judged.iter().map(|(name, times)| {
            let latency = FunctionLatency {
                calls: self
                    .functions
                    .get(*name)
                    .map_or_else(Sides::default, History::calls),
                own: times.own,
                whole: times.whole,
                origin: origins.remove(name),
            };
            ((*name).to_owned(), latency)
        });
        functions.collect()
    }
}

impl History {
    fn candidate<'r>(&'r self, name: &'r str, settings: &Settings) -> Candidate<'r> {
        let of = |time: fn(&RunTimes) -> Typical| {
            let both = self.0.values().filter_map(|round| {
                Some(Sides {
                    before: time(round.before.as_ref()?),
                    after: time(round.after.as_ref()?),
                })
            });
            Paired::of(both, settings.resolution)
        };
        Candidate {
            name,
            history: self,
            own: of(|times| times.own),
            whole: of(|times| times.whole),
        }
    }

    /// The side that alone calls it.
    fn only_on(&self) -> Option<Side> {
        match self.calls() {
            Sides { after: 0, .. } => Some(Side::Before),
            Sides { before: 0, .. } => Some(Side::After),
            Sides { .. } => None,
        }
    }

    fn calls(&self) -> Sides<u64> {
        self.0
            .keys()
            .map(|round| self.calls_in(*round))
            .fold(Sides::default(), |sum, calls| Sides {
                before: sum.before + calls.before,
                after: sum.after + calls.after,
            })
    }

    fn calls_in(&self, round: usize) -> Sides<u64> {
        let times = self.0.get(&round).copied().unwrap_or_default();
        times.map(|times| times.map_or(0, |times| times.calls))
    }
}
