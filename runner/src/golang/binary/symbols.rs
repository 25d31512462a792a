//! The symbol table: which functions have a body of their own, and where.

use std::borrow::Cow;

use object::elf::STT_FUNC;

use super::{
    BinaryError,
    elf::Image,
    index::{Author, Index},
};
use crate::model::Address;

/// A function's body of its own in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionSymbol {
    /// The name in Go's notation, with the full package path, e.g. `net/http.(*conn).serve`; the
    /// linker's escapes (`%2e`) are decoded and its `.abi0` mark is taken off.
    pub name: String,
    /// Address of the first byte.
    pub start: Address,
    /// Address after the last byte.
    pub end: Address,
    /// Whether the body follows `ABI0` (all on the stack) though the release has the register ABI: the
    /// `.abi0` one of two bodies, or a function in assembly.
    pub abi0: bool,
    /// Whether the compiler made it to call another function: method values (`-fm`), promoted methods
    /// and interface wrappers, `go` and `defer` statements' closures, ABI wrappers.
    pub wrapper: bool,
}

/// All functions that have a body, by address.
pub(super) fn functions(image: &Image, index: &Index) -> Result<Vec<FunctionSymbol>, BinaryError> {
    let mut functions = Vec::new();
    for symbol in image.symbols()? {
        let (start, end) = (
            Address(symbol.address),
            Address(symbol.address.saturating_add(symbol.size)),
        );
        if symbol.kind != STT_FUNC || symbol.size == 0 || !image.is_code(start, end) {
            continue;
        }
        let name = String::from_utf8_lossy(symbol.name);
        let author = index.bodies.get(&start).map(|body| body.author);
        let plain = name.strip_suffix(".abi0");
        functions.push(FunctionSymbol {
            name: go_name(plain.unwrap_or(&name)).into_owned(),
            start,
            end,
            abi0: plain.is_some() || author == Some(Author::Assembly),
            wrapper: is_wrapper_name(&name)
                || (author == Some(Author::Compiler) && !is_package_initialiser(&name)),
        });
    }
    if functions.is_empty() {
        return Err(BinaryError::NoSymbols);
    }
    functions.sort_by(|a, b| (a.start, &a.name).cmp(&(b.start, &b.name)));
    Ok(functions)
}

/// Whether the function runs what a package's variables are initialised with. The compiler makes it, but
/// its statements are the source's.
fn is_package_initialiser(name: &str) -> bool {
    let last = name.rfind('/').map_or(name, |slash| &name[slash + 1..]);
    last.split_once('.')
        .is_some_and(|(_, function)| function == "init")
}

/// Whether the compiler gives such names to functions that only call another one: method values
/// (`T.M-fm`), and what a `go` or `defer` statement with arguments becomes (`f.dwrap.1` in Go 1.17,
/// `f.gowrap1` and `f.deferwrap1` from 1.22 on; in between they look like closures).
fn is_wrapper_name(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name);
    let numbered = |prefix: &str| {
        last.strip_prefix(prefix)
            .is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    };
    name.ends_with("-fm") || name.contains(".dwrap.") || numbered("gowrap") || numbered("deferwrap")
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
    fn wrappers_are_known_by_their_names() {
        for name in [
            "main.(*T).M-fm",
            "main.f.dwrap.2",
            "main.f.gowrap1",
            "main.(*T).f.func1.deferwrap12",
        ] {
            assert!(is_wrapper_name(name), "{name}");
        }
        for name in [
            "main.f",
            "main.f.func1",
            "main.gowrapper",
            "main.deferwrapX",
        ] {
            assert!(!is_wrapper_name(name), "{name}");
        }
    }
}
