//! Names of Go functions: what a name in a spec and a symbol of a binary have in common on every release.
//!
//! ```
//! use golang::names::{enclosing, matches_exactly, without_type_arguments};
//! assert_eq!(without_type_arguments("main.(*List[go.shape.int]).Push"), "main.(*List).Push");
//! assert!(matches_exactly("main.Map", "main.Map[go.shape.string_0]"));
//! assert!(matches_exactly("main.Map[string]", "main.Map[go.shape.string_0]"));
//! assert_eq!(enclosing("main.serve.func1.2"), Some("main.serve"));
//! ```

use std::{borrow::Cow, sync::LazyLock};

use regex::{Captures, Regex};

/// What shapes of generic functions' types have in their names (`cmd/compile/internal/typecheck`, `shapify`).
pub const SHAPE: &str = "go.shape.";

/// A linker's name in Go's notation: bytes of an import path that would confuse the linker are written as `%xx`
/// (`gopkg.in/yaml%2ev2.Unmarshal`; cmd/internal/objabi/path.go, `PathToPrefix`). Text in quotes is a struct tag.
#[must_use]
pub fn unescape(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return Cow::Borrowed(name);
    }
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    let mut quoted = false;
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) if !quoted => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            (b'\\', [escaped, after @ ..]) if quoted => {
                decoded.extend([b'\\', *escaped]);
                rest = after;
            }
            _ => {
                quoted ^= *byte == b'"';
                decoded.push(*byte);
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// Where the package's path ends in a symbol as the linker writes it: at the first dot after the last slash, for dots
/// in a path's last element are escaped (`cmd/internal/objabi/path.go`, `PathToPrefix`). 0 if it names no package.
pub(crate) fn package_end(raw: &str) -> usize {
    let mut dot = None;
    for (at, byte) in raw.bytes().enumerate() {
        match byte {
            b'[' | b'(' | b'{' | b' ' => break,
            b'/' => dot = None,
            b'.' => dot = dot.or(Some(at)),
            _ => {}
        }
    }
    dot.unwrap_or(0)
}

/// A name without all that is in square brackets.
#[must_use]
pub fn without_type_arguments(name: &str) -> Cow<'_, str> {
    if !name.contains('[') {
        return Cow::Borrowed(name);
    }
    Cow::Owned(outside_of_brackets(name).collect())
}

fn outside_of_brackets(name: &str) -> impl Iterator<Item = char> + '_ {
    let mut depth = 0_u32;
    name.chars().filter(move |c| {
        match c {
            '[' => depth += 1,
            ']' => {
                depth = depth.saturating_sub(1);
                return false;
            }
            _ => {}
        }
        depth == 0
    })
}

/// A name as it is shown: the shapes of Go 1.18 and 1.19 lose their numbers (`go.shape.int_0`), and literals of
/// a package's variables are written `init.func1`, as from Go 1.22.
#[must_use]
pub fn canonical(name: &str) -> Cow<'_, str> {
    let name = unnumbered_shapes(name);
    match name.split_once(".glob..func") {
        Some((package, rest)) => Cow::Owned(format!("{package}.init.func{rest}")),
        None => name,
    }
}

/// A generic function's name as Go's tracebacks have it, with `[...]` for the shapes that its body is shared by:
/// `main.run[...]`, `main.(*list[...]).walk`.
///
/// ```
/// use golang::names::without_shapes;
/// assert_eq!(without_shapes("main.run[go.shape.int,go.shape.[]string].func1"), "main.run[...].func1");
/// assert_eq!(without_shapes("main.(*list[int]).walk"), "main.(*list[int]).walk");
/// ```
#[must_use]
pub fn without_shapes(name: &str) -> String {
    if !name.contains(SHAPE) {
        return name.to_owned();
    }
    let mut plain = String::with_capacity(name.len());
    let mut depth = 0_u32;
    for character in name.chars() {
        match character {
            '[' => {
                if depth == 0 {
                    plain.push_str("[...]");
                }
                depth += 1;
            }
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    plain
}

fn unnumbered_shapes(name: &str) -> Cow<'_, str> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| regex(r"_[0-9]+([,\] ])"));
    if !name.contains(SHAPE) {
        return Cow::Borrowed(name);
    }
    NUMBER.replace_all(name, "$1")
}

/// A type's name without the numbers that Go 1.18 and 1.19 give to shapes: `[]go.shape.int_0`. To be used for these
/// releases only: in later ones what looks like such a number is part of a name.
pub(super) fn unnumbered_shape_types(name: &str) -> Cow<'_, str> {
    static TYPE: LazyLock<Regex> =
        LazyLock::new(|| regex(r"go\.shape\.(?:[\p{Alphabetic}\p{N}_./*]|\[\]?)*"));
    TYPE.replace_all(name, |found: &Captures<'_>| {
        let shape = &found[0];
        let unnumbered = shape.rsplit_once('_');
        let unnumbered = unnumbered.filter(|(_, number)| is_number(number));
        unnumbered.map_or(shape, |(shape, _)| shape).to_owned()
    })
}

/// A name without the numbers of types that are declared within functions (`main.item·1`).
pub(crate) fn without_local_numbers(name: &str) -> Cow<'_, str> {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| regex("·[0-9]+"));
    NUMBER.replace_all(name, "")
}

/// A type's name as Go writes it: the linker writes the package's path before the fields of a struct type that other
/// packages can't name (`struct { main.p *int }`), Go does not.
#[must_use]
pub(crate) fn unqualified_fields(name: &str) -> Cow<'_, str> {
    if !name.contains("struct {") {
        return Cow::Borrowed(name);
    }
    let words: Vec<&str> = type_words(name).collect();
    let mut plain = String::with_capacity(name.len());
    for (at, word) in words.iter().enumerate() {
        let before = words[..at].iter().rev().find(|word| **word != " ");
        let begins = matches!(before, Some(&"{" | &";"));
        let typed = words.get(at + 1) == Some(&" ")
            && words
                .get(at + 2)
                .is_some_and(|next| *next != "}" && !next.starts_with('"'));
        let dot = word.rfind('.').filter(|_| begins && typed);
        plain.push_str(dot.map_or(word, |dot| &word[dot + 1..]));
    }
    Cow::Owned(plain)
}

/// The words of a type's name: qualified names, struct tags in quotes, and everything else character by character.
fn type_words(name: &str) -> impl Iterator<Item = &str> {
    static WORD: LazyLock<Regex> =
        LazyLock::new(|| regex(r#"(?s)"(?:\\.|[^"\\])*"?|\.\.\.|[^ *\[\](){},;<"]+|."#));
    WORD.find_iter(name).map(|word| word.as_str())
}

/// Whether a name as a person writes it means that symbol: the same name; a generic function's name without
/// type arguments or with `[...]` (every instance of it); or with type arguments as the source has them.
#[must_use]
pub fn matches_exactly(wanted: &str, symbol: &str) -> bool {
    if wanted == symbol {
        return true;
    }
    if !symbol.contains('[') || !outside_of_brackets(symbol).eq(outside_of_brackets(wanted)) {
        return false;
    }
    if !wanted.contains('[') || wanted.contains("[...]") {
        return true;
    }
    let plain = |name: &str| {
        unnumbered_shapes(name)
            .replace(SHAPE, "")
            .replace(", ", ",")
    };
    plain(wanted) == plain(symbol)
}

/// The function that a function literal is written in: `main.serve` for `main.serve.func1.2`. None for what
/// is no literal, and for literals of a package's variables.
#[must_use]
pub fn enclosing(name: &str) -> Option<&str> {
    let mut outer = name;
    loop {
        let (rest, last) = outer.rsplit_once('.')?;
        if let Some(number) = last.strip_prefix("func") {
            let literal = is_number(number) && !rest.ends_with("glob.") && !rest.ends_with(".init");
            return literal.then_some(rest);
        }
        if !is_number(last) {
            return None;
        }
        outer = rest;
    }
}

/// A value's method for a pointer's: `main.T.M` for `main.(*T).M`.
#[must_use]
pub fn value_method(name: &str) -> Option<String> {
    let (package, rest) = name.split_once(".(*")?;
    let (receiver, method) = rest.split_once(").")?;
    Some(format!("{package}.{receiver}.{method}"))
}

/// Whether a function is a literal: of a function, or of a package's variables.
#[must_use]
pub fn is_literal(name: &str) -> bool {
    name.ends_with(|c: char| c.is_ascii_digit())
        && (enclosing(name).is_some() || PackageLiteral::parse(name).is_some())
}

/// Whether a name is that of a body that several instances of a generic function share, as `main.Map[go.shape.int]`;
/// a literal within such a one is not.
#[must_use]
pub(crate) fn is_shared_instance(name: &str) -> bool {
    name.contains("[go.shape.") && !is_literal(name)
}

/// The function with the `go` or `defer` statement, with arguments, that the compiler makes a function of: `f·dwrap·1` in Go
/// 1.17, which the linker writes `f.dwrap.1` in most programs, `f.gowrap1` and `f.deferwrap1` from 1.22 on. In between
/// they are numbered as if they were literals. None for any other name.
#[must_use]
pub(crate) fn around_statement(name: &str) -> Option<&str> {
    let words = [".gowrap", ".deferwrap", ".dwrap.", "·dwrap·"];
    words.iter().find_map(|word| before_number(name, word))
}

/// What is before a word and a number at the end of a name.
pub(crate) fn before_number<'n>(name: &'n str, word: &str) -> Option<&'n str> {
    let begin = name.trim_end_matches(|c: char| c.is_ascii_digit());
    begin
        .strip_suffix(word)
        .filter(|_| begin.len() < name.len())
}

/// A literal of a package's variables: `main.glob..func2` to Go 1.21, `main.init.func2` since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PackageLiteral<'a> {
    /// The package's path.
    pub package: &'a str,
    /// The literal's number, from 1.
    pub number: u32,
    /// What follows: the literals within it.
    pub rest: &'a str,
}

impl<'a> PackageLiteral<'a> {
    /// Takes a name apart; none if it is no such literal.
    #[must_use]
    pub fn parse(name: &'a str) -> Option<Self> {
        let (package, tail) = name
            .split_once(".glob..func")
            .or_else(|| name.split_once(".init.func"))?;
        let digits = tail
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (number, rest) = tail.split_at(digits);
        let nested = rest.is_empty() || rest.starts_with('.');
        Some(Self {
            package,
            number: number.parse().ok().filter(|_| nested)?,
            rest,
        })
    }
}

/// A function's type as Go's linker writes it: `func(int, string) error`.
pub(crate) fn function_type(parameters: &[String], results: &[String]) -> String {
    let parameters = parameters.join(", ");
    match results {
        [] => format!("func({parameters})"),
        [one] => format!("func({parameters}) {one}"),
        many => format!("func({parameters}) ({})", many.join(", ")),
    }
}

/// The part after the last dot of a name without type arguments.
#[must_use]
pub fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether a text is a number: digits alone.
pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[expect(
    clippy::expect_used,
    reason = "the patterns are constants, and the tests compile each"
)]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is well-formed")
}

#[cfg(test)]
mod tests;
