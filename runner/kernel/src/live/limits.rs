//! What a site's limits, guards and blanks make of values.

use std::collections::{BTreeMap, BTreeSet};

use goproctor_ebpf::RecordClass;
use model::{
    Address, FunctionId, Limits, Register,
    plan::{Bound, GoroutineSource, Guard, Link, LinkKind, Operand, Read, Save, Turn, ViewPlan},
};
use trace::source::RecordSource as _;

use super::{
    fixture::Fixture,
    record::{Seen, decode},
    values::{
        SOURCE, addresses, constant, entry, levels, pieces, register, run, text, to_view, word,
    },
};
use crate::{Kernel, LoadOptions};

/// View 0: an `account` whose key is blanked and that leads to the next one.
fn account_views() -> Vec<ViewPlan> {
    let next = levels(1, to_view(constant(32, 56), 0));
    let blank = |offset, bytes| Link::new(offset, LinkKind::Blank(bytes), 0, 0);
    vec![ViewPlan {
        stride: 0,
        links: vec![blank(16, 8), text(0), next, blank(24, 3), text(40)],
    }]
}

#[test]
fn what_comes_first_is_followed_to_its_end_before_the_rest_takes_room() {
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let account = levels(1, to_view(constant(0, 56), 0));
    let string = Read::new(register(Register::Rbx), register(Register::Rcx), text(0));
    let account = Read::new(register(Register::Rax), Operand::Constant(0), account);
    let place_of_string = |turn| {
        let reads = vec![Read { turn, ..string }, account];
        let mut plan = entry(&fixture, "main.secret", reads, account_views());
        plan.sites[0].limits.depth = 9;
        let seen = &run(&fixture, &plan)[0];
        let mut chunks = seen.chunks.iter();
        let place = chunks.position(|(_, bytes)| &**bytes == b"0123456789");
        (place, seen.chunks.len())
    };
    assert_eq!(place_of_string(Turn::First), (Some(0), 7));
    assert_eq!(place_of_string(Turn::Second), (Some(6), 7));
}

#[test]
fn blanks_bounds_and_hidden_registers_are_honoured() {
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let known = addresses(&fixture);
    let account = levels(1, to_view(constant(0, 56), 0));
    let string = Link {
        bound: Bound::String,
        ..text(0)
    };
    let numbers = Link {
        bound: Bound::Elements,
        ..Link::new(0, LinkKind::Counted, 8, 4096)
    };
    let guarded = |address| Read {
        guard: Some(Guard {
            operand: Operand::Image(Address(known["string"])),
            address: Address(address),
        }),
        ..Read::new(
            register(Register::Rbx),
            Operand::Constant(0),
            constant(0, 3),
        )
    };
    let reads = vec![
        Read::new(register(Register::Rax), Operand::Constant(0), account),
        Read::new(register(Register::Rbx), register(Register::Rcx), string),
        Read::new(register(Register::Rdi), register(Register::Rsi), numbers),
        guarded(known["string"]),
        guarded(known["struct"]),
    ];
    for (depth, accounts) in [(0, 0), (1, 1), (2, 2), (9, 2)] {
        let mut plan = entry(&fixture, "main.secret", reads.clone(), account_views());
        plan.sites[0].limits = Limits {
            depth,
            string: 4,
            elements: 3,
            ..Limits::default()
        };
        plan.sites[0].hidden = vec![Register::Rax, Register::Rcx];
        let seen = &run(&fixture, &plan)[0];
        let registers = seen.header.registers;
        assert_eq!(
            (
                registers[Register::Rax.index()],
                registers[Register::Rcx.index()]
            ),
            (0, 0)
        );
        assert_ne!(registers[Register::Rbx.index()], 0);
        let views = seen.chunks.iter().filter(|(chunk, _)| chunk.view == 0);
        assert_eq!(views.clone().count(), accounts, "{depth}");
        for (chunk, bytes) in views {
            assert_eq!(bytes[16..27], [0; 11], "the key");
            assert_eq!(
                (word(bytes, 8), word(bytes, 48)),
                (4, 4),
                "what is around it"
            );
            assert!(chunk.levels < depth as u16);
        }
        let told: BTreeSet<(u64, &[u8])> = seen
            .chunks
            .iter()
            .map(|(chunk, bytes)| (chunk.full, &**bytes))
            .collect();
        assert!(told.contains(&(10, b"0123")), "a string's bound");
        assert!(told.contains(&(3, b"012")), "the guard that holds");
        let cut = told.iter().find(|(full, _)| *full == 40).unwrap();
        assert_eq!(
            (cut.1.len(), word(cut.1, 16)),
            (24, 3),
            "three elements of five"
        );
        assert_eq!(seen.chunks.len(), 3 + 3 * accounts);
    }
}

#[test]
fn what_a_pointer_argument_points_to_is_read_at_the_return_of_its_own_call() {
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let (begin, code) = fixture.functions("main.out").remove("main.out").unwrap();
    let mut addresses = vec![Fixture::after_check_of(begin, &code)];
    addresses.extend(Fixture::returns(begin, &code));
    let mut sites = fixture.sites(&addresses, GoroutineSource::Register);
    let function = FunctionId(9);
    sites[0].saves = vec![Save {
        function,
        slot: 2,
        value: register(Register::Rbx),
    }];
    for site in &mut sites[1..] {
        let saved = |slot| {
            Read::new(
                Operand::Saved(function, slot),
                Operand::Constant(0),
                constant(0, 8),
            )
        };
        site.reads = vec![saved(2), saved(2), saved(1)];
    }
    let seen = run(&fixture, &fixture.plan(sites, Vec::new()));
    let returns: Vec<&Seen> = seen.iter().filter(|seen| seen.header.site != 0).collect();
    assert_eq!((returns.len(), seen.len()), (4 * 200 * 6, 2 * 4 * 200 * 6));
    for call in returns {
        let chunks = pieces(call);
        assert_eq!(
            chunks.len(),
            2,
            "both reads of the slot, none of the one that was not saved"
        );
        let own = 1000 + call.header.registers[Register::Rax.index()];
        assert_eq!([word(chunks[0], 0), word(chunks[1], 0)], [own, own]);
    }
}

#[test]
fn a_record_grows_with_what_is_seen_and_none_is_counted_twice() {
    const CALLS: u64 = 4 * 10_000 + 1;
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let account = levels(1, to_view(constant(0, 56), 0));
    let read = Read::new(register(Register::Rax), Operand::Constant(0), account);
    let mut plan = entry(&fixture, "main.secret", vec![read], account_views());
    plan.sites[0].limits = Limits {
        depth: 1000,
        bytes: 32_768,
        ..Limits::default()
    };
    // A small ring is full often, a large one never.
    for (ring_bytes, complete) in [(1 << 17, false), (1 << 30, true)] {
        let mut kernel = Kernel::load(&plan, &LoadOptions { ring_bytes }).unwrap();
        let mut source = kernel.records().unwrap();
        kernel.attach(&fixture.binary).unwrap();
        let running = fixture.start(&["load"]);
        let printed = std::thread::spawn(move || running.finish());
        let (mut numbers, mut classes) = (Vec::new(), BTreeMap::new());
        let mut ended = false;
        loop {
            let taken = source
                .drain(std::time::Duration::from_millis(5), &mut |record| {
                    let seen = decode(record);
                    numbers.push(seen.header.hit);
                    *classes.entry(seen.header.class).or_insert(0) += 1;
                    let accounts = seen
                        .chunks
                        .iter()
                        .filter(|(chunk, _)| chunk.view == 0)
                        .count();
                    assert!(accounts < 97);
                    let full = seen.chunks.len() == RecordClass::Huge.chunks();
                    assert_eq!(seen.header.flags != 0, full, "three pieces each");
                    assert!(
                        seen.chunks
                            .iter()
                            .filter(|(chunk, _)| chunk.view == 0)
                            .all(|(_, bytes)| bytes[16..27] == [0; 11])
                    );
                })
                .unwrap();
            if ended && taken == 0 {
                break;
            }
            ended = printed.is_finished();
        }
        kernel.detach().unwrap();
        let count = kernel.hits().unwrap()[0];
        assert_eq!(count.hits, CALLS);
        assert_eq!(numbers.len() as u64 + count.lost, CALLS);
        assert!(!complete || count.lost == 0, "{count:?}");
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len() as u64 + count.lost, CALLS, "no number twice");
        assert_eq!(count.class, RecordClass::Huge as u64);
        assert!(
            classes
                .keys()
                .all(|class| *class >= RecordClass::Tiny as u32),
            "{classes:?}"
        );
    }
}
