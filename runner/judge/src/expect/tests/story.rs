//! What happened, line by line, and what a written spec says of it.
//!
//! ```text
//! request g34
//! g34 handler 0..100
//! go g35 g34 10
//! g35 worker 12..20 panicked
//! ```
//! Times are in ms. A call's parent is the innermost one around it on its goroutine, in time; a goroutine belongs to the
//! request of the one that created it. `nested g36 g34` is a request within that of g34, but not the
//! test's; it comes behind the test's. `test g34` is the run of a Go test, in place of requests. `older g9` was there before; who created `unseen g8` was not seen. `n=3`, `s=x`
//! and `->4` are a call's arguments and its result; `12..` is still running.

use std::path::PathBuf;

use model::{
    CallId, Content, GoTest, GoTestKind, Goid, Goroutine, Outcome, Scope, ScopeId, ScopeKind,
    Timestamp, testing,
};
use spec::{Source, Spec, parse};

use crate::expect::{
    Finding, Verdict, judge,
    testing::{MS, Scene, text},
};

pub(super) const LABELS: [&str; 5] = ["handler", "worker", "a", "b", "c"];

/// A moment of a story; the window begins just before the first.
fn at(milliseconds: u64) -> Timestamp {
    Timestamp(milliseconds * MS + 1)
}

/// What happened, by these lines.
pub(super) fn story(lines: &str) -> Scene {
    let mut scene = Scene::new();
    for label in LABELS {
        scene.watch(label, &["n int", "s string"], &["int"]);
    }
    scene.evidence.observation.window = Some((at(0), at(1_000)));
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        add_line(&mut scene, line);
    }
    scene
}

pub(super) fn add_line(scene: &mut Scene, line: &str) {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["request", goid] => begin(scene, goid_of(goid)),
        ["test", goid] => begin_test(scene, goid_of(goid)),
        ["go", goid, creator, when] => {
            let created = at(when.parse().unwrap());
            go(scene, goid_of(goid), Some((goid_of(creator), created)));
        }
        ["nested", goid, outer] => nest(scene, goid_of(goid), goid_of(outer)),
        ["unseen", goid] => go(scene, goid_of(goid), None),
        ["older", goid] => go(scene, goid_of(goid), Some((Goid(1), Timestamp(0)))),
        [goid, label, times, rest @ ..] => call(scene, goid_of(goid), label, times, rest),
        _ => panic!("{line}"),
    }
}

fn goid_of(word: &str) -> Goid {
    Goid(word.trim_start_matches('g').parse().unwrap())
}

fn begin(scene: &mut Scene, goroutine: Goid) {
    let id = scene.request("/");
    let scopes = &mut scene.evidence.observation.scopes;
    scopes.push(testing::request(id, goroutine, at(0)));
    go(scene, goroutine, Some((Goid(1), Timestamp(0))));
}

fn begin_test(scene: &mut Scene, goroutine: Goid) {
    let scopes = &mut scene.evidence.observation.scopes;
    let id = ScopeId(scopes.len() as u32);
    scopes.push(Scope {
        kind: ScopeKind::Test(GoTest {
            kind: GoTestKind::Test,
            name: Some("TestT".to_owned()),
            skipped: false,
            failed: false,
        }),
        ..testing::request(id, goroutine, at(0))
    });
    scene.evidence.scopes.push(Ok(id));
    go(scene, goroutine, Some((Goid(1), Timestamp(0))));
}

fn nest(scene: &mut Scene, goroutine: Goid, outer: Goid) {
    let parent = owner(scene, outer);
    let scopes = &mut scene.evidence.observation.scopes;
    let id = ScopeId(scopes.len() as u32);
    scopes.push(Scope {
        parent,
        ..testing::request(id, goroutine, at(0))
    });
    go(scene, goroutine, Some((Goid(1), Timestamp(0))));
}

fn owner(scene: &Scene, goid: Goid) -> Option<ScopeId> {
    let observation = &scene.evidence.observation;
    let handles = observation.scopes.iter().find(|s| s.goroutine == goid);
    let inherits = || {
        observation
            .goroutines
            .iter()
            .find(|g| g.goid == goid)?
            .scope
    };
    handles.map(|scope| scope.id).or_else(inherits)
}

/// The innermost call of a goroutine at a moment.
fn innermost(scene: &Scene, goid: Goid, when: Timestamp) -> Option<CallId> {
    let calls = scene.evidence.observation.calls.iter().rev();
    let mut open = calls.filter(|call| call.goroutine == goid && call.entered <= when);
    open.find(|call| call.left.is_none_or(|left| left > when))
        .map(|call| call.id)
}

fn go(scene: &mut Scene, goid: Goid, created: Option<(Goid, Timestamp)>) {
    let creator = created.map(|(creator, _)| creator);
    let goroutine = Goroutine {
        creator,
        creating_call: created.and_then(|(creator, when)| innermost(scene, creator, when)),
        scope: creator.and_then(|creator| owner(scene, creator)),
        created: created.map(|(_, when)| when),
        ..testing::goroutine(goid)
    };
    scene.evidence.observation.goroutines.push(goroutine);
}

fn call(scene: &mut Scene, goid: Goid, label: &str, times: &str, rest: &[&str]) {
    let (entered, left) = times.split_once("..").unwrap();
    let entered = at(entered.parse().unwrap());
    let left = left.parse().ok().map(at);
    let (parent, scope) = (innermost(scene, goid, entered), owner(scene, goid));
    let (mut number, mut word, mut result) = (0, "", None);
    let mut outcome = match left {
        Some(_) => Outcome::Returned,
        None => Outcome::Running,
    };
    for given in rest {
        if let Some(given) = given.strip_prefix("n=") {
            number = given.parse().unwrap();
        } else if let Some(given) = given.strip_prefix("s=") {
            word = given;
        } else if let Some(given) = given.strip_prefix("->") {
            result = Some(given.parse().unwrap());
        } else {
            outcome = match *given {
                "panicked" => Outcome::Panicked,
                "recovered" => Outcome::Recovered,
                "goexit" => Outcome::Goexit,
                "unwound" => Outcome::Unwound,
                "ended" => Outcome::ProcessEnded,
                other => panic!("{other}"),
            };
        }
    }
    let call = scene.call(scope, label, 0, vec![Content::Int(number), text(word)]);
    call.goroutine = goid;
    call.parent = parent;
    call.entered = entered;
    call.left = left;
    call.outcome = outcome;
    if let Some(result) = result {
        scene.returned(vec![Content::Int(result)]);
    }
}

/// A written test, with as many requests as the story has.
pub(super) fn written(scene: &Scene, test: &str) -> Spec {
    let functions = LABELS.map(|label| format!("{label} = \"main.{label}\"\n"));
    let requests = match scene.evidence.exchanges.len() {
        0 => String::new(),
        count => format!("request = {{ get = \"/\", repeat = {count} }}\n"),
    };
    let is_go_test = scene.evidence.exchanges.is_empty() && !scene.evidence.scopes.is_empty();
    if is_go_test {
        let text = format!(
            "[functions]\n{}[[test]]\ngo-test = \"TestT\"\n{test}\n",
            functions.concat()
        );
        return understood(&text);
    }
    let text = format!(
        "[program]\npackage = \"./x\"\nargs = [\"${{port}}\"]\n[functions]\n{}[[test]]\nname = \"t\"\n{requests}{test}\n",
        functions.concat()
    );
    understood(&text)
}

fn understood(text: &str) -> Spec {
    parse(Source::new("x.proctor.toml", text)).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

/// The verdicts of a written test, but those on answers and on labels as such, with the text at each.
pub(super) fn verdicts(scene: &Scene, test: &str) -> Vec<(String, Verdict)> {
    let mut spec = written(scene, test);
    spec.functions.extend(
        scene
            .spec
            .functions
            .iter()
            .filter(|function| !LABELS.contains(&function.label.value.as_str()))
            .cloned(),
    );
    judge(&spec, &spec.tests[0], &scene.evidence)
        .into_iter()
        .filter(|verdict| !verdict.subject.starts_with("status"))
        .map(|verdict| {
            let place = spec.source.text[verdict.span.clone()].to_owned();
            (place, verdict)
        })
        .collect()
}

/// The only finding of a written test.
#[track_caller]
pub(super) fn finding(scene: &Scene, test: &str) -> Finding {
    let mut verdicts = verdicts(scene, test);
    assert_eq!(verdicts.len(), 1, "{test}: {verdicts:#?}");
    verdicts.remove(0).1.finding
}

/// A finding in one letter.
pub(super) fn letter(finding: &Finding) -> char {
    match finding {
        Finding::Passed { .. } => 'p',
        Finding::Failed(_) => 'f',
        Finding::Inconclusive(_) => '?',
    }
}

/// That each written test comes out so.
#[track_caller]
pub(super) fn come_out(lines: &str, tests: &[(&str, char)]) {
    let scene = story(lines);
    for (test, wanted) in tests {
        let found = finding(&scene, test);
        assert_eq!(letter(&found), *wanted, "{test}: {found:#?}\n{lines}");
    }
}
