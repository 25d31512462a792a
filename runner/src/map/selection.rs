//! The tests that what changed calls for: of each function those that reach it, and where that is not known all that may.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use super::{
    binaries::{TestBinaries, is_test_file},
    change::{ChangedFunction, DeletedFunction},
    matrix::{Matrix, Reach, Row, Test},
    working_tree::Changes,
};

/// What changed, and the tests that it calls for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// The functions that changed, and their literals that did.
    pub(crate) functions: Vec<SelectedFunction>,
    /// The functions that are gone.
    pub(crate) deleted: Vec<DeletedFunction>,
    /// What changed outside of functions.
    pub(crate) outside: Vec<SelectedPlace>,
    /// The files that no tested package is built from.
    pub(crate) unbuilt: Vec<PathBuf>,
    /// The files that git ignores, so that it is not known whether they changed.
    pub(crate) ignored: Vec<PathBuf>,
    /// The tests, by package.
    pub(crate) runs: BTreeMap<String, Tests>,
    /// How many hits were lost.
    pub(crate) lost: u64,
}

/// A function that changed, and who reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SelectedFunction {
    /// The function, and the tests that reach it.
    pub(crate) row: Row,
    /// Whether it was not there before.
    pub(crate) is_new: bool,
    /// The packages all of whose tests are meant, and why.
    pub(crate) all: BTreeMap<String, String>,
}

/// What changed outside of functions, and the packages all of whose tests are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SelectedPlace {
    /// The file.
    pub(crate) file: PathBuf,
    /// The line, from 1, if it is about one.
    pub(crate) line: Option<u32>,
    /// What changed there.
    pub(crate) what: String,
    /// The packages.
    pub(crate) packages: BTreeSet<String>,
}

/// Tests of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tests {
    /// All of them.
    All,
    /// Those of these names, with all of their subtests.
    Named(BTreeSet<String>),
}

impl Selection {
    /// Finds the tests that what changed calls for.
    pub(crate) fn new(changes: Changes, matrix: &Matrix, binaries: &TestBinaries) -> Self {
        let rows: BTreeMap<&str, &Row> = matrix
            .rows
            .iter()
            .map(|row| (row.name.as_str(), row))
            .collect();
        let mut selection = Self {
            deleted: changes.change.deleted,
            unbuilt: changes.unbuilt,
            ignored: changes.ignored,
            lost: matrix.lost,
            ..Self::default()
        };
        for function in &changes.change.functions {
            let names = std::iter::once(&function.name).chain(&function.literals);
            for name in names {
                let row = rows
                    .get(name.as_str())
                    .map_or_else(|| unknown(function, name), |row| (*row).clone());
                selection.add(function, row, binaries);
            }
        }
        let outside = changes
            .change
            .outside
            .into_iter()
            .map(|change| SelectedPlace {
                packages: binaries.with_file(&change.file, &change.prefix),
                file: change.file,
                line: change.line,
                what: change.what,
            });
        let others = changes.others.into_iter().map(|other| SelectedPlace {
            file: other.file,
            line: None,
            what: other.why.to_owned(),
            packages: other.packages,
        });
        selection.outside = outside.chain(others).collect();
        let places = selection.outside.iter().flat_map(|place| &place.packages);
        for package in places.chain(
            selection
                .functions
                .iter()
                .flat_map(|function| function.all.keys()),
        ) {
            selection.runs.insert(package.clone(), Tests::All);
        }
        for test in selection
            .functions
            .iter()
            .flat_map(|function| &function.row.tests)
        {
            let known = selection.runs.entry(test.package.clone());
            if let Tests::Named(names) = known.or_insert_with(|| Tests::Named(BTreeSet::new())) {
                names.insert(top(&test.name).to_owned());
            }
        }
        selection
    }

    fn add(&mut self, function: &ChangedFunction, mut row: Row, binaries: &TestBinaries) {
        if row.name == function.name
            && let Some(test) = own_test(function, binaries)
        {
            row.tests.insert(test);
            row.reach = Reach::Tests;
        }
        let mut all = BTreeMap::new();
        let why = match (&row.reach, &row.incomplete) {
            (Reach::NotSeen(why), _) | (_, Some(why)) => Some(why.clone()),
            (Reach::Lost, None) => Some("its hits were lost".to_owned()),
            (Reach::Tests | Reach::Outside | Reach::Nothing, None) => None,
        };
        if let Some(why) = why {
            let packages = binaries.with_file(&function.file, &function.prefix);
            all.extend(
                packages
                    .into_iter()
                    .map(|package| (package, format!("its calls are not all seen: {why}"))),
            );
        }
        for package in &row.outside {
            let why = "work that belongs to no test reaches it";
            all.entry(package.clone()).or_insert_with(|| why.to_owned());
        }
        self.functions.push(SelectedFunction {
            row,
            is_new: function.is_new,
            all,
        });
    }

    /// Whether nothing changed that tests are built from or read.
    pub(crate) fn is_empty(&self) -> bool {
        self.functions.is_empty() && self.deleted.is_empty() && self.outside.is_empty()
    }

    /// The functions that changed and that no test reaches.
    pub(crate) fn not_reached(&self) -> impl Iterator<Item = &SelectedFunction> {
        let functions = self.functions.iter();
        functions.filter(|function| function.row.reach == Reach::Nothing && function.all.is_empty())
    }
}

/// `TestCart` for `TestCart/empty/of_a_guest`
fn top(test: &str) -> &str {
    test.split('/').next().unwrap_or(test)
}

/// What no test binary's source declares.
fn unknown(function: &ChangedFunction, name: &str) -> Row {
    Row {
        name: name.to_owned(),
        package: function.prefix.clone(),
        file: function.file.to_string_lossy().into_owned(),
        line: function.line,
        reach: Reach::NotSeen("it is not among what go compiles".to_owned()),
        tests: BTreeSet::new(),
        outside: BTreeSet::new(),
        incomplete: None,
    }
}

/// The test that a changed function is itself, whether it ran or not.
fn own_test(function: &ChangedFunction, binaries: &TestBinaries) -> Option<Test> {
    let name = function
        .name
        .strip_prefix(&function.prefix)?
        .strip_prefix('.')?;
    if !is_test_file(&function.file) || !is_test(name) {
        return None;
    }
    let package = binaries
        .with_file(&function.file, &function.prefix)
        .into_iter()
        .next()?;
    Some(Test {
        package,
        name: name.to_owned(),
    })
}

/// Whether go takes a function of a test file for a test, by its name (cmd/go/internal/load/test.go, isTest).
fn is_test(name: &str) -> bool {
    let rest = ["Test", "Fuzz", "Example"]
        .iter()
        .find_map(|start| name.strip_prefix(start));
    rest.is_some_and(|rest| {
        name != "TestMain" && !rest.starts_with(char::is_lowercase) && !rest.contains('.')
    })
}

#[cfg(test)]
mod tests {
    use golang::toolchain::BuiltPackage;

    use super::*;
    use crate::map::{
        binaries::TestBinary,
        change::{Change, OutsideChange},
    };

    fn binaries() -> TestBinaries {
        let package = |name: &str| BuiltPackage {
            prefix: name.to_owned(),
            folder: PathBuf::from("/").join(name),
            files: BTreeSet::new(),
        };
        let binary = |packages: &[&str]| TestBinary {
            folder: PathBuf::from("/").join(packages[0]),
            packages: packages.iter().map(|name| package(name)).collect(),
        };
        TestBinaries(BTreeMap::from([
            ("cart".to_owned(), binary(&["cart"])),
            ("shop".to_owned(), binary(&["shop", "cart"])),
        ]))
    }

    fn function(name: &str, file: &str, literals: &[&str]) -> ChangedFunction {
        ChangedFunction {
            name: name.to_owned(),
            prefix: name.split('.').next().unwrap().to_owned(),
            file: PathBuf::from(file),
            line: 3,
            is_new: false,
            literals: literals.iter().map(ToString::to_string).collect(),
        }
    }

    fn row(name: &str, reach: Reach, tests: &[(&str, &str)]) -> Row {
        let tests = tests.iter().map(|(package, name)| Test {
            package: package.to_string(),
            name: name.to_string(),
        });
        Row {
            tests: tests.collect(),
            reach,
            ..unknown(&function(name, "/cart/cart.go", &[]), name)
        }
    }

    /// The runs, and the functions that no test reaches.
    fn told(functions: Vec<ChangedFunction>, rows: Vec<Row>) -> (Vec<String>, Vec<String>) {
        told_of(
            Changes {
                change: Change {
                    functions,
                    ..Change::default()
                },
                ..Changes::default()
            },
            rows,
        )
    }

    fn told_of(changes: Changes, rows: Vec<Row>) -> (Vec<String>, Vec<String>) {
        let selection = Selection::new(changes, &Matrix { rows, lost: 0 }, &binaries());
        let runs = selection.runs.iter().map(|(package, tests)| match tests {
            Tests::All => format!("{package}: all"),
            Tests::Named(names) => format!(
                "{package}: {}",
                names.iter().cloned().collect::<Vec<_>>().join(" ")
            ),
        });
        let not_reached = selection
            .not_reached()
            .map(|function| function.row.name.clone());
        (runs.collect(), not_reached.collect())
    }

    #[test]
    fn the_tests_that_reach_what_changed_are_meant() {
        let rows = vec![
            row(
                "cart.Add",
                Reach::Tests,
                &[
                    ("cart", "TestAdd/one"),
                    ("cart", "TestAdd/two"),
                    ("shop", "TestBuy"),
                ],
            ),
            row("cart.Add.func1", Reach::Tests, &[("cart", "TestLate")]),
            row("cart.Old", Reach::Tests, &[("cart", "TestOld")]),
            row("cart.Never", Reach::Nothing, &[]),
        ];
        let changed = vec![
            function("cart.Add", "/cart/cart.go", &["cart.Add.func1"]),
            function("cart.Never", "/cart/cart.go", &[]),
        ];
        let (runs, not_reached) = told(changed, rows);
        assert_eq!(runs, ["cart: TestAdd TestLate", "shop: TestBuy"]);
        assert_eq!(not_reached, ["cart.Never"]);
    }

    #[test]
    fn where_it_is_not_known_who_reaches_it_all_are_meant() {
        let changed = || vec![function("cart.Add", "/cart/cart.go", &[])];
        let both = ["cart: all", "shop: all"];
        for reach in [Reach::NotSeen("inlined".to_owned()), Reach::Lost] {
            let (runs, not_reached) = told(changed(), vec![row("cart.Add", reach, &[])]);
            assert_eq!(runs, both);
            assert!(not_reached.is_empty());
        }
        assert_eq!(
            told(changed(), Vec::new()).0,
            both,
            "not in any binary's source"
        );
        let partly = Row {
            incomplete: Some("2 of its hits were lost".to_owned()),
            ..row("cart.Add", Reach::Tests, &[("cart", "TestAdd")])
        };
        assert_eq!(told(changed(), vec![partly]).0, both);
        let at_start = Row {
            outside: BTreeSet::from(["shop".to_owned()]),
            ..row(
                "cart.Add",
                Reach::Tests,
                &[("cart", "TestAdd"), ("shop", "TestBuy")],
            )
        };
        assert_eq!(
            told(changed(), vec![at_start]).0,
            ["cart: TestAdd", "shop: all"]
        );
    }

    #[test]
    fn a_changed_test_is_meant_itself() {
        let changed = vec![
            function("cart.TestAdd", "/cart/cart_test.go", &[]),
            function("cart.TestMain", "/cart/cart_test.go", &[]),
            function("cart.Testing", "/cart/cart_test.go", &[]),
            function("cart.TestNot", "/cart/cart.go", &[]),
        ];
        let rows = changed
            .iter()
            .map(|function| row(&function.name, Reach::Nothing, &[]));
        let (runs, not_reached) = told(changed.clone(), rows.collect());
        assert_eq!(runs, ["cart: TestAdd"]);
        assert_eq!(
            not_reached,
            ["cart.TestMain", "cart.Testing", "cart.TestNot"]
        );
    }

    #[test]
    fn what_is_outside_of_functions_means_all_tests_of_the_binaries() {
        let change = |file: &str| Changes {
            change: Change {
                outside: vec![OutsideChange {
                    prefix: "cart".to_owned(),
                    file: PathBuf::from(file),
                    line: Some(3),
                    what: "var x".to_owned(),
                }],
                ..Change::default()
            },
            ..Changes::default()
        };
        assert_eq!(
            told_of(change("/cart/cart.go"), Vec::new()).0,
            ["cart: all", "shop: all"]
        );
        assert_eq!(
            told_of(change("/cart/cart_test.go"), Vec::new()).0,
            ["cart: all"]
        );
    }
}
