//! Which test binaries are built from a file.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use golang::toolchain::BuiltPackage;

/// The test binary of a package.
#[derive(Clone, Debug)]
pub(crate) struct TestBinary {
    /// The folder of the package that is tested.
    pub(crate) folder: PathBuf,
    /// The packages that it is built from.
    pub(crate) packages: Vec<BuiltPackage>,
}

/// The test binaries that `go test` runs, by the import paths of the packages that are tested.
#[derive(Clone, Debug, Default)]
pub(crate) struct TestBinaries(pub(crate) BTreeMap<String, TestBinary>);

/// A package of the test binaries: how the names of its functions begin, and its Go files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BuiltFiles {
    /// The names of files, and the prefix of the package that each belongs to.
    pub(crate) files: BTreeMap<String, String>,
    /// The prefix of the package of this folder itself.
    pub(crate) prefix: String,
}

impl TestBinaries {
    /// What is built from the files of a folder; none if nothing is.
    pub(crate) fn built_in(&self, folder: &Path) -> Option<BuiltFiles> {
        let mut built = BuiltFiles::default();
        for package in self.packages().filter(|package| package.folder == folder) {
            let files = package.files.iter();
            let files = files.map(|file| (file.clone(), package.prefix.clone()));
            built.files.extend(files);
            let is_external = package
                .files
                .iter()
                .all(|file| is_test_file(Path::new(file)));
            if built.prefix.is_empty() || !is_external {
                built.prefix.clone_from(&package.prefix);
            }
        }
        // Of a package with nothing but external tests.
        let alone = self.0.iter().find(|(path, binary)| {
            binary.folder == folder && built.prefix.strip_suffix("_test") == Some(path)
        });
        if let Some((path, _)) = alone {
            built.prefix.clone_from(path);
        }
        (!built.prefix.is_empty()).then_some(built)
    }

    /// The packages whose tests a change of a Go file may concern: of a test file its own, of another file each whose binary has
    /// its package.
    pub(crate) fn with_file(&self, file: &Path, prefix: &str) -> BTreeSet<String> {
        let folder = file.parent();
        let has = |binary: &TestBinary| match is_test_file(file) {
            true => Some(binary.folder.as_path()) == folder,
            false => binary
                .packages
                .iter()
                .any(|package| package.prefix == prefix),
        };
        self.those(has)
    }

    /// The packages whose tests a file beside the Go files may concern: those whose binaries have the package of the nearest folder, or one of a
    /// folder further up that `embeds`.
    pub(crate) fn with_other_file(
        &self,
        file: &Path,
        embeds: &dyn Fn(&BuiltPackage) -> bool,
    ) -> BTreeSet<String> {
        let folders: BTreeSet<&Path> = self
            .packages()
            .map(|package| package.folder.as_path())
            .collect();
        let above = file
            .ancestors()
            .skip(1)
            .filter(|folder| folders.contains(folder));
        let above: Vec<&Path> = above.collect();
        let Some(nearest) = above.first() else {
            return BTreeSet::new();
        };
        let is_meant = |package: &BuiltPackage| {
            package.folder == *nearest
                || above.contains(&package.folder.as_path()) && embeds(package)
        };
        self.those(|binary| binary.packages.iter().any(is_meant))
    }

    /// The packages whose binaries have packages in a folder or below it.
    pub(crate) fn within(&self, folder: &Path) -> BTreeSet<String> {
        let is_within = |package: &BuiltPackage| package.folder.starts_with(folder);
        self.those(|binary| binary.packages.iter().any(is_within))
    }

    /// The Go files that the test binaries are built from.
    pub(crate) fn files(&self) -> BTreeSet<PathBuf> {
        let files = |package: &BuiltPackage| -> Vec<PathBuf> {
            let files = package.files.iter();
            files.map(|file| package.folder.join(file)).collect()
        };
        self.packages().flat_map(files).collect()
    }

    fn packages(&self) -> impl Iterator<Item = &BuiltPackage> {
        self.0.values().flat_map(|binary| &binary.packages)
    }

    fn those(&self, is_meant: impl Fn(&TestBinary) -> bool) -> BTreeSet<String> {
        let meant = self.0.iter().filter(|(_, binary)| is_meant(binary));
        meant.map(|(package, _)| package.clone()).collect()
    }
}

/// Whether go compiles a file for tests alone.
pub(crate) fn is_test_file(file: &Path) -> bool {
    file.to_string_lossy().ends_with("_test.go")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(prefix: &str, folder: &str, files: &[&str]) -> BuiltPackage {
        BuiltPackage {
            prefix: prefix.to_owned(),
            folder: PathBuf::from(folder),
            files: files.iter().map(ToString::to_string).collect(),
        }
    }

    fn binaries() -> TestBinaries {
        let binary = |folder: &str, packages| TestBinary {
            folder: PathBuf::from(folder),
            packages,
        };
        let cart = package("a.test/cart", "/a/cart", &["cart.go"]);
        let shop = binary(
            "/a",
            vec![
                package("a.test", "/a", &["shop.go", "shop_test.go"]),
                package("a.test_test", "/a", &["out_test.go"]),
                cart.clone(),
            ],
        );
        let only = binary(
            "/a/only",
            vec![package("a.test/only_test", "/a/only", &["only_test.go"])],
        );
        let of_cart = BuiltPackage {
            files: ["cart.go", "cart_test.go"].map(str::to_owned).into(),
            ..cart
        };
        TestBinaries(BTreeMap::from([
            ("a.test".to_owned(), shop),
            ("a.test/cart".to_owned(), binary("/a/cart", vec![of_cart])),
            ("a.test/only".to_owned(), only),
        ]))
    }

    #[test]
    fn files_belong_to_the_packages_of_their_folder() {
        let told = |folder: &str| {
            let built = binaries().built_in(Path::new(folder))?;
            let files = built
                .files
                .into_iter()
                .map(|(file, prefix)| format!("{file} {prefix}"));
            Some((built.prefix, files.collect::<Vec<_>>().join(", ")))
        };
        let said = |prefix: &str, files: &str| Some((prefix.to_owned(), files.to_owned()));
        assert_eq!(
            told("/a"),
            said(
                "a.test",
                "out_test.go a.test_test, shop.go a.test, shop_test.go a.test"
            )
        );
        assert_eq!(
            told("/a/cart"),
            said(
                "a.test/cart",
                "cart.go a.test/cart, cart_test.go a.test/cart"
            )
        );
        assert_eq!(
            told("/a/only"),
            said("a.test/only", "only_test.go a.test/only_test")
        );
        assert_eq!(told("/a/docs"), None);
    }

    #[test]
    fn a_file_concerns_the_tests_that_are_built_from_it() {
        let of = |file: &str, prefix: &str| {
            binaries()
                .with_file(Path::new(file), prefix)
                .into_iter()
                .collect::<Vec<_>>()
        };
        assert_eq!(
            of("/a/cart/cart.go", "a.test/cart"),
            ["a.test", "a.test/cart"]
        );
        assert_eq!(of("/a/cart/cart_test.go", "a.test/cart"), ["a.test/cart"]);
        assert_eq!(of("/a/out_test.go", "a.test_test"), ["a.test"]);
        assert_eq!(of("/a/gone.go", "a.test"), ["a.test"]);
    }

    #[test]
    fn another_file_concerns_the_nearest_package() {
        let of = |file: &str, embedding: &str| {
            let meant =
                binaries().with_other_file(Path::new(file), &|package| package.prefix == embedding);
            meant.into_iter().collect::<Vec<_>>()
        };
        assert_eq!(of("/a/cart/testdata/x.json", ""), ["a.test", "a.test/cart"]);
        assert_eq!(of("/a/docs/x.md", ""), ["a.test"]);
        assert_eq!(of("/a/only/x.txt", ""), ["a.test/only"]);
        assert_eq!(of("/a/only/x.txt", "a.test"), ["a.test", "a.test/only"]);
        assert_eq!(of("/b/x.txt", ""), [""; 0]);
    }
}
