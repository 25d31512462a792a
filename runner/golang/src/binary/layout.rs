//! How Go lays types out in memory: their alignments, and the offsets of fields that no binary describes.

use std::collections::HashMap;

use model::{Field, Kind, Type, TypeId, TypeTable};

/// Lays out an array or a struct whose parts are laid out already: its size, and its fields' offsets. What can't be
/// laid out becomes unknown.
///
/// The rules are those of `cmd/compile/internal/types/size.go` (up to Go 1.16 `gc/align.go`).
pub(super) fn lay_out(types: &mut TypeTable, id: TypeId) {
    let Some(ty) = types.get(id).cloned() else {
        return;
    };
    let laid_out = match ty.kind {
        Kind::Array { element, count } => array(types, element, count),
        Kind::Struct { fields } => structure(types, fields),
        _ => return,
    };
    let (size, kind) = laid_out.unwrap_or((0, Kind::Unknown));
    let name = ty.name;
    types.replace(id, Type { name, size, kind });
}

fn array(types: &TypeTable, element: TypeId, count: u64) -> Option<(u64, Kind)> {
    Alignments::new(types).of(element)?;
    let size = types.get(element)?.size.checked_mul(count)?;
    Some((size, Kind::Array { element, count }))
}

fn structure(types: &TypeTable, mut fields: Vec<Field>) -> Option<(u64, Kind)> {
    let mut alignments = Alignments::new(types);
    let mut most = 1;
    let mut end = 0_u64;
    let mut last = 0;
    for field in &mut fields {
        let alignment = alignments.of(field.ty)?;
        most = most.max(alignment);
        last = types.get(field.ty)?.size;
        field.offset = end.checked_next_multiple_of(alignment)?;
        end = field.offset.checked_add(last)?;
    }
    if end > 0 && last == 0 {
        // A pointer to the last field must not point past the struct.
        end = end.checked_add(1)?;
    }
    let size = end.checked_next_multiple_of(most)?;
    Some((size, Kind::Struct { fields }))
}

/// Types' alignments in bytes, each found once.
pub(super) struct Alignments<'t> {
    types: &'t TypeTable,
    known: HashMap<TypeId, Option<u64>>,
}

impl<'t> Alignments<'t> {
    pub(super) fn new(types: &'t TypeTable) -> Self {
        Self {
            types,
            known: HashMap::new(),
        }
    }

    /// None where it cannot be known: an unknown type, or one that contains itself.
    pub(super) fn of(&mut self, id: TypeId) -> Option<u64> {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        self.known.insert(id, None);
        let types = self.types;
        let ty = types.get(id)?;
        let alignment = match &ty.kind {
            Kind::Unknown => None,
            Kind::Bool | Kind::Int | Kind::Uint | Kind::Float => simple(ty.size),
            Kind::Complex => simple(ty.size / 2),
            Kind::Array { element, .. } => self.of(*element),
            Kind::Struct { fields } => fields
                .iter()
                .try_fold(1, |most, field| Some(self.of(field.ty)?.max(most))),
            _ => Some(8),
        };
        self.known.insert(id, alignment);
        alignment
    }
}

fn simple(size: u64) -> Option<u64> {
    matches!(size, 1 | 2 | 4 | 8).then_some(size)
}
