//! What Go's own shapes lead to: interfaces, closures, maps; and what a site's limits, guards and blanks make of it.

use std::collections::{BTreeMap, BTreeSet};

use goproctor_ebpf::{FLAG_CHUNKS_FULL, RecordClass};
use model::{
    Address, FunctionId, Limits, Register, TypeId,
    plan::{
        Bound, Closure, DynamicType, GoroutineSource, Guard, Link, LinkKind, Operand, Plan, Read,
        Save, Turn, ViewId, ViewPlan,
    },
};
use trace::source::RecordSource as _;

use super::{
    fixture::Fixture,
    record::{Seen, decode, records},
};
use crate::{Kernel, LoadOptions};

/// Prints the addresses of its types and closures before it waits, so that a plan can be made of a first run.
const SOURCE: &str = r#"package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"unsafe"
)

type pair struct {
	number int64
	text   string
}

func (p *pair) show() int64 { return p.number }

type shower interface{ show() int64 }

type account struct {
	name string
	key  [11]byte
	next *account
	note string
}

type words = [2]uintptr

//go:noinline
func g(n int) int { return n + 1 }

//go:noinline
func whatever(v interface{}) int { return g(1) + g(2) }

//go:noinline
func method(v shower) int { return g(1) + g(2) }

//go:noinline
func function(f func() int64) int { return g(1) + g(2) }

//go:noinline
func table(m map[int64]string, n int) int { return g(n) + g(2) }

//go:noinline
func secret(a *account, s string, numbers []int64) int { return g(len(s)) + g(len(numbers)) }

//go:noinline
func out(n int, p *int64) int {
	if n > 0 {
		out(n-1, new(int64))
	}
	*p = int64(1000 + n)
	return n + g(0) - 1
}

func typeOf(v interface{}) uintptr { return (*words)(unsafe.Pointer(&v))[0] }

func codeOf(f func() int64) uintptr { return **(**uintptr)(unsafe.Pointer(&f)) }

//go:noinline
func counter(n int64) func() int64 { return func() int64 { n := n; return n + 1 } }

func accounts(n int) (first *account) {
	for i := 0; i < n; i++ {
		first = &account{"name", [11]byte{'s', 'e', 'c', 'r', 'e', 't', 's', 'e', 'c', 'r', 'e'}, first, "note"}
	}
	return
}

func main() {
	var mark func() int64 = counter(7)
	fmt.Println("pointer", typeOf(&pair{}))
	fmt.Println("struct", typeOf(pair{}))
	fmt.Println("string", typeOf(""))
	fmt.Println("func", typeOf(mark))
	fmt.Println("closure", codeOf(mark))
	bufio.NewReader(os.Stdin).ReadString('\n')
	value := &pair{41, "forty-one"}
	whatever(value)
	whatever(*value)
	whatever(strings.Repeat("text", 2))
	whatever(mark)
	whatever(int64(1 << 40))
	whatever(nil)
	method(value)
	function(mark)
	function(func() int64 { return 3 })
	function(nil)
	for _, n := range []int{0, 1, 8, 9, 20, 27, 53, 60} {
		m := make(map[int64]string)
		for i := 0; i < n; i++ {
			m[int64(i*i)] = fmt.Sprint("value ", i)
		}
		table(m, n)
	}
	table(nil, 0)
	secret(accounts(2), "0123456789", []int64{1, 2, 3, 4, 5})
	var done sync.WaitGroup
	for w := 0; w < 4; w++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for i := 0; i < 200; i++ {
				out(5, new(int64))
			}
			for i := 0; i < 10000 && len(os.Args) > 1; i++ {
				secret(accounts(i%97), "", nil)
			}
		}()
	}
	done.Wait()
}
"#;

fn register(register: Register) -> Operand {
    Operand::Register(register)
}

fn to_view(link: Link, view: u32) -> Link {
    Link {
        view: Some(ViewId(view)),
        ..link
    }
}

fn constant(offset: u32, element: u32) -> Link {
    Link::new(offset, LinkKind::Constant(1), element, element)
}

fn text(offset: u32) -> Link {
    Link::new(offset, LinkKind::Counted, 1, 4096)
}

fn levels(levels: u32, link: Link) -> Link {
    Link { levels, ..link }
}

/// What is read of a function's arguments at its entry.
fn entry(fixture: &Fixture, function: &str, reads: Vec<Read>, views: Vec<ViewPlan>) -> Plan {
    fixture.entry(function, GoroutineSource::Register, reads, views)
}

fn run(fixture: &Fixture, plan: &Plan) -> Vec<Seen> {
    let mut kernel = Kernel::load(
        plan,
        &LoadOptions {
            ring_bytes: 64 << 20,
        },
    )
    .unwrap();
    let mut source = kernel.records().unwrap();
    kernel.attach(&fixture.binary).unwrap();
    fixture.start(&[]).finish();
    kernel.detach().unwrap();
    records(&mut source)
}

/// The bytes of a record's chunks, by how many they are, in order.
fn pieces(seen: &Seen) -> Vec<&[u8]> {
    assert!(seen.chunks.iter().all(|(chunk, _)| chunk.status == 0));
    seen.chunks.iter().map(|(_, bytes)| &**bytes).collect()
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// The types of `SOURCE`, and its closure, as they are known only at a hit. View 0 is of a `pair`, view 1 of a string.
fn with_dynamic(mut plan: Plan, known: &BTreeMap<String, u64>) -> Plan {
    let ty = |name: &str, direct, link| DynamicType {
        address: Address(known[name]),
        ty: TypeId(0),
        direct,
        link: Some(link),
    };
    let pair = levels(1, to_view(constant(0, 24), 0));
    plan.dynamic = vec![
        ty("pointer", true, pair),
        ty("struct", false, pair),
        ty("string", false, levels(1, to_view(constant(0, 16), 1))),
        ty("func", true, Link::new(0, LinkKind::Func, 8, 8)),
    ];
    plan.closures = vec![Closure {
        code: Address(known["closure"]),
        captured: None,
        link: constant(0, 16),
    }];
    plan
}

fn pair_views() -> Vec<ViewPlan> {
    [8, 0]
        .map(|offset| ViewPlan {
            stride: 0,
            links: vec![text(offset)],
        })
        .to_vec()
}

/// What the program itself says about its addresses, as linked: a position-independent one is loaded elsewhere each
/// time.
fn addresses(fixture: &Fixture) -> BTreeMap<String, u64> {
    let mut known: BTreeMap<String, u64> = fixture.start(&[]).finish().into_iter().collect();
    let closure = fixture.functions("main.counter.func1")["main.counter.func1"].0;
    let bias = known["closure"] - closure;
    for address in known.values_mut() {
        *address -= bias;
    }
    known
}

#[test]
fn interfaces_and_closures_lead_to_what_they_hold() {
    for flags in [&[][..], &["-buildmode=pie"]] {
        let fixture = Fixture::build_with("go1.26.8", SOURCE, flags);
        let known = addresses(&fixture);
        let interface = |kind| {
            let link = Link::new(0, kind, 0, 0);
            Read::new(register(Register::Rax), register(Register::Rbx), link)
        };
        let plan_of = |function: &str, read: Read| {
            let plan = entry(&fixture, function, vec![read], pair_views());
            with_dynamic(plan, &known)
        };

        let plan = plan_of("main.whatever", interface(LinkKind::EmptyInterface));
        let seen = run(&fixture, &plan);
        assert_eq!(seen.len(), 6);
        for value in &seen[..2] {
            let chunks = pieces(value);
            assert_eq!((chunks.len(), word(chunks[0], 0)), (2, 41));
            assert_eq!(chunks[1], b"forty-one");
        }
        let chunks = pieces(&seen[2]);
        assert_eq!((chunks[0].len(), chunks[1]), (16, &b"texttext"[..]));
        let chunks = pieces(&seen[3]);
        assert_eq!((chunks.len(), word(chunks[0], 8)), (1, 7), "a captured 7");
        assert!(seen[4].chunks.is_empty(), "a type that is not in the table");
        assert!(seen[5].chunks.is_empty(), "nil");

        let mut shallow = plan;
        shallow.sites[0].limits.depth = 0;
        let seen = run(&fixture, &shallow);
        let counts: Vec<usize> = seen.iter().map(|seen| seen.chunks.len()).collect();
        assert_eq!(counts, [0, 0, 0, 1, 0, 0], "only a closure takes no level");

        let seen = run(
            &fixture,
            &plan_of("main.method", interface(LinkKind::Interface)),
        );
        let chunks = pieces(&seen[0]);
        let itab = seen[0].header.registers[Register::Rax.index()];
        let (chunk, bytes) = seen[0]
            .chunks
            .iter()
            .find(|(chunk, _)| chunk.address == itab)
            .unwrap();
        assert_eq!((chunk.read, chunks.len()), (16, 3));
        // Where the itab's type is, the type of the table was.
        let bias =
            seen[0].header.registers[Register::Rip.index()] - fixture.after_check("main.method").0;
        assert_eq!(word(bytes, 8) - bias, known["pointer"]);
        assert!(chunks.contains(&&b"forty-one"[..]));

        let of = |ty: &str| LinkKind::InterfaceOf(Address(known[ty]));
        for (ty, count) in [("pointer", 2), ("struct", 1)] {
            let mut read = interface(of(ty));
            read.link = Link {
                displacement: 8,
                ..Link::new(0, of(ty), 16, 16)
            };
            let seen = run(&fixture, &plan_of("main.method", read));
            assert_eq!(seen[0].chunks.len(), count, "{ty}");
            if ty == "pointer" {
                let (chunk, bytes) = &seen[0].chunks[0];
                let data = seen[0].header.registers[Register::Rbx.index()];
                assert_eq!((chunk.address, word(bytes, 8)), (data + 8, 9));
            }
        }

        let link = Link::new(0, LinkKind::Func, 8, 8);
        let read = Read::new(register(Register::Rax), Operand::Constant(0), link);
        let seen = run(&fixture, &plan_of("main.function", read));
        let told: Vec<Vec<usize>> = seen
            .iter()
            .map(|seen| pieces(seen).iter().map(|bytes| bytes.len()).collect())
            .collect();
        assert_eq!(told, [vec![16], vec![8], vec![]]);
        assert_eq!(word(pieces(&seen[0])[0], 8), 7);
    }
}

/// The entries that the chunks of a map hold. `slots` gives the offsets of keys and values of the occupied ones in an
/// element of a chunk with the view of buckets or groups.
fn entries(
    seen: &Seen,
    view: u32,
    size: usize,
    slots: impl Fn(&[u8]) -> Vec<(usize, usize)>,
) -> BTreeMap<u64, String> {
    let mut entries = BTreeMap::new();
    for (_, bytes) in seen.chunks.iter().filter(|(chunk, _)| chunk.view == view) {
        for element in bytes.chunks_exact(size) {
            for (key, value) in slots(element) {
                let address = word(element, value);
                let (_, text) = seen
                    .chunks
                    .iter()
                    .find(|(chunk, _)| chunk.address == address)
                    .unwrap();
                let text = String::from_utf8(text.clone()).unwrap();
                assert_eq!(text.len() as u64, word(element, value + 8));
                assert_eq!(entries.insert(word(element, key), text), None);
            }
        }
    }
    entries
}

/// Judges the calls of `table`.
fn judge_maps(seen: &[Seen], entries: impl Fn(&Seen) -> BTreeMap<u64, String>) {
    assert_eq!(seen.len(), 9);
    for call in &seen[..8] {
        let count = call.header.registers[Register::Rbx.index()];
        assert_eq!(call.header.flags & FLAG_CHUNKS_FULL, 0, "{count}");
        assert_eq!(word(&call.chunks[0].1, 0), count, "the header's count");
        let want: BTreeMap<u64, String> = (0..count)
            .map(|number| (number * number, format!("value {number}")))
            .collect();
        assert_eq!(entries(call), want, "{count}");
    }
    assert!(seen[8].chunks.is_empty(), "nil");
}

fn map_plan(fixture: &Fixture, views: Vec<ViewPlan>) -> Plan {
    let header = to_view(constant(0, 48), 0);
    let read = Read::new(register(Register::Rax), Operand::Constant(0), header);
    let mut plan = entry(fixture, "main.table", vec![read], views);
    plan.sites[0].limits.bytes = 32_768;
    plan
}

/// `hmap` and `bmap` of runtime/map.go, Go 1.22: flags at 8, B at 9, buckets at 16, oldbuckets at 24; a bucket of
/// `map[int64]string` has 8 tophashes, 8 keys, 8 values and the overflow pointer.
#[test]
fn maps_of_buckets_are_read_whole() {
    const BUCKET: u32 = 8 + 64 + 128 + 8;
    let buckets = |offset, kind| levels(1, to_view(Link::new(offset, kind, BUCKET, 4096), 1));
    let header = vec![
        buckets(16, LinkKind::Power(9)),
        buckets(24, LinkKind::OldPower(9)),
    ];
    let mut bucket: Vec<Link> = (0..8).map(|slot| text(72 + 16 * slot)).collect();
    bucket.push(to_view(constant(BUCKET - 8, BUCKET), 1));
    let views = vec![
        ViewPlan {
            stride: 0,
            links: header,
        },
        ViewPlan {
            stride: BUCKET,
            links: bucket,
        },
    ];
    let fixture = Fixture::build("go1.22.12", SOURCE);
    let seen = run(&fixture, &map_plan(&fixture, views));
    judge_maps(&seen, |call| {
        entries(call, 1, BUCKET as usize, |bucket| {
            // `minTopHash`: less is empty or moved to the new buckets.
            let used = (0..8).filter(|slot| bucket[*slot] >= 5);
            used.map(|slot| (8 + 8 * slot, 72 + 16 * slot)).collect()
        })
    });
    let growing = |call: &&Seen| {
        call.chunks
            .first()
            .is_some_and(|(_, header)| word(header, 24) != 0)
    };
    assert!(
        seen.iter().filter(growing).count() > 0,
        "one was seen growing"
    );
}

/// `Map`, `table` and groups of internal/runtime/maps, Go 1.26: dirPtr at 16, dirLen at 24; groups' data at 16 of a
/// table, their lengthMask at 24; a group of `map[int64]string` has 8 control bytes and 8 slots.
#[test]
fn swiss_maps_are_read_whole() {
    const GROUP: u32 = 8 + 8 * 24;
    let group = |link| levels(1, to_view(link, 3));
    let header = vec![
        group(Link::new(16, LinkKind::Uncounted, GROUP, GROUP)),
        levels(1, to_view(Link::new(16, LinkKind::Counted, 8, 4096), 1)),
    ];
    let views = vec![
        ViewPlan {
            stride: 0,
            links: header,
        },
        ViewPlan {
            stride: 8,
            links: vec![to_view(constant(0, 32), 2)],
        },
        ViewPlan {
            stride: 0,
            links: vec![to_view(Link::new(16, LinkKind::Masked, GROUP, 4096), 3)],
        },
        ViewPlan {
            stride: GROUP,
            links: (0..8).map(|slot| text(16 + 24 * slot)).collect(),
        },
    ];
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let seen = run(&fixture, &map_plan(&fixture, views));
    judge_maps(&seen, |call| {
        entries(call, 3, GROUP as usize, |group| {
            let used = (0..8).filter(|slot| group[*slot] & 0x80 == 0);
            used.map(|slot| (8 + 24 * slot, 16 + 24 * slot)).collect()
        })
    });
}

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
