//! Inlining: what became of a function that may have no body of its own.

use std::collections::{BTreeMap, BTreeSet};

use model::SourcePosition;

use super::{
    BinaryError, FunctionSymbol,
    debug::Debug,
    index::{Copied, Index},
    lines,
};

/// What became of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InlinedCopies {
    /// Whether it has a body of its own.
    pub out_of_line: bool,
    /// How many copies of it were inlined into other functions.
    pub count: u64,
    /// The first few of them, in the order of the binary.
    pub first: Vec<InlinedCopy>,
    /// Whether it was inlined where no copy is described: the compiler merged the copy's instructions with others.
    pub without_trace: bool,
}

/// One copy of a function, inlined into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlinedCopy {
    /// The function whose body holds the copy.
    pub caller: String,
    /// Where the call stands in the source, if the binary says. Up to Go 1.20 the line is the file's own
    /// even where a `//line` directive gives it another one.
    pub position: Option<SourcePosition>,
}

/// What became of the functions of these names. `functions` are all that have a body, by address.
pub(super) fn inlined_copies(
    debug: &Debug<'_>,
    index: &Index,
    functions: &[FunctionSymbol],
    names: &BTreeSet<&str>,
) -> Result<BTreeMap<String, InlinedCopies>, BinaryError> {
    let mut copies: BTreeMap<String, InlinedCopies> = names
        .iter()
        .map(|name| ((*name).to_owned(), InlinedCopies::default()))
        .collect();
    for function in functions {
        if let Some(copies) = copies.get_mut(&function.name) {
            copies.out_of_line = true;
        }
    }
    let origins = index.bodies.values().filter_map(|body| body.origin);
    for origin in origins {
        // A body refers to such an entry only if the function was inlined somewhere.
        if let Some(inlinable) = index.inlinable.get(&origin).filter(|i| i.copies == 0)
            && let Some(copies) = copies.get_mut(&inlinable.name)
        {
            copies.without_trace = true;
        }
    }
    for inlinable in index.inlinable.values() {
        if let Some(copies) = copies.get_mut(&inlinable.name) {
            copies.count += inlinable.copies;
            for copied in &inlinable.first {
                copies.first.push(inlined_copy(debug, functions, copied)?);
            }
        }
    }
    Ok(copies)
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
    let Some(copy) = copies.first() else {
        return Ok(None);
    };
    let Some(origin) = copy.reference(gimli::DW_AT_abstract_origin) else {
        return Ok(None);
    };
    Ok(index
        .inlinable
        .get(&origin)
        .map(|inlinable| inlinable.name.clone()))
}

fn inlined_copy(
    debug: &Debug<'_>,
    functions: &[FunctionSymbol],
    copied: &Copied,
) -> Result<InlinedCopy, BinaryError> {
    let caller = functions
        .binary_search_by_key(&copied.caller, |function| function.start)
        .ok()
        .and_then(|index| functions.get(index));
    Ok(InlinedCopy {
        caller: caller.map_or_else(|| copied.caller.to_string(), |caller| caller.name.clone()),
        position: lines::call(debug, &debug.entry(copied.entry)?),
    })
}
