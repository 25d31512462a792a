//! Values as they were read, and why one could not be read.

use serde::{Deserialize, Serialize};

use super::{Address, TypeId};

/// A value of a Go type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Value {
    /// Its type.
    pub ty: TypeId,
    /// What it is, or why that is not known.
    pub content: Content,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// A bool.
    Bool(bool),
    /// A signed integer of any size.
    Int(i64),
    /// An unsigned integer of any size.
    Uint(u64),
    /// A string.
    Text(Text),
    /// Not known, and why.
    Unread(Status),
}

/// A string's bytes: Go strings need not be UTF-8.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The bytes that were read.
    pub bytes: Box<[u8]>,
    /// The string's full length, in bytes; more than were read when a limit cut it.
    pub full: u64,
}

impl Text {
    /// Whether all of it was read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.full
    }
}

/// Why a value is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Values of this kind are shown as their type alone.
    KindNotRead,
    /// The memory could not be read; the kernel's error number.
    Unreadable {
        /// Where the memory is.
        address: Address,
        /// The error number, positive.
        errno: i32,
    },
    /// The value is in a vector register, which a uprobe does not see.
    InVectorRegister,
    /// The record had no room for the chunk that holds it.
    LostChunk,
    /// The header that leads to it makes no sense (a negative length, for instance).
    Malformed,
    /// The ABI gives it no place that can be read at this moment.
    NoLocation,
}
