//! Wrappers: functions that the compiler made to call another one, and which one that is.

use std::borrow::Cow;

use model::Address;

use super::{Binary, BinaryError, FunctionSymbol, code, names};

/// How many wrappers within wrappers are looked through.
const MAX_WRAPPERS: usize = 8;

/// What is meant by a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<'b> {
    /// This function: itself, or what it was made to call.
    Body(&'b FunctionSymbol),
    /// The function of that name, which is inlined in it.
    Inlined(String),
    /// What this wrapper calls is known only when it runs.
    Unknown(&'b FunctionSymbol),
}

/// What is meant by a function: by a wrapper what it was made to call, by any other itself.
///
/// # Errors
/// The binary's debugging information is malformed.
pub fn target<'b>(
    binary: &'b Binary,
    function: &'b FunctionSymbol,
) -> Result<Target<'b>, BinaryError> {
    let mut function = function;
    for _ in 0..MAX_WRAPPERS {
        if !function.is_wrapper() {
            return Ok(Target::Body(function));
        }
        // What is inlined in a wrapper is what it was made for: all that it calls is then called by that.
        if let Some(inlined) = binary.first_inlined(function)? {
            return Ok(Target::Inlined(inlined));
        }
        if let Some(method) = names::value_method(&function.name) {
            if let Some(body) = binary.function_named(&method).first() {
                function = body;
                continue;
            }
            if binary.inlined_names().any(|name| name == method) {
                return Ok(Target::Inlined(method));
            }
        }
        match called(binary, function) {
            Some(only) => function = only,
            None => break,
        }
    }
    Ok(Target::Unknown(function))
}

/// The name of the function that a `go` statement calls: of the one that its goroutine begins with or, where that is a wrapper,
/// of what this does nothing but call. From Go 1.17 on, a call with arguments has such a wrapper
/// (`cmd/compile/internal/walk/order.go`, `wrapGoDefer`), and a value's method has one that interfaces call. One whose
/// target is unknown has the same name in all releases: that of the function with the statement, and `gowrap`.
#[must_use]
pub fn started<'b>(binary: &'b Binary, begin: &'b FunctionSymbol) -> Cow<'b, str> {
    match target(binary, begin) {
        Ok(Target::Body(function)) => Cow::Borrowed(&function.name),
        Ok(Target::Inlined(name)) => Cow::Owned(name),
        Ok(Target::Unknown(wrapper)) => unknown_name(&wrapper.name),
        Err(_) => unknown_name(&begin.name),
    }
}

/// The name of a wrapper whose target is unknown: `main.serve.gowrap` for `main.serve·dwrap·2` (Go 1.17), `main.serve.func4`
/// (to 1.21) and `main.serve.gowrap2`.
fn unknown_name(name: &str) -> Cow<'_, str> {
    let statement = names::around_statement(name);
    match statement.or_else(|| names::before_number(name, ".func")) {
        Some(enclosing) => Cow::Owned(format!("{enclosing}.gowrap")),
        None => Cow::Borrowed(name),
    }
}

/// The one function, but for the runtime's, that a wrapper calls or jumps to, if it may be made for that.
fn called<'b>(binary: &'b Binary, wrapper: &FunctionSymbol) -> Option<&'b FunctionSymbol> {
    let at = |address: Address| {
        binary
            .function_at(address)
            .filter(|function| function.start == address)
    };
    let name_of = |address| at(address).map(|function| function.name.as_str());
    let code = binary.code(wrapper.start..wrapper.end).ok()?;
    let body = code::decode(code, wrapper.start, name_of).ok()?;
    let mut called: Vec<_> = body
        .calls
        .iter()
        .chain(&body.tail_jumps)
        .filter_map(|address| at(*address))
        .filter(|function| function.start != wrapper.start && function.package() != "runtime")
        .collect();
    called.sort_unstable_by_key(|function| function.start);
    called.dedup_by_key(|function| function.start);
    match called[..] {
        [only] if is_made_for(&wrapper.name, &only.name) => Some(only),
        _ => None,
    }
}

/// Whether a wrapper may be made for what it calls: one of a `go` or `defer` statement for any function, all others
/// for a function or method of their own name. Go 1.18 to 1.21 number the statements' as if they were literals.
fn is_made_for(wrapper: &str, called: &str) -> bool {
    let last = |name: &str| {
        let plain = names::without_type_arguments(name);
        names::last(plain.strip_suffix("-fm").unwrap_or(&plain)).to_owned()
    };
    names::around_statement(wrapper).is_some()
        || names::is_literal(wrapper)
        || last(wrapper) == last(called)
}

#[cfg(test)]
mod tests {
    use super::unknown_name;

    #[test]
    fn a_wrapper_with_an_unknown_target_has_one_name_in_all_releases() {
        for name in [
            "main.serve·dwrap·2",
            "main.serve.dwrap.2",
            "main.serve.func4",
            "main.serve.gowrap12",
        ] {
            assert_eq!(unknown_name(name), "main.serve.gowrap");
        }
        assert_eq!(
            unknown_name("main.serve.func1.gowrap1"),
            "main.serve.func1.gowrap"
        );
        assert_eq!(unknown_name("main.(*T).Run"), "main.(*T).Run");
    }
}
