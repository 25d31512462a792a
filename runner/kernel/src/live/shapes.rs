//! What memory leads to: structs, lists, slices; and what can't be read says why.

use goproctor_ebpf::{FLAG_CHUNKS_FULL, FLAG_SYSTEM_STACK, NO_VIEW, RecordClass, RecordHeader};
use model::{
    Register,
    plan::{GoroutineSource, Link, LinkKind, Operand, Plan, Read, ViewId, ViewPlan},
};

use super::{
    fixture::Fixture,
    record::{Seen, records},
};
use crate::{Kernel, LoadOptions};

const SOURCE: &str = r#"package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"
)

type node struct {
	name string
	next *node
	tags []string
}

//go:noinline
func g(n int) int { return n + 1 }

//go:noinline
func list(n *node, raw []byte, wild string, negative string) int { return g(len(raw)) + g(len(n.name)) }

//go:noinline
func pair(a, b string) int { return g(len(a)) + g(len(b)) }

func strange(pointer uintptr, length int) (s string) {
	words := (*[2]uintptr)(unsafe.Pointer(&s))
	words[0], words[1] = pointer, uintptr(length)
	return
}

func nodes(names ...string) *node {
	if len(names) == 0 {
		return nil
	}
	return &node{names[0], nodes(names[1:]...), []string{"of", names[0]}}
}

func main() {
	bufio.NewReader(os.Stdin).ReadString('\n')
	raw := []byte(strings.Repeat("0123456789", 1000))
	list(nodes("one", "", "three"), raw, strange(0x10, 5), strange(0x10, -1))
	long := nodes(strings.Split(strings.Repeat("node ", 200), " ")...)
	list(long, raw[:0], "", "")
	round := nodes("here", "there")
	round.next.next = round
	list(round, raw[:0], "", "")
	text := string(raw)
	for a := 0; a <= 184 && len(os.Args) > 1; a++ {
		for b := 0; b <= 184; b++ {
			pair(text[:a], text[a:a+b])
		}
	}
	pair(text[:4096], text[1:4097])
	done := make(chan bool)
	for i := 0; i < 5; i++ {
		go func() { done <- true }()
		<-done
	}
	runtime.KeepAlive(long)
	fmt.Println("done", 1)
}
"#;

fn one(address: Register, element: u32, view: Option<ViewId>) -> Read {
    let link = Link::new(0, LinkKind::Constant(1), element, 4096);
    Read::new(
        Operand::Register(address),
        Operand::Constant(0),
        Link { view, ..link },
    )
}

fn text(address: Register, length: Register) -> Read {
    Read::new(
        Operand::Register(address),
        Operand::Register(length),
        Link::new(0, LinkKind::Counted, 1, 4096),
    )
}

/// How a `node` and a string lead on.
fn views() -> Vec<ViewPlan> {
    let counted = |offset, element, view| Link {
        view,
        ..Link::new(offset, LinkKind::Counted, element, 4096)
    };
    let next = Link {
        view: Some(ViewId(0)),
        ..Link::new(16, LinkKind::Constant(1), 48, 48)
    };
    vec![
        ViewPlan {
            stride: 0,
            links: vec![counted(0, 1, None), next, counted(24, 16, Some(ViewId(1)))],
        },
        ViewPlan {
            stride: 16,
            links: vec![counted(0, 1, None)],
        },
    ]
}

fn run(fixture: &Fixture, plan: &Plan, arguments: &[&str]) -> Vec<Seen> {
    let mut kernel = Kernel::load(
        plan,
        &LoadOptions {
            ring_bytes: 64 << 20,
        },
    )
    .unwrap();
    let mut source = kernel.records().unwrap();
    kernel.attach(&fixture.binary).unwrap();
    fixture.start(arguments).finish();
    kernel.detach().unwrap();
    records(&mut source)
}

#[test]
fn memory_is_followed_breadth_first() {
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let reads = vec![
        one(Register::Rax, 48, Some(ViewId(0))),
        text(Register::Rbx, Register::Rcx),
        text(Register::Rsi, Register::R8),
        text(Register::R9, Register::R10),
    ];
    let plan = fixture.entry("main.list", GoroutineSource::Register, reads, views());
    let seen = run(&fixture, &plan, &[]);
    assert_eq!(seen.len(), 3);

    let first = &seen[0];
    assert_eq!(first.header.flags, 0);
    let told: Vec<(u64, i32, String)> = first
        .chunks
        .iter()
        .map(|(chunk, bytes)| {
            let what = if chunk.view == NO_VIEW {
                String::from_utf8(bytes[..bytes.len().min(12)].to_vec()).unwrap()
            } else {
                format!("{} bytes of view {}", bytes.len(), chunk.view)
            };
            (chunk.full, chunk.status, what)
        })
        .collect();
    let told: Vec<(u64, i32, &str)> = told
        .iter()
        .map(|(full, status, what)| (*full, *status, &**what))
        .collect();
    assert_eq!(
        told,
        [
            (48, 0, "48 bytes of view 0"),
            (10_000, 0, "012345678901"),
            (5, -libc::EFAULT, ""),
            (0, -libc::EINVAL, ""),
            (3, 0, "one"),
            (48, 0, "48 bytes of view 0"),
            (32, 0, "32 bytes of view 1"),
            // The second node has no name.
            (48, 0, "48 bytes of view 0"),
            (32, 0, "32 bytes of view 1"),
            (2, 0, "of"),
            (3, 0, "one"),
            (5, 0, "three"),
            // It is the last.
            (32, 0, "32 bytes of view 1"),
            (2, 0, "of"),
            (2, 0, "of"),
            (5, 0, "three"),
        ]
    );
    assert_eq!(first.chunks[1].1.len(), 4096, "the limit");
    assert_eq!(first.chunks[3].0.address, 0x10, "where it was not read");

    let second = &seen[1];
    assert_eq!(
        second.header.flags, FLAG_CHUNKS_FULL,
        "200 nodes are too many"
    );
    assert_eq!(second.header.class, RecordClass::Large as u32);
    assert_eq!(second.chunks.len(), RecordClass::Large.chunks());
    assert!(second.chunks.iter().all(|(chunk, _)| chunk.status == 0));

    let round = &seen[2];
    assert_eq!(round.header.flags, 0, "a ring is gone round once");
    let nodes = round.chunks.iter().filter(|(chunk, _)| chunk.view == 0);
    assert_eq!(nodes.count(), 2);
}

#[test]
fn every_length_is_copied_whole_up_to_the_end_of_the_room() {
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let reads = [
        text(Register::Rax, Register::Rbx),
        text(Register::Rcx, Register::Rdi),
    ];
    let all: String = "0123456789".repeat(1000);
    // Where the site's own class is the smallest, the second string may find too little room; where it is
    // the largest, each hit takes the class that it needs.
    for limit in [88, 4096] {
        let reads = reads
            .iter()
            .map(|read| Read {
                link: Link { limit, ..read.link },
                ..*read
            })
            .collect();
        let plan = fixture.entry("main.pair", GoroutineSource::Register, reads, Vec::new());
        let seen = run(&fixture, &plan, &["all"]);
        assert_eq!(seen.len(), 185 * 185 + 1);
        for (index, call) in seen.iter().enumerate().take(185 * 185) {
            let (first, second) = (index / 185, index % 185);
            let mut chunks = call.chunks.iter();
            for (begin, length) in [(0, first), (first, second)] {
                if length == 0 {
                    continue;
                }
                let (chunk, bytes) = chunks.next().unwrap();
                let want = &all[begin..begin + length.min(limit as usize)];
                assert_eq!((chunk.full, chunk.status), (length as u64, 0));
                assert_eq!(
                    std::str::from_utf8(bytes).unwrap(),
                    want,
                    "{first} {second}"
                );
            }
            assert!(chunks.next().is_none());
            assert_eq!(call.header.flags, 0, "{first} {second}");
        }
        let classes = |class: RecordClass| {
            seen.iter()
                .filter(|call| call.header.class == class as u32)
                .count()
        };
        assert_eq!(classes(RecordClass::Scalar), 1, "two empty strings");
        assert!(classes(RecordClass::Tiny) > 1000);
        assert_eq!(classes(RecordClass::Small) > 1000, limit == 4096);
        assert_eq!(classes(RecordClass::Large), usize::from(limit == 4096));
    }
}

#[test]
fn what_finds_no_room_is_cut_and_said_to_be() {
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let reads = vec![text(Register::Rax, Register::Rbx); 5];
    let plan = fixture.entry("main.pair", GoroutineSource::Register, reads, Vec::new());
    let seen = run(&fixture, &plan, &[]);
    let last = seen.last().unwrap();
    let lengths: Vec<usize> = last.chunks.iter().map(|(_, bytes)| bytes.len()).collect();
    let rest = RecordClass::Large.data_size() - 3 * 4096;
    assert_eq!(lengths, [4096, 4096, 4096, rest, 0]);
    assert_eq!(last.chunks[4].0.status, -libc::ENOSPC);
    assert_eq!(last.header.flags, FLAG_CHUNKS_FULL);
    let want: Vec<u8> = b"0123456789".iter().copied().cycle().take(rest).collect();
    assert_eq!(last.chunks[3].1, want);
}

#[test]
fn on_the_system_stack_the_goroutine_is_the_one_that_runs_on_the_thread() {
    for (release, source) in [
        ("go1.26.8", GoroutineSource::Register),
        ("go1.16.15", GoroutineSource::ThreadLocal),
    ] {
        let fixture = Fixture::build(release, SOURCE);
        let plan = fixture.entry("runtime.newproc1", source, Vec::new(), Vec::new());
        let headers: Vec<RecordHeader> = run(&fixture, &plan, &[])
            .into_iter()
            .map(|record| record.header)
            .collect();
        let own = headers.iter().filter(|header| header.goid == 1).count();
        assert!(own >= 5, "main's five go statements: {headers:?}");
        assert!(
            headers
                .iter()
                .all(|header| header.flags == FLAG_SYSTEM_STACK),
            "{headers:?}"
        );
        assert!(headers.iter().all(|header| {
            let rsp = header.registers[Register::Rsp.index()];
            header.stack_hi > rsp && header.stack_hi - rsp < 1 << 20
        }));
    }
}

/// A constant that nobody has looked at yet is on a page that is still on disk.
#[test]
fn memory_that_is_not_there_yet_is_waited_for() {
    let text = "0123456789".repeat(30_000);
    let source = format!(
        r#"package main

import (
	"bufio"
	"fmt"
	"os"
)

const cold = "{text}"

//go:noinline
func g(n int) int {{ return n + 1 }}

//go:noinline
func f(s string) int {{ return g(len(s)) + g(1) }}

func main() {{
	bufio.NewReader(os.Stdin).ReadString('\n')
	fmt.Println("sum", f(cold[150001:150011]))
}}
"#
    );
    let fixture = Fixture::build("go1.26.8", &source);
    let reads = vec![self::text(Register::Rax, Register::Rbx)];
    let plan = fixture.entry("main.f", GoroutineSource::Register, reads, Vec::new());
    let seen = run(&fixture, &plan, &[]);
    let (chunk, bytes) = &seen[0].chunks[0];
    assert_eq!((chunk.status, chunk.full), (0, 10));
    assert_eq!(bytes, b"1234567890");
}
