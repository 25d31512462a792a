//! What a `go` statement starts, told from the function that its goroutine begins with.

use std::borrow::Cow;

use model::Address;

use super::{Binary, FunctionSymbol, code, names};

/// How many wrappers within wrappers are looked through.
const MAX_WRAPPERS: usize = 4;

/// The name of the function that a `go` statement calls: of the one that its goroutine begins with or, where that is a wrapper,
/// of what this does nothing but call. From Go 1.17 on, a call with arguments has such a wrapper
/// (`cmd/compile/internal/walk/order.go`, `wrapGoDefer`), and a value's method has one that interfaces call. What a
/// wrapper calls may be inlined in it. One that does not tell, because what it calls is known only when it runs, has the same
/// name in all releases: that of the function with the statement, and `gowrap`.
#[must_use]
pub fn started<'b>(binary: &'b Binary, begin: &'b FunctionSymbol) -> Cow<'b, str> {
    let mut begin = begin;
    for _ in 0..MAX_WRAPPERS {
        if !begin.is_wrapper() {
            break;
        }
        if let Ok(Some(inlined)) = binary.first_inlined(begin) {
            return Cow::Owned(inlined);
        }
        if let Some(method) = names::value_method(&begin.name) {
            if let Some(body) = binary.function_named(&method).first() {
                begin = body;
                continue;
            }
            if binary.inlined_names().any(|name| name == method) {
                return Cow::Owned(method);
            }
        }
        match called(binary, begin) {
            Some(only) => begin = only,
            None => return untold(&begin.name),
        }
    }
    Cow::Borrowed(&begin.name)
}

/// The name of a wrapper that does not tell: `main.serve.gowrap` for `main.serve·dwrap·2` (Go 1.17), `main.serve.func4` (to 1.21)
/// and `main.serve.gowrap2`.
fn untold(name: &str) -> Cow<'_, str> {
    let made = ["·dwrap·", ".dwrap.", ".gowrap", ".func"];
    let at = made.iter().filter_map(|made| {
        let at = name.rfind(made)?;
        let number = name.get(at + made.len()..)?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(at)
    });
    match at.max().and_then(|at| name.get(..at)) {
        Some(enclosing) => Cow::Owned(format!("{enclosing}.gowrap")),
        None => Cow::Borrowed(name),
    }
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

#[cfg(test)]
mod tests {
    use super::untold;

    #[test]
    fn a_wrapper_that_does_not_tell_has_one_name_in_all_releases() {
        for name in [
            "main.serve·dwrap·2",
            "main.serve.dwrap.2",
            "main.serve.func4",
            "main.serve.gowrap12",
        ] {
            assert_eq!(untold(name), "main.serve.gowrap");
        }
        assert_eq!(
            untold("main.serve.func1.gowrap1"),
            "main.serve.func1.gowrap"
        );
        assert_eq!(untold("main.(*T).Run"), "main.(*T).Run");
    }
}
