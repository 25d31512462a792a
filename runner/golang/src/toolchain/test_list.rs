//! The packages that test binaries consist of, as `go list -test -deps` lists them.
//!
//! A package under test is compiled once more with its test files, listed as `shop [shop.test]`; its `shop_test` files are a
//! package of their own, `shop_test [shop.test]`; what lies between them is compiled again, `cart [shop.test]`; `shop.test` is
//! the generated program (cmd/go/internal/load/test.go, TestPackagesAndErrors). Flags such as `-gcflags` reach all of them
//! by the import path of the package that is tested.

use std::collections::{BTreeSet, HashMap};

use super::list::Package;

/// All that `go list -test -deps` lists.
#[derive(Debug, Default)]
pub(super) struct TestList {
    packages: HashMap<String, Package>,
}

impl TestList {
    /// Takes what was listed, in any order.
    pub(super) fn new(listed: Vec<Package>) -> Self {
        let named = |package: Package| (package.import_path.clone(), package);
        Self {
            packages: listed.into_iter().map(named).collect(),
        }
    }

    /// The packages that the test binary of a package consists of, without the generated program, each with the files that it
    /// is compiled from and the import path that flags know it by. None without test files. `named` are the packages that the
    /// command line names.
    pub(super) fn of_test(&self, tested: &str, named: &BTreeSet<&str>) -> Vec<Package> {
        let Some(program) = self.packages.get(&format!("{tested}.test")) else {
            return Vec::new();
        };
        let external = format!("{tested}_test");
        let external_variant = format!("{external} [{tested}.test]");
        let listed = program.dependencies.iter();
        listed
            .filter_map(|path| {
                let package = self.packages.get(path)?;
                let prefix = without_variant(path);
                let is_external = *path == external_variant;
                let import_path = if is_external { tested } else { prefix };
                // What is made for a test lacks some of this.
                let plain = self.packages.get(import_path).unwrap_or(package);
                Some(Package {
                    import_path: import_path.to_owned(),
                    // A program under test is compiled as a library (ForceLibrary in cmd/go/internal/work/gc.go).
                    prefix: prefix.to_owned(),
                    root: named.contains(import_path),
                    standard: plain.standard,
                    main_module: plain.main_module,
                    language: plain.language,
                    dependencies: package
                        .dependencies
                        .iter()
                        .map(|path| without_variant(path).to_owned())
                        .collect(),
                    ..package.clone()
                })
            })
            .collect()
    }
}

/// An import path without what it is compiled for.
fn without_variant(path: &str) -> &str {
    path.split_once(" [").map_or(path, |(path, _)| path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::TestList;
    use crate::toolchain::{gcflags::tests::package, list::Package};

    fn listed() -> TestList {
        let with = |path: &str, name: &str, files: &[&str], dependencies: &[&str]| Package {
            name: name.to_owned(),
            go_files: files.iter().map(ToString::to_string).collect(),
            dependencies: dependencies.iter().map(ToString::to_string).collect(),
            ..package(path, "/shop", false)
        };
        TestList::new(vec![
            with("os", "os", &["os.go"], &[]),
            with("a.test/shop", "main", &["shop.go"], &["os"]),
            with(
                "a.test/shop.test",
                "main",
                &["/cache/x-d"],
                &[
                    "a.test/shop [a.test/shop.test]",
                    "a.test/shop_test [a.test/shop.test]",
                    "a.test/cart [a.test/shop.test]",
                    "os",
                ],
            ),
            with(
                "a.test/shop [a.test/shop.test]",
                "main",
                &["shop.go", "shop_test.go"],
                &["os"],
            ),
            Package {
                main_module: false,
                ..with(
                    "a.test/shop_test [a.test/shop.test]",
                    "main_test",
                    &["other_test.go"],
                    &[
                        "a.test/shop [a.test/shop.test]",
                        "a.test/cart [a.test/shop.test]",
                        "os",
                    ],
                )
            },
            with("a.test/cart", "cart", &["cart.go"], &["os"]),
            with(
                "a.test/cart [a.test/shop.test]",
                "cart",
                &["cart.go"],
                &["a.test/shop [a.test/shop.test]"],
            ),
        ])
    }

    #[test]
    fn variants_are_their_packages() {
        let packages = listed().of_test("a.test/shop", &BTreeSet::from(["a.test/shop"]));
        let told: Vec<(&str, &str, bool, usize)> = packages
            .iter()
            .map(|p| (p.import_path.as_str(), p.prefix(), p.root, p.go_files.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("a.test/shop", "a.test/shop", true, 2),
                ("a.test/shop", "a.test/shop_test", true, 1),
                ("a.test/cart", "a.test/cart", false, 1),
                ("os", "os", false, 1),
            ]
        );
        assert!(packages[1].main_module, "as the tested package");
        assert_eq!(
            packages[1].dependencies,
            ["a.test/shop", "a.test/cart", "os"]
        );
    }

    #[test]
    fn a_package_without_tests_has_no_binary() {
        assert!(listed().of_test("a.test/cart", &BTreeSet::new()).is_empty());
    }
}
