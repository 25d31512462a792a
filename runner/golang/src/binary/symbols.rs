//! The symbol table: which functions have a body of their own, and where.

use std::collections::HashSet;

use model::Address;
use object::elf::STT_FUNC;

use super::{BinaryError, SymbolKind, author::Author, elf::Image, index::Index};
use crate::names;

/// A function's body of its own in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSymbol {
    /// The name in Go's notation, with the full package path, e.g. `net/http.(*conn).serve`; the
    /// linker's escapes (`%2e`) are decoded and its `.abi0` mark is taken off. A function literal has the name that
    /// its place in the source gives it, as far as the binary shows it: `main.serve.func1.2` is the second literal in the
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

impl FunctionSymbol {
    fn new(raw: &str, start: Address, end: Address, author: Option<Author>) -> Self {
        let plain = raw.strip_suffix(".abi0");
        let raw = plain.unwrap_or(raw);
        Self {
            name: names::unescape(raw).into_owned(),
            linker_name: None,
            package: names::unescape(&raw[..names::package_end(raw)]).len(),
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

#[cfg(test)]
mod tests {
    use super::*;

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
