//! What is known of calls that were counted and not kept.

use std::collections::VecDeque;

use super::{Elapsed, FunctionId};

/// What of a test's calls is kept, the most first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Retention {
    /// Every call, and every hit of goproctor's own probes.
    #[default]
    Hits,
    /// Every call.
    Calls,
    /// Totals, and a few calls of each function to show: memory does not grow with their number.
    Totals,
}

/// The totals of all calls of a window, those that were kept too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// The functions that were called.
    pub functions: Vec<FunctionTotals>,
}

/// What of a Go test was seen and not kept: there was no room for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotKept {
    /// How many calls.
    pub calls: u64,
    /// How many goroutines that ended.
    pub goroutines: u64,
    /// Which calls the totals are of.
    pub countable: Countable,
}

/// Which calls were counted, whether or not they were kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Countable {
    /// All that the test is judged on.
    AllCalls,
    /// Its own; of those that belong to no test it is not known which were made in its time.
    OwnCalls,
    /// Not even its own: there were too many tests and functions.
    Nothing,
}

/// The totals of one function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionTotals {
    /// The function.
    pub function: FunctionId,
    /// Its calls that a request owned, whichever.
    pub owned: Tally,
    /// Its calls that no request owned.
    pub background: Tally,
}

/// Some calls, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// How long they took.
    pub times: Times,
}

/// How long some calls took: a distribution for each thing that is known of a time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Times {
    /// As the kernel's clock says.
    pub raw: Histogram,
    /// Our own cost taken off.
    pub corrected: Histogram,
    /// At least.
    pub low: Histogram,
    /// At most.
    pub high: Histogram,
}

impl Totals {
    /// The totals of a function.
    #[must_use]
    pub fn of(&self, function: FunctionId) -> Option<&FunctionTotals> {
        let mut functions = self.functions.iter();
        functions.find(|totals| totals.function == function)
    }

    /// How many calls there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        let counts = self.functions.iter();
        counts
            .map(|totals| totals.owned.count + totals.background.count)
            .sum()
    }

    /// How many of them a request owned.
    #[must_use]
    pub fn owned(&self) -> u64 {
        self.functions.iter().map(|totals| totals.owned.count).sum()
    }
}

impl Tally {
    /// Counts a call that took so long.
    pub fn add(&mut self, took: Elapsed) {
        self.count += 1;
        self.times.raw.add(took.raw);
        self.times.corrected.add(took.corrected);
        self.times.low.add(took.low);
        self.times.high.add(took.high);
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.times.raw.merge(&other.times.raw);
        self.times.corrected.merge(&other.times.corrected);
        self.times.low.merge(&other.times.low);
        self.times.high.merge(&other.times.high);
    }
}

/// How many values lie where. Each doubling of the value has 1024 buckets, so that a bucket is less than a thousandth of its
/// values wide; below 2048 each value has its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// The number of the first bucket that is counted.
    first: usize,
    counts: VecDeque<u64>,
    /// How many values have no bound ([`u64::MAX`]): larger than all others.
    unbounded: u64,
    total: u64,
    sum: u128,
}

/// Log2 of the number of buckets that a doubling has.
const RESOLUTION: u32 = 10;

impl Histogram {
    /// Counts a value; [`u64::MAX`] stands for one without a bound.
    pub fn add(&mut self, value: u64) {
        self.total += 1;
        if value == u64::MAX {
            self.unbounded += 1;
            return;
        }
        self.sum += u128::from(value);
        *self.count_at(bucket(value)) += 1;
    }

    /// Adds what another one counted.
    pub fn merge(&mut self, other: &Self) {
        self.total += other.total;
        self.unbounded += other.unbounded;
        self.sum += other.sum;
        for (number, count) in (other.first..).zip(&other.counts) {
            if *count > 0 {
                *self.count_at(number) += count;
            }
        }
    }

    /// How many values there are.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The least and the largest value that the value of that rank may be, from 1; none if there are not so many.
    #[must_use]
    pub fn at_rank(&self, rank: u64) -> Option<(u64, u64)> {
        if rank > self.total {
            return None;
        }
        let mut passed = 0;
        for (number, count) in (self.first..).zip(&self.counts) {
            passed += count;
            if passed >= rank.max(1) {
                return Some(range(number));
            }
        }
        Some((u64::MAX, u64::MAX))
    }

    /// The mean of all values, [`u64::MAX`] if one has no bound; none of none.
    #[must_use]
    pub fn mean(&self) -> Option<u64> {
        if self.unbounded > 0 {
            return Some(u64::MAX);
        }
        let mean = self.sum.checked_div(u128::from(self.total))?;
        Some(u64::try_from(mean).unwrap_or(u64::MAX))
    }

    fn count_at(&mut self, number: usize) -> &mut u64 {
        if self.counts.is_empty() {
            self.first = number;
        }
        while number < self.first {
            self.counts.push_front(0);
            self.first -= 1;
        }
        let index = number - self.first;
        if index >= self.counts.len() {
            self.counts.resize(index + 1, 0);
        }
        &mut self.counts[index]
    }
}

/// The number of a value's bucket.
const fn bucket(value: u64) -> usize {
    let bits = u64::BITS - value.leading_zeros();
    let shift = bits.saturating_sub(RESOLUTION + 1);
    ((shift as usize) << RESOLUTION) + (value >> shift) as usize
}

/// The least and the largest value of a bucket.
const fn range(number: usize) -> (u64, u64) {
    let shift = (number >> RESOLUTION).saturating_sub(1);
    let step = (number - (shift << RESOLUTION)) as u64;
    let low = step << shift;
    (low, low + ((1 << shift) - 1))
}

#[cfg(test)]
mod tests {
    use super::{Histogram, bucket, range};

    #[test]
    fn every_value_lies_in_its_bucket_which_is_narrow() {
        let mut values: Vec<u64> = (0..5000).collect();
        values.extend(
            (0..63).flat_map(|bit| [(1 << bit) - 1, 1 << bit, (1 << bit) + 1, 3 << (bit / 2)]),
        );
        values.push(u64::MAX - 1);
        for value in values {
            let (low, high) = range(bucket(value));
            assert!((low..=high).contains(&value), "{value}: {low}..={high}");
            assert!(
                (high - low) as f64 <= value as f64 / 1000.0,
                "{value}: {low}..={high}"
            );
        }
    }

    #[test]
    fn ranks_are_those_of_the_sorted_values() {
        let mut random = fastrand::Rng::with_seed(7);
        let mut values = Vec::new();
        let mut halves = [Histogram::default(), Histogram::default()];
        for index in 0..2000 {
            let value = random.u64(..1 << 31) >> (index % 20);
            values.push(value);
            halves[index % 2].add(value);
        }
        values.sort_unstable();
        let [mut all, other] = halves;
        all.merge(&other);
        assert_eq!(all.total(), 2000);
        for (rank, value) in (1..).zip(&values) {
            let (low, high) = all.at_rank(rank).unwrap_or_default();
            assert!((low..=high).contains(value));
        }
        assert_eq!(all.at_rank(2001), None);
        let sum: u64 = values.iter().sum();
        assert_eq!(all.mean(), Some(sum / 2000));
    }

    #[test]
    fn a_value_without_a_bound_is_the_largest() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.mean(), None);
        histogram.add(u64::MAX);
        histogram.add(5);
        assert_eq!(histogram.at_rank(1), Some((5, 5)));
        assert_eq!(histogram.at_rank(2), Some((u64::MAX, u64::MAX)));
        assert_eq!(histogram.mean(), Some(u64::MAX));
    }
}
