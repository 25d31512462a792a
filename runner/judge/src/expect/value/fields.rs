//! The parts of structs and maps by name.

use model::{Content, Entries, Kind, Status, TypeId, TypeTable, Value};
use spec::matcher::{Literal, Matcher};

use super::{
    super::{Reason, truth::Truth},
    content::{element, value_matches},
    text::{Excerpt, text_matches},
};

/// How deep embedded structs are looked for a promoted field.
const MAX_EMBEDDED: usize = 16;

/// Whether the named fields of a struct, or the values under these keys of a map, are what they must be.
pub(super) fn fields_match(
    fields: &[(String, Matcher)],
    value: &Value,
    types: &TypeTable,
) -> Truth {
    Truth::all(fields.iter().map(|(name, wanted)| match &value.content {
        Content::Struct(_) => field_matches(name, wanted, value, types),
        Content::Map(entries) => entry_matches(name, wanted, entries, value.ty, types),
        _ => Truth::No,
    }))
}

fn field_matches(name: &str, wanted: &Matcher, value: &Value, types: &TypeTable) -> Truth {
    let Ok(way) = selector(types, value.ty, name) else {
        return absent(wanted, types);
    };
    let mut value = value;
    for index in way {
        // An embedded pointer is in between.
        if let Content::Pointer(pointer) = &value.content {
            value = &pointer.target;
        }
        match &value.content {
            Content::Struct(fields) => match fields.get(index) {
                Some(field) => value = field,
                None => return Truth::Unknown(Reason::Unread(Status::NotRead)),
            },
            Content::Unread(_) if matches!(wanted, Matcher::Any) => return Truth::Yes,
            Content::Unread(status) => return Truth::Unknown(Reason::Unread(*status)),
            Content::Redacted(_) => return value_matches(wanted, value, types),
            _ => return absent(wanted, types),
        }
    }
    value_matches(wanted, value, types)
}

fn entry_matches(
    key: &str,
    wanted: &Matcher,
    entries: &Entries,
    map: TypeId,
    types: &TypeTable,
) -> Truth {
    let key = Matcher::Equal(Literal::Text(key.to_owned()));
    let mut undecided = None;
    for (candidate, value) in &entries.values {
        let is_it = match &candidate.content {
            Content::Text(text) => text_matches(&key, Excerpt::of_text(text)),
            _ => value_matches(&key, candidate, types),
        };
        match is_it {
            Truth::Yes => return value_matches(wanted, value, types),
            Truth::No => {}
            Truth::Unknown(reason) => {
                undecided.get_or_insert(reason);
            }
        }
    }
    let read = entries.values.len();
    let cut = (entries.full > read as u64).then_some(Reason::Elements {
        read,
        full: entries.full,
        limit: "limits.elements",
    });
    match undecided.or(cut) {
        // It is one that was not read, or none.
        Some(reason) => {
            let unread = Value {
                ty: element(types, map),
                content: Content::Unread(Status::Cut),
            };
            match value_matches(wanted, &unread, types) {
                Truth::Yes if matches!(wanted, Matcher::Any) => Truth::Yes,
                Truth::No => Truth::No,
                Truth::Yes | Truth::Unknown(_) => Truth::Unknown(reason),
            }
        }
        None => absent(wanted, types),
    }
}

fn absent(wanted: &Matcher, types: &TypeTable) -> Truth {
    let nothing = Value {
        ty: TypeId::NONE,
        content: Content::Unread(Status::Absent),
    };
    value_matches(wanted, &nothing, types)
}

/// Why a name selects no field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expect) enum NoField {
    /// None has it.
    Unknown,
    /// Several of the same depth have it.
    Ambiguous,
}

/// The fields that a selector leads through in a struct, by index: those that are embedded, then the one of that name.
/// The shallowest counts, if there is but one (the Go specification, "Selectors").
pub(in crate::expect) fn selector(
    types: &TypeTable,
    ty: TypeId,
    name: &str,
) -> Result<Vec<usize>, NoField> {
    let mut level = vec![(ty, Vec::new())];
    let mut seen = Vec::new();
    for _ in 0..MAX_EMBEDDED {
        let mut found = None;
        let mut next = Vec::new();
        for (ty, way) in level {
            let ty = pointed(types, ty);
            let Some(Kind::Struct { fields }) = types.kind(ty) else {
                continue;
            };
            for (index, field) in fields.iter().enumerate() {
                let way = || way.iter().copied().chain([index]).collect::<Vec<_>>();
                if field.name == name && name != "_" {
                    if found.replace(way()).is_some() {
                        return Err(NoField::Ambiguous);
                    }
                } else if field.embedded {
                    next.push((field.ty, way()));
                }
            }
            seen.push(ty);
        }
        if let Some(found) = found {
            return Ok(found);
        }
        next.retain(|(ty, _)| !seen.contains(&pointed(types, *ty)));
        level = next;
    }
    Err(NoField::Unknown)
}

fn pointed(types: &TypeTable, ty: TypeId) -> TypeId {
    match types.kind(ty) {
        Some(Kind::Pointer {
            target: Some(target),
        }) => *target,
        _ => ty,
    }
}
