//! Closures: where the variables are that a function literal captures.
//!
//! From Go 1.23 on the DWARF gives captured variables their offsets in the closure
//! (`cmd/internal/dwarf/dwarf.go`, `DW_AT_go_closure_offset`), but leaves out those that the optimised code keeps nowhere
//! as a whole. A literal's code shows whether it captures anything, and what else it reads.

use std::{collections::BTreeSet, ops::Range};

use model::{Address, Field, Kind, Type, TypeId};

use super::{
    Binary, BinaryError, FunctionSymbol,
    attributes::GO_CLOSURE_OFFSET,
    debug::{Debug, EntryOffset},
    signature::DICTIONARY,
    type_entry::{self, target},
    types::TypeReader,
};
use crate::{
    code::{CaptureUse, ContextUse},
    names,
};

/// The first release that describes the offsets.
const FIRST_DESCRIBED: u32 = 23;
/// Size of the pointer to the code, with which a closure begins, in bytes.
const CODE: u64 = 8;
/// Size of a pointer.
const WORD: u64 = 8;

/// A function literal that captures variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosureLayout {
    /// The address of its body, which is the first word of its closures.
    pub code: Address,
    /// The variables as a struct whose offsets count from the closure's begin; those that are captured by reference are
    /// pointers. None where the binary does not describe them.
    pub captured: Option<TypeId>,
}

/// The literals that capture something, and method values, which capture their receiver.
pub(super) fn read(
    binary: &Binary,
    debug: &Debug<'_>,
    types: &mut TypeReader<'_, '_>,
) -> Result<Vec<ClosureLayout>, BinaryError> {
    let mut closures = Vec::new();
    for function in binary.functions() {
        let literal = names::is_literal(&function.name) && !function.is_wrapper();
        let method_value = function.name.ends_with("-fm");
        if !(literal || method_value) {
            continue;
        }
        let code = binary
            .code(function.start..function.end)
            .unwrap_or_default();
        let context = ContextUse::of(code, function.start);
        let known = if binary.index.closures.contains(&function.start) {
            known(debug, binary, function, code)?
        } else {
            Vec::new()
        };
        if !context.needed && known.is_empty() {
            continue;
        }
        let layout = if literal && binary.release().minor() >= FIRST_DESCRIBED {
            Some(structure(types, function, &known, &context))
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
    /// None where it may be a pointer to the variable or the variable itself.
    ty: Option<EntryOffset>,
    size: u64,
}

/// The variables whose offsets the DWARF has, in their order.
///
/// One that does not fit in registers, or whose address is used, is described as a pointer and called `&x`, be it captured by
/// reference or by value (`cmd/compile/internal/ssagen/ssa.go`, `setHeapaddr`). What the code does with it shows which.
fn known(
    debug: &Debug<'_>,
    binary: &Binary,
    function: &FunctionSymbol,
    code: &[u8],
) -> Result<Vec<Captured>, BinaryError> {
    let mut found = described(debug, binary, function)?;
    if found.iter().any(|captured| captured.name.starts_with('&')) {
        let uses = CaptureUse::of(code, function.start);
        let mut after: Vec<u64> = found.iter().map(|captured| captured.offset).collect();
        after.remove(0);
        for (captured, next) in found
            .iter_mut()
            .zip(after.into_iter().map(Some).chain([None]))
        {
            if captured.name.starts_with('&') {
                captured.resolve(debug, &uses, next)?;
            }
        }
    }
    Ok(found)
}

impl Captured {
    /// Finds whether a variable that is described as a pointer is in the closure itself. `next` is the offset of the
    /// variable behind it, if one is known.
    fn resolve(
        &mut self,
        debug: &Debug<'_>,
        uses: &CaptureUse,
        next: Option<u64>,
    ) -> Result<(), BinaryError> {
        let Some(pointer) = self.ty else {
            return Ok(());
        };
        let Some(value) = debug.entry(pointer)?.reference(gimli::DW_AT_type) else {
            return Ok(());
        };
        let value = type_entry::described(debug, value);
        let size = type_entry::size(&debug.entry(value)?).unwrap_or(0);
        let end = self.offset.saturating_add(size.max(1));
        let rest = self.offset.saturating_add(WORD)..end.min(next.unwrap_or(u64::MAX));
        let any_in = |offsets: &BTreeSet<u32>, range: &Range<u64>| {
            offsets
                .iter()
                .any(|offset| range.contains(&u64::from(*offset)))
        };
        let followed = any_in(&uses.followed, &(self.offset..self.offset + 1));
        let by_value = if any_in(&uses.addressed, &(self.offset..end)) {
            Some(true)
        } else if any_in(&uses.accessed, &rest) {
            // The rest of a value, or an unknown variable behind a pointer.
            (!followed).then_some(true)
        } else {
            (followed || size <= WORD).then_some(false)
        };
        match by_value {
            Some(true) => {
                self.ty = Some(value);
                self.size = size;
            }
            Some(false) => {}
            None => self.ty = None,
        }
        Ok(())
    }
}

/// The variables as the DWARF describes them.
fn described(
    debug: &Debug<'_>,
    binary: &Binary,
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
        let ty = type_entry::described(debug, target(&variable, gimli::DW_AT_type)?);
        let size = type_entry::size(&debug.entry(ty)?).unwrap_or(0);
        let name = names::unescape(&variable.name()?).into_owned();
        found.push(Captured {
            name,
            offset,
            ty: Some(ty),
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
    known: &[Captured],
    context: &ContextUse,
) -> TypeId {
    let mut fields: Vec<Field> = known
        .iter()
        .filter(|captured| captured.name != DICTIONARY)
        .map(|captured| Field {
            name: captured.name.trim_start_matches('&').to_owned(),
            offset: captured.offset,
            ty: match captured.ty {
                Some(ty) => types.id(ty),
                None => unknown(types, captured.size),
            },
            embedded: false,
        })
        .collect();
    let mut end = CODE;
    for captured in known {
        end = end.max(captured.offset.saturating_add(captured.size));
    }
    for (offset, size) in &context.reads {
        let (offset, size) = (u64::from(*offset), u64::from(*size));
        let is_known = |captured: &Captured| {
            captured.offset < offset.saturating_add(size)
                && offset < captured.offset.saturating_add(captured.size)
        };
        if offset < CODE || known.iter().any(is_known) {
            continue;
        }
        end = end.max(offset.saturating_add(size));
        fields.push(Field {
            name: "?".to_owned(),
            offset,
            ty: unknown(types, size),
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

fn unknown(types: &mut TypeReader<'_, '_>, size: u64) -> TypeId {
    types.add(Type {
        name: "?".to_owned(),
        size,
        kind: Kind::Unknown,
    })
}
