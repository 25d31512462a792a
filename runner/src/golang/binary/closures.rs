//! Closures: where the variables stand that a function literal captures.
//!
//! From Go 1.23 on the DWARF gives captured variables their offsets in the closure
//! (`cmd/internal/dwarf/dwarf.go`, `DW_AT_go_closure_offset`), but leaves out those that the optimised code keeps nowhere
//! as a whole. Whether a literal captures anything, and what else it reads, its code tells.

use super::{
    Binary, BinaryError, ClosureLayout, FunctionSymbol,
    debug::{Debug, EntryOffset},
    symbols::go_name,
    types::{GO_CLOSURE_OFFSET, TypeReader, target},
};
use crate::{
    golang::{code::ContextUse, names},
    model::{Field, Kind, Type, TypeId},
};

/// The first release that tells the offsets.
const FIRST_TOLD: u32 = 23;
/// What the compiler calls the dictionary that a literal in a generic function captures too.
const DICTIONARY: &str = ".dict";
/// Size of the pointer to the code, with which a closure begins, in bytes.
const CODE: u64 = 8;

/// The literals that capture something, and method values, which capture their receiver.
pub(super) fn read(
    binary: &Binary,
    debug: &Debug<'_>,
    types: &mut TypeReader<'_, '_>,
) -> Result<Vec<ClosureLayout>, BinaryError> {
    let mut closures = Vec::new();
    for function in binary.functions() {
        let literal = names::is_literal(&function.name) && !function.wrapper;
        let method_value = function.name.ends_with("-fm");
        if !(literal || method_value) {
            continue;
        }
        let code = binary.code(function.start..function.end);
        let context = code.map_or_else(
            |_| ContextUse::default(),
            |code| ContextUse::of(code, function.start),
        );
        let told = if binary.index.closures.contains(&function.start) {
            captured(binary, debug, function)?
        } else {
            Vec::new()
        };
        if !context.needed && told.is_empty() {
            continue;
        }
        let layout = if literal && binary.release().minor() >= FIRST_TOLD {
            Some(structure(types, function, &told, &context))
        } else {
            None
        };
        closures.push(ClosureLayout {
            code: function.start,
            captured: layout,
        });
    }
    Ok(closures)
}

/// A captured variable.
struct Captured {
    name: String,
    offset: u64,
    ty: EntryOffset,
    size: u64,
}

/// The variables that the DWARF tells the offsets of, in their order. One that is captured by reference is a pointer,
/// and called `&x`.
fn captured(
    binary: &Binary,
    debug: &Debug<'_>,
    function: &FunctionSymbol,
) -> Result<Vec<Captured>, BinaryError> {
    let Some(body) = binary.index.bodies.get(&function.start) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for variable in debug.below(body.entry, &[gimli::DW_TAG_variable], true)? {
        let Some(offset) = variable.number(GO_CLOSURE_OFFSET) else {
            continue;
        };
        let ty = super::types::described(debug, target(&variable, gimli::DW_AT_type)?);
        let size = super::types::size(&debug.entry(ty)?).unwrap_or(0);
        let name = go_name(&variable.name()?).into_owned();
        found.push(Captured {
            name,
            offset,
            ty,
            size,
        });
    }
    found.sort_by_key(|captured| captured.offset);
    found.dedup_by_key(|captured| captured.offset);
    Ok(found)
}

/// The closure as a struct. What the code reads and the DWARF does not name is a field of an unknown type.
fn structure(
    types: &mut TypeReader<'_, '_>,
    function: &FunctionSymbol,
    told: &[Captured],
    context: &ContextUse,
) -> TypeId {
    let mut fields: Vec<Field> = told
        .iter()
        .filter(|captured| captured.name != DICTIONARY)
        .map(|captured| Field {
            name: captured.name.trim_start_matches('&').to_owned(),
            offset: captured.offset,
            ty: types.id(captured.ty),
            embedded: false,
        })
        .collect();
    let mut end = CODE;
    for captured in told {
        end = end.max(captured.offset.saturating_add(captured.size));
    }
    for (offset, size) in &context.reads {
        let (offset, size) = (u64::from(*offset), u64::from(*size));
        let is_told = |captured: &Captured| {
            captured.offset < offset.saturating_add(size)
                && offset < captured.offset.saturating_add(captured.size)
        };
        if offset < CODE || told.iter().any(is_told) {
            continue;
        }
        end = end.max(offset.saturating_add(size));
        let ty = types.add(Type {
            name: "?".to_owned(),
            size,
            kind: Kind::Unknown,
        });
        fields.push(Field {
            name: "?".to_owned(),
            offset,
            ty,
            embedded: false,
        });
    }
    fields.sort_by_key(|field| field.offset);
    types.add(Type {
        name: format!("closure of {}", function.name),
        size: end,
        kind: Kind::Struct { fields },
    })
}
