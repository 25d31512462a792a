//! Every call is seen, with its goroutine, its depth and its arguments.

use std::{collections::BTreeMap, thread, time::Duration};

use goproctor_ebpf::RecordClass;
use model::{
    Register,
    plan::{GoroutineSource, Link, LinkKind, Operand, Read},
};
use trace::source::RecordSource as _;
use zerocopy::FromBytes as _;

use super::{
    fixture::Fixture,
    record::{Seen, decode},
};
use crate::{Kernel, LoadOptions};

const CALLS: u64 = 200_000;
/// Room for all of their records, so that nothing is lost however late this process gets its turn.
const RING: u32 = 128 << 20;

/// Eight goroutines call `f`, whose arguments follow from each other.
const SOURCE: &str = r#"package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

//go:noinline
func g(n int) int { return n + 1 }

//go:noinline
func f(s string, a, b int) int { return g(a) + g(b) + len(s) }

func goid() string {
	buffer := make([]byte, 64)
	return strings.Fields(string(buffer[:runtime.Stack(buffer, false)]))[1]
}

func main() {
	bufio.NewReader(os.Stdin).ReadString('\n')
	calls, _ := strconv.Atoi(os.Args[1])
	workers, _ := strconv.Atoi(os.Args[2])
	var names [10]string
	for i := range names {
		names[i] = "name " + strings.Repeat(strconv.Itoa(i), i)
	}
	var done sync.WaitGroup
	for w := 0; w < workers; w++ {
		done.Add(1)
		go func(w int) {
			defer done.Done()
			for i := 0; i < calls/workers; i++ {
				f(names[i%10], i, w)
			}
			fmt.Println("goid"+strconv.Itoa(w), goid())
		}(w)
	}
	done.Wait()
}
"#;

/// Runs the program under a plan; gives the records and what the program printed.
fn watch(
    fixture: &Fixture,
    goroutine: GoroutineSource,
    reads: Vec<Read>,
) -> (Vec<Seen>, BTreeMap<String, u64>, u32) {
    let plan = fixture.entry("main.f", goroutine, reads, Vec::new());
    let mut kernel = Kernel::load(&plan, &LoadOptions { ring_bytes: RING }).unwrap();
    let mut records = kernel.records().unwrap();
    let report = kernel.attach(&fixture.binary).unwrap();
    assert_eq!(report.sites, 1);
    let running = fixture.start(&[&CALLS.to_string(), "8"]);
    let process = running.process();
    let printed = thread::spawn(move || running.finish());
    let mut seen = Vec::new();
    while !printed.is_finished() {
        records
            .drain(Duration::from_millis(20), &mut |record| {
                seen.push(record.to_vec())
            })
            .unwrap();
    }
    while records
        .drain(Duration::ZERO, &mut |record| seen.push(record.to_vec()))
        .unwrap()
        > 0
    {}
    kernel.detach().unwrap();
    let hits = kernel.hits().unwrap()[0];
    assert_eq!((hits.hits, hits.lost), (CALLS, 0));
    let mark = records.mark_and_count().unwrap();
    assert!(records.has_passed(&mark));
    assert_eq!(records.loss(&mark).unwrap().loss.total(), 0);
    let seen = seen.iter().map(|record| decode(record)).collect();
    (seen, printed.join().unwrap().into_iter().collect(), process)
}

/// Judges all that eight goroutines did; `arguments` gives a record's pointer, length, a and b.
fn judge(
    (seen, printed, process): (Vec<Seen>, BTreeMap<String, u64>, u32),
    arguments: impl Fn(&Seen) -> [u64; 4],
) {
    assert_eq!(seen.len() as u64, CALLS);
    let mut next = [0; 8];
    let mut depths = BTreeMap::new();
    for (index, call) in seen.iter().enumerate() {
        let header = &call.header;
        assert_eq!((header.site, header.tgid, header.flags), (0, process, 0));
        assert!(
            header.hit >= 1 && header.hit <= CALLS && header.time > 0,
            "{index}"
        );
        let [address, length, a, worker] = arguments(call);
        assert_eq!(
            a, next[worker as usize],
            "goroutine {worker} calls in order"
        );
        next[worker as usize] += 1;
        let name = a % 10;
        let text = format!("name {}", name.to_string().repeat(name as usize));
        let (chunk, bytes) = call.chunks.last().unwrap();
        assert_eq!(
            (chunk.address, chunk.status, chunk.full),
            (address, 0, length)
        );
        assert_eq!(String::from_utf8_lossy(bytes), text);
        assert_eq!(header.goid, printed[&format!("goid{worker}")]);
        let depth = header.stack_hi - header.registers[Register::Rsp.index()];
        assert_eq!(
            *depths.entry(worker).or_insert(depth),
            depth,
            "a frame keeps its depth"
        );
        assert!(depth > 0 && depth < 4096, "{depth}");
    }
    assert_eq!(next, [CALLS / 8; 8]);
    let mut numbers: Vec<u64> = seen.iter().map(|call| call.header.hit).collect();
    numbers.sort_unstable();
    assert!(
        numbers.iter().copied().eq(1..=CALLS),
        "each hit has a number of its own"
    );
}

fn string(pointer: Operand, length: Operand, limit: u32) -> Read {
    Read::new(pointer, length, Link::new(0, LinkKind::Counted, 1, limit))
}

#[test]
fn with_registers_every_call_is_seen() {
    let fixture = Fixture::build("go1.26.8", SOURCE);
    let name = string(
        Operand::Register(Register::Rax),
        Operand::Register(Register::Rbx),
        4096,
    );
    judge(
        watch(&fixture, GoroutineSource::Register, vec![name]),
        |call| {
            let at = |register: Register| call.header.registers[register.index()];
            [
                at(Register::Rax),
                at(Register::Rbx),
                at(Register::Rcx),
                at(Register::Rdi),
            ]
        },
    );
}

#[test]
fn with_the_stack_abi_every_call_is_seen() {
    let fixture = Fixture::build("go1.16.15", SOURCE);
    let arguments = Read::new(
        Operand::StackAddress(8),
        Operand::Constant(0),
        Link::new(0, LinkKind::Constant(1), 32, 32),
    );
    let name = string(Operand::Stack(8), Operand::Stack(16), 256);
    judge(
        watch(
            &fixture,
            GoroutineSource::ThreadLocal,
            vec![arguments, name],
        ),
        |call| <[u64; 4]>::read_from_bytes(&call.chunks[0].1).unwrap(),
    );
}

/// Calls `f` with longer and longer strings, a few at a time.
const LONG: &str = r#"package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"time"
)

//go:noinline
func g(n int) int { return n + 1 }

//go:noinline
func f(s string, n int) int { return g(n) + len(s) }

func main() {
	bufio.NewReader(os.Stdin).ReadString('\n')
	sum := 0
	for n := 0; n < 2000; n++ {
		if n%2 == 0 {
			time.Sleep(2 * time.Millisecond)
		}
		sum += f(strings.Repeat(string(rune('a'+n%26)), n*2), n)
	}
	fmt.Println("sum", sum)
}
"#;

/// The smallest ring holds three such records; many of them go past its end and on at its beginning.
#[test]
fn records_are_whole_where_the_ring_begins_anew() {
    const SMALLEST: u32 = 64 << 10;
    let fixture = Fixture::build("go1.26.8", LONG);
    let name = string(
        Operand::Register(Register::Rax),
        Operand::Register(Register::Rbx),
        4096,
    );
    let plan = fixture.entry("main.f", GoroutineSource::Register, vec![name], Vec::new());
    let options = LoadOptions {
        ring_bytes: SMALLEST,
    };
    let mut kernel = Kernel::load(&plan, &options).unwrap();
    let mut records = kernel.records().unwrap();
    kernel.attach(&fixture.binary).unwrap();
    let running = fixture.start(&[]);
    let printed = thread::spawn(move || running.finish());
    let mut seen = Vec::new();
    while !printed.is_finished() {
        records
            .drain(Duration::from_millis(1), &mut |record| {
                seen.push(decode(record))
            })
            .unwrap();
    }
    records
        .drain(Duration::ZERO, &mut |record| seen.push(decode(record)))
        .unwrap();
    printed.join().unwrap();
    let taken: usize = seen
        .iter()
        .map(|call| RecordClass::ALL[call.header.class as usize].size())
        .sum();
    assert!(taken > 100 * SMALLEST as usize, "{taken} bytes");
    let lost = kernel.hits().unwrap()[0].lost;
    assert_eq!(seen.len() as u64 + lost, 2000);
    for call in &seen {
        let number = call.header.hit as usize - 1;
        let letter = b'a' + (number % 26) as u8;
        let bytes: &[u8] = call.chunks.first().map_or(&[], |(_, bytes)| bytes);
        assert_eq!(bytes.len(), (number * 2).min(4096), "{number}");
        assert!(bytes.iter().all(|byte| *byte == letter), "{number}");
    }
}
