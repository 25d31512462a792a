//! Who made functions.

use crate::names;

/// Who wrote a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Author {
    /// A person, in Go.
    Go,
    /// A person, in assembly: its parameters are not described.
    Assembly,
    /// The compiler, to call another function.
    Compiler,
}

/// Who made a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SymbolKind {
    /// A person: a function, a method or a function literal.
    #[default]
    Source,
    /// The compiler, to call another function: method values (`-fm`), promoted methods and interface wrappers, `go`
    /// and `defer` statements' closures, ABI wrappers.
    Wrapper,
    /// The compiler or the linker, for themselves: a package's initialisation, bodies of loops over functions, cgo's
    /// and the linker's own.
    Internal,
}

impl SymbolKind {
    /// By a symbol as the linker writes it, where a dot in the last element of a path is `%2e`.
    pub(super) fn of(raw: &str, author: Option<Author>) -> Self {
        let (package, in_package) = raw.split_at(names::package_end(raw));
        let is_initialiser = in_package == ".init";
        if is_wrapper_name(in_package) || (author == Some(Author::Compiler) && !is_initialiser) {
            Self::Wrapper
        } else if is_initialiser || is_toolchains_own(raw, package) || is_loop_body(in_package) {
            Self::Internal
        } else {
            Self::Source
        }
    }
}

/// Whether the tool chain made a symbol for itself: comparisons and hashes of types (`type:.eq.T`, `type..eq.T` up to
/// Go 1.19), the linker's own (`go:buildid`, `go.buildid`), cgo's.
fn is_toolchains_own(raw: &str, package: &str) -> bool {
    ["type:.", "type..", "go:", "_cgo", "x_cgo"]
        .iter()
        .any(|prefix| raw.starts_with(prefix))
        || package == "go"
}

/// Whether a name within its package is that of the body of a loop over a function, or of something in one:
/// `.f-range1`, `.f-range1.func2`.
fn is_loop_body(in_package: &str) -> bool {
    in_package.match_indices("-range").any(|(at, word)| {
        let number = &in_package[at + word.len()..];
        number.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// Whether the compiler gives such names to functions that only call another one: method values (`T.M-fm`), and what
/// `go` and `defer` statements become.
fn is_wrapper_name(in_package: &str) -> bool {
    in_package.ends_with("-fm") || names::around_statement(in_package).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbols_kind_is_told_within_its_package() {
        use SymbolKind::{Internal, Source, Wrapper};
        for (raw, kind) in [
            ("main.(*T).M-fm", Wrapper),
            ("main.f.dwrap.2", Wrapper),
            ("main.f\u{b7}dwrap\u{b7}2", Wrapper),
            ("main.f.gowrap1", Wrapper),
            ("main.(*T).f.func1.deferwrap12", Wrapper),
            ("go.dwrap.org/x.f", Source),
            ("main.f", Source),
            ("main.f.func1", Source),
            ("main.gowrapper", Source),
            ("main.deferwrapX", Source),
            ("type:.eq.main.T", Internal),
            ("type..hash.main.T", Internal),
            ("go.buildid", Internal),
            ("go:buildid", Internal),
            ("_cgo_panic", Internal),
            ("main.init", Internal),
            ("main.f-range1", Internal),
            ("a/http-range1.f-range2.func1", Internal),
            ("go.uber.org/zap.New", Source),
            ("go.uber.org/zap.(*Logger).init", Source),
            ("go%2ek6.Run", Source),
            ("a/http-range.Parse", Source),
            ("a/http-range1.Parse", Source),
            ("main.init.0", Source),
            ("main.(*T).init", Source),
            ("main.initialise", Source),
            ("main.init.func1", Source),
        ] {
            assert_eq!(SymbolKind::of(raw, None), kind, "{raw}");
        }
        assert_eq!(SymbolKind::of("main.f", Some(Author::Compiler)), Wrapper);
        assert_eq!(
            SymbolKind::of("main.init", Some(Author::Compiler)),
            Internal
        );
    }
}
