//! Inlining: what became of a function that may have no body of its own.

use std::collections::{BTreeMap, BTreeSet};

use model::Address;

use super::{BinaryError, FunctionSymbol, debug::Debug, index::Index};

/// What became of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InlinedCopies {
    /// How many copies of it were inlined into other functions.
    pub count: u64,
    /// The functions whose bodies hold the first few of them.
    pub callers: BTreeSet<String>,
    /// Whether it was inlined where no copy is described: the compiler merged the copy's instructions with others.
    pub without_trace: bool,
}

/// What became of the functions of these names. `functions` are all that have a body, by address.
pub(super) fn inlined_copies(
    index: &Index,
    functions: &[FunctionSymbol],
    names: &BTreeSet<&str>,
) -> BTreeMap<String, InlinedCopies> {
    let mut copies: BTreeMap<String, InlinedCopies> = names
        .iter()
        .map(|name| ((*name).to_owned(), InlinedCopies::default()))
        .collect();
    for origin in index.bodies.values().filter_map(|body| body.origin) {
        // A body refers to such an entry only if the function was inlined somewhere.
        if let Some(inlinable) = index.inlinable.get(&origin).filter(|i| i.copies == 0)
            && let Some(copies) = copies.get_mut(&inlinable.name)
        {
            copies.without_trace = true;
        }
    }
    let caller = |start: Address| {
        let function = functions.binary_search_by_key(&start, |function| function.start);
        let function = function.ok().and_then(|index| functions.get(index));
        function.map_or_else(|| start.to_string(), |function| function.name.clone())
    };
    for inlinable in index.inlinable.values() {
        if let Some(copies) = copies.get_mut(&inlinable.name) {
            copies.count += inlinable.copies;
            let callers = inlinable.callers.iter();
            copies.callers.extend(callers.map(|start| caller(*start)));
        }
    }
    copies
}

/// The function whose copy a body begins with; none if nothing was inlined into it.
pub(super) fn first_inlined(
    debug: &Debug<'_>,
    index: &Index,
    function: &FunctionSymbol,
) -> Result<Option<String>, BinaryError> {
    let Some(body) = index.bodies.get(&function.start) else {
        return Ok(None);
    };
    let copies = debug.below(body.entry, &[gimli::DW_TAG_inlined_subroutine], true)?;
    let origin = copies
        .first()
        .and_then(|copy| copy.reference(gimli::DW_AT_abstract_origin));
    let inlinable = origin.and_then(|origin| index.inlinable.get(&origin));
    Ok(inlinable.map(|inlinable| inlinable.name.clone()))
}
