//! Where a function's values are: the ABI's places for what its signature lists.

use std::collections::BTreeMap;

use golang::{Abi, InstanceSignature, Signature, SignatureParameter, abi::assign, names};
use model::{Instance, Location, Parameter, TypeTable};

/// What the compiler calls the parameter with a generic function's type arguments.
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
    let ids = |list: &[SignatureParameter]| list.iter().map(|value| value.ty).collect::<Vec<_>>();
    let (parameters, results) = (ids(&signature.parameters), ids(&signature.results));
    let placed = assign(abi, types, &parameters, &results);
    let dictionary = signature
        .parameters
        .iter()
        .position(|parameter| parameter.hidden && parameter.name == DICTIONARY)
        .and_then(|index| placed.parameters.get(index).cloned())
        .filter(|location| !location.pieces.is_empty());
    Placed {
        parameters: values(&signature.parameters, &placed.parameters, |_| {
            "_".to_owned()
        }),
        results: values(&signature.results, &placed.results, |index| {
            format!("~r{index}")
        }),
        dictionary,
    }
}

/// The instances that share a function's body. Their values are where the body's are: a shape is laid out as each
/// type that has it.
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

/// The values of a list that are not hidden; `unnamed` names those without a name by their index.
fn values(
    list: &[SignatureParameter],
    places: &[Location],
    unnamed: impl Fn(usize) -> String,
) -> Vec<Parameter> {
    list.iter()
        .zip(places)
        .enumerate()
        .filter(|(_, (value, _))| !value.hidden)
        .map(|(index, (value, location))| Parameter {
            name: source_name(&value.name).map_or_else(|| unnamed(index), str::to_owned),
            ty: value.ty,
            location: location.clone(),
        })
        .collect()
}

/// The name that the source gives; none for what has none there, which releases call differently (`~r3` counts
/// parameters too up to Go 1.17, `~b0` is a blank result up to Go 1.21, `~p0` a blank parameter since).
fn source_name(name: &str) -> Option<&str> {
    Some(name).filter(|name| !name.is_empty() && *name != "_" && !name.starts_with('~'))
}
