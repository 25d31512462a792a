//! The constants that packages declare of named integer types.
//!
//! The compiler describes each integer constant of a package by a `DW_TAG_constant` with its name, type and value
//! (`cmd/compile/internal/gc/obj.go`, `dumpGlobalConst`; `cmd/internal/obj/dwarf.go`, `DwarfIntConst`): an `int64`, whatever the type.
//! Constants within functions are not described.

use model::{Constant, Kind};

use super::{
    BinaryError,
    debug::{Debug, EntryOffset},
};
use crate::names;

/// The constants that these entries describe, whose type is of that kind; none for a type that is no integer.
pub(super) fn read_constants(
    debug: &Debug<'_>,
    entries: &[EntryOffset],
    kind: &Kind,
) -> Result<Vec<Constant>, BinaryError> {
    if !matches!(kind, Kind::Int | Kind::Uint) {
        return Ok(Vec::new());
    }
    let mut constants = Vec::with_capacity(entries.len());
    for offset in entries {
        let entry = debug.entry(*offset)?;
        let value = entry.value(gimli::DW_AT_const_value);
        if let Some(value) = value.and_then(|value| value.sdata_value()) {
            let name = names::unescape(&entry.name()?).into_owned();
            constants.push(Constant { name, value });
        }
    }
    Ok(constants)
}
