//! A make-believe Go program: it says what its goroutines do, and raw records come out.
//!
//! All its functions are `f(s string, n int) string`, register ABI: `s` in RAX and RBX, `n` in RCX, the result in
//! RAX and RBX. Site numbers: 2·f is the entry of function f, 2·f + 1 its `ret`; the implicit probes follow. A function's
//! code is from its entry to the next one's.

mod record_builder;
mod shown;

use std::{collections::HashMap, sync::Arc};

use goproctor_ebpf::{FLAG_NO_G, FLAG_SYSTEM_STACK, RecordClass};
use model::{
    Address, FileOffset, Function, FunctionId, Kind, Limits, Location, Nanoseconds, Observation,
    Parameter, Piece, Place, Register, SiteId, SourcePosition, Type, TypeId, TypeTable,
    plan::{
        CodeRange, GoroutineSource, PanicLayout, Plan, ReadAddress, RecoveryLayout, RequestLayout,
        Role, RuntimeLayout, Site,
    },
};

pub use self::{
    record_builder::{PROCESS, RecordBuilder},
    shown::{line, lines, observe, text},
};
use crate::Tracer;

pub const STRING: TypeId = TypeId(0);
pub const INT: TypeId = TypeId(1);
/// Where the binary was linked, and how far the process's code lies behind that.
const TEXT: u64 = 0x40_0000;
const BIAS: u64 = 0x1000;
/// The offsets of what a test's own runtime keeps in its `g` and its `_panic`.
const STACK_HI: usize = 8;
const FIRST_PANIC: usize = 32;
pub const SIGCODE0: usize = 256;
pub const SIGCODE1: usize = 264;
const PANICS: PanicLayout = PanicLayout {
    first: FIRST_PANIC as u64,
    link: 16,
    start_sp: 40,
    sp: 48,
    pc: 72,
    goexit: 97,
};

/// A panic or a `Goexit` that is running.
#[derive(Clone, Copy)]
pub struct Running {
    /// The depth of its `gopanic` or `Goexit`.
    pub start: u64,
    pub goexit: bool,
}

/// Where the runtime's workers start that mark memory.
pub const COLLECTOR: u64 = 0x9000;
/// Where the goroutines of `iter.Pull` start.
pub const COROUTINE: u64 = 0x9100;
/// Where a client's goroutine starts that reads from a connection.
pub const READ_LOOP: u64 = 0x9200;

/// How far after where a goroutine starts the statement ends that started it.
pub const GO_STATEMENT: u64 = 0x40_0000;

/// How a function's first instruction and its end are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Body {
    Plain,
    /// A branch leads back to the first instruction.
    LoopHead,
    /// Written in assembly: may jump into another function.
    Assembly,
}

pub struct Program {
    pub plan: Plan,
    pub records: Vec<Vec<u8>>,
    functions: u32,
    time: u64,
    /// `stack.hi` by goid.
    stacks: HashMap<u64, u64>,
    pub tid: u32,
    /// What a hit costs, by site; 1 ns, if a test does not set it.
    pub costs: Vec<Nanoseconds>,
}

impl Program {
    pub fn new(names: &[&str]) -> Self {
        let functions: Vec<(&str, Body)> = names.iter().map(|name| (*name, Body::Plain)).collect();
        Self::with_bodies(&functions)
    }

    pub fn with_bodies(functions: &[(&str, Body)]) -> Self {
        let mut plan = Plan {
            types: types(),
            runtime: RuntimeLayout {
                g_goid: 152,
                g_startpc: 272,
                g_gopc: Some(256),
                g_stack_hi: STACK_HI as u64,
                recovery: Some(RecoveryLayout::Panics(PANICS)),
                request: Some(RequestLayout {
                    method: 0,
                    remote_addr: 176,
                    request_uri: 192,
                }),
                ..RuntimeLayout::default()
            },
            ..Plan::default()
        };
        for (index, (name, body)) in (0..).zip(functions) {
            let id = FunctionId(index);
            plan.functions.push(function(id, name, *body));
            plan.code.push(CodeRange {
                start: code(index),
                end: code(index + 1),
            });
            let loop_head = *body == Body::LoopHead;
            push_site(
                &mut plan,
                vec![Role::Entry {
                    function: id,
                    loop_head,
                }],
            );
            push_site(&mut plan, vec![Role::Return { function: id }]);
        }
        let register = ReadAddress::Register;
        push_site(
            &mut plan,
            vec![Role::GoroutineCreated {
                result: register(Register::Rax),
            }],
        );
        push_site(&mut plan, vec![Role::GoroutineEnded]);
        push_site(
            &mut plan,
            vec![Role::RequestEntered {
                request: register(Register::Rdi),
            }],
        );
        push_site(&mut plan, vec![Role::RequestLeft]);
        push_site(&mut plan, vec![Role::MainEntered]);
        push_site(
            &mut plan,
            vec![Role::PanicRecovered {
                goroutine: register(Register::Rax),
            }],
        );
        push_site(&mut plan, vec![Role::PanicUnrecovered]);
        Self {
            costs: vec![Nanoseconds(1); plan.sites.len()],
            plan,
            records: Vec::new(),
            functions: u32::try_from(functions.len()).unwrap(),
            time: 0,
            stacks: HashMap::new(),
            tid: PROCESS.0,
        }
    }

    pub fn now(&self) -> u64 {
        self.time
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: u64) {
        self.time += time;
    }

    /// The goroutine's stack is copied elsewhere.
    pub fn copy_stack(&mut self, goid: u64) {
        let high = self.high(goid);
        self.stacks.insert(goid, high + 0x10_0000);
    }

    pub fn enter(&mut self, goid: u64, depth: u64, function: u32, s: &str, n: i64) {
        let record = self.on_goroutine(2 * function, goid, depth);
        let record = string(record, s).register(Register::Rcx, n.cast_unsigned());
        self.records.push(record.build());
    }

    pub fn leave(&mut self, goid: u64, depth: u64, function: u32, result: &str) {
        let record = self.on_goroutine(2 * function + 1, goid, depth);
        self.records.push(string(record, result).build());
    }

    /// The same on the system stack of the current thread.
    pub fn enter_system(&mut self, goid: u64, depth: u64, function: u32) {
        let record = self.on_system_stack(2 * function, goid, depth);
        self.records.push(record.build());
    }

    pub fn leave_system(&mut self, goid: u64, depth: u64, function: u32) {
        let record = self.on_system_stack(2 * function + 1, goid, depth);
        self.records.push(record.build());
    }

    pub fn create(&mut self, creator: u64, child: u64, start: u64) {
        let g = g_at(child);
        let record = self.on_system_stack(2 * self.functions, creator, 0x80);
        let record = record
            .register(Register::Rax, g)
            .chunk(g + 152, &child.to_le_bytes())
            .chunk(g + 256, &(start + GO_STATEMENT + BIAS).to_le_bytes())
            .chunk(g + 272, &(start + BIAS).to_le_bytes());
        self.records.push(record.build());
    }

    /// The goroutine's function has returned.
    pub fn end(&mut self, goid: u64) {
        self.exit(goid, 16);
    }

    /// `Goexit` has run all deferred functions; its own callee is at that depth.
    pub fn exit(&mut self, goid: u64, depth: u64) {
        let record = self.on_goroutine(2 * self.functions + 1, goid, depth);
        self.records.push(record.build());
    }

    /// A frame whose stack pointer is at that depth recovers the innermost of the panics that run, innermost first; its
    /// function is watched or not.
    pub fn recover(&mut self, goid: u64, depth: u64, function: Option<u32>, running: &[Running]) {
        let high = self.high(goid);
        let record = self.recovery(goid);
        let at = |number: usize| 0xc400_0000_0000 + number as u64 * 0x100;
        let mut g = g_of(FIRST_PANIC + 8, high);
        put(&mut g, FIRST_PANIC, at(0));
        let mut record = record.chunk(g_at(goid), &g);
        for (number, panic) in running.iter().enumerate() {
            let mut bytes = vec![0; 104];
            let next = if number + 1 < running.len() {
                at(number + 1)
            } else {
                0
            };
            put(&mut bytes, PANICS.link as usize, next);
            put(&mut bytes, PANICS.start_sp as usize, high - panic.start);
            if number == 0 {
                put(&mut bytes, PANICS.sp as usize, high - depth);
                put(&mut bytes, PANICS.pc as usize, inside(function));
            }
            bytes[PANICS.goexit as usize] = u8::from(panic.goexit);
            record = record.chunk(at(number), &bytes);
        }
        self.records.push(record.build());
    }

    /// The same on releases up to Go 1.21: the runtime itself says where it goes on.
    pub fn recover_by_g(&mut self, goid: u64, depth: u64, function: Option<u32>) {
        let high = self.high(goid);
        let mut g = g_of(SIGCODE1 + 8, high);
        put(&mut g, SIGCODE0, high - depth);
        put(&mut g, SIGCODE1, inside(function));
        let record = self.recovery(goid).chunk(g_at(goid), &g);
        self.records.push(record.build());
    }

    /// A recovery of which nothing could be read.
    pub fn recover_nowhere(&mut self, goid: u64) {
        let record = self.recovery(goid);
        self.records.push(record.build());
    }

    fn recovery(&mut self, goid: u64) -> RecordBuilder {
        let record = self.on_system_stack(2 * self.functions + 5, goid, 0x80);
        record.register(Register::Rax, g_at(goid))
    }

    /// Nobody recovers: `fatalpanic` is entered at that depth.
    pub fn crash(&mut self, goid: u64, depth: u64) {
        let record = self.on_goroutine(2 * self.functions + 6, goid, depth);
        self.records.push(record.build());
    }

    pub fn enter_request(
        &mut self,
        goid: u64,
        depth: u64,
        remote: &str,
        method: &str,
        target: &str,
    ) {
        let at = 0xc200_0000;
        let mut request = vec![0; 256];
        let mut record = self.on_goroutine(2 * self.functions + 2, goid, depth);
        for (offset, text) in [(0, method), (176, remote), (192, target)] {
            let pointer = 0xc300_0000_u64 + offset as u64 * 0x1000;
            request[offset..offset + 8].copy_from_slice(&pointer.to_le_bytes());
            request[offset + 8..offset + 16].copy_from_slice(&(text.len() as u64).to_le_bytes());
            record = record.chunk(pointer, text.as_bytes());
        }
        let record = record.register(Register::Rdi, at).chunk(at, &request);
        self.records.push(record.build());
    }

    pub fn leave_request(&mut self, goid: u64, depth: u64) {
        let record = self.on_goroutine(2 * self.functions + 3, goid, depth);
        self.records.push(record.build());
    }

    pub fn enter_main(&mut self, goid: u64) {
        let record = self.on_goroutine(2 * self.functions + 4, goid, 16);
        self.records.push(record.build());
    }

    /// An entry whose goroutine could not be read.
    pub fn enter_nowhere(&mut self, function: u32) {
        let record = self.on_goroutine(2 * function, 0, 0).flags(FLAG_NO_G);
        self.records.push(record.build());
    }

    pub fn tracer(&self) -> Tracer {
        self.fed(self.fresh())
    }

    /// As a session has it, which counts a call's own hits.
    pub fn tracer_with_edges(&self) -> Tracer {
        self.fed(self.fresh().with_edges())
    }

    fn fresh(&self) -> Tracer {
        Tracer::new(
            Arc::new(self.plan.clone()),
            Box::new(|start| {
                Some(match start.0 {
                    COLLECTOR => "runtime.gcBgMarkWorker".to_owned(),
                    COROUTINE => "runtime.corostart".to_owned(),
                    READ_LOOP => "net/http.(*persistConn).readLoop".to_owned(),
                    other => format!("start{other:x}"),
                })
            }),
            self.costs.clone(),
        )
    }

    fn fed(&self, mut tracer: Tracer) -> Tracer {
        for record in &self.records {
            tracer.feed(record).unwrap();
        }
        tracer
    }

    pub fn observe(&self) -> Observation {
        observe(&mut self.tracer())
    }

    fn high(&self, goid: u64) -> u64 {
        *self
            .stacks
            .get(&goid)
            .unwrap_or(&(0xc000_0000_0000 + goid * 0x100_0000))
    }

    fn record(&mut self, site: u32, goid: u64, high: u64, depth: u64) -> RecordBuilder {
        self.time += 10;
        let mut record = RecordBuilder::new(RecordClass::Small);
        record.header.site = site;
        record.header.time = self.time;
        record.header.tid = self.tid;
        record.header.goid = goid;
        record.header.stack_hi = high;
        let address = self.plan.sites[site as usize].address.0;
        record
            .register(Register::Rsp, high.wrapping_sub(depth))
            .register(Register::Rip, address + BIAS)
    }

    pub fn on_goroutine(&mut self, site: u32, goid: u64, depth: u64) -> RecordBuilder {
        let high = self.high(goid);
        self.record(site, goid, high, depth)
    }

    fn on_system_stack(&mut self, site: u32, goid: u64, depth: u64) -> RecordBuilder {
        let high = 0x7fff_0000_0000 + u64::from(self.tid) * 0x10_0000;
        self.record(site, goid, high, depth)
            .flags(FLAG_SYSTEM_STACK)
    }
}

/// Where a function's code begins, in the binary as linked.
fn code(function: u32) -> Address {
    Address(TEXT + u64::from(function) * 64)
}

/// An address in a watched function of the process, or in no function.
fn inside(function: Option<u32>) -> u64 {
    function.map_or(0, |function| code(function).0 + 40 + BIAS)
}

fn g_at(goid: u64) -> u64 {
    0xc100_0000 + goid * 0x1000
}

/// A `g` of so many bytes whose stack ends there.
fn g_of(size: usize, high: u64) -> Vec<u8> {
    let mut g = vec![0; size];
    put(&mut g, STACK_HI, high);
    g
}

fn put(bytes: &mut [u8], at: usize, word: u64) {
    bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

fn string(record: RecordBuilder, s: &str) -> RecordBuilder {
    let pointer = 0x50_0000;
    let record = record
        .register(Register::Rax, pointer)
        .register(Register::Rbx, s.len() as u64);
    if s.is_empty() {
        record
    } else {
        record.chunk(pointer, s.as_bytes())
    }
}

pub fn push_site(plan: &mut Plan, roles: Vec<Role>) {
    let id = u32::try_from(plan.sites.len()).unwrap();
    plan.sites.push(Site {
        id: SiteId(id),
        address: Address(TEXT + u64::from(id) * 32),
        offset: FileOffset(u64::from(id) * 32),
        roles,
        goroutine: GoroutineSource::Register,
        reads: Vec::new(),
        limits: Limits::default(),
        hidden: Vec::new(),
        saves: Vec::new(),
        below: 0,
        instruction: model::plan::SiteInstruction::Plain,
        copies: Vec::new(),
    });
}

pub fn types() -> TypeTable {
    let mut types = TypeTable::default();
    for (name, size, kind) in [("string", 16, Kind::String), ("int", 8, Kind::Int)] {
        let name = name.to_owned();
        types.push(Type { name, size, kind });
    }
    types
}

pub fn in_register(register: Register, offset: u32, size: u32) -> Piece {
    Piece {
        place: Place::Register(register),
        offset,
        size,
    }
}

fn function(id: FunctionId, name: &str, body: Body) -> Function {
    let string = Location {
        pieces: vec![
            in_register(Register::Rax, 0, 8),
            in_register(Register::Rbx, 8, 8),
        ],
    };
    let int = Location {
        pieces: vec![in_register(Register::Rcx, 0, 8)],
    };
    let parameter = |name: &str, ty, location: &Location| Parameter {
        name: name.to_owned(),
        ty,
        location: location.clone(),
    };
    let file = if body == Body::Assembly {
        "/src/f.s"
    } else {
        "/src/f.go"
    };
    Function {
        id,
        name: name.to_owned(),
        position: Some(SourcePosition {
            file: file.to_owned(),
            line: 1,
        }),
        parameters: vec![parameter("s", STRING, &string), parameter("n", INT, &int)],
        results: vec![parameter("~r0", STRING, &string)],
        limits: Limits::default(),
        picks: Vec::new(),
        instances: Vec::new(),
        dictionary: None,
    }
}
