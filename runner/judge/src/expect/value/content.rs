//! One value, whatever its kind.

use model::{Content, Func, Kind, PackageNames, Status, Text, TypeId, TypeTable, Value};
use spec::matcher::{Literal, Matcher};

use super::{
    super::{
        Reason,
        matchers::{of_any, of_elements, of_order, of_parts},
        truth::Truth,
    },
    constant::{constant_value, integer},
    fields::fields_match,
    items::Items,
    number::{Precision, complex_matches, float_matches, integer_matches},
    spelled::{held, spelled_matches},
    text::{Excerpt, text_matches},
    type_name::is_named,
};

/// Whether a value is what it must be.
pub(in crate::expect) fn value_matches(
    matcher: &Matcher,
    value: &Value,
    types: &TypeTable,
) -> Truth {
    match matcher {
        Matcher::Any => Truth::Yes,
        Matcher::All(parts) => {
            Truth::all(parts.iter().map(|part| value_matches(part, value, types)))
        }
        _ if value.content == Content::Unread(Status::Absent) => Truth::No,
        Matcher::Nil(wanted) => {
            let is_nil = is_nil(value, types);
            if *wanted { is_nil } else { is_nil.not() }
        }
        Matcher::Type(name) => has_type(name, value, types),
        Matcher::Equal(_) | Matcher::Text(_) | of_order!() | of_parts!() => {
            content_matches(matcher, value, types)
        }
    }
}

/// Whether a value is nil; one whose type has no nil is not, read or not.
fn is_nil(value: &Value, types: &TypeTable) -> Truth {
    let kind = types.kind(value.ty);
    match &value.content {
        Content::Nil => Truth::Yes,
        Content::Unread(_) | Content::Redacted(_) if !kind.is_none_or(may_be_nil) => Truth::No,
        // Its header was read.
        Content::Unread(Status::BeingWritten) => Truth::No,
        content => Reason::unread(content).map_or(Truth::No, Truth::Unknown),
    }
}

/// Whether values of that kind can be nil.
pub(in crate::expect) const fn may_be_nil(kind: &Kind) -> bool {
    match kind {
        Kind::Slice { .. }
        | Kind::Pointer { .. }
        | Kind::UnsafePointer
        | Kind::Map { .. }
        | Kind::Interface { .. }
        | Kind::Func
        | Kind::Channel { .. }
        | Kind::Unknown => true,
        Kind::Bool
        | Kind::Int
        | Kind::Uint
        | Kind::Float
        | Kind::Complex
        | Kind::String
        | Kind::Array { .. }
        | Kind::Struct { .. } => false,
    }
}

/// Whether a value's type has that name: for an interface, the type of what it holds.
fn has_type(name: &str, value: &Value, types: &TypeTable) -> Truth {
    let is_interface = matches!(types.kind(value.ty), Some(Kind::Interface { .. }));
    match &value.content {
        Content::Interface(inner) => is_named(types.name(inner.ty), name, types.packages()).into(),
        _ if !is_interface => is_named(types.name(value.ty), name, types.packages()).into(),
        content => Reason::unread(content).map_or(Truth::No, Truth::Unknown),
    }
}

fn content_matches(matcher: &Matcher, value: &Value, types: &TypeTable) -> Truth {
    let constant = constant_matches(matcher, value, types);
    if let Some(truth) = constant.or_else(|| spelled_matches(matcher, value, types)) {
        return truth;
    }
    let kind = types.kind(value.ty);
    match &value.content {
        Content::Pointer(pointer) => value_matches(matcher, &pointer.target, types),
        Content::Interface(inner) => value_matches(matcher, inner, types),
        Content::Unread(_) | Content::Redacted(_)
            if let (Matcher::Length(wanted), Some(Kind::Array { count, .. })) = (matcher, kind) =>
        {
            integer_matches(wanted, i128::from(*count))
        }
        Content::Unread(status) => Truth::Unknown(Reason::Unread(*status)),
        Content::Redacted(_) => Truth::Unknown(Reason::Redacted),
        Content::Nil => nil_matches(matcher, kind, types),
        Content::Bool(seen) => match matcher {
            Matcher::Equal(Literal::Bool(wanted)) => (wanted == seen).into(),
            Matcher::Equal(_) | of_any!() | Matcher::Text(_) | of_order!() | of_parts!() => {
                Truth::No
            }
        },
        Content::Int(seen) => integer_matches(matcher, i128::from(*seen)),
        Content::Uint(seen) => integer_matches(matcher, i128::from(*seen)),
        Content::Float(seen) => float_matches(matcher, seen.get(), precision(types, value, 4)),
        Content::Complex(seen) => complex_matches(
            matcher,
            (seen.real.get(), seen.imaginary.get()),
            precision(types, value, 8),
        ),
        Content::Text(text) => match matcher {
            Matcher::Length(wanted) => integer_matches(wanted, i128::from(text.full)),
            Matcher::Equal(_)
            | of_any!()
            | Matcher::Text(_)
            | of_order!()
            | Matcher::Fields(_)
            | of_elements!() => text_matches(matcher, Excerpt::of_text(text)),
        },
        Content::Bytes(bytes) => bytes_match(matcher, bytes, value.ty, types),
        Content::Elements(elements) => {
            Items::new(&elements.values, elements.full, element(types, value.ty))
                .judge(matcher, types)
        }
        Content::Map(entries) => match matcher {
            Matcher::Fields(fields) => fields_match(fields, value, types),
            // An order is not theirs.
            Matcher::List(_) => Truth::No,
            Matcher::Equal(_)
            | of_any!()
            | Matcher::Text(_)
            | of_order!()
            | Matcher::Length(_)
            | Matcher::Has(_)
            | Matcher::Each(_) => {
                let values = entries.values.iter().map(|(_, value)| value);
                Items::new(values, entries.full, element(types, value.ty)).judge(matcher, types)
            }
        },
        Content::Struct(_) => match matcher {
            Matcher::Fields(fields) => fields_match(fields, value, types),
            Matcher::Equal(_) | Matcher::Compare(..)
                if let Some((name, held)) = held(value, types) =>
            {
                atomic_matches(matcher, name, held, types)
            }
            Matcher::Equal(_)
            | of_any!()
            | Matcher::Text(_)
            | of_order!()
            | Matcher::Length(_)
            | of_elements!() => Truth::No,
        },
        Content::Func(func) => func_matches(matcher, func, types.packages()),
        Content::Channel(channel) => match matcher {
            Matcher::Length(wanted) => integer_matches(wanted, i128::from(channel.length)),
            Matcher::Equal(_)
            | of_any!()
            | Matcher::Text(_)
            | of_order!()
            | Matcher::Fields(_)
            | of_elements!() => Truth::No,
        },
        Content::Address(_) => Truth::No,
    }
}

/// Whether an integer is the constant of its type that a text names; none if the text names none.
fn constant_matches(matcher: &Matcher, value: &Value, types: &TypeTable) -> Option<Truth> {
    let seen = integer(value)?;
    let Matcher::Equal(Literal::Text(name)) = matcher else {
        return None;
    };
    let wanted = constant_value(types, value.ty, name).ok()?;
    Some((wanted == seen).into())
}

/// An atomic value is what it holds.
fn atomic_matches(matcher: &Matcher, name: &str, held: &Value, types: &TypeTable) -> Truth {
    match (name, &held.content) {
        ("Bool", Content::Uint(seen)) => {
            let is_set = *seen != 0;
            matches!(matcher, Matcher::Equal(Literal::Bool(wanted)) if *wanted == is_set).into()
        }
        _ => value_matches(matcher, held, types),
    }
}

/// A nil slice, map or channel is an empty one; nothing else of nil is anything.
fn nil_matches(matcher: &Matcher, kind: Option<&Kind>, types: &TypeTable) -> Truth {
    let is_list = matches!(kind, Some(Kind::Slice { .. }));
    let is_map = matches!(kind, Some(Kind::Map { .. }));
    let is_channel = matches!(kind, Some(Kind::Channel { .. }));
    match matcher {
        Matcher::Length(wanted) if is_list || is_map || is_channel => integer_matches(wanted, 0),
        Matcher::List(wanted) if is_list => wanted.is_empty().into(),
        Matcher::Each(_) if is_list || is_map => Truth::Yes,
        Matcher::Fields(fields) if is_map => {
            let is_any = |(_, wanted): &(String, Matcher)| matches!(wanted, Matcher::Any);
            fields.iter().all(is_any).into()
        }
        Matcher::Equal(Literal::Text(_)) | Matcher::Text(_) => match kind {
            Some(Kind::Slice { element }) if is_byte(types, *element) => {
                text_matches(matcher, Excerpt::whole(b""))
            }
            _ => Truth::No,
        },
        Matcher::Equal(_) | of_any!() | of_order!() | of_parts!() => Truth::No,
    }
}

fn bytes_match(matcher: &Matcher, bytes: &Text, ty: TypeId, types: &TypeTable) -> Truth {
    match matcher {
        Matcher::Length(wanted) => integer_matches(wanted, i128::from(bytes.full)),
        of_elements!() => {
            let element = element(types, ty);
            let values: Vec<Value> = bytes
                .bytes
                .iter()
                .map(|byte| Value {
                    ty: element,
                    content: Content::Uint(u64::from(*byte)),
                })
                .collect();
            Items::of_bytes(&values, bytes.full, element).judge(matcher, types)
        }
        Matcher::Equal(_) | of_any!() | Matcher::Text(_) | of_order!() | Matcher::Fields(_) => {
            text_matches(matcher, Excerpt::of_text(bytes))
        }
    }
}

/// A func value is equal to its function's name, full or short.
fn func_matches(matcher: &Matcher, func: &Func, packages: &PackageNames) -> Truth {
    match matcher {
        Matcher::Equal(Literal::Text(wanted)) => match &func.name {
            Some(name) => is_named(name, wanted, packages).into(),
            None => Truth::Unknown(Reason::NoFunction(func.code)),
        },
        Matcher::Equal(_) | of_any!() | Matcher::Text(_) | of_order!() | of_parts!() => Truth::No,
    }
}

/// The type of an element of a slice or an array, or of a value of a map; one that is not in the table for any other.
pub(super) fn element(types: &TypeTable, ty: TypeId) -> TypeId {
    match types.kind(ty) {
        Some(Kind::Slice { element } | Kind::Array { element, .. }) => *element,
        Some(Kind::Map { value, .. }) => *value,
        _ => TypeId::NONE,
    }
}

/// Whether a type is a byte, so that lists of it are text.
pub(in crate::expect) fn is_byte(types: &TypeTable, ty: TypeId) -> bool {
    types
        .get(ty)
        .is_some_and(|ty| ty.kind == Kind::Uint && ty.size == 1)
}

fn precision(types: &TypeTable, value: &Value, single: u64) -> Precision {
    match types.get(value.ty) {
        Some(ty) if ty.size == single => Precision::Single,
        _ => Precision::Double,
    }
}
