//! The order of a map's entries: that of their keys, the same on every run where the keys are.

use std::cmp::Ordering;

use model::{Content, Func, TypeTable, Value};

/// Which of two keys comes first: numbers by size, strings by bytes, `false` before `true`, arrays and structs by their
/// first parts that differ, what interfaces hold by type first; what is not known comes last.
pub(super) fn of(a: &Value, b: &Value, types: &TypeTable) -> Ordering {
    match (&a.content, &b.content) {
        (Content::Bool(a), Content::Bool(b)) => a.cmp(b),
        (Content::Int(a), Content::Int(b)) => a.cmp(b),
        (Content::Uint(a), Content::Uint(b)) => a.cmp(b),
        (Content::Float(a), Content::Float(b)) => a.get().total_cmp(&b.get()),
        (Content::Complex(a), Content::Complex(b)) => {
            let real = a.real.get().total_cmp(&b.real.get());
            real.then_with(|| a.imaginary.get().total_cmp(&b.imaginary.get()))
        }
        (Content::Text(a), Content::Text(b)) | (Content::Bytes(a), Content::Bytes(b)) => {
            a.bytes.cmp(&b.bytes).then(a.full.cmp(&b.full))
        }
        (Content::Pointer(a), Content::Pointer(b)) => {
            of(&a.target, &b.target, types).then(a.address.cmp(&b.address))
        }
        (Content::Elements(a), Content::Elements(b)) => {
            of_all(&a.values, &b.values, types).then(a.full.cmp(&b.full))
        }
        (Content::Struct(a), Content::Struct(b)) => of_all(a, b, types),
        (Content::Interface(a), Content::Interface(b)) => {
            let by_type = types.name(a.ty).cmp(types.name(b.ty));
            by_type.then_with(|| of(a, b, types))
        }
        (Content::Channel(a), Content::Channel(b)) => {
            (a.length, a.capacity).cmp(&(b.length, b.capacity))
        }
        (Content::Func(a), Content::Func(b)) => name(a).cmp(&name(b)),
        (Content::Address(a), Content::Address(b)) => a.cmp(b),
        (Content::Redacted(a), Content::Redacted(b)) => a.cmp(b),
        (a, b) => rank(a).cmp(&rank(b)),
    }
}

fn of_all(a: &[Value], b: &[Value], types: &TypeTable) -> Ordering {
    let mut parts = a.iter().zip(b);
    let differing = parts.find_map(|(a, b)| {
        let order = of(a, b, types);
        order.is_ne().then_some(order)
    });
    differing.unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn name(func: &Func) -> (Option<&str>, u64) {
    (func.name.as_deref(), func.code.0)
}

/// Keys of different kinds are in one map where its keys are interfaces, or where some are not known.
const fn rank(content: &Content) -> u32 {
    match content {
        Content::Nil => 0,
        Content::Bool(_) => 1,
        Content::Int(_) => 2,
        Content::Uint(_) => 3,
        Content::Float(_) => 4,
        Content::Complex(..) => 5,
        Content::Text(_) => 6,
        Content::Bytes(_) => 7,
        Content::Elements(_) => 8,
        Content::Struct(_) => 9,
        Content::Pointer(_) => 10,
        Content::Interface(_) => 11,
        Content::Map(_) => 12,
        Content::Func(_) => 13,
        Content::Channel(_) => 14,
        Content::Address(_) => 15,
        Content::Redacted(_) => 16,
        Content::Unread(_) => 17,
    }
}
