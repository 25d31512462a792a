//! Signatures: a function's parameters and results as the compiler declared them in DWARF.
//!
//! Only names, types and order are taken. Where the values are is told by the ABI: DWARF's own locations
//! are wrong or missing in several releases.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    BinaryError,
    debug::{Debug, Entry},
    index::{Author, Body, Index},
    types::{TypeReader, target},
};
use crate::model::{Address, TypeId, TypeTable};

/// A function's parameters and results, in the order of its declaration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The parameters, the receiver first.
    pub parameters: Vec<SignatureParameter>,
    /// The results.
    pub results: Vec<SignatureParameter>,
}

/// One parameter or result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureParameter {
    /// Its name; `_` or the compiler's own (`~r0`) where the source gives none.
    pub name: String,
    /// Its type.
    pub ty: TypeId,
    /// Whether the source does not have it: a generic function's dictionary (`.dict`).
    pub hidden: bool,
}

/// The signatures of the functions that begin at `wanted`, and the types that they reach.
pub(super) fn signatures(
    debug: &Debug<'_>,
    index: &Index,
    wanted: &BTreeSet<Address>,
) -> Result<(TypeTable, BTreeMap<Address, Signature>), BinaryError> {
    let mut types = TypeReader::new(debug);
    let mut signatures = BTreeMap::new();
    for address in wanted {
        if let Some(body) = index.bodies.get(address)
            && body.author != Author::Assembly
        {
            signatures.insert(*address, signature(debug, &mut types, body)?);
        }
    }
    Ok((types.finish()?, signatures))
}

fn signature<'a>(
    debug: &Debug<'a>,
    types: &mut TypeReader<'_, 'a>,
    body: &Body,
) -> Result<Signature, BinaryError> {
    let described = body.origin.unwrap_or(body.entry);
    let mut signature = Signature::default();
    for entry in debug.below(described, &[gimli::DW_TAG_formal_parameter], false)? {
        let parameter = parameter(types, &entry)?;
        if entry.flag(gimli::DW_AT_variable_parameter) {
            signature.results.push(parameter);
        } else {
            signature.parameters.push(parameter);
        }
    }
    Ok(signature)
}

fn parameter<'a>(
    types: &mut TypeReader<'_, 'a>,
    entry: &Entry<'_, 'a>,
) -> Result<SignatureParameter, BinaryError> {
    let name = entry.name()?.into_owned();
    Ok(SignatureParameter {
        ty: types.id(target(entry, gimli::DW_AT_type)?),
        hidden: name == ".dict",
        name,
    })
}
