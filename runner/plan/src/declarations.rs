//! What the source declares and the binary may not describe.

use std::collections::BTreeMap;

use golang::{Binary, Declaration, FunctionSymbol, PackageLiterals, implicit::Implicit, names};
use model::Address;

use super::{PlanRequest, selection::Selection};

/// The source of the functions whose signatures the binary may not describe as a whole, by address; of function literals it
/// may describe more than is theirs.
pub(super) fn declarations(
    binary: &Binary,
    request: &PlanRequest<'_>,
    selection: &Selection<'_>,
    implicit: &BTreeMap<Implicit, &FunctionSymbol>,
    literals: &mut PackageLiterals,
) -> BTreeMap<Address, Declaration> {
    let all = binary.needs_source() || binary.may_lack_results();
    let minor = binary.release().minor();
    let of_implicit = implicit
        .iter()
        .filter(|_| binary.needs_source())
        .filter_map(|(which, function)| Some((function.start, which.declaration(minor)?)));
    let mut found: BTreeMap<_, _> = of_implicit.collect();
    for (start, watched) in &selection.functions {
        let name = match literals.source_name(binary, watched.symbol) {
            Some(by_source) => by_source.into(),
            None => names::canonical(&watched.symbol.name),
        };
        let declared = request.declared.filter(|_| all || names::is_literal(&name));
        let declaration =
            declared.and_then(|declared| declared.get(&*names::without_type_arguments(&name)));
        found.extend(declaration.map(|declaration| (*start, declaration.clone())));
    }
    found
}
