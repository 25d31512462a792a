//! Where a function's values are: the ABI's places for what its signature lists.

use std::collections::BTreeMap;

use golang::{Abi, InstanceSignature, Signature, SignatureParameter, abi::assign, names};
use model::{Instance, Location, Parameter, TypeId, TypeTable};

/// What the compiler calls the parameter that tells a generic function its type arguments.
const DICTIONARY: &str = ".dict";

/// A function's values with their places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) parameters: Vec<Parameter>,
    pub(super) results: Vec<Parameter>,
    /// Where a generic function's dictionary is; it is not among the parameters.
    pub(super) dictionary: Option<Location>,
}

/// Places a signature's parameters and results; hidden ones take a place but are left out.
pub(super) fn place(types: &TypeTable, abi: Abi, signature: &Signature) -> Placed {
    let ids = |list: &[SignatureParameter]| -> Vec<TypeId> {
        list.iter().map(|parameter| parameter.ty).collect()
    };
    let placed = assign(
        abi,
        types,
        &ids(&signature.parameters),
        &ids(&signature.results),
    );
    let dictionary = signature
        .parameters
        .iter()
        .position(|parameter| parameter.hidden && parameter.name == DICTIONARY)
        .and_then(|index| placed.parameters.get(index).cloned())
        .filter(|location| !location.pieces.is_empty());
    Placed {
        parameters: parameters(&signature.parameters, &placed.parameters),
        results: results(&signature.results, &placed.results),
        dictionary,
    }
}

/// The instances that share a function's body: their values are where the body's are, for a shape is laid out as
/// every type that it stands for.
pub(super) fn instances(body: &Placed, signatures: &[InstanceSignature]) -> Vec<Instance> {
    let located = |ours: &[Parameter], theirs: &[SignatureParameter]| -> Option<Vec<Parameter>> {
        let theirs: Vec<_> = theirs.iter().filter(|theirs| !theirs.hidden).collect();
        (ours.len() == theirs.len()).then(|| {
            ours.iter()
                .zip(theirs)
                .map(|(ours, theirs)| Parameter {
                    ty: theirs.ty,
                    ..ours.clone()
                })
                .collect()
        })
    };
    let mut instances = BTreeMap::new();
    for signature in signatures {
        let parameters = located(&body.parameters, &signature.parameters);
        let results = located(&body.results, &signature.results);
        if let (Some(parameters), Some(results)) = (parameters, results) {
            instances.entry(signature.dictionary).or_insert(Instance {
                dictionary: signature.dictionary,
                name: names::canonical(&signature.name).into_owned(),
                parameters,
                results,
            });
        }
    }
    instances.into_values().collect()
}

fn parameters(list: &[SignatureParameter], places: &[Location]) -> Vec<Parameter> {
    list.iter()
        .zip(places)
        .filter(|(parameter, _)| !parameter.hidden)
        .map(|(parameter, location)| Parameter {
            name: source_name(&parameter.name).unwrap_or("_").to_owned(),
            ty: parameter.ty,
            location: location.clone(),
        })
        .collect()
}

fn results(list: &[SignatureParameter], places: &[Location]) -> Vec<Parameter> {
    list.iter()
        .zip(places)
        .enumerate()
        .map(|(index, (result, location))| Parameter {
            name: source_name(&result.name).map_or_else(|| format!("~r{index}"), str::to_owned),
            ty: result.ty,
            location: location.clone(),
        })
        .collect()
}

/// The name that the source gives; none for what has none there, which releases call differently (`~r3` counts
/// parameters too up to Go 1.17, `~b0` is a blank result up to Go 1.21, `~p0` a blank parameter since).
fn source_name(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.is_empty() && *name != "_" && !name.starts_with('~'))
}
