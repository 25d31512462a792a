//! Functions × tests, put together of what was seen of each test binary.

use std::collections::{BTreeMap, BTreeSet};

use crate::session::MappedTests;

/// A function or a function literal that the source declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeclaredRow {
    /// Its name, with the full package path and without type parameters.
    pub(crate) name: String,
    /// The path of its package, as its name begins with it.
    pub(crate) package: String,
    /// The file.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: u32,
    /// Whether it has a body in Go.
    pub(crate) has_body: bool,
    /// For a literal: the function that it is written in.
    pub(crate) within: Option<String>,
}

/// A test, by the import path of its package and its full name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Test {
    /// The package.
    pub(crate) package: String,
    /// The name.
    pub(crate) name: String,
}

/// How far it is known who reaches a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Tests reach it.
    Tests,
    /// Only work reaches it that belongs to no test.
    Outside,
    /// Nothing reaches it.
    Nothing,
    /// Calls of it are not seen, for this reason.
    NotSeen(String),
    /// Hits of it were lost, and none was seen.
    Lost,
}

/// A function, and who reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) name: String,
    /// The path of its package; empty if the source of it was not read.
    pub(crate) package: String,
    /// The file; empty if it is not known.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: u32,
    /// How far it is known who reaches it.
    pub(crate) reach: Reach,
    /// The tests that reach it.
    pub(crate) tests: BTreeSet<Test>,
    /// The packages in whose test binaries work reaches it that belongs to no test.
    pub(crate) outside: BTreeSet<String>,
    /// Why there may be more tests; none if there are not.
    pub(crate) incomplete: Option<String>,
}

/// Functions × tests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Matrix {
    /// The functions, by file and line.
    pub(crate) rows: Vec<Row>,
    /// How many hits were lost, those that show which test a call belongs to among them.
    pub(crate) lost: u64,
}

/// What is known of a function while the matrix is put together.
#[derive(Default)]
struct Draft {
    declared: Option<DeclaredRow>,
    place: (String, u32),
    tests: BTreeSet<Test>,
    outside: BTreeSet<String>,
    probed: bool,
    lost: u64,
    unseen: Option<String>,
}

impl Matrix {
    /// Puts together what the source declares and what was seen of each package's tests. With `declared_only`, what the source does
    /// not declare is left out, and so are the functions of test files.
    pub(crate) fn new(
        declared: Vec<DeclaredRow>,
        seen: &BTreeMap<String, MappedTests>,
        declared_only: bool,
    ) -> Self {
        let mut drafts: BTreeMap<String, Draft> = BTreeMap::new();
        for row in declared {
            let draft = drafts.entry(row.name.clone()).or_default();
            draft.place = (row.file.clone(), row.line);
            draft.declared = Some(row);
        }
        let mut lost = 0_u64;
        for (package, seen) in seen {
            lost = lost.saturating_add(seen.lost);
            for function in &seen.functions {
                let draft = drafts.entry(function.name.clone()).or_default();
                if let (None, Some(position)) = (&draft.declared, &function.position) {
                    draft.place = (position.file.clone(), position.line);
                }
                draft.probed = true;
                if function.outside {
                    draft.outside.insert(package.clone());
                }
                draft.lost = draft.lost.saturating_add(function.lost);
                lost = lost.saturating_add(function.lost);
                let tests = function.tests.iter().map(|name| Test {
                    package: package.clone(),
                    name: name.clone(),
                });
                draft.tests.extend(tests);
            }
            for (name, why) in &seen.unseen {
                let draft = drafts.entry(name.clone()).or_default();
                draft.unseen.get_or_insert_with(|| why.clone());
            }
        }
        let is_meant = |draft: &Draft| match &draft.declared {
            Some(row) => !(declared_only && row.file.ends_with("_test.go")),
            None => !declared_only && (draft.probed || draft.unseen.is_some()),
        };
        let probed: BTreeSet<String> = drafts
            .iter()
            .filter(|(_, draft)| draft.probed)
            .map(|(name, _)| name.clone())
            .collect();
        let drafts = drafts.into_iter().filter(|(_, draft)| is_meant(draft));
        let mut rows: Vec<Row> = drafts
            .map(|(name, draft)| draft.row(name, &probed))
            .collect();
        rows.sort_by(|one, other| {
            let place = |row: &Row| (row.package.clone(), row.file.clone(), row.line);
            place(one).cmp(&place(other))
        });
        Self { rows, lost }
    }

    /// The rows of which it is known that nothing reaches them.
    pub(crate) fn not_reached(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.reach == Reach::Nothing)
    }
}

impl Draft {
    fn row(self, name: String, probed: &BTreeSet<String>) -> Row {
        let reach = self.reach(probed);
        let incomplete = match (&self.unseen, self.lost) {
            (Some(why), _) => Some(why.clone()),
            (None, 0) => None,
            (None, lost) => Some(format!("{lost} of its hits were lost")),
        };
        let (file, line) = self.place;
        Row {
            name,
            package: self.declared.map_or_else(String::new, |row| row.package),
            file,
            line,
            reach,
            tests: self.tests,
            outside: self.outside,
            incomplete,
        }
    }

    fn reach(&self, probed: &BTreeSet<String>) -> Reach {
        if !self.tests.is_empty() {
            return Reach::Tests;
        }
        if let Some(why) = &self.unseen {
            return Reach::NotSeen(why.clone());
        }
        match &self.declared {
            _ if self.lost > 0 => Reach::Lost,
            _ if !self.outside.is_empty() => Reach::Outside,
            Some(row) if !self.probed && !row.has_body => {
                Reach::NotSeen("it has no body in Go".to_owned())
            }
            Some(DeclaredRow {
                within: Some(outer),
                ..
            }) if !self.probed && probed.contains(outer) => {
                Reach::NotSeen("the compiler left it out, or has another name for it".to_owned())
            }
            // What no binary has is used by nothing: the linker leaves it out.
            _ => Reach::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::MappedFunction;

    fn declared(name: &str, line: u32, within: Option<&str>) -> DeclaredRow {
        DeclaredRow {
            name: name.to_owned(),
            package: "shop".to_owned(),
            file: "/shop/shop.go".to_owned(),
            line,
            has_body: name != "shop.assembly",
            within: within.map(str::to_owned),
        }
    }

    fn function(name: &str, tests: &[&str], outside: bool, lost: u64) -> MappedFunction {
        MappedFunction {
            name: name.to_owned(),
            position: None,
            tests: tests.iter().map(ToString::to_string).collect(),
            outside,
            lost,
        }
    }

    #[test]
    fn what_is_not_known_is_never_said_to_be_unreached() {
        let all = vec![
            declared("shop.both", 1, None),
            declared("shop.init.0", 2, None),
            declared("shop.never", 3, None),
            declared("shop.left_out", 4, None),
            declared("shop.inlined", 5, None),
            declared("shop.partly", 6, None),
            declared("shop.lost", 7, None),
            declared("shop.assembly", 8, None),
            declared("shop.both.func1", 9, Some("shop.both")),
            declared("shop.left_out.func1", 10, Some("shop.left_out")),
            DeclaredRow {
                file: "/shop/shop_test.go".to_owned(),
                ..declared("shop.TestBoth", 1, None)
            },
        ];
        let seen = |functions, unseen: &[&str]| MappedTests {
            functions,
            unseen: unseen
                .iter()
                .map(|name| (name.to_string(), "inlined".to_owned()))
                .collect(),
            lost: 0,
        };
        let shop = seen(
            vec![
                function("shop.both", &["TestA", "TestA/b"], false, 0),
                function("shop.init.0", &[], true, 0),
                function("shop.never", &[], false, 0),
                function("shop.partly", &[], false, 0),
                function("shop.lost", &[], false, 3),
                function("shop.made", &["TestA"], false, 0),
                function("shop.TestBoth", &["TestBoth"], false, 0),
            ],
            &["shop.inlined", "shop.partly"],
        );
        let cart = seen(vec![function("shop.both", &["TestA"], false, 0)], &[]);
        let seen = BTreeMap::from([("shop".to_owned(), shop), ("cart".to_owned(), cart)]);
        let matrix = Matrix::new(all.clone(), &seen, true);
        let told: Vec<String> = matrix
            .rows
            .iter()
            .map(|row| {
                let tests = row
                    .tests
                    .iter()
                    .map(|test| format!("{} {}", test.package, test.name));
                let tests: Vec<_> = tests.collect();
                format!("{}: {:?} {}", row.name, row.reach, tests.join(", "))
            })
            .collect();
        assert_eq!(
            told,
            [
                "shop.both: Tests cart TestA, shop TestA, shop TestA/b",
                "shop.init.0: Outside ",
                "shop.never: Nothing ",
                "shop.left_out: Nothing ",
                "shop.inlined: NotSeen(\"inlined\") ",
                "shop.partly: NotSeen(\"inlined\") ",
                "shop.lost: Lost ",
                "shop.assembly: NotSeen(\"it has no body in Go\") ",
                "shop.both.func1: NotSeen(\"the compiler left it out, or has another name for it\") ",
                "shop.left_out.func1: Nothing ",
            ]
        );
        assert_eq!(matrix.lost, 3);
        let every = Matrix::new(all, &seen, false);
        assert_eq!(every.rows.len(), matrix.rows.len() + 2, "test files, too");
    }
}
