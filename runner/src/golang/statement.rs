//! What a `go` statement starts, told from the function that its goroutine begins with.

use super::{Binary, FunctionSymbol, code};
use crate::model::Address;

/// The function that a `go` statement calls: the one that its goroutine begins with or, from Go 1.17 on where the call
/// has arguments, the only one that this calls (`cmd/compile/internal/walk/order.go`, `wrapGoDefer`: a wrapper without
/// arguments does nothing but make the call). A wrapper that does not tell, because what it calls is known only when it
/// runs or was inlined and calls nothing or several functions, stands for itself.
#[must_use]
pub fn started<'b>(binary: &'b Binary, begin: &'b FunctionSymbol) -> &'b FunctionSymbol {
    if !begin.wrapper {
        return begin;
    }
    let at = |address: Address| {
        binary
            .function_at(address)
            .filter(|function| function.start == address)
    };
    let name_of = |address| at(address).map(|function| function.name.as_str());
    let body = binary
        .code(begin.start..begin.end)
        .ok()
        .and_then(|code| code::decode(code, begin.start, name_of).ok());
    let Some(body) = body else {
        return begin;
    };
    let mut called = body
        .calls
        .iter()
        .chain(&body.tail_jumps)
        .filter_map(|address| at(*address))
        .filter(|function| !function.name.starts_with("runtime."));
    match (called.next(), called.next()) {
        (Some(only), None) => only,
        _ => begin,
    }
}
