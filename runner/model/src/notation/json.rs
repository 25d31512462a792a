//! Values as JSON. The whole of it is described in `docs/json.md`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Number, Value as Json, json};

use super::{number, text::whole_runes};
use crate::{Content, Entries, Float, Func, Kind, Status, Text, TypeTable, Value};

/// Levels of JSON that a value takes at most; what lies deeper is a `depth_limit`. Common readers of JSON refuse more
/// than 128.
const MAX_DEPTH: usize = 96;

/// A value as JSON: bools, numbers and texts as themselves, nil as null, structs as objects, all else as an object that
/// says what it is. Integers are exact.
///
/// ```
/// use model::{Content, Kind, Type, TypeTable, Value, notation};
///
/// let mut types = TypeTable::default();
/// let ty = types.push(Type { name: "uint64".into(), size: 8, kind: Kind::Uint });
/// let value = Value { ty, content: Content::Uint(u64::MAX) };
/// assert_eq!(notation::json(&value, &types).to_string(), "18446744073709551615");
/// ```
#[must_use]
pub fn json(value: &Value, types: &TypeTable) -> Json {
    Writer { types }.value(value, 0)
}

struct Writer<'a> {
    types: &'a TypeTable,
}

impl Writer<'_> {
    fn value(&self, value: &Value, depth: usize) -> Json {
        if depth > MAX_DEPTH {
            return status(Status::DepthLimit);
        }
        match &value.content {
            Content::Bool(seen) => json!(seen),
            Content::Int(seen) => json!(seen),
            Content::Uint(seen) => json!(seen),
            Content::Float(seen) => float(*seen, self.size(value)),
            Content::Complex(seen) => {
                let size = self.size(value) / 2;
                json!({ "real": float(seen.real, size), "imag": float(seen.imaginary, size) })
            }
            Content::Text(seen) | Content::Bytes(seen) => text(seen),
            Content::Nil => Json::Null,
            Content::Pointer(pointer) => {
                json!({ "pointer": self.value(&pointer.target, depth + 1) })
            }
            Content::Elements(elements) => {
                let values = elements.values.iter();
                if elements.values.len() as u64 == elements.full {
                    return values.map(|value| self.value(value, depth + 1)).collect();
                }
                let values: Json = values.map(|value| self.value(value, depth + 2)).collect();
                json!({ "elements": values, "full": elements.full })
            }
            Content::Struct(fields) => Json::Object(self.fields(value, fields, depth)),
            Content::Map(entries) => self.map(entries, depth),
            Content::Interface(dynamic) => {
                let ty = self.types.name(dynamic.ty);
                json!({ "type": ty, "value": self.value(dynamic, depth + 1) })
            }
            Content::Func(func) => self.func(func, depth),
            Content::Channel(channel) => {
                json!({ "length": channel.length, "capacity": channel.capacity })
            }
            Content::Address(address) => json!({ "address": address.to_string() }),
            Content::Redacted(label) => json!({ "redacted": &**label }),
            Content::Unread(reason) => status(*reason),
        }
    }

    /// The size of a value's type, in bytes.
    fn size(&self, value: &Value) -> u64 {
        self.types.get(value.ty).map_or(0, |ty| ty.size)
    }

    /// A struct's fields by name, without blank ones.
    fn fields(&self, value: &Value, fields: &[Value], depth: usize) -> Map<String, Json> {
        let described = match self.types.kind(value.ty) {
            Some(Kind::Struct { fields }) => fields.as_slice(),
            _ => &[],
        };
        described
            .iter()
            .zip(fields)
            .filter(|(field, _)| field.name != "_")
            .map(|(field, value)| (field.name.clone(), self.value(value, depth + 1)))
            .collect()
    }

    fn map(&self, entries: &Entries, depth: usize) -> Json {
        let pairs = entries.values.iter();
        let pairs: Json = pairs
            .map(|(key, value)| json!([self.value(key, depth + 3), self.value(value, depth + 3)]))
            .collect();
        let mut object = json!({ "entries": pairs });
        if entries.values.len() as u64 != entries.full {
            object["full"] = json!(entries.full);
        }
        object
    }

    fn func(&self, func: &Func, depth: usize) -> Json {
        let mut object = json!({ "func": func.name });
        if let Some(captured) = &func.captured {
            object["captured"] = self.value(captured, depth + 1);
        }
        object
    }
}

/// A float as the number with the fewest digits that distinguish it from all others of its size; what is no number in JSON
/// as text.
fn float(seen: Float, size: u64) -> Json {
    let text = number::float(seen, if size == 4 { 32 } else { 64 });
    let shortest = if size == 4 {
        text.parse().unwrap_or_else(|_| seen.get())
    } else {
        seen.get()
    };
    match Number::from_f64(shortest) {
        Some(number) => Json::Number(number),
        None => Json::String(text),
    }
}

fn text(seen: &Text) -> Json {
    let bytes = if seen.is_whole() {
        &*seen.bytes
    } else {
        whole_runes(&seen.bytes)
    };
    match (std::str::from_utf8(bytes), seen.is_whole()) {
        (Ok(text), true) => json!(text),
        (Ok(text), false) => json!({ "text": text, "full": seen.full }),
        (Err(_), true) => json!({ "base64": STANDARD.encode(bytes) }),
        (Err(_), false) => json!({ "base64": STANDARD.encode(&seen.bytes), "full": seen.full }),
    }
}

fn status(status: Status) -> Json {
    match status {
        Status::Unreadable { address, errno } => {
            json!({ "status": "unreadable", "address": address.to_string(), "errno": errno })
        }
        _ => json!({ "status": status_name(status) }),
    }
}

/// A status as JSON calls it.
const fn status_name(status: Status) -> &'static str {
    match status {
        Status::DepthLimit => "depth_limit",
        Status::Cut => "cut",
        Status::Cycle => "cycle",
        Status::Unreadable { .. } => "unreadable",
        Status::InVectorRegister => "in_vector_register",
        Status::BeingWritten => "being_written",
        Status::LostChunk => "lost_chunk",
        Status::Malformed => "malformed",
        Status::NoLocation => "no_location",
        Status::TypeUnknown => "type_unknown",
        Status::NotDescribed => "not_described",
        Status::NotRead => "not_read",
        Status::Absent => "absent",
    }
}
