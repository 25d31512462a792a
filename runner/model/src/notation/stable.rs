//! Values as text that is the same on every run and with every Go release: what snapshots hold.

use std::collections::BTreeMap;

use super::{
    layout::{Layout, Pointer},
    value::{Naming, Style, Writer},
};
use crate::{TypeTable, Value};

/// Which pointers are the same, shown by numbers: `#1 &main.Node{Next: #1}`.
///
/// Only pointers that were read at the same moment are compared: memory is used again, and whether a variable lives on the
/// stack is not the same with every release, so that two addresses of different moments prove nothing. The numbers go on
/// from one moment to the next, so that no number means two things in one line.
#[derive(Clone, Debug, Default)]
pub struct Identities {
    numbered: usize,
}

/// Values that were read at one moment (a call's arguments, or its results) as stable text.
///
/// It has no addresses. Of structs of other modules than `module`, the program's own, it has the exported fields that are
/// not zero (`T{…}` where there are only others): releases add fields, and change those. A map that is not whole has its count alone.
///
/// ```
/// use model::{Content, Kind, Type, TypeTable, Value, notation::{Identities, self}};
///
/// let mut types = TypeTable::default();
/// let ty = types.push(Type { name: "int".into(), size: 8, kind: Kind::Int });
/// let value = Value { ty, content: Content::Int(2020) };
/// let values = notation::stable_values(&[value], &types, None, &mut Identities::default());
/// assert_eq!(values[0].line(), "2020");
/// ```
#[must_use]
pub fn stable_values(
    values: &[Value],
    types: &TypeTable,
    module: Option<&str>,
    identities: &mut Identities,
) -> Vec<Layout> {
    let style = Style::Stable { module };
    let mut layouts: Vec<Layout> = values
        .iter()
        .map(|value| Writer::new(types, style).layout(value, Naming::Known))
        .collect();
    let mut seen = BTreeMap::new();
    layouts.iter().for_each(|layout| count(layout, &mut seen));
    seen.retain(|_, appearances| *appearances > 1);
    let mut numbered = BTreeMap::new();
    for layout in &mut layouts {
        number(layout, &seen, &mut numbered, identities);
    }
    layouts
}

fn count(layout: &Layout, seen: &mut BTreeMap<Pointer, usize>) {
    if let Some(pointer) = &layout.pointer {
        *seen.entry(pointer.clone()).or_default() += 1;
    }
    layout.parts.iter().for_each(|part| count(part, seen));
}

/// Writes the numbers. What was shown under a number is shown again only where there is more of it.
fn number(
    layout: &mut Layout,
    seen: &BTreeMap<Pointer, usize>,
    numbered: &mut BTreeMap<Pointer, (usize, usize)>,
    identities: &mut Identities,
) {
    let pointer = layout
        .pointer
        .take()
        .filter(|pointer| seen.contains_key(pointer));
    if let Some(pointer) = pointer {
        let length = layout.open.len() + layout.close.len() + layout.parts.len();
        let length = layout
            .parts
            .iter()
            .fold(length, |sum, part| sum + size(part));
        match numbered.get_mut(&pointer) {
            Some((number, shown)) if *shown >= length => {
                layout.open = format!("#{number}");
                layout.parts.clear();
                layout.close = "".into();
            }
            Some((number, shown)) => {
                *shown = length;
                layout.open.insert_str(0, &format!("#{number} "));
            }
            None => {
                identities.numbered += 1;
                numbered.insert(pointer, (identities.numbered, length));
                layout
                    .open
                    .insert_str(0, &format!("#{} ", identities.numbered));
            }
        }
    }
    for part in &mut layout.parts {
        number(part, seen, numbered, identities);
    }
}

/// How much text a layout has.
fn size(layout: &Layout) -> usize {
    let own = layout.label.len() + layout.open.len() + layout.close.len();
    layout.parts.iter().fold(own, |sum, part| sum + size(part))
}
