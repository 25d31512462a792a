//! What makes two values the same.

use crate::model::{Content, Float, ProcessId, Value};

/// How much of a text's beginning tells it from others where it was cut, in bytes.
const BEGINNING: usize = 16;

/// A value in a form that is equal for the same values: tags, lengths and contents.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key(Box<[u8]>);

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

impl Key {
    /// That of a value that is known in all its parts.
    pub(super) fn of(process: ProcessId, value: &Value) -> Option<Self> {
        let mut bytes = Vec::new();
        write(&mut bytes, process, held(value))?;
        Some(Self(bytes.into()))
    }
}

impl Sketch {
    /// That of a value.
    pub(super) fn of(value: &Value) -> Self {
        match &held(value).content {
            Content::Nil => Self::Nil,
            Content::Text(text) | Content::Bytes(text) => {
                Self::Text(text.full, text.bytes.first_chunk().copied())
            }
            Content::Unread(_) | Content::Redacted(_) => Self::Unread,
            _ => Self::Other,
        }
    }
}

/// The value itself, out of any interface.
pub(super) fn held(value: &Value) -> &Value {
    let mut value = value;
    while let Content::Interface(inner) = &value.content {
        value = inner;
    }
    value
}

/// What a part of a key is.
#[derive(Clone, Copy)]
enum Tag {
    Nil,
    Bool,
    Integer,
    Float,
    Complex,
    Text,
    Bytes,
    Address,
    Elements,
    Struct,
    Map,
    Func,
}

/// Writes a value; none if something in it is not known.
fn write(key: &mut Vec<u8>, process: ProcessId, value: &Value) -> Option<()> {
    let mut tagged = |tag: Tag, bytes: &[u8]| {
        key.push(tag as u8);
        key.extend_from_slice(bytes);
    };
    match &value.content {
        Content::Nil => tagged(Tag::Nil, &[]),
        Content::Bool(bool) => tagged(Tag::Bool, &[u8::from(*bool)]),
        Content::Int(number) => tagged(Tag::Integer, &i128::from(*number).to_le_bytes()),
        Content::Uint(number) => tagged(Tag::Integer, &i128::from(*number).to_le_bytes()),
        Content::Float(float) => tagged(Tag::Float, &bits(*float)),
        Content::Complex(complex) => {
            tagged(Tag::Complex, &bits(complex.real));
            key.extend_from_slice(&bits(complex.imaginary));
        }
        Content::Text(text) | Content::Bytes(text) => {
            if !text.is_whole() {
                return None;
            }
            let tag = match value.content {
                Content::Text(_) => Tag::Text,
                _ => Tag::Bytes,
            };
            tagged(tag, &text.full.to_le_bytes());
            key.extend_from_slice(&text.bytes);
        }
        // What it leads to may change; where it leads does not.
        Content::Pointer(pointer) => {
            tagged(Tag::Address, &process.0.to_le_bytes());
            key.extend_from_slice(&pointer.address.0.to_le_bytes());
        }
        Content::Address(address) => {
            tagged(Tag::Address, &process.0.to_le_bytes());
            key.extend_from_slice(&address.0.to_le_bytes());
        }
        Content::Elements(elements) => {
            if (elements.values.len() as u64) < elements.full {
                return None;
            }
            tagged(Tag::Elements, &elements.full.to_le_bytes());
            let mut values = elements.values.iter();
            values.try_for_each(|value| write(key, process, value))?;
        }
        Content::Struct(fields) => {
            tagged(Tag::Struct, &(fields.len() as u64).to_le_bytes());
            let mut fields = fields.iter();
            fields.try_for_each(|field| write(key, process, field))?;
        }
        Content::Map(entries) => {
            if (entries.values.len() as u64) < entries.full {
                return None;
            }
            tagged(Tag::Map, &entries.full.to_le_bytes());
            for (entry, value) in &entries.values {
                write(key, process, entry)?;
                write(key, process, value)?;
            }
        }
        Content::Interface(inner) => write(key, process, held(inner))?,
        Content::Func(func) => {
            tagged(Tag::Func, &func.code.0.to_le_bytes());
            func.captured
                .iter()
                .try_for_each(|captured| write(key, process, captured))?;
        }
        // Its length and capacity tell nothing of which it is.
        Content::Channel(_) | Content::Redacted(_) | Content::Unread(_) => return None,
    }
    Some(())
}

/// The bits of a float; both zeros are the same.
fn bits(float: Float) -> [u8; 8] {
    (float.get() + 0.0).to_bits().to_le_bytes()
}
