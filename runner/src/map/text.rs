//! The matrix for people.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use super::matrix::{Matrix, Reach, Row, Test};

/// So many subtests of one test are named; of more, their number is said.
const SUBTESTS_SHOWN: usize = 4;

/// For each function the tests that reach it, then the functions that are reached outside of tests alone, those that are not seen, and
/// those that no test reaches. Files are shown as from `folder`.
pub(crate) fn text(matrix: &Matrix, folder: &Path) -> String {
    let mut text = String::new();
    let of = |reach: fn(&Reach) -> bool| {
        let rows = matrix.rows.iter().filter(move |row| reach(&row.reach));
        rows.collect::<Vec<_>>()
    };
    for row in of(|reach| *reach == Reach::Tests) {
        let _ = writeln!(text, "{}  {}", row.name, place(row, folder));
        for line in tests(row) {
            let _ = writeln!(text, "    {line}");
        }
        if let Some(why) = &row.incomplete {
            let _ = writeln!(text, "    there may be more: {why}");
        }
    }
    let mut section = |title: &str, rows: Vec<&Row>| {
        if rows.is_empty() {
            return;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}{title}:");
        for row in rows {
            let why = match &row.reach {
                Reach::NotSeen(why) => format!("  {why}"),
                Reach::Lost => "  its hits were lost".to_owned(),
                _ => String::new(),
            };
            let _ = writeln!(text, "    {}  {}{why}", row.name, place(row, folder));
        }
    };
    section(
        "reached outside of tests alone (init, TestMain, what no test started)",
        of(|reach| *reach == Reach::Outside),
    );
    section(
        "not seen, so it is not known who reaches them",
        of(|reach| matches!(reach, Reach::NotSeen(_) | Reach::Lost)),
    );
    section("no test reaches", matrix.not_reached().collect());
    text
}

/// `shop/shop.go:12`
pub(super) fn place(row: &Row, folder: &Path) -> String {
    if row.file.is_empty() {
        return String::new();
    }
    let file = Path::new(&row.file);
    let file = file.strip_prefix(folder).unwrap_or(file);
    format!("{}:{}", file.display(), row.line)
}

/// The tests of a function, a line each; those of other packages with their import paths.
pub(super) fn tests(row: &Row) -> Vec<String> {
    let mut by_top: BTreeMap<(&str, &str), Vec<&Test>> = BTreeMap::new();
    for test in &row.tests {
        let top = test.name.split('/').next().unwrap_or(&test.name);
        let tests = by_top.entry((&test.package, top)).or_default();
        tests.push(test);
    }
    let mut lines = Vec::new();
    for ((package, top), tests) in by_top {
        let own = row.package.strip_suffix("_test").unwrap_or(&row.package);
        let package = match package == own {
            true => String::new(),
            false => format!("  ({package})"),
        };
        let (itself, subtests): (Vec<_>, Vec<_>) =
            tests.into_iter().partition(|test| test.name == top);
        if !itself.is_empty() {
            lines.push(format!("{top}{package}"));
        }
        match subtests.len() {
            0..=SUBTESTS_SHOWN => {
                let names = subtests
                    .iter()
                    .map(|test| format!("{}{package}", test.name));
                lines.extend(names);
            }
            many => lines.push(format!("{top}/…{package}  {many} subtests")),
        }
    }
    lines
}

#[cfg(test)]
mod tests_of_text {
    use std::collections::BTreeSet;

    use super::*;

    fn row(name: &str, reach: Reach, tests: &[(&str, &str)]) -> Row {
        Row {
            name: name.to_owned(),
            package: "a.test/shop".to_owned(),
            file: "/shop/cart/cart.go".to_owned(),
            line: 7,
            reach,
            tests: tests
                .iter()
                .map(|(package, name)| Test {
                    package: package.to_string(),
                    name: name.to_string(),
                })
                .collect(),
            outside: BTreeSet::new(),
            incomplete: None,
        }
    }

    #[test]
    fn each_function_has_its_tests_and_the_unreached_come_last() {
        let many: Vec<String> = (0..9).map(|number| format!("TestTable/{number}")).collect();
        let mut tests = vec![
            ("a.test/shop", "TestA"),
            ("a.test/shop", "TestA/b"),
            ("a.test/other", "TestC"),
        ];
        tests.extend(many.iter().map(|name| ("a.test/shop", name.as_str())));
        let matrix = Matrix {
            rows: vec![
                row("shop.f", Reach::Tests, &tests),
                row("shop.init.0", Reach::Outside, &[]),
                row("shop.g", Reach::NotSeen("inlined".to_owned()), &[]),
                row("shop.h", Reach::Nothing, &[]),
            ],
            lost: 0,
        };
        assert_eq!(
            text(&matrix, Path::new("/shop")),
            "shop.f  cart/cart.go:7\n    TestC  (a.test/other)\n    TestA\n    TestA/b\n    TestTable/…  9 subtests\n\n\
             reached outside of tests alone (init, TestMain, what no test started):\n    shop.init.0  cart/cart.go:7\n\n\
             not seen, so it is not known who reaches them:\n    shop.g  cart/cart.go:7  inlined\n\n\
             no test reaches:\n    shop.h  cart/cart.go:7\n"
        );
    }
}
