//! What must be the same on every kernel: the core of the live tests, in small, for `make kernels` to run on each
//! (docs/kernels.md). The programs' own accounts and the committed snapshots are the measure, on whatever kernel.

use std::{
    fs, panic,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use goproctor_tests::{go::NEWEST, harness::Test};
use model::Outcome;

use crate::{causality, oracle, outcomes, releases, torture, values};

pub(crate) const TESTS: &[Test<'static>] = &[
    ("kernel_tour_of_go1.15", || {
        releases::tour_passes_whatever_the_time("go1.15.15")
    }),
    ("kernel_tour_of_the_newest", || {
        releases::tour_passes_whatever_the_time(NEWEST)
    }),
    ("kernel_costs_of_a_hit", costs),
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
    ("kernel_torture_of_the_newest", || {
        torture::on_this_kernel(NEWEST)
    }),
    ("kernel_values_of_the_newest", values),
];

const OLDEST: &str = "go1.15.15";
/// The oracle's calls.
const CALLS: usize = 10_000;

/// At most so many instructions of the kernel program may a verifier look at: a tenth of what it refuses
/// (`BPF_COMPLEXITY_LIMIT_INSNS` of include/linux/bpf.h). Looking at them is most of what a start costs.
const MAX_VERIFIED: u64 = 100_000;

/// What a hit costs, and whether a `ret` is one of those that cost little; the log of `make kernels` has it.
fn costs() {
    for capability in kernel::capabilities() {
        let is_asked = ["a probe", "cheap returns"].contains(&capability.name);
        if is_asked {
            println!("{}: {:?}", capability.name, capability.state);
        }
        assert!(
            !capability.required || matches!(capability.state, kernel::State::Found(_)),
            "{capability:?}"
        );
    }
}

/// The values agree, and the verifier has little to look at. What it looked at stands with each program that this
/// process has loaded.
fn values() {
    let done = AtomicBool::new(false);
    let most = thread::scope(|scope| {
        let most = scope.spawn(|| {
            let mut most = 0;
            while !done.load(Ordering::Relaxed) {
                most = most.max(verified());
                thread::sleep(Duration::from_millis(20));
            }
            most
        });
        let agreed = panic::catch_unwind(|| values::few_values_agree(NEWEST));
        done.store(true, Ordering::Relaxed);
        if let Err(why) = agreed {
            panic::resume_unwind(why);
        }
        most.join().unwrap_or_default()
    });
    println!("the verifier looked at {most} instructions");
    assert!(most > 0, "no program was seen");
    assert!(
        most < MAX_VERIFIED,
        "the verifier looked at {most} instructions"
    );
}

/// The most instructions that the verifier looked at, of the programs that this process has loaded now
/// (`bpf_prog_show_fdinfo` of kernel/bpf/syscall.c).
fn verified() -> u64 {
    let Ok(files) = fs::read_dir("/proc/self/fdinfo") else {
        return 0;
    };
    files
        .flatten()
        .filter_map(|file| fs::read_to_string(file.path()).ok())
        .flat_map(|text| {
            text.lines()
                .filter_map(|line| line.strip_prefix("verified_insns:")?.trim().parse().ok())
                .collect::<Vec<_>>()
        })
        .max()
        .unwrap_or(0)
}

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
