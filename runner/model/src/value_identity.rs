//! What makes two values the same, wherever and whenever they are seen: for what is handed from one goroutine to
//! another, and for what flows from call to call.

use super::{Content, Float, ProcessId, Value};

/// A value in a form that is equal for the same values.
///
/// The same are pointers to the same address in the same process, whatever is there; all else by what it is:
/// - numbers of all integer types by their value, floats likewise (both zeros are the same, and so are all NaNs, which Go's
///   `==` would have differ: a NaN that is passed on is the one that was given);
/// - strings, and bytes, by their bytes; a string is not the same as bytes;
/// - structs, and elements, part by part; maps entry by entry;
/// - a func by its code and what it captured;
/// - nil is the same as nil.
///
/// Types are not compared, and an interface is what it holds. Which channel one is is not known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ValueIdentity(
    /// Tags, lengths and contents.
    Box<[u8]>,
);

impl ValueIdentity {
    /// That of a value of a process; none if not all that distinguishes it from others is known.
    #[must_use]
    pub fn of(process: ProcessId, value: &Value) -> Option<Self> {
        let mut bytes = Vec::new();
        write(&mut bytes, process, value)?;
        Some(Self(bytes.into()))
    }
}

impl Value {
    /// The value itself, out of any interface.
    #[must_use]
    pub fn held(&self) -> &Self {
        let mut value = self;
        while let Content::Interface(inner) = &value.content {
            value = inner;
        }
        value
    }
}

/// What a part of an identity is of.
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
fn write(identity: &mut Vec<u8>, process: ProcessId, value: &Value) -> Option<()> {
    let mut tagged = |tag: Tag, bytes: &[u8]| {
        identity.push(tag as u8);
        identity.extend_from_slice(bytes);
    };
    match &value.held().content {
        Content::Nil => tagged(Tag::Nil, &[]),
        Content::Bool(bool) => tagged(Tag::Bool, &[u8::from(*bool)]),
        Content::Int(number) => tagged(Tag::Integer, &i128::from(*number).to_le_bytes()),
        Content::Uint(number) => tagged(Tag::Integer, &i128::from(*number).to_le_bytes()),
        Content::Float(float) => tagged(Tag::Float, &bits(*float)),
        Content::Complex(complex) => {
            tagged(Tag::Complex, &bits(complex.real));
            identity.extend_from_slice(&bits(complex.imaginary));
        }
        Content::Text(text) | Content::Bytes(text) => {
            if !text.is_whole() {
                return None;
            }
            let tag = match value.held().content {
                Content::Text(_) => Tag::Text,
                _ => Tag::Bytes,
            };
            tagged(tag, &text.full.to_le_bytes());
            identity.extend_from_slice(&text.bytes);
        }
        // What it leads to may change; where it leads does not.
        Content::Pointer(pointer) => {
            tagged(Tag::Address, &process.0.to_le_bytes());
            identity.extend_from_slice(&pointer.address.0.to_le_bytes());
        }
        Content::Address(address) => {
            tagged(Tag::Address, &process.0.to_le_bytes());
            identity.extend_from_slice(&address.0.to_le_bytes());
        }
        Content::Elements(elements) => {
            if (elements.values.len() as u64) < elements.full {
                return None;
            }
            tagged(Tag::Elements, &elements.full.to_le_bytes());
            let mut values = elements.values.iter();
            values.try_for_each(|value| write(identity, process, value))?;
        }
        Content::Struct(fields) => {
            tagged(Tag::Struct, &(fields.len() as u64).to_le_bytes());
            let mut fields = fields.iter();
            fields.try_for_each(|field| write(identity, process, field))?;
        }
        Content::Map(entries) => {
            if (entries.values.len() as u64) < entries.full {
                return None;
            }
            tagged(Tag::Map, &entries.full.to_le_bytes());
            for (entry, value) in &entries.values {
                write(identity, process, entry)?;
                write(identity, process, value)?;
            }
        }
        Content::Func(func) => {
            tagged(Tag::Func, &func.code.0.to_le_bytes());
            func.captured
                .iter()
                .try_for_each(|captured| write(identity, process, captured))?;
        }
        // Its length and capacity don't say which it is. An interface is not held by one.
        Content::Channel(_) | Content::Redacted(_) | Content::Unread(_) | Content::Interface(_) => {
            return None;
        }
    }
    Some(())
}

/// The bits of a float; both zeros are the same, and all NaNs.
fn bits(float: Float) -> [u8; 8] {
    let number = float.get();
    let number = if number.is_nan() {
        f64::NAN
    } else {
        number + 0.0
    };
    number.to_bits().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::ValueIdentity;
    use crate::{
        Address, Channel, Content, Elements, Entries, Float, Func, List, Pointer, ProcessId,
        Status, Text, TypeId, Value,
    };

    fn value(content: Content) -> Value {
        let ty = TypeId(0);
        Value { ty, content }
    }

    fn values(contents: &[Content]) -> List<Value> {
        contents.iter().cloned().map(value).collect()
    }

    fn identity(content: Content) -> Option<ValueIdentity> {
        ValueIdentity::of(ProcessId(1), &value(content))
    }

    fn known(content: Content) -> ValueIdentity {
        identity(content).unwrap()
    }

    fn float(number: f64) -> Content {
        Content::Float(Float::new(number))
    }

    fn elements(contents: &[Content]) -> Content {
        Content::Elements(Box::new(Elements {
            values: values(contents),
            full: contents.len() as u64,
        }))
    }

    fn map(key: i64, of: Content, full: u64) -> Content {
        Content::Map(Box::new(Entries {
            values: Box::new([(value(Content::Int(key)), value(of))]),
            full,
        }))
    }

    fn func(code: u64, captured: Option<Content>) -> Content {
        Content::Func(Box::new(Func {
            code: Address(code),
            name: None,
            captured: captured.map(value),
        }))
    }

    fn pointer(address: u64) -> Content {
        Content::Pointer(Box::new(Pointer {
            address: Address(address),
            target: value(Content::Unread(Status::DepthLimit)),
        }))
    }

    #[test]
    fn numbers_are_the_same_by_their_value_whatever_their_type() {
        assert_eq!(known(Content::Int(3)), known(Content::Uint(3)));
        assert_ne!(known(Content::Int(-1)), known(Content::Uint(u64::MAX)));
        assert_ne!(known(Content::Int(1)), known(Content::Bool(true)));
        assert_ne!(known(Content::Int(1)), known(float(1.0)));
        assert_eq!(known(float(0.0)), known(float(-0.0)));
        let (one, zero) = (Float::new(1.0), Float::new(0.0));
        assert_ne!(known(float(1.0)), known(Content::complex(one, zero)));
    }

    #[test]
    fn a_nan_is_the_same_as_any_other() {
        let nan = |bits: u64| f64::from_bits(bits);
        // What `math.NaN()` gives, and what the processor makes of 0/0.
        let (ones, others) = (nan(0x7ff8_0000_0000_0001), nan(0xfff8_0000_0000_0000));
        assert!(ones.is_nan() && others.is_nan());
        assert_eq!(known(float(ones)), known(float(others)));
        let complex = |nan| Content::complex(Float::new(nan), Float::new(1.0));
        assert_eq!(known(complex(ones)), known(complex(others)));
        assert_ne!(known(float(ones)), known(float(f64::INFINITY)));
    }

    #[test]
    fn a_string_is_not_the_same_as_bytes() {
        let text = |bytes: &[u8]| Text::whole(bytes);
        assert_eq!(
            known(Content::Text(text(b"abc"))),
            known(Content::Text(text(b"abc")))
        );
        assert_ne!(
            known(Content::Text(text(b"abc"))),
            known(Content::Bytes(text(b"abc")))
        );
        assert_eq!(identity(Content::Text(Text::new(&b"ab"[..], 3))), None);
    }

    #[test]
    fn what_has_parts_is_the_same_part_by_part() {
        let (one, two) = (Content::Int(1), Content::Int(2));
        let pair = [one.clone(), two.clone()];
        assert_eq!(known(elements(&pair)), known(elements(&pair)));
        assert_ne!(
            known(elements(&pair)),
            known(Content::Struct(values(&pair)))
        );
        // Where one part ends and the next begins counts, too.
        let nested = |first: &[Content], second: &[Content]| {
            known(elements(&[elements(first), elements(second)]))
        };
        assert_ne!(nested(&pair, &[]), nested(&[one], &[two]));
        let cut = Content::Elements(Box::new(Elements {
            values: values(&pair),
            full: 3,
        }));
        assert_eq!(identity(cut), None);
    }

    #[test]
    fn a_map_is_the_same_by_its_entries() {
        let of = |content| known(map(1, content, 1));
        assert_eq!(of(Content::Int(2)), of(Content::Int(2)));
        assert_ne!(of(Content::Int(2)), of(Content::Int(3)));
        assert_eq!(identity(map(1, Content::Int(2), 2)), None);
        assert_eq!(identity(map(1, Content::Unread(Status::Cut), 1)), None);
    }

    #[test]
    fn a_func_is_the_same_by_its_code_and_what_it_captured() {
        let capturing = |number| func(8, Some(Content::Struct(values(&[Content::Int(number)]))));
        assert_eq!(known(func(8, None)), known(func(8, None)));
        assert_ne!(known(func(8, None)), known(func(16, None)));
        assert_eq!(known(capturing(1)), known(capturing(1)));
        assert_ne!(known(capturing(1)), known(capturing(2)));
        let not_described = Some(Content::Unread(Status::NotDescribed));
        assert_eq!(identity(func(8, not_described)), None);
    }

    #[test]
    fn pointers_are_the_same_by_where_they_lead_in_one_process() {
        let of = |process, content| ValueIdentity::of(ProcessId(process), &value(content)).unwrap();
        assert_eq!(of(1, pointer(8)), of(1, pointer(8)));
        assert_eq!(of(1, pointer(8)), of(1, Content::Address(Address(8))));
        assert_ne!(of(1, pointer(8)), of(1, pointer(16)));
        assert_ne!(of(1, pointer(8)), of(2, pointer(8)));
        assert_eq!(of(1, Content::Int(8)), of(2, Content::Int(8)));
    }

    #[test]
    fn an_interface_is_what_it_holds() {
        let held = |content| Content::Interface(Box::new(value(content)));
        assert_eq!(known(held(held(pointer(8)))), known(pointer(8)));
        assert_eq!(
            known(Content::Struct(values(&[held(Content::Nil)]))),
            known(Content::Struct(values(&[Content::Nil])))
        );
    }

    #[test]
    fn what_is_not_known_is_the_same_as_nothing() {
        let channel = Channel {
            length: 0,
            capacity: 1,
        };
        for content in [
            Content::Channel(Box::new(channel)),
            Content::Unread(Status::Cut),
            Content::Struct(values(&[Content::Int(1), Content::Unread(Status::Cut)])),
        ] {
            assert_eq!(identity(content), None);
        }
    }
}
