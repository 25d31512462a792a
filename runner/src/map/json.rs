//! The matrix as JSON lines (docs/json.md).

use serde_json::{Value, json};

use super::matrix::{Matrix, Reach, Row};

/// An object for each function, and one for all.
pub(crate) fn json_lines(matrix: &Matrix) -> Vec<Value> {
    let count = |reach: &Reach| matrix.rows.iter().filter(|row| row.reach == *reach).count();
    let not_seen = matrix.rows.iter().filter(|row| is_not_seen(row)).count();
    let mut lines: Vec<Value> = matrix.rows.iter().map(line).collect();
    lines.push(json!({
        "event": "map",
        "functions": matrix.rows.len(),
        "reached": count(&Reach::Tests),
        "outside": count(&Reach::Outside),
        "not_reached": count(&Reach::Nothing),
        "not_seen": not_seen,
        "lost": matrix.lost,
    }));
    lines
}

pub(super) fn is_not_seen(row: &Row) -> bool {
    matches!(row.reach, Reach::NotSeen(_) | Reach::Lost)
}

pub(super) fn line(row: &Row) -> Value {
    let reach = match row.reach {
        Reach::Tests => "tests",
        Reach::Outside => "outside",
        Reach::Nothing => "nothing",
        Reach::NotSeen(_) | Reach::Lost => "not_seen",
    };
    let tests = row.tests.iter();
    let tests = tests.map(|test| json!({ "package": test.package, "name": test.name }));
    let reason = match &row.reach {
        Reach::NotSeen(why) => Some(why),
        _ => row.incomplete.as_ref(),
    };
    json!({
        "event": "function",
        "function": row.name,
        "file": (!row.file.is_empty()).then_some(&row.file),
        "line": (!row.file.is_empty()).then_some(row.line),
        "reach": reach,
        "tests": tests.collect::<Vec<_>>(),
        "incomplete": reason,
    })
}
