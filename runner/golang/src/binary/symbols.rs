//! The symbol table: which functions have a body of their own, and where.

use std::{borrow::Cow, collections::HashSet};

use model::Address;
use object::elf::STT_FUNC;

use super::{
    BinaryError,
    elf::Image,
    index::{Author, Index},
};
use crate::names;

/// A function's body of its own in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSymbol {
    /// The name in Go's notation, with the full package path, e.g. `net/http.(*conn).serve`; the
    /// linker's escapes (`%2e`) are decoded and its `.abi0` mark is taken off. A function literal has the name that
    /// its place in the source gives it, as far as the binary tells: `main.serve.func1.2` is the second literal in the
    /// first one of `main.serve`.
    pub name: String,
    /// The linker's own name of a function literal, where that is another one.
    pub linker_name: Option<String>,
    /// The path of its package, in bytes of the name.
    package: usize,
    /// Address of the first byte.
    pub start: Address,
    /// Address after the last byte.
    pub end: Address,
    /// Whether the body follows `ABI0` (all on the stack) though the release has the register ABI: the
    /// `.abi0` one of two bodies, or a function in assembly.
    pub abi0: bool,
    /// Who made it.
    pub kind: SymbolKind,
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

impl FunctionSymbol {
    fn new(raw: &str, start: Address, end: Address, author: Option<Author>) -> Self {
        let plain = raw.strip_suffix(".abi0");
        let raw = plain.unwrap_or(raw);
        Self {
            name: go_name(raw).into_owned(),
            linker_name: None,
            package: go_name(&raw[..package_end(raw)]).len(),
            start,
            end,
            abi0: plain.is_some() || author == Some(Author::Assembly),
            kind: SymbolKind::of(raw, author),
        }
    }

    /// The path of its package, e.g. `net/http`; empty for what is in none.
    #[must_use]
    pub fn package(&self) -> &str {
        self.name.get(..self.package).unwrap_or_default()
    }

    /// Whether the compiler made it to call another function.
    #[must_use]
    pub fn is_wrapper(&self) -> bool {
        self.kind == SymbolKind::Wrapper
    }

    /// Calls it otherwise; the linker's own name is kept.
    pub(super) fn rename(&mut self, name: String, package: usize) {
        let linker_name = std::mem::replace(&mut self.name, name);
        self.linker_name.get_or_insert(linker_name);
        self.package = package;
    }
}

impl SymbolKind {
    /// Tells by a symbol as the linker writes it, where a dot in the last element of a path is `%2e`.
    pub(super) fn of(raw: &str, author: Option<Author>) -> Self {
        let (package, in_package) = raw.split_at(package_end(raw));
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

/// All functions that have a body, by address.
pub(super) fn functions(image: &Image, index: &Index) -> Result<Vec<FunctionSymbol>, BinaryError> {
    let mut functions = Vec::new();
    let globals = with_local_twins(image)?;
    for symbol in image.symbols()? {
        let (start, end) = (
            Address(symbol.address),
            Address(symbol.address.saturating_add(symbol.size)),
        );
        let is_twin = symbol
            .name
            .strip_prefix(LOCAL)
            .is_some_and(|global| globals.contains(&(symbol.address, global)));
        if symbol.kind != STT_FUNC || symbol.size == 0 || is_twin || !image.is_code(start, end) {
            continue;
        }
        let author = index.bodies.get(&start).map(|body| body.author);
        let raw = String::from_utf8_lossy(symbol.name);
        functions.push(FunctionSymbol::new(&raw, start, end, author));
    }
    if functions.is_empty() {
        return Err(BinaryError::NoSymbols);
    }
    functions.sort_by(|a, b| (a.start, &a.name).cmp(&(b.start, &b.name)));
    Ok(functions)
}

/// What a program that can load plugins has before the name of a second symbol of each function
/// (`cmd/link/internal/ld/symtab.go`, `putelfsym`).
const LOCAL: &[u8] = b"local.";

/// The functions, by address and name, in a program where some may have a second symbol; none in others.
fn with_local_twins(image: &Image) -> Result<HashSet<(u64, &[u8])>, BinaryError> {
    if !image
        .symbols()?
        .any(|symbol| symbol.name.starts_with(LOCAL))
    {
        return Ok(HashSet::new());
    }
    Ok(image
        .symbols()?
        .map(|symbol| (symbol.address, symbol.name))
        .collect())
}

/// Where the package's path ends in a symbol as the linker writes it: at the first dot after the last slash, for dots
/// in a path's last element are escaped (`cmd/internal/objabi/path.go`, `PathToPrefix`). 0 if it names no package.
pub(super) fn package_end(raw: &str) -> usize {
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
    in_package.ends_with("-fm") || names::is_statement_wrapper(in_package)
}

/// A linker's name in Go's notation: bytes of an import path that would confuse the linker are written
/// as `%xx` (`cmd/internal/objabi/path.go`, `PathToPrefix`). What stands in quotes is a struct tag.
pub(super) fn go_name(name: &str) -> Cow<'_, str> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_in_paths_are_decoded_and_tags_left_alone() {
        for (name, expected) in [
            ("main.main", "main.main"),
            ("gopkg.in/yaml%2ev3.Marshal", "gopkg.in/yaml.v3.Marshal"),
            ("x/%e4%b8%96.F", "x/世.F"),
            ("100%", "100%"),
            ("a%zzb", "a%zzb"),
            (
                r#"main.F[struct { A string "json:\"%2e\"" }] y%2ez"#,
                r#"main.F[struct { A string "json:\"%2e\"" }] y.z"#,
            ),
        ] {
            assert_eq!(go_name(name), expected);
        }
    }

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

    #[test]
    fn a_symbols_package_is_its_whole_path() {
        for (raw, package) in [
            ("main.f", "main"),
            ("net/http.(*conn).serve", "net/http"),
            ("gopkg.in/yaml%2ev3.Unmarshal", "gopkg.in/yaml.v3"),
            ("a.b/c.Map[d.e/f.T]", "a.b/c"),
            ("main.Map[a/b.T]", "main"),
            ("main.(*L[a/b.T]).Push", "main"),
            ("_cgo_panic", ""),
        ] {
            let symbol = FunctionSymbol::new(raw, Address(0), Address(1), None);
            assert_eq!(symbol.package(), package, "{raw}");
        }
    }
}
