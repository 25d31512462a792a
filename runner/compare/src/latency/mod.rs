//! Whether calls take longer on one side than on the other.
//!
//! Both sides run in turn: a [`Run`] is all calls of one side's run, a **round** one run of each. [`Rounds`] takes rounds, keeps of each
//! function its typical times, and [`compare`](Rounds::compare)s them into a [`Comparison`]: for each function a [`Finding`] on its own
//! time (without watched functions that it calls) and one on its whole time, and the [`Origin`] of what changed.
//!
//! # How a round must be made
//! What is the same in all rounds and differs between the sides counts as a difference of the sides. So:
//! - each run is a new process: where memory happens to lie makes whole processes faster or slower (Mytkowicz et al. 2009; Kalibera, Jones 2013);
//! - the sides take turns in who is first, by [`first`], so that a machine that gets slower, or a second run that finds caches warm, favours neither;
//! - the number of rounds is fixed before, by `rounds_needed` or above it. To go on until something is found is to find something always.
//!
//! # Method
//! 1. A function's **typical time** in a run is the geometric midmean of its calls: the mean of the logarithms between the quartiles. Slow
//!    outliers have no weight, and two kinds of calls (hit and miss) have each their share.
//! 2. Rounds that follow one another make a block of four. Within a block, the logarithms of the eight typical times are compared each with
//!    each of the other side; what the machine does to whole blocks cancels out. If there is no difference, the eight runs could as well
//!    have been dealt to the sides in any other way: Fisher's and Pitman's principle of permutation (1935, 1937), which assumes no
//!    distribution. What changes steadily within a block makes the test stricter, not laxer, since the order of [`first`] spreads it
//!    evenly.
//! 3. The statistic is Wilcoxon's rank sum (1945; Mann and Whitney 1947) within each block, summed over the blocks (van Elteren 1960),
//!    two-sided. Its distribution over all ways to deal is computed exactly, ties included. No random numbers. A disturbed run loses the
//!    comparisons with the other side's runs of its block, however long it took.
//! 4. Holm's procedure (1979) over both times of all functions that can be compared: the probability that any difference is claimed where
//!    there is none is at most [`Settings::error_rate`], however the functions depend on one another.
//! 5. The effect is the Hodges–Lehmann estimate (1963), the median of the compared differences. Its interval is the test of step 3
//!    inverted, at the error rate divided by the number of tests (Bonferroni), so all intervals together hold the true ratios with
//!    probability 1 − error rate. Where many functions changed, Holm's later steps are less strict than this, and the interval of a claimed
//!    difference may touch 1.
//! 6. A claimed difference counts if the estimate is at least [`Settings::least_ratio`], and, in time, [`Settings::least_difference`]
//!    ([`Settings::least_difference_of_few`] where a run has few calls) and what the two sides' probe costs may be off against each other. A function is [`Finding::Same`] only if its interval holds no ratio
//!    that counts.
//!
//! # Which function is the root
//! A changed own time is a root; functions that call it, of which only the whole time changed, are its consequences: [`Origin`]. A wait for
//! another goroutine is part of the own time of the function that waits. Where that function started the goroutine this is taken into
//! account; where it waits for a worker that others started, or for a lock, it is a root of its own.
//!
//! # Sources
//! - S. Holm: A simple sequentially rejective multiple test procedure. Scandinavian Journal of Statistics 6 (1979).
//! - F. Wilcoxon: Individual comparisons by ranking methods. Biometrics Bulletin 1 (1945). H. B. Mann, D. R. Whitney: On a test of whether
//!   one of two random variables is stochastically larger than the other. Annals of Mathematical Statistics 18 (1947).
//! - P. van Elteren: On the combination of independent two-sample tests of Wilcoxon. Bulletin of the International Statistical Institute 37 (1960).
//! - J. L. Hodges, E. L. Lehmann: Estimates of location based on rank tests. Annals of Mathematical Statistics 34 (1963).
//! - R. A. Fisher: The design of experiments (1935). E. J. G. Pitman: Significance tests which may be applied to samples from any populations (1937).
//! - T. Mytkowicz et al.: Producing wrong data without doing anything obviously wrong! ASPLOS 2009. T. Kalibera, R. Jones: Rigorous benchmarking in
//!   reasonable time. ISMM 2013.

mod comparison;
mod finding;
mod holm;
mod link;
mod origin;
mod rank_sum;
mod rounds;
mod run;
mod settings;
mod side;
mod time;
mod typical;

pub use comparison::{Comparison, FunctionLatency};
pub use finding::{Effect, Finding};
pub use origin::{ChangedCalls, Origin};
pub use rounds::Rounds;
pub use run::{Parent, Run};
pub use settings::{ErrorRate, Settings};

#[cfg(test)]
pub(crate) use settings::rounds_needed;
pub use side::{Side, Sides, first};
pub use time::Time;

#[cfg(test)]
mod tests;
