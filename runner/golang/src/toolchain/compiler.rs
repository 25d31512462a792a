//! How each package is compiled.

use std::{collections::BTreeSet, ffi::OsString};

use super::{
    gcflags::{self, Setting, Without},
    list::{self, Package},
    optimisation::Unoptimised,
};
use crate::{GoRelease, names};

/// Whether a release compiles all generic functions with `-N`. From Go 1.20 on they are compiled another way
/// (`GOEXPERIMENT=unified`). What came before it stops with an internal error for some of them, in the package that uses them.
pub(super) const fn bears_unoptimised(release: &GoRelease) -> bool {
    release.minor() >= 20
}

/// What is decided about how packages are compiled.
pub(super) struct Compiler<'a> {
    /// Import paths.
    pub(super) without_inlining: &'a BTreeSet<String>,
    /// Those that are compiled without optimisation.
    pub(super) unoptimised: &'a Unoptimised,
    /// The user's own settings.
    pub(super) settings: &'a [Setting],
}

impl Compiler<'_> {
    /// The `-gcflags` for packages that are compiled without inlining or without optimisation; they come after all others
    /// and say what those say.
    pub(super) fn flags<'p>(
        &self,
        packages: impl IntoIterator<Item = &'p Package>,
    ) -> impl Iterator<Item = OsString> {
        packages.into_iter().filter_map(|package| {
            let without = Without {
                inlining: self.without_inlining.contains(&package.import_path),
                optimisation: self.unoptimised.contains(package),
            };
            gcflags::without(without, self.settings, package).map(OsString::from)
        })
    }
}

/// The packages that are compiled without inlining: those that are hinted at as a whole, and those of `functions` that a hint
/// did not keep out of line. A generic function is compiled in the packages that use it.
pub(super) fn without_inlining(
    functions: &[String],
    hinted: &BTreeSet<String>,
    packages: &[Package],
) -> BTreeSet<String> {
    let mut without = hinted.clone();
    let mut generic = BTreeSet::new();
    for function in functions {
        let function = names::unescape(function);
        if let Some(package) = list::holding(packages, &function) {
            without.insert(package.import_path.clone());
            if function.contains('[') {
                generic.insert(package.import_path.as_str());
            }
        }
    }
    let using = list::instantiating(packages, &generic);
    without.extend(using.map(|package| package.import_path.clone()));
    without
}
