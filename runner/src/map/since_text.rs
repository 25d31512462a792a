//! The tests that reach what changed, for people.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use super::{
    matrix::Reach,
    selection::{SelectedFunction, Selection},
    test_run::{GoTest, PackageFolder, command_line},
    text::{place, tests},
};

/// Each function that changed with the tests that reach it, what else changed, and the commands that run the tests. Files are shown as from
/// `folder`.
pub(crate) fn since_text(
    selection: &Selection,
    revision: &str,
    go: &GoTest,
    packages: &BTreeMap<String, PackageFolder>,
    folder: &Path,
) -> String {
    let mut text = String::new();
    let shown = |file: &Path| {
        file.strip_prefix(folder)
            .unwrap_or(file)
            .display()
            .to_string()
    };
    for function in &selection.functions {
        write_function(&mut text, function, folder);
    }
    let gap = |text: &mut String| {
        if !text.is_empty() {
            text.push('\n');
        }
    };
    if !selection.outside.is_empty() {
        gap(&mut text);
        text.push_str("changed outside of functions:\n");
        for one in &selection.outside {
            let line = one.line.map_or_else(String::new, |line| format!(":{line}"));
            let _ = writeln!(text, "    {}{line}  {}", shown(&one.file), one.what);
            let _ = match one.packages.is_empty() {
                true => writeln!(text, "        no tests are built from it"),
                false => writeln!(text, "        all tests of {}", listed(&one.packages)),
            };
        }
    }
    if !selection.deleted.is_empty() {
        gap(&mut text);
        text.push_str("deleted, so no test reaches them now:\n");
        for one in &selection.deleted {
            let _ = writeln!(text, "    {}  {}", one.name, shown(&one.file));
        }
    }
    let not_reached: Vec<&SelectedFunction> = selection.not_reached().collect();
    if !not_reached.is_empty() {
        gap(&mut text);
    }
    for function in not_reached {
        let how = if function.is_new { "is new" } else { "changed" };
        let row = &function.row;
        let _ = writeln!(
            text,
            "no test reaches {}, which {how}  {}",
            row.name,
            place(row, folder)
        );
    }
    for (title, files) in [
        (
            "not in the tests' binaries, so not looked at",
            &selection.unbuilt,
        ),
        (
            "ignored by git, so it is not known whether they changed",
            &selection.ignored,
        ),
    ] {
        if !files.is_empty() {
            gap(&mut text);
            let _ = writeln!(text, "{title}:");
        }
        for file in files {
            let _ = writeln!(text, "    {}", shown(file));
        }
    }
    gap(&mut text);
    if selection.runs.is_empty() {
        let _ = match selection.is_empty() {
            true => writeln!(
                text,
                "nothing changed since {revision} that the tests are built from or read"
            ),
            false => writeln!(
                text,
                "no test to run: none reaches what changed since {revision}"
            ),
        };
        return text;
    }
    let _ = writeln!(text, "to run what may see the changes since {revision}:");
    for (package, tests) in &selection.runs {
        if let Some(folder) = packages.get(package) {
            let _ = writeln!(text, "    {}", command_line(&go.words(tests, folder)));
        }
    }
    text
}

/// A function that tests reach, or of which it is not known.
fn write_function(text: &mut String, function: &SelectedFunction, folder: &Path) {
    let row = &function.row;
    if row.reach == Reach::Nothing && function.all.is_empty() {
        return;
    }
    let new = if function.is_new { "  new" } else { "" };
    let _ = writeln!(text, "{}  {}{new}", row.name, place(row, folder));
    for line in tests(row) {
        let _ = writeln!(text, "    {line}");
    }
    let mut reasons: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (package, why) in &function.all {
        reasons.entry(why).or_default().insert(package.clone());
    }
    for (why, packages) in reasons {
        let _ = writeln!(text, "    all tests of {}: {why}", listed(&packages));
    }
}

/// `shop, cart`
fn listed(packages: &BTreeSet<String>) -> String {
    packages
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

#[cfg(test)]
mod tests_of_text {
    use std::path::PathBuf;

    use super::*;
    use crate::map::{
        change::DeletedFunction,
        matrix::{Row, Test},
        selection::{SelectedPlace, Tests},
    };

    fn function(name: &str, reach: Reach, tests: &[&str], is_new: bool) -> SelectedFunction {
        let tests = tests.iter().map(|name| Test {
            package: "a.test/shop".to_owned(),
            name: name.to_string(),
        });
        SelectedFunction {
            row: Row {
                name: name.to_owned(),
                package: "a.test/shop".to_owned(),
                file: "/shop/shop.go".to_owned(),
                line: 7,
                reach,
                tests: tests.collect(),
                outside: BTreeSet::new(),
                incomplete: None,
            },
            is_new,
            all: BTreeMap::new(),
        }
    }

    #[test]
    fn each_change_has_its_tests_and_the_commands_come_last() {
        let shop = "a.test/shop".to_owned();
        let selection = Selection {
            functions: vec![
                function("shop.f", Reach::Tests, &["TestA", "TestA/b"], false),
                SelectedFunction {
                    all: BTreeMap::from([(
                        shop.clone(),
                        "its calls are not all seen: inlined".to_owned(),
                    )]),
                    ..function("shop.g", Reach::NotSeen("inlined".to_owned()), &[], true)
                },
                function("shop.h", Reach::Nothing, &[], false),
                function("shop.i", Reach::Nothing, &[], true),
            ],
            deleted: vec![DeletedFunction {
                name: "shop.old".to_owned(),
                file: PathBuf::from("/shop/old.go"),
            }],
            outside: vec![SelectedPlace {
                file: PathBuf::from("/shop/shop.go"),
                line: Some(3),
                what: "var x".to_owned(),
                packages: BTreeSet::from([shop.clone(), "a.test/cart".to_owned()]),
            }],
            unbuilt: vec![PathBuf::from("/shop/tool/tool.go")],
            ignored: vec![PathBuf::from("/shop/made.go")],
            runs: BTreeMap::from([
                (shop.clone(), Tests::All),
                (
                    "a.test/cart".to_owned(),
                    Tests::Named(BTreeSet::from(["TestB".to_owned()])),
                ),
            ]),
            lost: 0,
        };
        let packages = BTreeMap::from([
            (shop, PackageFolder::Folder(PathBuf::from("/shop"))),
            (
                "a.test/cart".to_owned(),
                PackageFolder::Folder(PathBuf::from("/shop/cart")),
            ),
        ]);
        let go = GoTest {
            flags: Vec::new(),
            folder: PathBuf::from("/shop"),
        };
        assert_eq!(
            since_text(&selection, "HEAD~1", &go, &packages, Path::new("/shop")),
            "shop.f  shop.go:7\n    TestA\n    TestA/b\n\
             shop.g  shop.go:7  new\n    all tests of a.test/shop: its calls are not all seen: inlined\n\n\
             changed outside of functions:\n    shop.go:3  var x\n        all tests of a.test/cart, a.test/shop\n\n\
             deleted, so no test reaches them now:\n    shop.old  old.go\n\n\
             no test reaches shop.h, which changed  shop.go:7\nno test reaches shop.i, which is new  shop.go:7\n\n\
             not in the tests' binaries, so not looked at:\n    tool/tool.go\n\n\
             ignored by git, so it is not known whether they changed:\n    made.go\n\n\
             to run what may see the changes since HEAD~1:\n    go test -run '^TestB$' ./cart\n    go test .\n"
        );
        let none = Selection::default();
        assert_eq!(
            since_text(&none, "main", &go, &packages, Path::new("/shop")),
            "nothing changed since main that the tests are built from or read\n"
        );
    }
}
