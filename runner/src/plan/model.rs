//! What a plan consists of.

use serde::{Deserialize, Serialize};

use crate::model::{Address, FileOffset, Function, FunctionId, Label, Register, SiteId, TypeTable};

/// Everything that is needed to watch a binary and to understand what is seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The Go release that built the binary, e.g. `go1.26.8`.
    pub release: String,
    /// The types that parameters and results speak of.
    pub types: TypeTable,
    /// The watched functions; [`FunctionId`] is the index.
    pub functions: Vec<Function>,
    /// The spec's names for them.
    pub labels: Vec<Label>,
    /// The probe sites, each address once; [`SiteId`] is the index.
    pub sites: Vec<Site>,
    /// What leads on from pieces of memory; [`ViewId`] is the index.
    pub views: Vec<ViewPlan>,
    /// Where the runtime keeps what every hit needs.
    pub runtime: RuntimeLayout,
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
    /// Offsets in `net/http.Request`; none where the program does not contain it.
    pub request: Option<RequestLayout>,
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
    /// `runtime.newproc1` is at a `ret`: its result is a goroutine that the hit's own goroutine created.
    GoroutineCreated {
        /// Where the new `*runtime.g` is.
        result: ReadAddress,
    },
    /// `runtime.goexit1` was entered: the hit's goroutine ends.
    GoroutineEnded,
    /// `net/http.serverHandler.ServeHTTP` was entered.
    RequestEntered {
        /// Where the `*http.Request` is.
        request: ReadAddress,
    },
    /// `net/http.serverHandler.ServeHTTP` is at a `ret`.
    RequestLeft,
    /// `runtime.main` was entered: by goroutine 1, or an assumption about the runtime is wrong.
    MainEntered,
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

/// A piece of memory to read at a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// Its address.
    pub address: ReadAddress,
    /// Its length.
    pub length: Length,
    /// Bytes of one element.
    pub element: u32,
    /// At most so many bytes.
    pub limit: u32,
    /// Where it leads to.
    pub view: Option<ViewId>,
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

/// Where a number of elements comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Length {
    /// Known beforehand.
    Constant(u32),
    /// A register's value.
    Register(Register),
    /// The 8 bytes at the stack pointer + so many bytes.
    Stack(i64),
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
    /// How many elements it points to.
    pub length: LinkLength,
    /// Bytes of one element.
    pub element: u32,
    /// At most so many bytes are read.
    pub limit: u32,
    /// Where that memory leads to.
    pub view: Option<ViewId>,
}

/// How many elements a pointer points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkLength {
    /// A constant.
    Constant(u32),
    /// The integer in the 8 bytes after the pointer (strings, slices).
    Counted,
}
