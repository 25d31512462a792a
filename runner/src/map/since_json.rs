//! The tests that reach what changed as JSON lines (docs/json.md).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    json::{is_not_seen, line},
    selection::{SelectedFunction, Selection, Tests},
    test_run::{GoTest, PackageFolder},
};

/// An object for each function that changed, for each that is gone, for each change outside of functions, for each file that is not looked at,
/// for each package with tests to run, and one for all.
pub(crate) fn since_json_lines(
    selection: &Selection,
    revision: &str,
    commit: &str,
    go: &GoTest,
    packages: &BTreeMap<String, PackageFolder>,
) -> Vec<Value> {
    let mut lines: Vec<Value> = selection.functions.iter().map(of_function).collect();
    lines.extend(selection.deleted.iter().map(|one| {
        json!({
            "event": "deleted",
            "function": one.name,
            "file": one.file.to_string_lossy(),
        })
    }));
    lines.extend(selection.outside.iter().map(|one| {
        json!({
            "event": "outside",
            "file": one.file.to_string_lossy(),
            "line": one.line,
            "what": one.what,
            "packages": one.packages,
        })
    }));
    for (event, files) in [
        ("not_built", &selection.unbuilt),
        ("ignored", &selection.ignored),
    ] {
        lines.extend(files.iter().map(|file| {
            json!({
                "event": event,
                "file": file.to_string_lossy(),
            })
        }));
    }
    for (package, tests) in &selection.runs {
        let names = match tests {
            Tests::All => None,
            Tests::Named(names) => Some(names),
        };
        let command = packages.get(package).map(|folder| go.words(tests, folder));
        lines.push(json!({
            "event": "run",
            "package": package,
            "tests": names,
            "command": command,
        }));
    }
    let not_seen = selection
        .functions
        .iter()
        .filter(|function| is_not_seen(&function.row));
    lines.push(json!({
        "event": "since",
        "revision": revision,
        "commit": commit,
        "functions": selection.functions.len(),
        "deleted": selection.deleted.len(),
        "outside": selection.outside.len(),
        "not_reached": selection.not_reached().count(),
        "not_seen": not_seen.count(),
        "lost": selection.lost,
    }));
    lines
}

fn of_function(function: &SelectedFunction) -> Value {
    let mut value = line(&function.row);
    if let Value::Object(fields) = &mut value {
        let change = if function.is_new { "new" } else { "changed" };
        fields.insert("change".to_owned(), change.into());
        fields.insert("all_tests_of".to_owned(), json!(function.all));
    }
    value
}
