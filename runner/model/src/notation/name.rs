//! Names of types and functions, shorter than they are.

use crate::{PackageNames, TypeId, TypeTable};

/// The name of a type of the table, as [`short_name`] shows it.
#[must_use]
pub fn short_type(ty: TypeId, types: &TypeTable) -> String {
    short_name(types.name(ty), types.packages())
}

/// A type's or a function's name with each package's name in place of its path, as Go's `%T` has it: the last element of the
/// path, but for the packages that are called otherwise.
///
/// ```
/// use model::{PackageNames, notation::short_name};
/// let mut packages = PackageNames::default();
/// packages.add("github.com/gofiber/fiber/v3", "fiber");
/// let short = |name| short_name(name, &packages);
/// assert_eq!(short("map[string]*net/http.Request"), "map[string]*http.Request");
/// assert_eq!(short("example.com/shop/cart.(*Cart).Add"), "cart.(*Cart).Add");
/// assert_eq!(short("*github.com/gofiber/fiber/v3.Error"), "*fiber.Error");
/// ```
#[must_use]
pub fn short_name(name: &str, packages: &PackageNames) -> String {
    with_paths(name, |path| match packages.of(path) {
        Some((own, name)) => format!("{name}{}", path.get(own.len()..).unwrap_or_default()),
        None => from_last(path, 1).to_owned(),
    })
}

/// A type's or a function's name with the last element of each package's path, and the one before it where the last is a version: as
/// short as a spec can write it.
///
/// ```
/// use model::notation::suffix_name;
/// assert_eq!(suffix_name("example.com/shop/cart.(*Cart).Add"), "cart.(*Cart).Add");
/// assert_eq!(suffix_name("github.com/go-chi/chi/v5.(*Mux).Mount"), "chi/v5.(*Mux).Mount");
/// ```
#[must_use]
pub fn suffix_name(name: &str) -> String {
    with_paths(name, |path| {
        let last = from_last(path, 1);
        let version = last.split('.').next().unwrap_or(last);
        let version = version.strip_prefix('v').unwrap_or_default();
        let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit());
        from_last(path, if is_version { 2 } else { 1 }).to_owned()
    })
}

/// The last elements of a path.
fn from_last(path: &str, elements: usize) -> &str {
    let slash = path.rmatch_indices('/').nth(elements - 1);
    slash.map_or(path, |(slash, _)| &path[slash + 1..])
}

/// A name with each path in it, up to what is no part of one, written otherwise.
fn with_paths(name: &str, shown: impl Fn(&str) -> String) -> String {
    let mut short = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|c| !is_of_path(c)).unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        if path.is_empty() {
            short.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            // The linker writes the dots of a path's last element so.
            let path = path.replace("%2e", ".");
            short.push_str(&shown(&path));
            rest = after;
        }
    }
    short
}

/// A function's name as short as it can be: without package `main`, else with its package's name.
///
/// ```
/// use model::{PackageNames, notation::short_function};
/// let short = |name| short_function(name, &PackageNames::default());
/// assert_eq!(short("main.checkSite.func1"), "checkSite.func1");
/// assert_eq!(short("net.(*Resolver).lookupIP"), "net.(*Resolver).lookupIP");
/// ```
#[must_use]
pub fn short_function(name: &str, packages: &PackageNames) -> String {
    short_name(name.strip_prefix("main.").unwrap_or(name), packages)
}

fn is_of_path(c: char) -> bool {
    c.is_alphanumeric() || "_./-~%$@+!·".contains(c)
}

/// A type's name as values show it: each package's name for its path, `any` for the interface without methods,
/// and nothing of what unnamed structs and interfaces consist of.
pub(super) fn type_name(name: &str, packages: &PackageNames) -> String {
    let short = short_name(name, packages);
    let mut shown = String::with_capacity(short.len());
    let mut rest = short.as_str();
    while let Some((begin, keyword)) = unnamed(rest) {
        let (before, after) = rest.split_at(begin);
        shown.push_str(before);
        let body = after.get(keyword.len()..).unwrap_or_default();
        let end = closing_brace(body);
        let is_empty = body.get(..end).is_some_and(|body| body.trim().is_empty());
        shown.push_str(match (keyword, is_empty) {
            (STRUCT, true) => "struct{}",
            (STRUCT, false) => "struct{…}",
            (_, true) => "any",
            (_, false) => "interface{…}",
        });
        rest = body.get(end + 1..).unwrap_or_default();
    }
    shown.push_str(rest);
    if let Some(array) = shown.strip_suffix("]uint8") {
        return format!("{array}]byte");
    }
    shown
}

const STRUCT: &str = "struct {";
const INTERFACE: &str = "interface {";

/// Where the first unnamed struct or interface begins, and with what.
fn unnamed(name: &str) -> Option<(usize, &'static str)> {
    [STRUCT, INTERFACE]
        .into_iter()
        .filter_map(|keyword| name.find(keyword).map(|begin| (begin, keyword)))
        .min()
}

/// Where the brace that is open is closed; the end of the text if it is not.
fn closing_brace(body: &str) -> usize {
    let mut open = 1_usize;
    for (at, c) in body.char_indices() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return at;
        }
    }
    body.len()
}

/// The import path of the package of a named type or of a function; none for a type without a name of its own.
///
/// ```
/// use model::notation::package;
/// assert_eq!(package("net/http.Request"), Some("net/http"));
/// assert_eq!(package("example.com/a.b/c.Pair[net/url.URL]"), Some("example.com/a.b/c"));
/// assert_eq!(package("[]net/http.Request"), None);
/// assert_eq!(package("int"), None);
/// ```
#[must_use]
pub fn package(name: &str) -> Option<&str> {
    let end = name.find(|c| !is_of_path(c)).unwrap_or(name.len());
    let path = &name[..end];
    let last = path.rfind('/').map_or(0, |slash| slash + 1);
    let dot = path[last..].find('.')?;
    (dot > 0).then(|| &path[..last + dot])
}

/// Whether a package is the standard library's, by the first element of its path (the folders of Go's `src`, Go 1.27). A
/// module whose path begins with one of these would be taken for it.
pub(super) fn is_standard(package: &str) -> bool {
    const ROOTS: &[&str] = &[
        "archive",
        "bufio",
        "bytes",
        "cmp",
        "compress",
        "container",
        "context",
        "crypto",
        "database",
        "debug",
        "embed",
        "encoding",
        "errors",
        "expvar",
        "flag",
        "fmt",
        "go",
        "hash",
        "html",
        "image",
        "index",
        "internal",
        "io",
        "iter",
        "log",
        "maps",
        "math",
        "mime",
        "net",
        "os",
        "path",
        "plugin",
        "reflect",
        "regexp",
        "runtime",
        "slices",
        "sort",
        "strconv",
        "strings",
        "structs",
        "sync",
        "syscall",
        "testing",
        "text",
        "time",
        "unicode",
        "unique",
        "unsafe",
        "vendor",
        "weak",
    ];
    let root = package.split('/').next().unwrap_or_default();
    ROOTS.contains(&root)
}

/// Whether a package belongs to a module other than the program's own.
pub(super) fn is_foreign(package: &str, module: Option<&str>) -> bool {
    let is_own = package == "main"
        || module.is_some_and(|module| {
            package
                .strip_prefix(module)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
    !is_own
}
