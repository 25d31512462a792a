//! Per-package flags (`-gcflags=pattern=flags`), by the rules of cmd/go/internal/load/flag.go: the last setting
//! whose pattern matches a package gives all of its flags.

use std::path::{Component, Path, PathBuf};

use regex::Regex;

use super::{
    arguments::{split, undashed},
    flag::Flag,
    list::Package,
};

/// One `-gcflags` or `-ldflags`.
#[derive(Clone, Debug)]
pub(super) struct Setting {
    pattern: Pattern,
    /// The flags, as given.
    pub(super) flags: String,
}

/// The packages that a setting, or an element of `-coverpkg`, is for (cmd/go/internal/load/search.go, MatchPackage).
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// No pattern: those named on the command line.
    Named,
    /// `all`
    All,
    /// `std`
    Standard,
    /// `work`
    Work,
    /// `./x` or `./x/...`: by folder, and by the path below it.
    Folder(PathBuf, Option<Wildcard>),
    /// An import path, perhaps with `...`
    Path(Wildcard),
}

impl Setting {
    /// Reads a flag's value; `folder` is where go runs.
    pub(super) fn parse(value: &str, folder: &Path) -> Self {
        let value = value.trim();
        match value.split_once('=') {
            Some((pattern, flags)) if !value.starts_with('-') => Self {
                pattern: Pattern::parse(pattern.trim(), folder),
                flags: flags.trim().to_owned(),
            },
            _ => Self {
                pattern: Pattern::Named,
                flags: value.to_owned(),
            },
        }
    }

    /// Whether it is for a package.
    pub(super) fn matches(&self, package: &Package) -> bool {
        self.pattern.matches(package)
    }
}

impl Pattern {
    /// Whether it is for a package.
    pub(super) fn matches(&self, package: &Package) -> bool {
        match self {
            Self::Named => package.root,
            Self::All => true,
            Self::Standard => package.standard,
            Self::Work => package.main_module,
            Self::Folder(folder, None) => package.folder == *folder,
            Self::Folder(folder, Some(below)) => package
                .folder
                .strip_prefix(folder)
                .is_ok_and(|rest| below.matches(&rest.to_string_lossy())),
            Self::Path(path) => path.matches(&package.import_path),
        }
    }

    /// Reads a pattern; `folder` is where go runs.
    pub(super) fn parse(pattern: &str, folder: &Path) -> Self {
        let local = matches!(pattern, "." | "..")
            || pattern.starts_with("./")
            || pattern.starts_with("../");
        match pattern {
            "all" => Self::All,
            "std" => Self::Standard,
            "work" => Self::Work,
            _ if !local => Self::Path(Wildcard::new(pattern)),
            _ => match pattern.find("...") {
                None => Self::Folder(normal(&folder.join(pattern)), None),
                Some(dots) => {
                    let slash = pattern[..dots].rfind('/').unwrap_or(0);
                    let below = pattern[slash..].trim_start_matches('/');
                    Self::Folder(
                        normal(&folder.join(&pattern[..slash])),
                        Some(Wildcard::new(below)),
                    )
                }
            },
        }
    }
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}

/// An import path in which `...` matches anything (cmd/internal/pkgpattern).
#[derive(Clone, Debug)]
pub(super) struct Wildcard(Option<Regex>);

impl Wildcard {
    fn new(pattern: &str) -> Self {
        let mut expression = regex::escape(&hide_vendor(pattern)).replace(r"\.\.\.", "[^\0]*");
        // `net/...` matches `net` too.
        if let Some(base) = expression.strip_suffix("/[^\0]*") {
            expression = format!("{base}(/[^\0]*)?");
        }
        Self(Regex::new(&format!("^(?s:{expression})$")).ok())
    }

    fn matches(&self, path: &str) -> bool {
        self.0
            .as_ref()
            .is_some_and(|expression| expression.is_match(&hide_vendor(path)))
    }
}

/// A path whose `vendor` elements no wildcard matches.
fn hide_vendor(path: &str) -> String {
    let elements: Vec<&str> = path
        .split('/')
        .map(|element| if element == "vendor" { "\0" } else { element })
        .collect();
    elements.join("/")
}

/// The settings of one of these flags among all flags, in order.
pub(super) fn settings(flags: &[Flag], name: &str, folder: &Path) -> Vec<Setting> {
    flags
        .iter()
        .filter(|flag| flag.name == name)
        .filter_map(|flag| Some(Setting::parse(flag.value.as_deref()?, folder)))
        .collect()
}

/// The flags that settings give a package.
pub(super) fn given<'s>(settings: &'s [Setting], package: &Package) -> &'s str {
    settings
        .iter()
        .rfind(|setting| setting.matches(package))
        .map_or("", |setting| setting.flags.as_str())
}

/// What a package is compiled without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Without {
    pub(super) inlining: bool,
    pub(super) optimisation: bool,
}

/// The `-gcflags` argument that turns these off in a package and keeps its other flags, given all settings there
/// are in order; none if they are off already.
pub(super) fn without(without: Without, settings: &[Setting], package: &Package) -> Option<String> {
    let given = given(settings, package);
    // The compiler counts: one -l turns inlining off, two turn it on again (cmd/compile/internal/base/flag.go).
    let l = match count_of_l(given) {
        _ if !without.inlining => None,
        0 => Some("-l"),
        1 => None,
        _ => Some("-l=1"),
    };
    let is_optimised = !split(given).iter().any(|flag| is_set(flag, "N"));
    let n = (without.optimisation && is_optimised).then_some("-N");
    if l.is_none() && n.is_none() {
        return None;
    }
    let given = (!given.is_empty()).then_some(given);
    let flags: Vec<&str> = [given, n, l].into_iter().flatten().collect();
    Some(format!(
        "-gcflags={}={}",
        package.import_path,
        flags.join(" ")
    ))
}

fn count_of_l(given: &str) -> i64 {
    let mut count = 0;
    for argument in split(given) {
        let name = argument.trim_start_matches('-');
        match name.split_once('=') {
            _ if !argument.starts_with('-') => {}
            None if name == "l" => count += 1,
            Some(("l", "true")) => count += 1,
            Some(("l", value)) => count = value.parse().unwrap_or(0),
            _ => {}
        }
    }
    count
}

/// Whether an argument sets a flag that is true or false: `-w`, `--w`, `-w=true`, `-w=1`.
pub(super) fn is_set(argument: &str, flag: &str) -> bool {
    undashed(argument).is_some_and(|named| {
        let (name, value) = named.split_once('=').unwrap_or((named, "true"));
        name == flag && matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True")
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::{Path, PathBuf};

    use super::{Setting, Without, without};
    use crate::toolchain::list::Package;

    /// A package with no files.
    pub(in crate::toolchain) fn package(import_path: &str, folder: &str, root: bool) -> Package {
        Package {
            import_path: import_path.to_owned(),
            prefix: if root { "main" } else { import_path }.to_owned(),
            folder: PathBuf::from(folder),
            name: if root { "main" } else { "lib" }.to_owned(),
            standard: !import_path.contains('.'),
            root,
            main_module: import_path.contains('.'),
            language: None,
            go_files: Vec::new(),
            cgo_files: Vec::new(),
            dependencies: Vec::new(),
        }
    }

    fn merged(settings: &[&str], package: &Package) -> Option<String> {
        let settings: Vec<Setting> = settings
            .iter()
            .map(|s| Setting::parse(s, Path::new("/shop/cmd")))
            .collect();
        let inlining = Without {
            inlining: true,
            optimisation: false,
        };
        without(inlining, &settings, package)
    }

    #[test]
    fn a_package_without_flags_gets_one() {
        assert_eq!(
            merged(&[], &package("net", "/go/net", false)).unwrap(),
            "-gcflags=net=-l"
        );
        assert_eq!(
            merged(&["-N"], &package("net", "/go/net", false)).unwrap(),
            "-gcflags=net=-l",
            "-N is for the program alone"
        );
    }

    #[test]
    fn optimisation_is_turned_off_once() {
        let net = package("net", "/go/net", false);
        let optimisation = Without {
            inlining: false,
            optimisation: true,
        };
        let merged = |settings: &[&str]| {
            let settings: Vec<Setting> = settings
                .iter()
                .map(|s| Setting::parse(s, Path::new("/shop/cmd")))
                .collect();
            without(optimisation, &settings, &net)
        };
        assert_eq!(merged(&[]).unwrap(), "-gcflags=net=-N");
        assert_eq!(merged(&["net=-l"]).unwrap(), "-gcflags=net=-l -N");
        assert_eq!(merged(&["all=-N -l"]), None);
    }

    #[test]
    fn the_users_own_flags_stay() {
        let root = package("a.test/shop/cmd", "/shop/cmd", true);
        assert_eq!(
            merged(&["-N"], &root).unwrap(),
            "-gcflags=a.test/shop/cmd=-N -l"
        );
        assert_eq!(
            merged(&["all=-B", "-N -dwarf=true"], &root).unwrap(),
            "-gcflags=a.test/shop/cmd=-N -dwarf=true -l"
        );
        assert_eq!(
            merged(&["-N", "all=-B"], &root).unwrap(),
            "-gcflags=a.test/shop/cmd=-B -l",
            "the last match wins"
        );
        assert_eq!(
            merged(&["-N", ""], &root).unwrap(),
            "-gcflags=a.test/shop/cmd=-l",
            "an empty one takes all away"
        );
    }

    #[test]
    fn inlining_is_not_counted_on_again() {
        let net = package("net", "/go/net", false);
        assert_eq!(merged(&["all=-N -l"], &net), None);
        assert_eq!(
            merged(&["all=-l=4"], &net).unwrap(),
            "-gcflags=net=-l=4 -l=1"
        );
        assert_eq!(
            merged(&["all=-l -l"], &net).unwrap(),
            "-gcflags=net=-l -l -l=1"
        );
    }

    #[test]
    fn patterns_match_as_in_go() {
        let http = package("net/http", "/go/net/http", false);
        let cart = package("a.test/shop/cart", "/shop/cart", false);
        let vendored = package(
            "a.test/shop/vendor/b.test/x",
            "/shop/vendor/b.test/x",
            false,
        );
        for (pattern, package, wanted) in [
            ("net/...", &http, true),
            ("net/http/...", &http, true),
            ("net", &http, false),
            ("...", &http, true),
            ("std", &http, true),
            ("std", &cart, false),
            ("work", &cart, true),
            ("../cart", &cart, true),
            ("../...", &cart, true),
            ("./...", &cart, false),
            ("../c...", &cart, true),
            ("a.test/.../cart", &cart, true),
            ("a.test/...", &vendored, false),
            ("a.test/shop/vendor/...", &vendored, true),
        ] {
            let setting = Setting::parse(&format!("{pattern}=-N"), Path::new("/shop/cmd"));
            assert_eq!(
                setting.matches(package),
                wanted,
                "{pattern} and {}",
                package.import_path
            );
        }
    }
}
