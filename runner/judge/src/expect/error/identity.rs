//! Whether two values are the same, as Go's `==` on interfaces has it (the language specification, "Comparison
//! operators").

use model::{Content, Kind, Text, TypeTable, Value};

use super::super::{Reason, truth::Truth, value::Excerpt};

/// Whether two values of dynamic types are the same. Those that Go can't compare are not.
pub(super) fn is_same(a: &Value, b: &Value, types: &TypeTable) -> Truth {
    // A type may be in the table twice: a field's own copy of it, for instance.
    if a.ty != b.ty && types.name(a.ty) != types.name(b.ty) {
        return Truth::No;
    }
    if is_empty(a, types) {
        return Truth::Yes;
    }
    let unread = Reason::unread(&a.content).or_else(|| Reason::unread(&b.content));
    if let Some(reason) = unread {
        return Truth::Unknown(reason);
    }
    match (&a.content, &b.content) {
        (Content::Nil, Content::Nil) => is_comparable_nil(a, types).into(),
        (Content::Pointer(a), Content::Pointer(b)) => (a.address == b.address).into(),
        (Content::Interface(a), Content::Interface(b)) => is_same(a, b, types),
        (Content::Bool(a), Content::Bool(b)) => (a == b).into(),
        (Content::Int(a), Content::Int(b)) => (a == b).into(),
        (Content::Uint(a), Content::Uint(b)) => (a == b).into(),
        (Content::Float(a), Content::Float(b)) => (a.get() == b.get()).into(),
        (Content::Complex(a), Content::Complex(b)) => {
            let real = a.real.get() == b.real.get();
            (real && a.imaginary.get() == b.imaginary.get()).into()
        }
        (Content::Address(a), Content::Address(b)) => (a == b).into(),
        (Content::Text(a), Content::Text(b)) => is_same_text(a, b),
        (Content::Bytes(left), Content::Bytes(right)) => match types.kind(a.ty) {
            Some(Kind::Array { .. }) => is_same_text(left, right),
            _ => Truth::No,
        },
        (Content::Struct(left), Content::Struct(right)) => all(left, right, types),
        (Content::Elements(left), Content::Elements(right)) => match types.kind(a.ty) {
            Some(Kind::Array { .. }) => {
                let unread_too =
                    || match left.full > left.values.len().min(right.values.len()) as u64 {
                        true => Truth::Unknown(Reason::Unread(model::Status::Cut)),
                        false => Truth::Yes,
                    };
                all(&left.values, &right.values, types).and(unread_too)
            }
            _ => Truth::No,
        },
        (Content::Channel(_), Content::Channel(_)) => Truth::Unknown(Reason::Channel),
        // Maps, funcs and slices can't be compared; the rest is of two kinds, nil and not nil for instance.
        _ => Truth::No,
    }
}

fn all(left: &[Value], right: &[Value], types: &TypeTable) -> Truth {
    let pairs = left.iter().zip(right);
    Truth::all(pairs.map(|(left, right)| is_same(left, right, types)))
}

/// Two nil pointers are the same, two nil slices can't be compared.
fn is_comparable_nil(value: &Value, types: &TypeTable) -> bool {
    !matches!(
        types.kind(value.ty),
        Some(Kind::Slice { .. } | Kind::Map { .. } | Kind::Func)
    )
}

/// Whether a type has but one value: a struct without fields.
fn is_empty(value: &Value, types: &TypeTable) -> bool {
    matches!(types.kind(value.ty), Some(Kind::Struct { fields }) if fields.is_empty())
}

fn is_same_text(a: &Text, b: &Text) -> Truth {
    let read = a.bytes.len().min(b.bytes.len());
    if a.full != b.full || a.bytes.get(..read) != b.bytes.get(..read) {
        Truth::No
    } else if a.full == read as u64 {
        Truth::Yes
    } else {
        Truth::Unknown(Excerpt::of_text(if a.bytes.len() == read { a } else { b }).cut())
    }
}
