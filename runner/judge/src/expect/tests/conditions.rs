//! Names that mean the calls for which a condition holds.

use model::{Content, Outcome};

use super::ONE;
use crate::expect::{
    Finding,
    testing::{Scene, count, is, lost, text},
};

/// Whether a condition holds for the only call, if that is known.
fn decided(mut scene: Scene, condition: &str) -> Option<bool> {
    scene.filtered("late", "place", condition);
    scene.test.counts = vec![count("late", is(1))];
    match scene.finding("count late") {
        Finding::Passed { .. } => Some(true),
        Finding::Failed(_) => Some(false),
        Finding::Inconclusive(_) => None,
    }
}

/// The same for `place("a", 2020, id, true)`, which returned "done"; `id` was lost.
fn holds(condition: &str) -> Option<bool> {
    let mut scene = Scene::new();
    scene.request("/");
    let parameters = ["name string", "year int", "id int", "gift bool"];
    scene.watch("place", &parameters, &["string"]);
    let arguments = vec![text("a"), Content::Int(2020), lost(), Content::Bool(true)];
    scene.call(ONE, "place", 1, arguments);
    scene.returned(vec![text("done")]);
    decided(scene, condition)
}

#[test]
fn every_operator_is_judged() {
    for (condition, wanted) in [
        (r#"name == "a""#, true),
        (r#"name == "b""#, false),
        (r#"name != "a""#, false),
        (r#"name != "b""#, true),
        ("year < 2020", false),
        ("year < 2021", true),
        ("year <= 2020", true),
        ("year <= 2019", false),
        ("year > 2020", false),
        ("year > 2019.5", true),
        ("year >= 2020", true),
        ("year >= 2021", false),
        (r#"name ~ "^[a-c]$""#, true),
        (r#"name ~ "^[b-c]$""#, false),
        ("gift", true),
        ("!gift", false),
        ("gift == false", false),
        (r#"gift && name == "a""#, true),
        (r#"gift && name == "b""#, false),
        (r#"!gift || name == "b""#, false),
        (r#"!gift || name == "a""#, true),
        (r#"returns[0] == "done""#, true),
        (r#"returns[0] != "done""#, false),
    ] {
        assert_eq!(holds(condition), Some(wanted), "{condition}");
    }
}

#[test]
fn what_was_not_read_leaves_open_only_what_it_decides() {
    for (condition, wanted) in [
        ("id == 1", None),
        ("id != 1", None),
        ("!(id == 1)", None),
        ("id == 1 && gift", None),
        ("id == 1 && !gift", Some(false)),
        ("id == 1 || gift", Some(true)),
        ("id == 1 || !gift", None),
        ("!(id == 1 || gift)", Some(false)),
        ("(id == 1 || gift) && year == 2020", Some(true)),
    ] {
        assert_eq!(holds(condition), wanted, "{condition}");
    }
}

#[test]
fn a_call_without_results_has_none_to_compare() {
    for (outcome, wanted) in [(Outcome::Panicked, Some(false)), (Outcome::Running, None)] {
        let mut scene = Scene::new();
        scene.request("/");
        scene.watch("place", &["name string"], &["string"]);
        let call = scene.call(ONE, "place", 1, vec![text("a")]);
        call.outcome = outcome;
        assert_eq!(decided(scene, r#"returns[0] == "done""#), wanted);
    }
}
