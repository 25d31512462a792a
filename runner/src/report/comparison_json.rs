//! What differs between two sides as JSON lines (docs/json.md).

use std::path::Path;

use compare::{Change, Difference, Side, ValueChange, What};
use model::SourcePosition;
use serde_json::{Value as Json, json};

use super::{
    cause::{because, cause_json},
    difference::{headline, unstable},
};
use crate::worlds::ComparedTest;

/// An object for each difference that begins in a test, and in none before it; for each expectation that is judged otherwise, for each
/// thing that varies within a side, and for what could not be compared. `line` gives the line of a place in the spec.
pub(crate) fn comparison_json(
    test: &ComparedTest,
    spec: &Path,
    names: &[String; 2],
    line: &dyn Fn(usize) -> usize,
) -> Vec<Json> {
    let (spec, name) = (spec.to_string_lossy(), &test.name);
    let mut lines = Vec::new();
    for (index, found) in test.comparison.differences.iter().enumerate() {
        let mut line = difference_json(found, &spec, name);
        if let (Some(fields), Some(explained)) = (line.as_object_mut(), test.causes.get(index)) {
            fields.insert("cause".into(), cause_json(&explained.cause));
            fields.insert("because".into(), json!(because(&explained.cause)));
            fields.insert("write".into(), json!(explained.write));
        }
        lines.push(line);
    }
    for repeated in &test.comparison.repeated {
        let consequences: Vec<Json> = repeated.consequences.iter().map(change).collect();
        lines.push(json!({
            "event": "difference_again",
            "spec": spec,
            "test": name,
            "number": repeated.number,
            "message": headline(&repeated.root),
            "part": repeated.root.part,
            "also": repeated.also,
            "consequences": consequences,
        }));
    }
    for verdict in &test.verdicts {
        lines.push(json!({
            "event": "verdict_change",
            "spec": spec,
            "test": name,
            "line": line(verdict.place),
            "subject": verdict.subject,
            "before": verdict.before,
            "after": verdict.after,
        }));
    }
    for ((side, why), own) in test.sides.iter().zip(&test.could_not_run).zip(names) {
        lines.extend(varying(side, &spec, name, own));
        if let Some(why) = why {
            lines.push(json!({
                "event": "could_not_run",
                "spec": spec,
                "test": name,
                "side": own,
                "reason": why,
            }));
        }
    }
    if let Some(doubt) = &test.comparison.doubt {
        lines.push(json!({
            "event": "not_all_seen",
            "spec": spec,
            "test": name,
            "reason": doubt,
        }));
    }
    lines
}

/// A difference as an object.
pub(super) fn difference_json(found: &Difference, spec: &str, test: &str) -> Json {
    let mut line = change(&found.root);
    let consequences: Vec<Json> = found.consequences.iter().map(change).collect();
    if let Some(fields) = line.as_object_mut() {
        fields.insert("event".into(), "difference".into());
        fields.insert("spec".into(), spec.into());
        fields.insert("test".into(), test.into());
        fields.insert("number".into(), found.number.into());
        fields.insert("also".into(), json!(found.also));
        fields.insert("other_tests".into(), json!(found.tests));
        fields.insert("later".into(), found.later.into());
        fields.insert("consequences".into(), consequences.into());
        fields.insert("more".into(), found.more.into());
    }
    line
}

/// What all changes have, and what is of their kind.
fn change(change: &Change) -> Json {
    let [before, after] = &change.places;
    let mut all = json!({
        "message": headline(change),
        "part": change.part,
        "stack": change.stack,
        "function": change.function,
        "before_place": before.as_ref().map(place),
        "after_place": after.as_ref().map(place),
    });
    if let (Some(all), Json::Object(own)) = (all.as_object_mut(), of_kind(&change.what)) {
        all.extend(own);
    }
    all
}

fn of_kind(what: &What) -> Json {
    match what {
        What::Arguments(changes) => json!({ "kind": "arguments", "values": values(changes) }),
        What::Results(changes) => json!({ "kind": "results", "values": values(changes) }),
        What::Outcome { before, after } => json!({
            "kind": "outcome",
            "before": before.0.word(),
            "after": after.0.word(),
            "before_results": before.1,
            "after_results": after.1,
        }),
        What::Calls {
            before,
            after,
            arguments,
        } => json!({
            "kind": "calls",
            "before": before,
            "after": after,
            "arguments": arguments.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        }),
        What::Order { other, earlier } => json!({
            "kind": "order",
            "other": other,
            "earlier": earlier,
        }),
        What::Goroutine { own } => json!({ "kind": "goroutine", "own": own }),
        What::Answer { before, after } => json!({
            "kind": "answer",
            "before": before,
            "after": after,
        }),
        What::Part { added } => json!({ "kind": "part", "added": added }),
        What::Asked {
            request,
            before,
            after,
        } => json!({
            "kind": "asked",
            "request": request,
            "before": before,
            "after": after,
        }),
    }
}

fn values(changes: &[ValueChange]) -> Vec<Json> {
    let values = changes.iter().map(|change| {
        json!({
            "path": change.path,
            "before": change.before,
            "after": change.after,
        })
    });
    values.collect()
}

fn varying<'a>(
    side: &'a Side,
    spec: &'a str,
    test: &'a str,
    name: &'a str,
) -> impl Iterator<Item = Json> + 'a {
    side.unstable.iter().map(move |one| {
        json!({
            "event": "unstable",
            "spec": spec,
            "test": test,
            "side": name,
            "part": one.part,
            "function": one.function,
            "message": unstable(one),
        })
    })
}

fn place(place: &SourcePosition) -> Json {
    json!({ "file": place.file, "line": place.line })
}
