//! What the source tells that the binary may not.

use std::collections::BTreeMap;

use super::{PlanRequest, selection::Selection};
use crate::{
    golang::{Binary, Declaration, FunctionSymbol, implicit::Implicit, names},
    model::Address,
};

/// The source of the functions whose signatures the binary may not describe as a whole, by address; of function literals it
/// may describe more than is theirs.
pub(super) fn declarations(
    binary: &Binary,
    request: &PlanRequest<'_>,
    selection: &Selection<'_>,
    implicit: &BTreeMap<Implicit, &FunctionSymbol>,
) -> BTreeMap<Address, Declaration> {
    let all = binary.needs_source() || binary.may_lack_results();
    let minor = binary.release().minor();
    let of_implicit = implicit
        .iter()
        .filter(|_| binary.needs_source())
        .filter_map(|(which, function)| Some((function.start, which.declaration(minor)?)));
    let of_watched = selection.functions.iter().filter_map(|(start, watched)| {
        let name = names::canonical(&watched.symbol.name);
        let declared = request
            .declared
            .filter(|_| all || names::is_literal(&name))?
            .get(&*names::without_type_arguments(&name))?;
        Some((*start, declared.clone()))
    });
    of_implicit.chain(of_watched).collect()
}
