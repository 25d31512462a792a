//! What must be the same on every kernel: the core of the live tests, in small, for `make kernels` to run on each
//! (docs/kernels.md). The programs' own accounts and the committed snapshots are the measure, on whatever kernel.

use goproctor::model::Outcome;
use goproctor_tests::{go::NEWEST, harness::Test};

use crate::{causality, oracle, outcomes, releases, values};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("kernel_tour_of_go1.15", || {
        releases::tour_passes_whatever_the_time("go1.15.15")
    }),
    ("kernel_tour_of_the_newest", || {
        releases::tour_passes_whatever_the_time(NEWEST)
    }),
    ("kernel_oracle_of_go1.15", || oracle::agrees(OLDEST, CALLS)),
    ("kernel_oracle_of_the_newest", || {
        oracle::agrees(NEWEST, CALLS)
    }),
    ("kernel_outcomes_of_the_newest", || {
        outcomes::cases_agree(NEWEST)
    }),
    ("kernel_storm_of_the_newest", storm),
    ("kernel_steep_stacks_of_go1.15", || steep_stacks(OLDEST)),
    ("kernel_steep_stacks_of_the_newest", || steep_stacks(NEWEST)),
    ("kernel_values_of_the_newest", || {
        values::few_values_agree(NEWEST)
    }),
];

const OLDEST: &str = "go1.15.15";
/// The oracle's calls.
const CALLS: usize = 10_000;

fn storm() {
    causality::assert_same(causality::storm(causality::SQUALL, NEWEST));
}

fn steep_stacks(release: &str) {
    causality::assert_same(causality::tree_of(
        "steep",
        release,
        6_000,
        Outcome::Running,
    ));
}
