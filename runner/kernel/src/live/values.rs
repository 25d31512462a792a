//! What Go's own shapes lead to: interfaces, closures, maps; and what a site's limits, guards and blanks make of it.

use std::collections::BTreeMap;

use model::{
    Address, Register, TypeId,
    plan::{
        Closure, DynamicType, GoroutineSource, Link, LinkKind, Operand, Plan, Read, ViewId,
        ViewPlan,
    },
};

use super::{
    fixture::Fixture,
    record::{Seen, records},
};
use crate::{Kernel, LoadOptions};

/// Prints the addresses of its types and closures before it waits, so that a plan can be made of a first run.
pub(super) const SOURCE: &str = r#"package main

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

pub(super) fn register(register: Register) -> Operand {
    Operand::Register(register)
}

pub(super) fn to_view(link: Link, view: u32) -> Link {
    Link {
        view: Some(ViewId(view)),
        ..link
    }
}

pub(super) fn constant(offset: u32, element: u32) -> Link {
    Link::new(offset, LinkKind::Constant(1), element, element)
}

pub(super) fn text(offset: u32) -> Link {
    Link::new(offset, LinkKind::Counted, 1, 4096)
}

pub(super) fn levels(levels: u32, link: Link) -> Link {
    Link { levels, ..link }
}

/// What is read of a function's arguments at its entry.
pub(super) fn entry(
    fixture: &Fixture,
    function: &str,
    reads: Vec<Read>,
    views: Vec<ViewPlan>,
) -> Plan {
    fixture.entry(function, GoroutineSource::Register, reads, views)
}

pub(super) fn run(fixture: &Fixture, plan: &Plan) -> Vec<Seen> {
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
pub(super) fn pieces(seen: &Seen) -> Vec<&[u8]> {
    assert!(seen.chunks.iter().all(|(chunk, _)| chunk.status == 0));
    seen.chunks.iter().map(|(_, bytes)| &**bytes).collect()
}

pub(super) fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap())
}

/// The types of `SOURCE`, and its closure, as they are known only at a hit. View 0 is of a `pair`, view 1 of a string.
pub(super) fn with_dynamic(mut plan: Plan, known: &BTreeMap<String, u64>) -> Plan {
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

pub(super) fn pair_views() -> Vec<ViewPlan> {
    [8, 0]
        .map(|offset| ViewPlan {
            stride: 0,
            links: vec![text(offset)],
        })
        .to_vec()
}

/// What the program itself says about its addresses, as linked: a position-independent one is loaded elsewhere each
/// time.
pub(super) fn addresses(fixture: &Fixture) -> BTreeMap<String, u64> {
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
