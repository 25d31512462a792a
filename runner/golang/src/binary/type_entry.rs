//! Entries of the DWARF that describe types.

use std::borrow::Cow;

use gimli::DwAt;

use super::{
    BinaryError,
    attributes::{GO_DICTIONARY_INDEX, GO_KIND},
    debug::{Debug, Entry, EntryOffset, malformed},
    go_kind,
};

/// Size of a pointer, in bytes.
pub(super) const WORD: u64 = 8;
/// How many typedefs a type may have before it: one in Go's own output, two before an interface's struct.
pub(super) const MAX_TYPEDEFS: usize = 16;

/// The entry that describes a type itself: what is behind a typedef of the same name, or behind the stand-in of a
/// type parameter.
pub(super) fn described(debug: &Debug<'_>, entry: EntryOffset) -> EntryOffset {
    let mut named: Option<(EntryOffset, Cow<'_, str>)> = None;
    let mut at = entry;
    for _ in 0..MAX_TYPEDEFS {
        let Ok(current) = debug.entry(at) else {
            return entry;
        };
        let stands_in = current.number(GO_DICTIONARY_INDEX).is_some();
        match (&named, current.name()) {
            (_, Err(_)) => return entry,
            (Some((first, name)), Ok(other)) if *name != other => return *first,
            (None, Ok(name)) if !stands_in && !name.is_empty() => named = Some((at, name)),
            _ => {}
        }
        if current.tag() != gimli::DW_TAG_typedef || current.number(GO_KIND).is_some() {
            return at;
        }
        match current.reference(gimli::DW_AT_type) {
            Some(next) => at = next,
            None => return entry,
        }
    }
    entry
}

/// Where a field is in its struct, in bytes.
pub(super) fn member_offset(member: &Entry<'_, '_>) -> Result<u64, BinaryError> {
    member
        .number(gimli::DW_AT_data_member_location)
        .ok_or_else(|| malformed(member.offset(), "a field without an offset"))
}

/// The entry that an attribute has to refer to.
pub(super) fn target(entry: &Entry<'_, '_>, name: DwAt) -> Result<EntryOffset, BinaryError> {
    entry
        .reference(name)
        .ok_or_else(|| malformed(entry.offset(), format!("no reference {name}")))
}

/// The size of a value of the type that an entry describes, in bytes; none where that is unknown.
pub(super) fn size(entry: &Entry<'_, '_>) -> Option<u64> {
    let go_kind = entry.number(GO_KIND).map(|kind| kind & go_kind::MASK);
    match (entry.tag(), go_kind) {
        (_, Some(go_kind::INTERFACE | go_kind::STRING)) => Some(2 * WORD),
        (_, Some(go_kind::SLICE)) => Some(3 * WORD),
        (_, Some(go_kind::CHAN | go_kind::FUNC | go_kind::MAP | go_kind::UNSAFE_POINTER))
        | (gimli::DW_TAG_subroutine_type | gimli::DW_TAG_pointer_type, _) => Some(WORD),
        _ => entry.number(gimli::DW_AT_byte_size),
    }
}
