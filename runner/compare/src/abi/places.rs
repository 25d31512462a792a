//! A value as the parts that are passed on their own: `order.ID` in one register, `order.Name` in two.

use model::{Kind, Location, Parameter, Piece, Place, Type, TypeTable};

use super::fact::{Fact, Passed, Subject, ValueRole};

/// A value of more parts is shown as a whole. No architecture has so many registers for arguments.
const MAX_PARTS: usize = 32;

/// A part of a value: where it is within, and what it is.
struct Part<'t> {
    path: String,
    offset: u64,
    ty: &'t Type,
}

/// What is known of how a value is passed: a fact for each part that has a place of its own, or one for all of it where there are too
/// many, and where no place is known.
#[must_use]
pub fn passed(
    role: ValueRole,
    index: usize,
    value: &Parameter,
    types: &TypeTable,
) -> Vec<(Subject, Fact)> {
    let unknown = Type {
        name: "?".to_owned(),
        size: 0,
        kind: Kind::Unknown,
    };
    let whole = Part {
        path: value.name.clone(),
        offset: 0,
        ty: types.get(value.ty).unwrap_or(&unknown),
    };
    let mut facts: Vec<(Subject, Fact)> = Vec::new();
    for (part, pieces) in parts(whole, &value.location, types) {
        let same = facts.iter().filter(
            |(subject, _)| matches!(subject, Subject::Value { path, .. } if *path == part.path),
        );
        let subject = Subject::Value {
            role,
            index,
            earlier: same.count(),
            path: part.path,
        };
        let ty = part.ty.name.clone();
        facts.push((subject, Fact::Passed(Passed { ty, pieces })));
    }
    facts
}

/// The parts with their pieces; none where they are not known.
fn parts<'t>(
    whole: Part<'t>,
    location: &Location,
    types: &'t TypeTable,
) -> Vec<(Part<'t>, Option<Vec<Piece>>)> {
    let whole_pieces = match (&whole.ty.kind, whole.ty.size, location.pieces.as_slice()) {
        (Kind::Unknown, ..) => None,
        (_, 0, []) => Some(Vec::new()),
        (_, _, []) => None,
        (_, _, pieces) => Some(pieces.to_vec()),
    };
    let leaves = leaves(&whole, types);
    let (Some(pieces), Some(leaves)) = (&whole_pieces, leaves) else {
        return vec![(whole, whole_pieces)];
    };
    let cut: Option<Vec<_>> = leaves
        .into_iter()
        .map(|leaf| {
            let end = leaf.offset + leaf.ty.size;
            pieces_within(pieces, leaf.offset, end).map(|pieces| (leaf, Some(pieces)))
        })
        .collect();
    cut.unwrap_or_else(|| vec![(whole, whole_pieces)])
}

/// The pieces of a part of a value. One on the stack that reaches beyond it is cut; none if one in a register does.
fn pieces_within(pieces: &[Piece], start: u64, end: u64) -> Option<Vec<Piece>> {
    let mut within = Vec::new();
    for piece in pieces {
        let begin = u64::from(piece.offset).max(start);
        let stop = (u64::from(piece.offset) + u64::from(piece.size)).min(end);
        if begin >= stop {
            continue;
        }
        let skipped = begin - u64::from(piece.offset);
        let size = u32::try_from(stop - begin).ok()?;
        let place = match piece.place {
            Place::Stack(at) => Place::Stack(at.checked_add(i64::try_from(skipped).ok()?)?),
            place if size == piece.size => place,
            _ => return None,
        };
        within.push(Piece {
            place,
            offset: u32::try_from(begin).ok()?,
            size,
        });
    }
    Some(within)
}

/// The parts of a value that are no structs and no arrays; none where there are too many of them.
fn leaves<'t>(whole: &Part<'t>, types: &'t TypeTable) -> Option<Vec<Part<'t>>> {
    let mut leaves = Vec::new();
    add_leaves(whole, types, &mut leaves)?;
    Some(leaves)
}

fn add_leaves<'t>(part: &Part<'t>, types: &'t TypeTable, leaves: &mut Vec<Part<'t>>) -> Option<()> {
    let below = |path: String, offset: u64, ty| {
        Some(Part {
            path,
            offset: part.offset.checked_add(offset)?,
            ty: types.get(ty)?,
        })
    };
    match &part.ty.kind {
        Kind::Struct { fields } if !fields.is_empty() => {
            for field in fields {
                let path = format!("{}.{}", part.path, field.name);
                let field = below(path, field.offset, field.ty)?;
                add_leaves(&field, types, leaves)?;
            }
        }
        // Longer arrays are never in registers.
        Kind::Array { element, count: 1 } => {
            let element = below(format!("{}[0]", part.path), 0, *element)?;
            add_leaves(&element, types, leaves)?;
        }
        _ => leaves.push(Part {
            path: part.path.clone(),
            offset: part.offset,
            ty: part.ty,
        }),
    }
    (leaves.len() <= MAX_PARTS).then_some(())
}
