//! What a plan consists of.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{
    Address, FileOffset, Function, FunctionId, Label, Limits, Location, ProbeKind, Register,
    SiteId, TypeId, TypeTable,
};

/// Everything that is needed to watch a binary and to understand what is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The Go release that built the binary, e.g. `go1.26.8`.
    pub release: String,
    /// The path of the program's main module; none if the binary does not name one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// The types that parameters and results speak of.
    pub types: TypeTable,
    /// The watched functions; [`FunctionId`] is the index.
    pub functions: Vec<Function>,
    /// Where their code is, in the same order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code: Vec<CodeRange>,
    /// The spec's names for them.
    pub labels: Vec<Label>,
    /// The probe sites, each address once; [`SiteId`] is the index.
    pub sites: Vec<Site>,
    /// What leads on from pieces of memory; [`ViewId`] is the index.
    pub views: Vec<ViewPlan>,
    /// The types that interfaces can hold, by the address of their runtime type; empty when no value that is read
    /// leads to an interface.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dynamic: Vec<DynamicType>,
    /// The closures whose captured variables can be read, by the address of their code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closures: Vec<Closure>,
    /// What must not be seen of the values, beyond what is never read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub redactions: Vec<RedactedType>,
    /// Where the runtime keeps what every hit needs.
    pub runtime: RuntimeLayout,
    /// What tells the requests that are entered, by the addresses of the sites with [`Role::RequestEntered`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<RequestEntry>,
    /// How work is handed from one goroutine to another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hand_offs: Vec<HandOff>,
    /// The functions that handle requests although they are not `net/http`'s.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<Server>,
}

/// What tells a request at the entry of a function that serves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestEntry {
    /// The site's address.
    pub address: Address,
    /// Where what the function takes as its request keeps what identifies it.
    pub layout: RequestLayout,
    /// The ways to the number of the HTTP/2 stream that it came on, one for each implementation that the program has.
    pub streams: Vec<StreamPath>,
}

/// The way from a function's response writer to the number of its HTTP/2 stream, a `uint32`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamPath {
    /// Where the pointer is that it begins with.
    pub pointer: ReadAddress,
    /// The writer is an interface, and this the way only if it holds the type; none if it is that pointer.
    pub held: Option<HeldWriter>,
    /// Bytes from where each pointer leads to the next one, and at last to the number.
    pub hops: Vec<u64>,
}

/// The type that an interface must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldWriter {
    /// Where the interface's first word is, which leads to its itab.
    pub itab: ReadAddress,
    /// The address of the runtime type, in the binary as linked.
    pub ty: Address,
}

/// A value that carries the link from a request to what another goroutine does for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOff {
    /// Its name in the spec.
    pub name: String,
    /// The calls that hand over, and what of them is the value: an argument or a result.
    pub from: Vec<KeyPick>,
    /// The calls that take over, and what of their arguments is the value.
    pub to: Vec<KeyPick>,
}

/// A part of a function's values that tells something of its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPick {
    /// The function.
    pub function: FunctionId,
    /// Which of its [picks](Function::picks), from 0.
    pub pick: u32,
}

/// A function that handles one request from its entry to its return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// The function.
    pub function: FunctionId,
    /// Which of its [picks](Function::picks) tells the client, from 0: a string `host:port`, or the port as a number. None where
    /// requests are told by their order.
    pub key: Option<u32>,
}

/// A type that an interface can hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DynamicType {
    /// The address of its runtime type (`internal/abi.Type`), in the binary as linked.
    pub address: Address,
    /// The type.
    pub ty: TypeId,
    /// Whether an interface's data word is the value itself rather than a pointer to it (`KindDirectIface`).
    pub direct: bool,
    /// How what the data word points to is read; none when it leads nowhere.
    pub link: Option<Link>,
}

/// A function literal that captures variables.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// The address of its code, in the binary as linked; the first word of a closure.
    pub code: Address,
    /// The captured variables as a struct whose offsets count from the closure's begin; those that are captured by
    /// reference are pointers. None where the release does not tell the offsets.
    pub captured: Option<TypeId>,
    /// How the closure is read.
    pub link: Link,
}

/// A type whose values are shown as a label, for they are never read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedactedType {
    /// The type: one that the spec names, or the copy of a field's type for a field that the spec names.
    pub ty: TypeId,
    /// What stands in its place.
    pub label: String,
}

impl Plan {
    /// The plan without what the kernel program alone needs: what leads on from memory, and how a type that is known
    /// only at the hit is read. Records can be understood all the same.
    #[must_use]
    pub fn for_replay(&self) -> Self {
        let dynamic = self.dynamic.iter();
        let dynamic = dynamic.map(|ty| DynamicType {
            link: None,
            ..ty.clone()
        });
        Self {
            views: Vec::new(),
            dynamic: dynamic.collect(),
            ..self.clone()
        }
    }
}

/// Where a function's code is, in the binary as linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRange {
    /// Its first byte.
    pub start: Address,
    /// The byte behind its last.
    pub end: Address,
}

impl CodeRange {
    /// Whether an address is within it.
    #[must_use]
    pub fn contains(&self, address: Address) -> bool {
        (self.start..self.end).contains(&address)
    }
}

/// Where the runtime keeps what every hit needs; all in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeLayout {
    /// Offset of `g` from the thread's FS base.
    pub tls_g: i64,
    /// Offset of `goid` in `runtime.g`.
    pub g_goid: u64,
    /// Offset of `stack.hi` in `runtime.g`.
    pub g_stack_hi: u64,
    /// Offset of `m` in `runtime.g`.
    pub g_m: u64,
    /// Offset of `startpc` in `runtime.g`.
    pub g_startpc: u64,
    /// Offset of `curg` in `runtime.m`.
    pub m_curg: u64,
    /// What of `runtime.g` tells where a goroutine came from, to be read at each entry; none where that is not asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ancestry: Option<Ancestry>,
    /// The address of the string `runtime.buildVersion`, in the binary as linked: what it says is known, so that reading it
    /// checks the whole way of a value. None where the binary has no such symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build_version: Option<Address>,
    /// Offsets in `net/http.Request`; none where the program does not contain it.
    pub request: Option<RequestLayout>,
    /// Where it stands in which frame a recovered panic ends; none where goroutines are not watched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<RecoveryLayout>,
}

/// Where `runtime.recovery` finds the frame in which it goes on (`runtime/panic.go`); offsets in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryLayout {
    /// In `runtime.g`, up to Go 1.21.
    Goroutine {
        /// `sigcode0`: the stack pointer in that frame.
        sp: u64,
        /// `sigcode1`: the address in its function.
        pc: u64,
    },
    /// In the list of `runtime._panic` that begins in `runtime.g`, from Go 1.22 on.
    Panics(PanicLayout),
}

/// Where a running panic or `Goexit` keeps what [`RecoveryLayout`] is about; offsets in bytes, in `runtime._panic` but for the
/// first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PanicLayout {
    /// `_panic` in `runtime.g`: the newest one.
    pub first: u64,
    /// `link`: the one before.
    pub link: u64,
    /// `startSP`: the stack pointer where it began.
    pub start_sp: u64,
    /// `sp`: the stack pointer in the frame whose deferred functions it runs.
    pub sp: u64,
    /// `retpc`: where that frame goes on if one of them recovers.
    pub pc: u64,
    /// `goexit`: whether it is a `Goexit`, which no recovery ends.
    pub goexit: u64,
}

impl PanicLayout {
    /// How many bytes of a `runtime._panic` hold all that.
    #[must_use]
    pub fn size(&self) -> u64 {
        const WORD: u64 = 8;
        let words = [self.link, self.start_sp, self.sp, self.pc].into_iter();
        let words = words.map(|offset| offset.saturating_add(WORD));
        words.fold(self.goexit.saturating_add(1), u64::max)
    }
}

/// What of `runtime.g`, besides `startpc`, tells where a goroutine came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ancestry {
    /// Offset of `parentGoid` in `runtime.g`; none before Go 1.21, which does not keep it.
    pub parent_goid: Option<u64>,
}

/// Where `net/http.Request` keeps what identifies a request; offsets in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestLayout {
    /// `Method`
    pub method: u64,
    /// `RemoteAddr`
    pub remote_addr: u64,
    /// `RequestURI`
    pub request_uri: u64,
}

impl Plan {
    /// The functions whose calls are requests, in a program that serves by other means than `net/http`.
    #[must_use]
    pub fn servers(&self) -> BTreeSet<FunctionId> {
        let roles = self.sites.iter().flat_map(|site| &site.roles);
        roles
            .filter_map(|role| match role {
                Role::ServerEntered { function } => Some(*function),
                _ => None,
            })
            .collect()
    }
}

/// One address to probe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its number, which is also its attach cookie.
    pub id: SiteId,
    /// Its address in the binary.
    pub address: Address,
    /// Its position in the file.
    pub offset: FileOffset,
    /// What a hit means; several when one address serves several purposes.
    pub roles: Vec<Role>,
    /// Where `g` is found.
    pub goroutine: GoroutineSource,
    /// The pieces of memory to read, in order.
    pub reads: Vec<Read>,
    /// How much is read at most.
    #[serde(default)]
    pub limits: Limits,
    /// The registers whose values are left out of the record, because something is redacted and they may hold it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<Register>,
    /// What is remembered of an entry until the return of the same call.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub saves: Vec<Save>,
    /// How far the stack pointer is below where it was at the function's entry, in bytes; 0 at entries and at `ret`s.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub below: u32,
    /// The values whose copies can be read here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copies: Vec<Copied>,
}

impl Site {
    /// The watched function that it belongs to.
    #[must_use]
    pub fn function(&self) -> Option<FunctionId> {
        self.roles.iter().find_map(Role::function)
    }

    /// What its hits tell; `servers` are the functions whose calls are requests.
    #[must_use]
    pub fn probes(&self, servers: &BTreeSet<FunctionId>) -> Vec<ProbeKind> {
        let left = self.roles.iter().filter(|role| match role {
            Role::Return { function } => servers.contains(function),
            _ => false,
        });
        let left = left.map(|_| ProbeKind::RequestLeft);
        self.roles.iter().map(Role::probe).chain(left).collect()
    }
}

/// Whether it is about a function's parameters or its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moment {
    /// Its parameters.
    Entry,
    /// Its results, if it returns by the `ret` at that address: a panic may lead to another one.
    Return(Address),
}

/// A parameter or result that has copies, in the frame, of what of it is in vector registers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Of the parameters, or of the results.
    pub moment: Moment,
    /// Which of the function's parameters or results, from 0.
    pub index: u32,
    /// Where the copies are, in bytes from the stack pointer at this site; its other pieces are left out.
    pub location: Location,
}

/// A number that is remembered at a function's entry until it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Save {
    /// The function.
    pub function: FunctionId,
    /// Which of the function's, from 0.
    pub slot: u32,
    /// The number.
    pub value: Operand,
}

/// What a hit of a site means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A watched function was entered.
    Entry {
        /// Which.
        function: FunctionId,
        /// Whether the body has a branch to this address: then a hit whose call is still open at the
        /// same depth is a back edge, not a call.
        loop_head: bool,
    },
    /// A watched function is at a `ret`.
    Return {
        /// Which.
        function: FunctionId,
    },
    /// A watched function has copies of floats in its frame, which at its entry or at its `ret` are in vector
    /// registers ([`Site::copies`]).
    Copied {
        /// Which.
        function: FunctionId,
    },
    /// `runtime.newproc1` is at a `ret`: its result is a goroutine that the hit's own goroutine created.
    GoroutineCreated {
        /// Where the new `*runtime.g` is.
        result: ReadAddress,
    },
    /// `runtime.goexit1` was entered: the hit's goroutine ends.
    GoroutineEnded,
    /// `runtime.recovery` was entered: a panic of the hit's goroutine was recovered.
    PanicRecovered {
        /// Where the `*runtime.g` is.
        goroutine: ReadAddress,
    },
    /// `runtime.fatalpanic` was entered: nobody recovered a panic of the hit's goroutine, and the process ends.
    PanicUnrecovered,
    /// `net/http.serverHandler.ServeHTTP` was entered.
    RequestEntered {
        /// Where the `*http.Request` is.
        request: ReadAddress,
    },
    /// A function that the spec names was entered, which handles a request from entry to return: one of
    /// [`Plan::servers`].
    ServerEntered {
        /// Which.
        function: FunctionId,
    },
    /// A function that serves a request is at a `ret`.
    RequestLeft,
    /// `runtime.main` was entered: by goroutine 1, or an assumption about the runtime is wrong.
    MainEntered,
}

impl Role {
    /// What a probe with this role tells.
    #[must_use]
    pub const fn probe(&self) -> ProbeKind {
        match self {
            Self::Entry { .. } => ProbeKind::Entry,
            Self::Return { .. } => ProbeKind::Return,
            Self::Copied { .. } => ProbeKind::Copy,
            Self::GoroutineCreated { .. } => ProbeKind::GoroutineCreated,
            Self::GoroutineEnded => ProbeKind::GoroutineEnded,
            Self::PanicRecovered { .. } => ProbeKind::PanicRecovered,
            Self::PanicUnrecovered => ProbeKind::PanicUnrecovered,
            Self::RequestEntered { .. } | Self::ServerEntered { .. } => ProbeKind::RequestEntered,
            Self::RequestLeft => ProbeKind::RequestLeft,
            Self::MainEntered => ProbeKind::MainEntered,
        }
    }

    /// The watched function that it is a role of.
    #[must_use]
    pub const fn function(&self) -> Option<FunctionId> {
        match self {
            Self::Entry { function, .. }
            | Self::Return { function }
            | Self::Copied { function }
            | Self::ServerEntered { function } => Some(*function),
            Self::GoroutineCreated { .. }
            | Self::GoroutineEnded
            | Self::PanicRecovered { .. }
            | Self::PanicUnrecovered
            | Self::RequestEntered { .. }
            | Self::RequestLeft
            | Self::MainEntered => None,
        }
    }
}

/// Where `g` is found at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoroutineSource {
    /// In R14 (ABIInternal from Go 1.17).
    Register,
    /// In thread-local storage (the stack ABI).
    ThreadLocal,
}

/// Index of a view in [`Plan::views`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ViewId(pub u32);

/// Memory to read at a hit: what a pointer leads to that is in registers, on the stack or known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// The pointer; for an interface, its first word.
    pub first: Operand,
    /// The word after it: a string's or a slice's length, an interface's data.
    pub second: Operand,
    /// How it is followed; its offset says nothing.
    pub link: Link,
    /// Only hits for which this holds make the read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<Guard>,
}

impl Read {
    /// What a pointer leads to; one that is counted takes the number in `second`.
    #[must_use]
    pub const fn new(first: Operand, second: Operand, link: Link) -> Self {
        Self {
            first,
            second,
            link,
            guard: None,
        }
    }
}

/// A condition on a hit: that an operand is an address of the binary (of a dictionary).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Guard {
    /// The operand.
    pub operand: Operand,
    /// The address, in the binary as linked.
    pub address: Address,
}

/// A number at the moment of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operand {
    /// A register's value.
    Register(Register),
    /// The 8 bytes at the stack pointer + so many bytes.
    Stack(i64),
    /// The stack pointer + so many bytes, itself.
    StackAddress(i64),
    /// An address of the binary as linked, in the process.
    Image(Address),
    /// What was [saved](Save) at the entry of the same call of that function in that slot; 0 if it was not.
    Saved(FunctionId, u32),
    /// A number.
    Constant(i64),
}

impl From<ReadAddress> for Operand {
    fn from(address: ReadAddress) -> Self {
        match address {
            ReadAddress::Register(register) => Self::Register(register),
            ReadAddress::Stack(offset) => Self::Stack(offset),
            ReadAddress::StackAddress(offset) => Self::StackAddress(offset),
        }
    }
}

/// Where an address comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadAddress {
    /// A register's value.
    Register(Register),
    /// The 8 bytes at the stack pointer + so many bytes.
    Stack(i64),
    /// The stack pointer + so many bytes, itself.
    StackAddress(i64),
}

/// Which pointers to follow from each element of a piece of memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ViewPlan {
    /// Bytes from one element to the next; 0 when the links hold once.
    pub stride: u32,
    /// The pointers.
    pub links: Vec<Link>,
}

/// A pointer in memory that is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Link {
    /// Its offset, in bytes.
    pub offset: u32,
    /// Where it leads to.
    pub kind: LinkKind,
    /// Bytes to add to the pointer.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub displacement: u32,
    /// Bytes of one element.
    pub element: u32,
    /// At most so many bytes are read.
    pub limit: u32,
    /// Which limit of the site bounds it too.
    #[serde(default, skip_serializing_if = "Bound::is_none")]
    pub bound: Bound,
    /// How many of the levels that the site follows it takes.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub levels: u32,
    /// Where that memory leads to.
    pub view: Option<ViewId>,
}

impl Link {
    /// A link at `offset` to elements of so many bytes, without levels, bounds and a view.
    #[must_use]
    pub const fn new(offset: u32, kind: LinkKind, element: u32, limit: u32) -> Self {
        Self {
            offset,
            kind,
            displacement: 0,
            element,
            limit,
            bound: Bound::None,
            levels: 0,
            view: None,
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Which limit of a site bounds what a link reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// None but the link's own.
    #[default]
    None,
    /// That of bytes of a string.
    String,
    /// That of elements.
    Elements,
}

impl Bound {
    const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// How a pointer is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkKind {
    /// To so many elements.
    Constant(u32),
    /// To as many elements as the integer in the 8 bytes after it says (strings, slices, directories of maps).
    Counted,
    /// To one element, if the integer in the 8 bytes after it is 0 (the group of a small map).
    Uncounted,
    /// To one more element than the integer in the 8 bytes after it says (groups of a map).
    Masked,
    /// To as many elements as the power of 2 whose exponent is the byte at that offset (buckets of a map).
    Power(u32),
    /// The same for a map's old buckets: half as many, unless bit 8 of the byte before says that it grows to the
    /// same size.
    OldPower(u32),
    /// It is the type of an interface without methods; the data word after it is followed as the plan's
    /// [dynamic type](Plan::dynamic) says.
    EmptyInterface,
    /// It is the itab of an interface with methods, whose first 16 bytes are read too; else the same.
    Interface,
    /// As `EmptyInterface`, but only if it is the runtime type at that address; then the data word leads to one
    /// element.
    EmptyInterfaceOf(Address),
    /// As `Interface`, likewise.
    InterfaceOf(Address),
    /// To a closure, which is read as the plan's [closure](Plan::closures) of that code says; one that the plan does not
    /// have gives its first 8 bytes.
    Func,
    /// It is no pointer: so many bytes there (at most 8) are overwritten with zeros.
    Blank(u32),
}
