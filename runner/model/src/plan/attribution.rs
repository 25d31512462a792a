//! What shows to which request a call belongs.

use super::ReadAddress;
use crate::{Address, FunctionId, GoTestKind, GoTestMark};

/// What identifies a request at the entry of a function that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestEntry {
    /// The site's address.
    pub address: Address,
    /// Where what the function takes as its request keeps what identifies it.
    pub layout: RequestLayout,
    /// The ways to the number of the HTTP/2 stream that it came on, one for each implementation that the program has.
    pub streams: Vec<StreamPath>,
}

/// Where `net/http.Request` keeps what identifies a request; offsets in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestLayout {
    /// `Method`
    pub method: u64,
    /// `RemoteAddr`
    pub remote_addr: u64,
    /// `RequestURI`
    pub request_uri: u64,
}

/// The way from a function's response writer to the number of its HTTP/2 stream, a `uint32`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamPath {
    /// Where the pointer is that it begins with.
    pub pointer: ReadAddress,
    /// The writer is an interface, and this the way only if it holds the type; none if it is that pointer.
    pub held: Option<HeldWriter>,
    /// Bytes from where each pointer leads to the next one, and at last to the number.
    pub hops: Vec<u64>,
}

/// The type that an interface must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldWriter {
    /// Where the interface's first word is, which leads to its itab.
    pub itab: ReadAddress,
    /// The address of the runtime type, in the binary as linked.
    pub ty: Address,
}

/// What identifies a Go test at the entry of the function that runs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestEntry {
    /// The site's address.
    pub address: Address,
    /// What the function runs.
    pub kind: GoTestKind,
    /// Where the test's full name is.
    pub name: NamePlace,
}

/// What identifies a Go test at the entry of a function by which it says something of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestMarker {
    /// The site's address.
    pub address: Address,
    /// What it says.
    pub mark: GoTestMark,
    /// Where the test's full name is.
    pub name: NamePlace,
}

/// Where a string is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamePlace {
    /// In a struct.
    Field {
        /// Where the pointer to the struct is.
        pointer: ReadAddress,
        /// The string's header in it, in bytes.
        offset: u64,
    },
    /// In two words of their own.
    Words {
        /// Where the pointer to its bytes is.
        bytes: ReadAddress,
        /// Where its length is.
        len: ReadAddress,
    },
}

/// What identifies a client's connection at the entry of the function that sends a request over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientEntry {
    /// The site's address.
    pub address: Address,
    /// The ways to the number of its local port, an `int`, one for each kind of connection.
    pub ports: Vec<PortPath>,
}

/// The way from a client's connection to its local port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortPath {
    /// Where the pointer is that it begins with.
    pub pointer: ReadAddress,
    /// Bytes from where each pointer leads to the next one, and at last to the number.
    pub hops: Vec<u64>,
}

/// A value that carries the link from a request to what another goroutine does for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOff {
    /// Its name in the spec.
    pub name: String,
    /// The calls that hand over, and what of them is the value: an argument or a result.
    pub from: Vec<KeyPick>,
    /// The calls that take over, and what of their arguments is the value.
    pub to: Vec<KeyPick>,
}

/// A part of a function's values that says something of its calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPick {
    /// The function.
    pub function: FunctionId,
    /// Which of its [picks](crate::Function::picks), from 0.
    pub pick: u32,
}

/// A function that handles one request from its entry to its return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// The function.
    pub function: FunctionId,
    /// Which of its [picks](crate::Function::picks) is the client, from 0: a string `host:port`, or the port as a number. None where
    /// requests are matched by order.
    pub key: Option<u32>,
}
