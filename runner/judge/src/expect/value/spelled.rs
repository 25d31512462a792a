//! Values of well-known types against the text that they are shown as: `"1.5s"`, `"127.0.0.1"`, `"Monday"`.
//!
//! A text that is spelled otherwise means the same value: `"1500ms"` is `"1.5s"`, and a moment is the same in every zone.

use std::cmp::Ordering;

use model::{
    Content, Kind, Status, Text, TypeTable, Value,
    notation::{self, Meaning, Spelling, short_type},
};
use spec::matcher::{Literal, Matcher, TimeBound};

use super::{
    super::{
        Reason,
        matchers::{of_any, of_elements, of_parts},
        truth::Truth,
    },
    number::{holds, integer_matches},
    text::{Excerpt, text_matches},
};

/// Whether a value is as its text must be; none where the matcher asks for something else, or the value is not shown as text.
pub(super) fn spelled_matches(
    matcher: &Matcher,
    value: &Value,
    types: &TypeTable,
) -> Option<Truth> {
    let known = !matches!(
        value.content,
        Content::Unread(_) | Content::Redacted(_) | Content::Nil | Content::Interface(_)
    );
    if !known {
        return None;
    }
    match matcher {
        Matcher::Equal(Literal::Text(_)) | Matcher::Text(_) => {
            message_matches(matcher, value, types).or_else(|| text_of(matcher, value, types))
        }
        Matcher::CompareTime(..) => text_of(matcher, value, types),
        Matcher::Equal(Literal::Number(_)) | Matcher::Compare(..)
            if types.name(value.ty) == "math/big.Int" =>
        {
            Some(big_matches(matcher, value, types))
        }
        Matcher::Equal(_) | Matcher::Compare(..) | of_any!() | of_parts!() => None,
    }
}

/// An error of a known type is its message.
fn message_matches(matcher: &Matcher, value: &Value, types: &TypeTable) -> Option<Truth> {
    let message = notation::error_message(value, types)?;
    let said = text_matches(matcher, Excerpt::of_message(&message));
    Some(match &value.content {
        // It may be meant as the string that it is.
        Content::Text(text) => Truth::any([said, text_matches(matcher, Excerpt::of_text(text))]),
        _ => said,
    })
}

fn text_of(matcher: &Matcher, value: &Value, types: &TypeTable) -> Option<Truth> {
    let spelling = notation::spelling(types, value.ty)?;
    let Some(shown) = spelling.shown(value, types) else {
        return not_shown(matcher, spelling, value, types);
    };
    let as_shown = || text_matches(matcher, Excerpt::of_text(&shown));
    let meaning = meaning(spelling, &shown);
    Some(match matcher {
        Matcher::Equal(Literal::Text(wanted)) => {
            match (spelling.read(wanted), meaning, &value.content) {
                (Some(wanted), Some(seen), _) => is_meant(&wanted, &seen, value, types),
                // Text that no value is shown as is compared with the bytes themselves.
                (None, _, Content::Bytes(bytes)) => text_matches(matcher, Excerpt::of_text(bytes)),
                _ => as_shown(),
            }
        }
        Matcher::CompareTime(comparison, bound) => {
            let order = meaning.and_then(|seen| order(&seen, &bound.time));
            order.is_some_and(|order| holds(*comparison, order)).into()
        }
        Matcher::Equal(_) | Matcher::Compare(..) => as_shown(),
        of_any!() | Matcher::Text(_) | of_parts!() => as_shown(),
    })
}

/// What a value is shown as, if that is whole.
fn meaning(spelling: Spelling, shown: &Text) -> Option<Meaning> {
    let shown = std::str::from_utf8(&shown.bytes)
        .ok()
        .filter(|_| shown.is_whole());
    spelling.read(shown?)
}

fn is_meant(wanted: &Meaning, seen: &Meaning, value: &Value, types: &TypeTable) -> Truth {
    match (wanted, seen) {
        (Meaning::Moment(wanted, place), Meaning::Moment(seen, seen_in)) if wanted == seen => {
            match (place, seen_in) {
                (None, _) => Truth::Yes,
                (Some(_), None) if !notation::has_location(value, types) => {
                    Truth::Unknown(Reason::Unread(Status::DepthLimit))
                }
                _ => (place == seen_in).into(),
            }
        }
        _ => (wanted == seen).into(),
    }
}

fn order(seen: &Meaning, bound: &TimeBound) -> Option<Ordering> {
    match (seen, bound) {
        (Meaning::Duration(seen), TimeBound::Duration(bound)) => Some(seen.cmp(bound)),
        (Meaning::Moment(seen, _), TimeBound::Moment(bound)) => Some(seen.cmp(bound)),
        _ => None,
    }
}

/// A value that is not shown as text: it has none, or what that takes was not read.
fn not_shown(
    matcher: &Matcher,
    spelling: Spelling,
    value: &Value,
    types: &TypeTable,
) -> Option<Truth> {
    match (&value.content, matcher) {
        // A month that there is not.
        (Content::Int(_), _) => Some(Truth::No),
        (Content::Bytes(bytes), Matcher::Equal(Literal::Text(wanted))) => {
            spelling.read(wanted)?;
            Some(if bytes.is_whole() {
                Truth::No
            } else {
                Truth::Unknown(Reason::Unread(Status::Cut))
            })
        }
        (Content::Bytes(_), _) => None,
        (content, _) => Some(Truth::Unknown(match first_unread(content) {
            Some(status) => Reason::Unread(status),
            None => Reason::NoText(short_type(value.ty, types)),
        })),
    }
}

/// Why a part of a value is not known.
fn first_unread(content: &Content) -> Option<Status> {
    match content {
        Content::Unread(status) => Some(*status),
        Content::Text(text) | Content::Bytes(text) if !text.is_whole() => Some(Status::Cut),
        Content::Elements(elements) if elements.full > elements.values.len() as u64 => {
            Some(Status::Cut)
        }
        Content::Pointer(pointer) => first_unread(&pointer.target.content),
        Content::Interface(inner) => first_unread(&inner.content),
        Content::Struct(fields) => fields.iter().find_map(|field| first_unread(&field.content)),
        _ => None,
    }
}

/// A `big.Int` as a number; one that is larger than any number of a spec is larger than all of them.
fn big_matches(matcher: &Matcher, value: &Value, types: &TypeTable) -> Truth {
    let spelling = notation::spelling(types, value.ty);
    let shown = spelling.and_then(|spelling| spelling.shown(value, types));
    let Some(shown) = shown else {
        return Truth::Unknown(Reason::Unread(
            first_unread(&value.content).unwrap_or(Status::NotRead),
        ));
    };
    let shown = String::from_utf8_lossy(&shown.bytes);
    let beyond = if shown.starts_with('-') {
        i128::MIN
    } else {
        i128::MAX
    };
    integer_matches(matcher, shown.parse().unwrap_or(beyond))
}

/// What an atomic value holds, and the name of its type in `sync/atomic`.
pub(super) fn held<'v>(value: &'v Value, types: &'v TypeTable) -> Option<(&'v str, &'v Value)> {
    let (Content::Struct(values), Some(Kind::Struct { fields })) =
        (&value.content, types.kind(value.ty))
    else {
        return None;
    };
    let name = atomic(types.name(value.ty))?;
    let index = fields.iter().position(|field| field.name == "v")?;
    Some((name, values.get(index)?))
}

/// The name of a type of `sync/atomic` that is shown by what it holds.
pub(in crate::expect) fn atomic(name: &str) -> Option<&str> {
    let own = name.strip_prefix("sync/atomic.")?;
    let holds = [
        "Bool", "Int32", "Int64", "Uint32", "Uint64", "Uintptr", "Value",
    ];
    holds.contains(&own).then_some(own)
}

/// Whether a text of that meaning can be compared with a bound.
pub(in crate::expect) fn suits(bound: &TimeBound, meaning: &Meaning) -> bool {
    order(meaning, bound).is_some()
}
