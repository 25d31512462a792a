//! The functions that are wanted: names and globs, against what the source declares.

use model::glob::{Glob, is_glob};

use super::{
    error::BuildError,
    source::{DeclaredFunction, Literal},
};

/// A name or a glob over Go function names.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    text: String,
    /// What the names must begin with.
    literal: String,
    exact: bool,
    glob: Glob,
}

impl Wanted {
    /// Reads a pattern. Type arguments are left out (a hint is for all instances), and `%2e` means a dot.
    pub(super) fn parse(pattern: &str) -> Result<Self, BuildError> {
        let text = unescape(&without_type_arguments(pattern));
        let glob = Glob::new(&text).map_err(|error| BuildError::InvalidPattern {
            pattern: pattern.to_owned(),
            reason: error.to_string(),
        })?;
        let literal = text
            .char_indices()
            .find(|&(at, c)| c == '?' || (c == '*' && !text[..at].ends_with('(')))
            .map_or(text.as_str(), |(at, _)| &text[..at])
            .to_owned();
        Ok(Self {
            exact: !is_glob(&text),
            literal,
            glob,
            text,
        })
    }

    /// Whether a function whose name begins with `prefix` and a dot may be meant.
    pub(super) fn may_be_in(&self, prefix: &str) -> bool {
        let start = format!("{prefix}.");
        self.literal.starts_with(&start) || (!self.exact && start.starts_with(&self.literal))
    }

    /// Whether a declared function is meant, or a closure of it, or something that the compiler names after it.
    pub(super) fn means(&self, function: &DeclaredFunction) -> bool {
        let name = &function.name;
        self.glob.matches(name)
            || function
                .wrapper
                .as_ref()
                .is_some_and(|wrapper| self.glob.matches(wrapper))
            || function
                .literals
                .iter()
                .any(|literal| self.glob.matches(&literal.name))
            || (self.exact
                && self
                    .text
                    .strip_prefix(name.as_str())
                    .is_some_and(is_made_by_compiler))
    }

    /// Whether a literal outside of functions is meant, under its name of any release.
    pub(super) fn means_literal(&self, literal: &Literal) -> bool {
        self.glob.matches(&literal.name)
            || self
                .glob
                .matches(&literal.name.replacen(".glob..func", ".init.func", 1))
    }
}

/// Whether that is what the compiler puts after a function's name for what it makes of it: closures, wrappers of
/// `go` and `defer`, bodies of ranges over functions, method values.
fn is_made_by_compiler(rest: &str) -> bool {
    [".func", ".gowrap", ".deferwrap", "-range", "-fm", "·dwrap"]
        .iter()
        .any(|begin| rest.starts_with(begin))
}

/// A name without what stands in brackets.
fn without_type_arguments(name: &str) -> String {
    let mut kept = String::with_capacity(name.len());
    let mut depth = 0_usize;
    for c in name.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => kept.push(c),
            _ => {}
        }
    }
    kept
}

/// A name with its `%xx` resolved: what the linker writes for a dot in a package path's last element.
pub(super) fn unescape(name: &str) -> String {
    let mut parts = name.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte.filter(u8::is_ascii) {
            Some(byte) => {
                text.push(char::from(byte));
                text.push_str(&part[2..]);
            }
            None => {
                text.push('%');
                text.push_str(part);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Wanted;
    use crate::toolchain::source::PackageReader;

    fn wanted(pattern: &str) -> Wanted {
        Wanted::parse(pattern).unwrap()
    }

    /// Names of the functions and literals in `source` that a pattern means.
    fn meant(pattern: &str, prefix: &str, source: &str) -> Vec<String> {
        let mut reader = PackageReader::new(prefix).unwrap();
        reader.read(Path::new("/a.go"), source.as_bytes());
        let wanted = wanted(pattern);
        let functions = reader
            .functions
            .iter()
            .filter(|f| wanted.means(f))
            .map(|f| f.name.clone());
        let literals = reader
            .literals
            .iter()
            .filter(|l| wanted.means_literal(l))
            .map(|l| l.name.clone());
        functions.chain(literals).collect()
    }

    const SOURCE: &str = "package main
var late = func() {}
func f() { go func() { func() {}() }() }
func fun() {}
func (t T) Value() {}
func (t *T) Pointer() { defer func() {}() }
func Map[T any](t T) {}
func (l *List[T]) Push(t T) {}
";

    #[test]
    fn closures_mean_their_function() {
        for pattern in [
            "main.f",
            "main.f.func1",
            "main.f.func1.1",
            "main.f.gowrap1",
            "main.f-range1",
            "main.f.func7",
        ] {
            assert_eq!(meant(pattern, "main", SOURCE), ["main.f"], "{pattern}");
        }
        assert_eq!(
            meant("main.(*T).Pointer.func1", "main", SOURCE),
            ["main.(*T).Pointer"]
        );
        assert_eq!(meant("main.*.func1.1", "main", SOURCE), ["main.f"]);
    }

    #[test]
    fn literals_outside_of_functions_have_two_names() {
        assert_eq!(
            meant("main.glob..func1", "main", SOURCE),
            ["main.glob..func1"]
        );
        assert_eq!(
            meant("main.init.func1", "main", SOURCE),
            ["main.glob..func1"]
        );
    }

    #[test]
    fn methods_are_found_through_their_wrapper() {
        assert_eq!(meant("main.T.Value", "main", SOURCE), ["main.T.Value"]);
        assert_eq!(meant("main.(*T).Value", "main", SOURCE), ["main.T.Value"]);
        assert_eq!(
            meant("main.(*T).*", "main", SOURCE),
            ["main.T.Value", "main.(*T).Pointer"]
        );
        assert!(meant("main.T.Pointer", "main", SOURCE).is_empty());
    }

    #[test]
    fn type_arguments_do_not_matter() {
        for pattern in [
            "main.Map",
            "main.Map[...]",
            "main.Map[int]",
            "main.Map[*]",
            "main.Map[go.shape.[]int]",
        ] {
            assert_eq!(meant(pattern, "main", SOURCE), ["main.Map"], "{pattern}");
        }
        assert_eq!(
            meant("main.(*List[...]).Push", "main", SOURCE),
            ["main.(*List).Push"]
        );
    }

    #[test]
    fn dots_of_packages_may_be_escaped() {
        let source = "package yaml\nfunc Marshal() {}\n";
        for pattern in [
            "gopkg.in/yaml.v3.Marshal",
            "gopkg.in/yaml%2ev3.Marshal",
            "gopkg.in/*",
        ] {
            assert_eq!(
                meant(pattern, "gopkg.in/yaml.v3", source),
                ["gopkg.in/yaml.v3.Marshal"],
                "{pattern}"
            );
        }
        assert_eq!(wanted("a%zz%").text, "a%zz%");
    }

    #[test]
    fn packages_that_can_not_be_meant_are_not_read() {
        assert!(wanted("net.(*Resolver).lookupIP").may_be_in("net"));
        assert!(!wanted("net.(*Resolver).lookupIP").may_be_in("net/http"));
        assert!(!wanted("main.f").may_be_in("mai"));
        assert!(wanted("net*").may_be_in("net/http"));
        assert!(wanted("*.Close").may_be_in("os"));
        assert!(wanted("a.test/*").may_be_in("a.test/shop/cart"));
        assert!(!wanted("a.test/*").may_be_in("b.test/shop"));
        assert!(wanted("gopkg.in/yaml%2ev3.Marshal").may_be_in("gopkg.in/yaml.v3"));
    }
}
