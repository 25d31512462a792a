//! Where returns are probed in real programs.

use std::collections::BTreeSet;

use arch::Stepping;
use golang::{Binary, NotRedirected, testing::Program};
use model::plan::{Operand, Plan, Site};
use model::{Address, FunctionId, ProbeKind};

use super::{Built, FastReturns, PlanRequest, WatchedLabel, build};

const SOURCE: &str = include_str!("fixtures/returning.go");
const ON: FastReturns = FastReturns::On {
    verifies_code: false,
};

fn program(release: &str) -> (Program, Binary) {
    let program = Program::build_with(SOURCE, "1.15", release, &[]);
    let binary = Binary::open(&program.binary).unwrap();
    (program, binary)
}

fn planned(binary: &Binary, returns: FastReturns) -> Built {
    let labels = ["main.greet", "main.next", "fmt.Sprint"];
    let labels = labels.map(|name| WatchedLabel::new(name, name));
    let mut request = PlanRequest::new(labels.into());
    request.fast_returns = returns;
    build(binary, &request).unwrap()
}

/// The sites within so many bytes.
fn within(plan: &Plan, start: Address, length: usize) -> Vec<&Site> {
    let end = Address(start.0 + length as u64);
    let sites = plan.sites.iter();
    sites
        .filter(|site| start <= site.address && site.address < end)
        .collect()
}

/// What a plan's returns read on the stack, counted from where the stack pointer was at the entry: the same wherever they are probed.
fn stack_reads(plan: &Plan) -> BTreeSet<(FunctionId, Vec<i64>)> {
    let returns = plan.sites.iter().filter_map(|site| {
        let mut roles = site.roles.iter();
        let function = roles.find_map(|role| role.function_of(ProbeKind::Return))?;
        let displacements = site.reads.iter().filter_map(|read| match read.first {
            Operand::Stack(at) | Operand::StackAddress(at) => Some(at - i64::from(site.below)),
            _ => None,
        });
        Some((function, displacements.collect()))
    });
    returns.collect()
}

/// With the stack ABI, with the register ABI and old prologues, and as it is now.
const RELEASES: [&str; 4] = ["go1.15.15", "go1.17.13", "go1.22.12", "local"];

#[test]
fn where_code_is_replaced_its_jump_is_probed_and_nothing_else() {
    for release in RELEASES {
        let (_program, binary) = program(release);
        let Built { plan, returns, .. } = planned(&binary, ON);
        let mut count = 0;
        for redirection in returns.redirections() {
            let patch = &redirection.patch;
            assert_eq!(patch.before.len(), patch.after.len());
            let probed = within(&plan, patch.address, patch.after.len());
            let [site] = probed[..] else {
                panic!("{release}: {redirection:?}: {probed:?}");
            };
            assert_eq!(
                (site.address, site.below),
                (patch.address, redirection.below)
            );
            let end = Address(redirection.twin.0 + patch.before.len() as u64);
            let there = binary.code(redirection.twin..end).unwrap();
            assert_eq!(
                there, patch.before,
                "{release}: a twin ends in the same way"
            );
            let twin = binary.function_at(redirection.twin).unwrap();
            let length = (twin.end.0 - twin.start.0) as usize;
            assert_eq!(within(&plan, twin.start, length), Vec::<&Site>::new());
            count += 1;
        }
        // Sprint has no frame to leave where Go 1.17 compiled it.
        let through = |name: &str| {
            let all = returns.iter();
            let ways = all.filter(|planned| planned.way.is_ok() && planned.function == name);
            ways.count()
        };
        assert_eq!(through("main.greet"), 2, "{release}");
        assert_eq!(
            through("fmt.Sprint") > 0,
            release != "go1.17.13",
            "{release}"
        );
        assert_eq!(returns.redirections().count(), count, "{release}");
    }
}

#[test]
fn results_are_read_at_the_same_places_wherever_the_return_is_probed() {
    for release in RELEASES {
        let (_program, binary) = program(release);
        let plain = planned(&binary, FastReturns::Off);
        assert_eq!(plain.returns.iter().count(), 0);
        let fast = planned(&binary, ON);
        assert_eq!(
            stack_reads(&plain.plan),
            stack_reads(&fast.plan),
            "{release}"
        );
    }
}

#[test]
fn a_return_that_stays_says_why() {
    let (_program, binary) = program("local");
    let built = planned(&binary, ON);
    let mut returns = built.returns.iter();
    let next = returns.find(|planned| planned.function == "main.next");
    assert_eq!(next.unwrap().way, Err(NotRedirected::NoFrame));
}

#[test]
fn entries_of_old_releases_are_probed_at_an_instruction_that_is_emulated() {
    for release in RELEASES {
        let (_program, binary) = program(release);
        let Built { plan, returns, .. } = planned(&binary, FastReturns::Off);
        for site in &plan.sites {
            let mut roles = site.roles.iter();
            let Some(function) = roles.find_map(|role| role.function_of(ProbeKind::Entry)) else {
                continue;
            };
            let name = &plan.functions[function.0 as usize].name;
            let expected = match name.as_str() {
                "main.next" => Stepping::Stepped,
                _ => Stepping::Emulated,
            };
            let stepping = returns.stepping(&binary, site.address).unwrap();
            assert_eq!(stepping, expected, "{release}: {name}");
        }
    }
}
