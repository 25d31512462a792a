//! What calls typically take.

use super::time::Time;

/// Of the calls of a function in one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Typical {
    /// In ns.
    pub(super) took: f64,
    /// How far it may be off because our own cost is not known better, in ns.
    pub(super) uncertainty: f64,
    /// How many calls there are.
    pub(super) calls: u64,
}

/// `None` without calls.
pub(super) fn typical(times: &[Time]) -> Option<Typical> {
    let logarithms = times
        .iter()
        .map(|time| (time.took.0.max(1) as f64).ln())
        .collect();
    let uncertainties = times.iter().map(|time| time.uncertainty.0 as f64).collect();
    Some(Typical {
        took: midmean(logarithms)?.exp(),
        uncertainty: median(uncertainties)?,
        calls: times.len() as u64,
    })
}

/// The mean of what lies between the quartiles: a quarter of the values is left out at each end, the values at the edges in part.
fn midmean(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let (from, to) = (values.len() as f64 * 0.25, values.len() as f64 * 0.75);
    let weight = |index: usize| ((index + 1) as f64).min(to) - (index as f64).max(from);
    let weighted = values
        .iter()
        .enumerate()
        .map(|(index, value)| value * weight(index).max(0.0));
    (!values.is_empty()).then(|| weighted.sum::<f64>() / (to - from))
}

/// The middle one, or the mean of the middle two.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(f64::midpoint(values[last / 2], values[values.len() / 2]))
}

#[cfg(test)]
mod tests {
    use model::Nanoseconds;

    use super::*;

    #[test]
    fn a_midmean_leaves_a_quarter_out_at_each_end() {
        assert_eq!(midmean(vec![]), None);
        assert_eq!(midmean(vec![3.0]), Some(3.0));
        assert_eq!(midmean(vec![1.0, 2.0]), Some(1.5));
        // The middle one, and half of each beside it: (0.25 · 2 + 3 + 0.25 · 7) / 1.5, since 0.75 is left out at each end.
        assert_eq!(
            midmean(vec![7.0, 2.0, 3.0]),
            Some((0.25 * 2.0 + 3.0 + 0.25 * 7.0) / 1.5)
        );
        assert_eq!(midmean(vec![1.0, 2.0, 4.0, 1e9]), Some(3.0));
        assert_eq!(
            midmean(vec![-1e9, -1e9, 1.0, 2.0, 3.0, 4.0, 1e9, 1e9]),
            Some(2.5)
        );
    }

    #[test]
    fn a_median_is_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![5.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![5.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn a_time_of_nothing_counts_as_a_nanosecond() {
        let time = |took| Time {
            took: Nanoseconds(took),
            uncertainty: Nanoseconds(7),
        };
        assert_eq!(
            typical(&[time(0)]),
            Some(Typical {
                took: 1.0,
                uncertainty: 7.0,
                calls: 1,
            })
        );
        assert_eq!(typical(&[]), None);
    }
}
