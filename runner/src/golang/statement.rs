//! What a `go` statement starts, told from the function that its goroutine begins with.

use std::borrow::Cow;

use super::{Binary, FunctionSymbol, code, names};
use crate::model::Address;

/// How many wrappers within wrappers are looked through.
const DEEPEST: usize = 4;

/// The name of the function that a `go` statement calls: of the one that its goroutine begins with or, where that is a wrapper,
/// of what this does nothing but call. From Go 1.17 on, a call with arguments has such a wrapper
/// (`cmd/compile/internal/walk/order.go`, `wrapGoDefer`), and a value's method has one that interfaces call. What a
/// wrapper calls may be inlined in it. One that does not tell, because what it calls is known only when it runs, stands
/// for itself.
#[must_use]
pub fn started<'b>(binary: &'b Binary, begin: &'b FunctionSymbol) -> Cow<'b, str> {
    let mut begin = begin;
    for _ in 0..DEEPEST {
        if !begin.wrapper {
            break;
        }
        if let Ok(Some(inlined)) = binary.first_inlined(begin) {
            return Cow::Owned(inlined);
        }
        let method = names::value_method(&begin.name);
        if let Some(method) =
            method.filter(|method| binary.inlined_names().any(|name| name == method))
        {
            return Cow::Owned(method);
        }
        match called(binary, begin) {
            Some(only) => begin = only,
            None => break,
        }
    }
    Cow::Borrowed(&begin.name)
}

/// The only function, but for the runtime's, that another one calls.
fn called<'b>(binary: &'b Binary, begin: &FunctionSymbol) -> Option<&'b FunctionSymbol> {
    let at = |address: Address| {
        binary
            .function_at(address)
            .filter(|function| function.start == address)
    };
    let name_of = |address| at(address).map(|function| function.name.as_str());
    let code = binary.code(begin.start..begin.end).ok()?;
    let body = code::decode(code, begin.start, name_of).ok()?;
    let mut called = body
        .calls
        .iter()
        .chain(&body.tail_jumps)
        .filter_map(|address| at(*address))
        .filter(|function| !function.name.starts_with("runtime."));
    match (called.next(), called.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}
