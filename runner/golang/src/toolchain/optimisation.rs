//! Which packages are compiled without optimisation, so that floats have copies in memory.

use std::collections::BTreeSet;

use super::{
    list::{self, Package},
    source::Declarations,
};
use crate::Pattern;

/// Import paths of packages to be compiled with `-N`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Unoptimised {
    /// Those that declare functions whose floats are wanted.
    declaring: BTreeSet<String>,
    /// Those that may hold bodies of generic ones among them.
    instantiating: BTreeSet<String>,
}

impl Unoptimised {
    /// What the patterns in `floats` take. The standard library's packages stay as they are when it is only they that use
    /// a generic function: optimised bodies may be in them.
    pub(super) fn find(
        packages: &[Package],
        floats: &[Pattern],
        declarations: &Declarations,
    ) -> Self {
        let mut found = Self::default();
        let mut generic = BTreeSet::new();
        for package in packages {
            let prefix = package.prefix();
            if !floats.iter().any(|wanted| wanted.may_be_in(prefix)) {
                continue;
            }
            found.declaring.insert(package.import_path.clone());
            let mut functions = declarations.functions.iter();
            let any_generic = functions.any(|function| {
                function.generic
                    && function.package == prefix
                    && floats.iter().any(|wanted| function.is_meant_by(wanted))
            });
            if any_generic {
                generic.insert(package.import_path.as_str());
            }
        }
        found.instantiating = list::instantiating(packages, &generic)
            .map(|package| package.import_path.clone())
            .filter(|path| !found.declaring.contains(path))
            .collect();
        found
    }

    /// Adds those of another program that is built with the same flags.
    pub(super) fn extend(&mut self, other: Self) {
        self.declaring.extend(other.declaring);
        self.instantiating.extend(other.instantiating);
        let declaring = &self.declaring;
        self.instantiating.retain(|path| !declaring.contains(path));
    }

    /// Whether a package is among them.
    pub(super) fn contains(&self, package: &Package) -> bool {
        self.declaring.contains(&package.import_path)
            || self.instantiating.contains(&package.import_path)
    }

    /// Without the packages that only use generic functions; none if there are no such.
    pub(super) fn declaring_only(&self) -> Option<Self> {
        (!self.instantiating.is_empty()).then(|| Self {
            declaring: self.declaring.clone(),
            instantiating: BTreeSet::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Unoptimised;
    use crate::toolchain::{
        gcflags::tests::package,
        list::{self, Package},
        source::{Declarations, PackageReader},
    };

    /// `main` uses `user` which uses `list`, which declares; `sort` is of the standard library, `far` uses nothing.
    fn packages() -> Vec<Package> {
        let using = |path: &str, root: bool, dependencies: &[&str]| Package {
            dependencies: dependencies.iter().map(ToString::to_string).collect(),
            ..package(path, "/a", root)
        };
        vec![
            using("slices", false, &[]),
            using("sort", false, &["slices"]),
            using("a.test/list", false, &["slices"]),
            using("a.test/user", false, &["a.test/list", "slices"]),
            using("a.test/far", false, &[]),
            using(
                "a.test/cmd",
                true,
                &["a.test/user", "a.test/list", "a.test/far", "slices"],
            ),
        ]
    }

    fn found(pattern: &str) -> (Vec<String>, Option<Unoptimised>) {
        let mut declarations = Declarations::default();
        for (prefix, source) in [
            (
                "a.test/list",
                "package list\nfunc Map[T any](t T) { f(func() {}) }\nfunc Plain(f float64) {}\n\
                 func (l *List[T]) Push(t T) {}\n",
            ),
            ("slices", "package slices\nfunc Max[E any](e E) {}\n"),
        ] {
            let mut reader = PackageReader::new(prefix).unwrap();
            reader.read(Path::new("/a.go"), source.as_bytes());
            declarations.functions.append(&mut reader.functions);
        }
        let packages = packages();
        let floats = list::patterns(&packages, [pattern]).unwrap();
        let found = Unoptimised::find(&packages, &floats, &declarations);
        let unoptimised = packages.iter().filter(|package| found.contains(package));
        let unoptimised = unoptimised.map(|package| package.import_path.clone());
        (unoptimised.collect(), found.declaring_only())
    }

    #[test]
    fn what_is_not_generic_takes_its_package() {
        assert_eq!(
            found("a.test/list.Plain"),
            (vec!["a.test/list".into()], None)
        );
        assert_eq!(found("main.run"), (vec!["a.test/cmd".into()], None));
    }

    #[test]
    fn what_is_generic_takes_all_that_may_use_it() {
        for pattern in [
            "a.test/list.Map",
            "a.test/list.Map[float64]",
            "a.test/list.Map.func1",
            "a.test/list.*",
            "a.test/list.(*List[...]).Push",
        ] {
            let (unoptimised, declaring) = found(pattern);
            assert_eq!(
                unoptimised,
                ["a.test/list", "a.test/user", "a.test/cmd"],
                "{pattern}"
            );
            let list = package("a.test/list", "/a", false);
            let user = package("a.test/user", "/a", false);
            let declaring = declaring.unwrap();
            assert!(declaring.contains(&list) && !declaring.contains(&user));
        }
    }

    #[test]
    fn the_standard_library_uses_its_own_as_ever() {
        assert_eq!(
            found("slices.Max").0,
            ["slices", "a.test/list", "a.test/user", "a.test/cmd"]
        );
    }
}
