//! The packages of a program, as `go list -deps` lists them.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{Packages, Pattern, PatternError};

/// What `go list -f` prints of each package. A template, because `-json` with chosen fields came with Go 1.19 and
/// whole `-json` costs seconds (it looks whether packages are stale).
pub(super) const TEMPLATE: &str = concat!(
    r#"{{.ImportPath}}{{"\x1f"}}{{.Dir}}{{"\x1f"}}{{.Name}}{{"\x1f"}}{{.Standard}}{{"\x1f"}}{{.DepOnly}}{{"\x1f"}}"#,
    r#"{{with .Module}}{{.Main}}{{else}}false{{end}}{{"\x1f"}}{{with .Module}}{{.GoVersion}}{{end}}{{"\x1f"}}"#,
    r#"{{range .GoFiles}}{{.}}{{"\x1e"}}{{end}}{{"\x1f"}}{{range .CgoFiles}}{{.}}{{"\x1e"}}{{end}}{{"\x1f"}}"#,
    r#"{{range .Deps}}{{.}}{{"\x1e"}}{{end}}{{"\x1d"}}"#,
);

/// The name of a program's package, and the path of its functions.
const MAIN: &str = "main";

/// What is wrong when a template's output is not what it should be.
pub(super) const NOT_UNDERSTOOD: &str = "go list printed something that is not understood";

/// A package of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    /// Its import path: what `-gcflags` and its like know it by.
    pub(super) import_path: String,
    /// What its functions' names begin with, the final dot left out.
    pub(super) prefix: String,
    /// Its folder; empty for a package without one (`unsafe` of some releases, one that was not found).
    pub(super) folder: PathBuf,
    /// The name in its package clause.
    pub(super) name: String,
    /// Whether it belongs to the standard library.
    pub(super) standard: bool,
    /// Whether it was named on the command line.
    pub(super) root: bool,
    /// Whether it belongs to the main module (a module of the workspace).
    pub(super) main_module: bool,
    /// The number after `1.` in its module's `go` line, if go says.
    pub(super) language: Option<u32>,
    /// Its Go files for this platform and these tags, without those that import "C".
    pub(super) go_files: Vec<String>,
    /// Its Go files that import "C".
    pub(super) cgo_files: Vec<String>,
    /// The import paths of all packages that it needs, directly or not.
    pub(super) dependencies: Vec<String>,
}

impl Package {
    /// What its functions' names begin with, the final dot left out.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// The packages as patterns take them.
pub(super) fn known(packages: &[Package]) -> Packages {
    let mut roots = packages.iter().filter(|package| package.root);
    let main = roots.find(|package| package.prefix == MAIN);
    let main = main.map(|package| package.import_path.as_str());
    let named = packages.iter();
    Packages::new(
        main,
        named.map(|package| (package.prefix(), package.name.as_str())),
    )
}

/// All that names and globs may mean.
pub(super) fn patterns<'t>(
    packages: &[Package],
    written: impl IntoIterator<Item = &'t str>,
) -> Result<Vec<Pattern>, PatternError> {
    let known = known(packages);
    let mut patterns = Vec::new();
    for text in written {
        patterns.extend(known.meanings(text)?.into_patterns());
    }
    Ok(patterns)
}

/// The packages that may hold bodies of generic functions of others: a body is compiled in each package that uses it, and
/// the linker keeps any of them. The standard library's use of its own is left out.
pub(super) fn instantiating<'p>(
    packages: &'p [Package],
    generic: &BTreeSet<&str>,
) -> impl Iterator<Item = &'p Package> {
    packages.iter().filter(|package| {
        let mut dependencies = package.dependencies.iter();
        !package.standard && dependencies.any(|path| generic.contains(path.as_str()))
    })
}

/// The package that a function of that name is in: the one with the longest path, of those that it may be.
pub(super) fn holding<'p>(packages: &'p [Package], function: &str) -> Option<&'p Package> {
    let holds = |package: &&Package| {
        function
            .strip_prefix(package.prefix())
            .is_some_and(|rest| rest.starts_with('.'))
    };
    packages
        .iter()
        .filter(holds)
        .max_by_key(|package| package.prefix().len())
}

/// Reads what [`TEMPLATE`] prints; none if it is anything else.
pub(super) fn parse(output: &[u8]) -> Option<Vec<Package>> {
    records(output)?.map(parse_package).collect()
}

/// The records that a template ends with `\x1d` each; none if that is not what go printed.
pub(super) fn records(output: &[u8]) -> Option<impl Iterator<Item = &str>> {
    let output = str::from_utf8(output).ok()?;
    let mut records = output.split('\x1d');
    // After the last separator is go's final newline.
    let is_complete = records.next_back()?.trim().is_empty();
    is_complete.then(|| records.map(|record| record.trim_start_matches('\n')))
}

/// A list of names that a template ends with `\x1e` each.
pub(super) fn names(list: &str) -> Vec<String> {
    list.split_terminator('\x1e').map(str::to_owned).collect()
}

/// The number after `1.` in a `go` line: `1.21`, `1.21.3`, `1.22rc1`.
fn language_minor(line: &str) -> Option<u32> {
    let rest = line.strip_prefix("1.")?;
    let end = rest.find(|letter: char| !letter.is_ascii_digit());
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

fn parse_package(record: &str) -> Option<Package> {
    let fields: Vec<&str> = record.split('\x1f').collect();
    let &[
        import_path,
        folder,
        name,
        standard,
        dep_only,
        main_module,
        language,
        go_files,
        cgo_files,
        dependencies,
    ] = fields.as_slice()
    else {
        return None;
    };
    Some(Package {
        import_path: import_path.to_owned(),
        prefix: if name == MAIN { MAIN } else { import_path }.to_owned(),
        folder: PathBuf::from(folder),
        name: name.to_owned(),
        standard: standard.parse().ok()?,
        root: !dep_only.parse::<bool>().ok()?,
        main_module: main_module.parse().ok()?,
        language: language_minor(language),
        go_files: names(go_files),
        cgo_files: names(cgo_files),
        dependencies: names(dependencies),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn packages_are_read() {
        let output = b"net\x1f/go/src/net\x1fnet\x1ftrue\x1ftrue\x1ffalse\x1f\x1fdial.go\x1eip.go\x1e\x1fcgo.go\x1e\x1fio\x1eos\x1e\x1d\n\
            a.test/shop\x1f/home/me/my shop\x1fmain\x1ffalse\x1ffalse\x1ftrue\x1f1.21.3\x1fmain.go\x1e\x1f\x1f\x1d\n";
        let packages = parse(output).unwrap();
        assert_eq!(packages.len(), 2);
        assert_eq!(packages[0].go_files, ["dial.go", "ip.go"]);
        assert_eq!(packages[0].cgo_files, ["cgo.go"]);
        assert_eq!(packages[0].dependencies, ["io", "os"]);
        assert!(packages[0].standard && !packages[0].root);
        assert_eq!(packages[0].prefix(), "net");
        assert_eq!(packages[1].prefix(), "main");
        assert!(packages[1].root && packages[1].cgo_files.is_empty());
        assert_eq!(
            (packages[0].language, packages[1].language),
            (None, Some(21))
        );
    }

    #[test]
    fn anything_else_is_refused() {
        assert_eq!(parse(b"").unwrap(), []);
        assert!(parse(b"hello\n").is_none());
        assert!(parse(b"a\x1fb\x1d\n").is_none());
        assert!(parse(b"a\x1fb\x1fc\x1fmaybe\x1ftrue\x1ftrue\x1f\x1f\x1f\x1f\x1d\n").is_none());
        assert!(parse(b"\xff\x1d\n").is_none());
    }
}
