//! The plan in a recording: what was probed, and what a hit means. All numbers are those of [`model::plan`], and so is what
//! the fields mean.

use model::plan;

use arch::Register;

use super::{
    form::{Form, forms},
    program::{Function, Label, Limits, Location, Types},
};

forms! {
    struct Plan for plan::Plan {
        release: String,
        module or default: Option<String>,
        #[serde(flatten)]
        types: Types,
        functions: Vec<Function>,
        code or default: Vec<CodeRange>,
        labels: Vec<Label>,
        sites: Vec<Site>,
        views: Vec<View>,
        dynamic or default: Vec<DynamicType>,
        closures or default: Vec<Closure>,
        redactions or default: Vec<RedactedType>,
        runtime: RuntimeLayout,
        requests or default: Vec<RequestEntry>,
        tests or default: Vec<TestEntry>,
        test_marks or default: Vec<TestMarker>,
        clients or default: Vec<ClientEntry>,
        hand_offs or default: Vec<HandOff>,
        servers or default: Vec<Server>,
        gate or default: Option<TestGate>,
    }

    struct TestGate for plan::TestGate { function: ReadAddress, roots: Vec<u64>, tests: Vec<u64> }

    struct CodeRange for plan::CodeRange { start: u64, end: u64 }

    struct Site for plan::Site {
        id: u32, address: u64, offset: u64,
        roles: Vec<Role>,
        goroutine: GoroutineSource,
        reads: Vec<Read>,
        limits: Limits,
        hidden or default: Vec<Register>,
        saves or default: Vec<Save>,
        below or default: u32,
        instruction or default: SiteInstruction,
        copies or default: Vec<Copied>,
    }

    enum Role for plan::Role {
        Entry { function: u32, loop_head: bool },
        Return { function: u32 },
        Copied { function: u32 },
        GoroutineCreated { result: ReadAddress },
        GoroutineEnded,
        PanicRecovered { goroutine: ReadAddress },
        PanicUnrecovered,
        RequestEntered { request: ReadAddress },
        ServerEntered { function: u32 },
        RequestLeft,
        TestEntered { test: ReadAddress },
        TestLeft,
        TestMarked { test: ReadAddress },
        RequestSent { connection: ReadAddress },
        MainEntered,
    }

    // What its probes show says what the loss of a site means.
    enum ProbeKind for model::ProbeKind {
        Entry, Return, Copy, GoroutineCreated, GoroutineEnded, PanicRecovered, PanicUnrecovered,
        RequestEntered, RequestLeft, TestEntered, TestLeft, TestMarked,
        RequestSent, MainEntered,
    }

    // A recording has none but the default: the kernel program alone needs to know.
    #[derive(Default)]
    enum SiteInstruction for plan::SiteInstruction { #[default] Plain, StackCheck, Return }

    enum GoroutineSource for plan::GoroutineSource { Register, ThreadLocal }

    struct Save for plan::Save { function: u32, slot: u32, value: Operand }

    struct Copied for plan::Copied { moment: Moment, index: u32, location: Location }

    enum Moment for plan::Moment { Entry, Return(address: u64) }

    struct Read for plan::Read {
        first: Operand,
        second: Operand,
        link: Link,
        turn or default: Turn,
        guard or default: Option<Guard>,
    }

    #[derive(Default)]
    enum Turn for plan::Turn {
        #[default]
        First,
        Second,
    }

    struct Guard for plan::Guard { operand: Operand, address: u64 }

    enum Operand for plan::Operand {
        Register(register: Register),
        Stack(bytes: i64),
        StackAddress(bytes: i64),
        Image(address: u64),
        Saved(function: u32, slot: u32),
        Constant(number: i64),
    }

    enum ReadAddress for plan::ReadAddress {
        Register(register: Register),
        Stack(bytes: i64),
        StackAddress(bytes: i64),
    }

    struct View for plan::ViewPlan { stride: u32, links: Vec<Link> }

    struct Link for plan::Link {
        offset: u32,
        kind: LinkKind,
        displacement or default: u32,
        element: u32,
        limit: u32,
        bound or default: Bound,
        levels or default: u32,
        view: Option<u32>,
    }

    #[derive(Default)]
    enum Bound for plan::Bound {
        #[default]
        None,
        String,
        Elements,
    }

    enum LinkKind for plan::LinkKind {
        Constant(count: u32),
        Counted, Uncounted, Masked,
        Power(offset: u32),
        OldPower(offset: u32),
        EmptyInterface,
        Interface,
        EmptyInterfaceOf(ty: u64),
        InterfaceOf(ty: u64),
        Func,
        Blank(bytes: u32),
    }

    struct DynamicType for plan::DynamicType {
        address: u64, ty: u32, direct: bool,
        link: Option<Link>,
    }

    struct Closure for plan::Closure { code: u64, captured: Option<u32>, link: Link }

    struct RedactedType for plan::RedactedType { ty: u32, label: String }

    struct RuntimeLayout for plan::RuntimeLayout {
        tls_g: i64, g_goid: u64, g_stack_hi: u64, g_m: u64, g_startpc: u64, m_curg: u64,
        g_gopc or default: Option<u64>,
        ancestry or default: Option<Ancestry>,
        build_version or default: Option<u64>,
        request: Option<RequestLayout>,
        recovery or default: Option<RecoveryLayout>,
    }

    enum RecoveryLayout for plan::RecoveryLayout {
        Goroutine { sp: u64, pc: u64 },
        Panics(panics: PanicLayout),
    }

    struct PanicLayout for plan::PanicLayout {
        first: u64, link: u64, start_sp: u64, sp: u64, pc: u64, goexit: u64,
    }

    struct Ancestry for plan::Ancestry { parent_goid: Option<u64> }

    struct RequestEntry for plan::RequestEntry {
        address: u64,
        layout: RequestLayout,
        streams: Vec<StreamPath>,
    }

    struct RequestLayout for plan::RequestLayout { method: u64, remote_addr: u64, request_uri: u64 }

    struct StreamPath for plan::StreamPath {
        pointer: ReadAddress,
        held: Option<HeldWriter>,
        hops: Vec<u64>,
    }

    struct HeldWriter for plan::HeldWriter { itab: ReadAddress, ty: u64 }

    struct TestEntry for plan::TestEntry { address: u64, kind: GoTestKind, name: NamePlace }

    struct TestMarker for plan::TestMarker { address: u64, mark: GoTestMark, name: NamePlace }

    enum GoTestMark for model::GoTestMark { Skipped, Failed }

    enum GoTestKind for model::GoTestKind { Test, Fuzz, Benchmark, Example }

    enum NamePlace for plan::NamePlace {
        Field { pointer: ReadAddress, offset: u64 },
        Words { bytes: ReadAddress, len: ReadAddress },
    }

    struct ClientEntry for plan::ClientEntry { address: u64, ports: Vec<PortPath> }

    struct PortPath for plan::PortPath { pointer: ReadAddress, hops: Vec<u64> }

    struct HandOff for plan::HandOff { name: String, from: Vec<KeyPick>, to: Vec<KeyPick> }

    struct KeyPick for plan::KeyPick { function: u32, pick: u32 }

    struct Server for plan::Server { function: u32, key: Option<u32> }
}
