//! `latency = { NAME = ["p99 < 500ms"] }`: bounds on a statistic over the times of all calls of a function.
//!
//! The p-th percentile is by nearest rank: the smallest time that at least p % of the calls did not exceed. It
//! needs at least ⌈1 / (1 − p)⌉ calls (2 for p50, 20 for p95, 100 for p99), since with fewer it is just the
//! maximum; with fewer the bound is inconclusive. Each statistic is computed of the lower and of the upper ends of
//! what is known of the calls' times, and a bound between the two is undecided.
//!
//! Where calls were counted and not kept, the times are known to a thousandth, which is part of that.

use model::{Call, Elapsed, Histogram, Nanoseconds, Tally};
use spec::{
    Spanned,
    document::{LatencyBound, LatencyExpectation, Statistic},
};

use super::{
    Failure, FailureKind, Finding, LatencyFigures, Reason, Verdict, duration, scope::Case, totals,
    truth::Truth, wording,
};

/// One verdict for each bound.
pub(super) fn judge(case: &Case<'_>, expectation: &LatencyExpectation) -> Vec<Verdict> {
    let label = expectation.label.value.as_str();
    let members = case.members(label, case.calls());
    let reason = members.doubt();
    let (tally, mixed) = match totals::counted(case, label) {
        None => (None, None),
        Some(Ok(tally)) => (Some(tally), None),
        Some(Err(reason)) => (Some(Tally::default()), Some(reason)),
    };
    let samples = Samples::of(case, label, members.sure, tally);
    let doubt = reason.or_else(|| case.incomplete(label)).or(mixed);
    expectation
        .bounds
        .iter()
        .map(|bound| samples.judge(bound, doubt.as_ref()))
        .collect()
}

/// The times of all calls of a function.
struct Samples<'a> {
    case: &'a Case<'a>,
    label: &'a str,
    /// Those that were kept.
    calls: Vec<(&'a Call, Elapsed)>,
    /// How many there are.
    count: usize,
    raw: Column,
    corrected: Column,
    low: Column,
    high: Column,
}

/// Times, to ask for statistics.
enum Column {
    /// All of them, sorted.
    Sorted(Vec<u64>),
    /// How many lie where.
    Counted(Histogram),
}

/// Which end of what a histogram knows of a value.
#[derive(Clone, Copy)]
enum Side {
    Low,
    Middle,
    High,
}

impl<'a> Samples<'a> {
    fn of(case: &'a Case<'a>, label: &'a str, calls: Vec<&'a Call>, tally: Option<Tally>) -> Self {
        let calls: Vec<_> = calls
            .into_iter()
            .map(|call| (call, duration::elapsed(case.observation(), call)))
            .collect();
        if let Some(tally) = tally {
            let times = tally.times;
            return Self {
                raw: Column::Counted(times.raw),
                corrected: Column::Counted(times.corrected),
                low: Column::Counted(times.low),
                high: Column::Counted(times.high),
                count: usize::try_from(tally.count).unwrap_or(usize::MAX),
                case,
                label,
                calls,
            };
        }
        let sorted = |of: fn(&Elapsed) -> u64| {
            let mut column: Vec<u64> = calls.iter().map(|(_, time)| of(time)).collect();
            column.sort_unstable();
            Column::Sorted(column)
        };
        Self {
            raw: sorted(|time| time.raw),
            corrected: sorted(|time| time.corrected),
            low: sorted(|time| time.low),
            high: sorted(|time| time.high),
            count: calls.len(),
            case,
            label,
            calls,
        }
    }

    fn judge(&self, bound: &Spanned<LatencyBound>, doubt: Option<&Reason>) -> Verdict {
        let LatencyBound {
            statistic,
            bound: limit,
        } = bound.value;
        let finding = match (doubt, self.measure(statistic)) {
            (None, None) => Finding::Failed(Failure {
                notes: self.case.elsewhere(self.label, None).into_iter().collect(),
                ..Failure::new(
                    FailureKind::Missing,
                    format!("{} was not called", self.label),
                )
            }),
            (Some(reason), _) => Finding::Inconclusive(reason.clone()),
            (None, Some(measured)) => match self.too_few(statistic) {
                Some(reason) => Finding::Inconclusive(reason),
                None => match duration::keeps(&measured, &limit) {
                    Truth::Yes => Finding::Passed {
                        basis: format!(
                            "{}, {statistic} {}",
                            wording::plural(self.count, "call"),
                            duration::show(&measured)
                        ),
                    },
                    Truth::Unknown(reason) => Finding::Inconclusive(reason),
                    Truth::No => Finding::Failed(self.failure(&bound.value, measured)),
                },
            },
        };
        Verdict {
            figures: self.figures(),
            ..Verdict::new(
                bound.span.clone(),
                format!("{statistic} of {} {limit}", self.label),
                finding,
            )
        }
    }

    /// A statistic of each column; none without a call.
    fn measure(&self, of: Statistic) -> Option<Elapsed> {
        Some(Elapsed {
            raw: self.raw.statistic(of, Side::Middle)?,
            corrected: self.corrected.statistic(of, Side::Middle)?,
            low: self.low.statistic(of, Side::Low)?,
            high: self.high.statistic(of, Side::High)?,
        })
    }

    fn too_few(&self, statistic: Statistic) -> Option<Reason> {
        let Statistic::Percentile(percent) = statistic else {
            return None;
        };
        let (seen, needed) = (self.count, samples_needed(percent));
        (seen < needed).then_some(Reason::Samples {
            seen,
            needed,
            percent,
        })
    }

    fn figures(&self) -> Option<LatencyFigures> {
        let of = |statistic| {
            self.measure(statistic)
                .map(|time| Nanoseconds(time.corrected))
        };
        Some(LatencyFigures {
            count: self.count as u64,
            min: of(Statistic::Min)?,
            p50: of(Statistic::Percentile(50.0))?,
            p95: of(Statistic::Percentile(95.0))?,
            p99: of(Statistic::Percentile(99.0))?,
            max: of(Statistic::Max)?,
        })
    }

    fn failure(&self, bound: &LatencyBound, measured: Elapsed) -> Failure {
        let slowest = self.calls.iter().max_by_key(|(_, time)| time.corrected);
        let call = slowest.map(|(call, _)| *call);
        Failure {
            want: Some(bound.bound.to_string()),
            got: Some(duration::show(&measured)),
            remark: Some(wording::plural(self.count, "call")),
            notes: [
                Some(self.summary(measured)),
                call.map(|call| self.slowest(call)),
            ]
            .into_iter()
            .flatten()
            .collect(),
            call: call.map(|call| call.id),
            exchange: call.and_then(|call| self.case.exchange_of(call)),
            ..Failure::new(
                FailureKind::Latency,
                format!("{} is {}", bound.statistic, duration::show(&measured)),
            )
        }
    }

    /// `n 400   min 2.1ms  p50 8ms  p95 71ms  max 640ms   (our own 0.4ms taken off; raw 612.4ms)`
    fn summary(&self, measured: Elapsed) -> String {
        let shown = [
            Statistic::Min,
            Statistic::Percentile(50.0),
            Statistic::Percentile(95.0),
            Statistic::Percentile(99.0),
            Statistic::Max,
        ]
        .into_iter()
        .filter(|statistic| self.too_few(*statistic).is_none())
        .filter_map(|statistic| {
            let value = Nanoseconds(self.measure(statistic)?.corrected).precise();
            Some(format!("{statistic} {value}"))
        })
        .collect::<Vec<_>>()
        .join("  ");
        let cost = measured.raw.saturating_sub(measured.corrected);
        format!(
            "n {}   {shown}   (our own {} taken off; raw {})",
            self.count,
            Nanoseconds(cost).precise(),
            Nanoseconds(measured.raw).precise()
        )
    }

    /// `slowest: request 317, g902: checkSite 603ms of it`
    fn slowest(&self, call: &Call) -> String {
        let observation = self.case.observation();
        let request = self
            .case
            .exchange_of(call)
            .map_or_else(String::new, |index| format!("request {}, ", index + 1));
        let children = observation
            .calls
            .iter()
            .filter(|child| child.parent == Some(call.id));
        let longest = children
            .filter_map(|child| child.raw_duration().map(|time| (time, child)))
            .max_by_key(|(time, _)| *time);
        let part = longest.map_or_else(String::new, |(time, child)| {
            let name = wording::function(observation, child);
            format!(": {name} {} of it", time.precise())
        });
        format!("slowest: {request}{}{part}", call.goroutine)
    }
}

impl Column {
    /// A statistic; none of no times.
    fn statistic(&self, of: Statistic, side: Side) -> Option<u64> {
        let histogram = match self {
            Self::Sorted(times) => return statistic(times, of),
            Self::Counted(histogram) => histogram,
        };
        let total = histogram.total();
        let rank = match of {
            Statistic::Min => 1,
            Statistic::Max => total,
            Statistic::Mean => return histogram.mean(),
            Statistic::Percentile(percent) => rank(percent, total),
        };
        let (low, high) = histogram.at_rank(rank.clamp(1, total.max(1)))?;
        Some(match side {
            Side::Low => low,
            Side::Middle => low + (high - low) / 2,
            Side::High => high,
        })
    }
}

/// The rank of a percentile among so many values, from 1: the nearest.
fn rank(percent: f64, count: u64) -> u64 {
    let rank = (percent / 100.0 * count as f64 - 1e-6).ceil() as u64;
    rank.max(1)
}

/// How many samples a percentile needs: ⌈100 / (100 − p)⌉; endlessly many for p100 and above.
fn samples_needed(percent: f64) -> usize {
    // 99.9 has no exact binary form: without the slack it would need 1001.
    const SLACK: f64 = 1e-6;
    (100.0 / (100.0 - percent).max(0.0) - SLACK).ceil() as usize
}

/// A statistic of sorted times; none of none.
fn statistic(sorted: &[u64], statistic: Statistic) -> Option<u64> {
    match statistic {
        Statistic::Min => sorted.first().copied(),
        Statistic::Max => sorted.last().copied(),
        Statistic::Mean => mean(sorted),
        Statistic::Percentile(percent) => {
            let index = rank(percent, sorted.len() as u64) as usize - 1;
            sorted.get(index).or(sorted.last()).copied()
        }
    }
}

/// [`u64::MAX`] is a time without a bound, so it stays itself.
fn mean(times: &[u64]) -> Option<u64> {
    if times.contains(&u64::MAX) {
        return Some(u64::MAX);
    }
    let sum: u128 = times.iter().map(|time| u128::from(*time)).sum();
    let count = times.len() as u128;
    (count > 0).then(|| u64::try_from(sum / count).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Statistic, samples_needed, statistic};

    #[test]
    fn a_percentile_is_a_time_that_was_seen() {
        let times: Vec<u64> = (1..=100).collect();
        let of = |percent| statistic(&times, Statistic::Percentile(percent));
        assert_eq!(of(50.0), Some(50));
        assert_eq!(of(99.0), Some(99));
        assert_eq!(of(99.9), Some(100));
        assert_eq!(of(0.0), Some(1));
        assert_eq!(statistic(&[7], Statistic::Percentile(50.0)), Some(7));
        assert_eq!(statistic(&[], Statistic::Percentile(50.0)), None);
    }

    #[test]
    fn rare_percentiles_need_many_samples() {
        let needed = [50.0, 90.0, 95.0, 99.0, 99.9, 99.99].map(samples_needed);
        assert_eq!(needed, [2, 10, 20, 100, 1000, 10000]);
        assert_eq!(samples_needed(100.0), usize::MAX);
    }

    #[test]
    fn the_mean_of_something_unbounded_is_unbounded() {
        assert_eq!(statistic(&[1, u64::MAX], Statistic::Mean), Some(u64::MAX));
        assert_eq!(statistic(&[1, 4], Statistic::Mean), Some(2));
        assert_eq!(statistic(&[], Statistic::Mean), None);
    }
}
