//! What is known of a value, however little, that distinguishes it from others.

use model::{Content, Value};

/// How much of a text's beginning distinguishes it from others where it was cut, in bytes.
const BEGINNING: usize = 16;

/// What is known of any value, however little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Sketch {
    /// Nil.
    Nil,
    /// A text of that length, with its beginning if so much of it was read.
    Text(u64, Option<[u8; BEGINNING]>),
    /// Another value that is not nil.
    Other,
    /// Nothing.
    Unread,
}

impl Sketch {
    /// That of a value.
    pub(super) fn of(value: &Value) -> Self {
        match &value.held().content {
            Content::Nil => Self::Nil,
            Content::Text(text) | Content::Bytes(text) => {
                Self::Text(text.full, text.bytes.first_chunk().copied())
            }
            Content::Unread(_) | Content::Redacted(_) => Self::Unread,
            _ => Self::Other,
        }
    }
}
