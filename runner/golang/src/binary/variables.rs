//! Package variables: where they are, and their types.

use std::collections::{BTreeMap, BTreeSet};

use gimli::{AttributeValue, Operation};
use model::{Address, TypeId};

use super::{
    BinaryError,
    debug::{Debug, Entry, EntryOffset},
    type_entry::target,
    types::TypeReader,
};
use crate::names;

/// Finds the package variables of these full names. The linker describes those that the program uses, each in the unit
/// of its package; one that is not in the answer is not in the program.
pub(super) fn read(
    debug: &Debug<'_>,
    units: &[usize],
    wanted: &[String],
    types: &mut TypeReader<'_, '_>,
) -> Result<BTreeMap<String, (Address, TypeId)>, BinaryError> {
    let mut missing: BTreeSet<&str> = wanted.iter().map(String::as_str).collect();
    let mut found = BTreeMap::new();
    for start in units {
        if missing.is_empty() {
            break;
        }
        let unit = EntryOffset(*start);
        if !has_package_of(debug, unit, &missing)? {
            continue;
        }
        for variable in debug.variables(unit)? {
            let name = names::unescape(&variable.name()?).into_owned();
            if !missing.contains(name.as_str()) {
                continue;
            }
            if let Some(address) = address(&variable) {
                missing.remove(name.as_str());
                let ty = types.id(target(&variable, gimli::DW_AT_type)?);
                found.insert(name, (address, ty));
            }
        }
    }
    Ok(found)
}

/// Whether a unit is that of a package which one of these names is of. The linker calls main packages `main`, as their
/// variables do.
fn has_package_of(
    debug: &Debug<'_>,
    unit: EntryOffset,
    wanted: &BTreeSet<&str>,
) -> Result<bool, BinaryError> {
    let (unit, _) = debug.unit(unit)?;
    let Some(name) = unit.name else {
        return Ok(false);
    };
    let name = String::from_utf8_lossy(name.slice());
    let package = names::unescape(&name);
    let is_of = |variable: &&str| {
        let rest = variable.strip_prefix(&*package);
        rest.is_some_and(|rest| rest.starts_with('.'))
    };
    Ok(wanted.iter().any(is_of))
}

/// The address that a variable always has (`DW_OP_addr`).
fn address(variable: &Entry<'_, '_>) -> Option<Address> {
    let AttributeValue::Exprloc(expression) = variable.value(gimli::DW_AT_location)? else {
        return None;
    };
    let mut operations = expression.operations(variable.unit().encoding());
    match operations.next().ok()?? {
        Operation::Address { address } => Some(Address(address)),
        _ => None,
    }
}
