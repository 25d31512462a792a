//! Sequences, from the user's side; the search against an enumerator of all assignments.

use fastrand::Rng;
use model::{Content, Goid, ScopeId, Timestamp};
use spec::{
    document::{SequenceElement, SequenceMode},
    matcher::Comparison,
};

use super::search::{Assigned, Candidates, Obstacles, Problem, Solution, search};
use crate::expect::{
    FailureKind, Finding,
    testing::{MS, Scene, argument, at, bound, compares, is, lost, request, sequence, step, text},
    tests::{failure, unknown},
};

const ONE: ScopeId = ScopeId(0);

/// A scene with one request that made these calls, a ms apart; all of `a` … `d` and `x` are watched.
fn seen(calls: &str) -> Scene {
    let mut scene = Scene::new();
    for label in ["a", "b", "c", "d", "x"] {
        scene.watch(label, &["n int", "s string"], &["int"]);
    }
    scene.request("/");
    for (index, label) in calls.split_whitespace().enumerate() {
        let arguments = vec![Content::Int(index as i64), text(label)];
        scene.call(ONE, label, index as u64, arguments);
        scene.returned(vec![Content::Int(200)]);
    }
    scene
}

fn judged(scene: &mut Scene, mode: SequenceMode, elements: &[&str]) -> Finding {
    scene.test.sequence = Some(sequence(mode, elements));
    scene.finding("sequence")
}

fn holds(calls: &str, mode: SequenceMode, elements: &[&str]) -> bool {
    match judged(&mut seen(calls), mode, elements) {
        Finding::Passed { .. } => true,
        Finding::Failed(_) => false,
        Finding::Inconclusive(reason) => panic!("{reason:?}"),
    }
}

#[test]
fn gaps_are_allowed_and_order_matters() {
    let gaps = |calls, elements: &[&str]| holds(calls, SequenceMode::Gaps, elements);
    assert!(gaps("a x b x c", &["a", "b", "c"]));
    assert!(gaps("c a b c", &["a", "b", "c"]));
    assert!(!gaps("a c b", &["a", "b", "c"]));
    assert!(!gaps("a b", &["a", "b", "b"]));
    assert!(gaps("", &[]));
}

#[test]
fn a_ban_holds_between_the_steps_around_it() {
    let gaps = |calls, elements: &[&str]| holds(calls, SequenceMode::Gaps, elements);
    assert!(gaps("x a b x", &["a", "!x", "b"]));
    assert!(!gaps("a x b", &["a", "!x", "b"]));
    // The first `a` won't do, the second one does: found only by looking further.
    assert!(gaps("a x a b", &["a", "!x", "b"]));
    assert!(!gaps("x a b", &["!x", "a", "b"]));
    assert!(!gaps("a b x", &["a", "b", "!x"]));
    // The first `b` has an `x` after it, the last has not.
    assert!(gaps("a b x b", &["a", "b", "!x"]));
    assert!(!gaps("x", &["!x"]));
    assert!(gaps("a", &["!x"]));
    assert!(!gaps("a c b", &["a", "!x", "!c", "b"]));
}

#[test]
fn an_inner_list_takes_any_order() {
    let gaps = |calls, elements: &[&str]| holds(calls, SequenceMode::Gaps, elements);
    assert!(gaps("a c b d", &["a", "(b c)", "d"]));
    assert!(gaps("a b x c d", &["a", "(b c)", "d"]));
    assert!(!gaps("b a c d", &["a", "(b c)", "d"]));
    assert!(!gaps("a b d c", &["a", "(b c)", "d"]));
    assert!(!gaps("a b d", &["a", "(b c)", "d"]));
    assert!(gaps("a b b d", &["a", "(b b)", "d"]));
    assert!(!gaps("a x c b d", &["a", "!x", "(b c)", "d"]));
    assert!(gaps("a c x b d", &["a", "!x", "(b c)", "d"]));
}

#[test]
fn exact_sees_only_the_names_that_it_mentions() {
    let exact = |calls, elements: &[&str]| holds(calls, SequenceMode::Exact, elements);
    assert!(exact("x a d b", &["a", "b"]));
    assert!(!exact("a b a", &["a", "b"]));
    assert!(!exact("a a b", &["a", "b"]));
    assert!(!exact("b a b", &["a", "b"]));
    assert!(exact("a c b d", &["a", "(b c)", "d"]));
    assert!(!exact("a c b c d", &["a", "(b c)", "d"]));
}

#[test]
fn contiguous_calls_may_be_anywhere_among_them() {
    let contiguous = |calls, elements: &[&str]| holds(calls, SequenceMode::Contiguous, elements);
    assert!(contiguous("b a a x b a", &["a", "b"]));
    assert!(!contiguous("a c b c", &["a", "b", "c", "c"]));
    assert!(contiguous("a c a b c b", &["a", "b", "c"]));
    assert!(!contiguous("a a c b", &["(a b)", "c"]));
    assert!(contiguous("c b a c", &["(a b)", "c"]));
}

#[test]
fn a_miss_names_what_came_before_and_the_nearest_call_elsewhere() {
    let mut scene = seen("a b");
    scene.call(None, "c", 112, vec![Content::Int(7), text("late")]);
    let failure = failure(judged(&mut scene, SequenceMode::Gaps, &["a", "b", "c"]));
    assert_eq!(failure.kind, FailureKind::Missing);
    assert_eq!(failure.label, "not called after b");
    assert_eq!(
        failure.notes,
        [r#"nearest: c(n=7, s="late") in the background, g9, 12ms after the answer"#]
    );
    assert_eq!(failure.exchange, Some(0));
}

#[test]
fn another_order_is_shown_with_what_was_seen() {
    let failure = failure(judged(
        &mut seen("a c b"),
        SequenceMode::Gaps,
        &["a", "b", "c"],
    ));
    assert_eq!(failure.kind, FailureKind::Order);
    assert_eq!(failure.label, "began 1ms after c");
    assert_eq!(failure.want.as_deref(), Some("a → b → c"));
    assert_eq!(
        failure.got.as_deref(),
        Some("a ✓  c ✗ main.go:12  b main.go:11")
    );
    assert_eq!(failure.remark.as_deref(), Some("all on g30"));
}

#[test]
fn a_call_in_between_is_named() {
    let between = failure(judged(
        &mut seen("a x b"),
        SequenceMode::Gaps,
        &["a", "!x", "b"],
    ));
    assert_eq!(between.label, "x was called between a and b");
    let before = failure(judged(&mut seen("x a"), SequenceMode::Gaps, &["!x", "a"]));
    assert_eq!(before.label, "x was called before a");
    let after = failure(judged(&mut seen("a x"), SequenceMode::Gaps, &["a", "!x"]));
    assert_eq!(after.label, "x was called after a");
    let exact = failure(judged(&mut seen("a b a"), SequenceMode::Exact, &["a", "b"]));
    assert_eq!(exact.label, "a was called after b");
    assert_eq!(exact.kind, FailureKind::Order);
}

#[test]
fn in_an_inner_list_only_what_is_missing_is_reported() {
    let missing = failure(judged(
        &mut seen("a c d"),
        SequenceMode::Gaps,
        &["a", "(b c)", "d"],
    ));
    assert_eq!(
        (missing.kind, missing.label.as_str()),
        (FailureKind::Missing, "not called after c")
    );
    let early = failure(judged(
        &mut seen("b a c d"),
        SequenceMode::Gaps,
        &["a", "(b c)", "d"],
    ));
    assert_eq!(
        (early.kind, early.label.as_str()),
        (FailureKind::Order, "began 1ms after b")
    );
    let other = failure(judged(
        &mut seen("c a b"),
        SequenceMode::Contiguous,
        &["(a b)", "c"],
    ));
    assert_eq!(other.kind, FailureKind::Order);
}

/// `["a", { call = "b", args = { s = wanted } }]`
fn with_argument(scene: &mut Scene, wanted: &str) -> Finding {
    let mut wanted_step = step("b");
    wanted_step.args = vec![
        argument("n", compares(Comparison::Ge, 0)),
        argument("s", is(wanted)),
    ];
    let mut wanted_sequence = sequence(SequenceMode::Gaps, &["a"]);
    wanted_sequence
        .elements
        .push(SequenceElement::Step(wanted_step));
    scene.test.sequence = Some(wanted_sequence);
    scene.finding("sequence")
}

#[test]
fn a_step_selects_by_arguments_and_says_which_differs() {
    let mut scene = seen("a b b");
    assert!(matches!(
        with_argument(&mut scene, "b"),
        Finding::Passed { .. }
    ));
    let failure = failure(with_argument(&mut scene, "B"));
    assert_eq!(failure.kind, FailureKind::Value);
    assert_eq!(failure.label, "s of b");
    assert_eq!(failure.want.as_deref(), Some("\"B\""));
    assert_eq!(failure.got.as_deref(), Some("\"b\""));
    assert_eq!(
        failure.remark.as_deref(),
        Some("string; the nearest of 2 calls")
    );
}

#[test]
fn an_unknown_value_matters_only_where_it_decides() {
    // The only `b` has an argument that was lost: it may be the one.
    let mut scene = seen("a");
    scene.call(ONE, "b", 1, vec![Content::Int(1), lost()]);
    assert_eq!(
        unknown(with_argument(&mut scene, "b")).to_string(),
        "the record had no room for the value"
    );
    // Another `b` fits: whatever the first one is, the sequence holds.
    scene.call(ONE, "b", 2, vec![Content::Int(2), text("b")]);
    assert!(matches!(
        with_argument(&mut scene, "b"),
        Finding::Passed { .. }
    ));
    // Its other argument rules the lost one out: whatever it is, the sequence fails.
    let mut scene = seen("a");
    scene.call(ONE, "b", 1, vec![Content::Int(-1), lost()]);
    let failure = failure(with_argument(&mut scene, "b"));
    assert_eq!(
        (failure.label.as_str(), failure.got.as_deref()),
        ("n of b", Some("-1"))
    );
}

#[test]
fn a_ban_on_a_name_with_an_unknown_filter_is_undecided() {
    let mut scene = seen("a");
    scene.filtered("odd", "x", r#"s == "odd""#);
    scene.call(ONE, "x", 1, vec![Content::Int(1), lost()]);
    scene.call(ONE, "b", 2, vec![Content::Int(1), text("b")]);
    unknown(judged(&mut scene, SequenceMode::Gaps, &["a", "!odd", "b"]));
    unknown(judged(&mut scene, SequenceMode::Exact, &["a", "odd", "b"]));
    assert!(matches!(
        judged(&mut scene, SequenceMode::Gaps, &["a", "b", "!odd"]),
        Finding::Passed { .. }
    ));
}

#[test]
fn loss_is_a_verdict_of_its_own() {
    // A call may be among the lost ones.
    let mut scene = seen("a");
    scene.lose(Some("b"), 3);
    let reason = unknown(judged(&mut scene, SequenceMode::Gaps, &["a", "b"])).to_string();
    assert_eq!(reason, "3 hits of b were lost");
    // What was found stays found; but a lost call may be in the way.
    let mut scene = seen("a b");
    scene.lose(Some("a"), 1);
    assert!(matches!(
        judged(&mut scene, SequenceMode::Gaps, &["a", "b"]),
        Finding::Passed { .. }
    ));
    unknown(judged(&mut scene, SequenceMode::Exact, &["a", "b"]));
    unknown(judged(&mut scene, SequenceMode::Gaps, &["!a", "b"]));
    // More calls than steps are too many, however many were lost.
    let mut scene = seen("a a");
    scene.lose(Some("a"), 1);
    failure(judged(&mut scene, SequenceMode::Exact, &["a"]));
    // Which request a call belongs to is uncertain.
    let mut scene = seen("a b");
    scene.lose(None, 1);
    let reason = unknown(judged(&mut scene, SequenceMode::Gaps, &["a", "b"])).to_string();
    assert!(reason.starts_with("1 hit that links"), "{reason}");
}

#[test]
fn every_request_must_satisfy_it_by_itself() {
    let mut scene = seen("a b");
    for number in 1..4_u32 {
        let request = scene.request("/");
        scene.call(request, "a", 10, vec![]);
        if number == 3 {
            scene.call(request, "b", 11, vec![]);
        }
    }
    let failure = failure(judged(&mut scene, SequenceMode::Gaps, &["a", "b"]));
    assert_eq!(failure.exchange, Some(1));
    assert_eq!(
        failure.notes.last().map(String::as_str),
        Some("2 of 4 requests fail; this is the first")
    );
    // A `b` of another request is no `b` of this one, but the nearest.
    let nearest = failure.notes.first().map(String::as_str);
    assert_eq!(
        nearest,
        Some("nearest: b() in request 4, g33, 11ms after the request")
    );
}

#[test]
fn a_request_that_no_handler_was_seen_for_is_undecided() {
    let mut scene = seen("a");
    scene.request("/none");
    if let Some(last) = scene.evidence.scopes.last_mut() {
        *last = Err("the server was not seen to handle it".to_owned());
    }
    let reason = unknown(judged(&mut scene, SequenceMode::Gaps, &["a"])).to_string();
    assert_eq!(
        reason,
        "request 2, GET /none: the server was not seen to handle it"
    );
}

#[test]
fn without_a_request_all_calls_are_looked_at() {
    let mut scene = Scene::new();
    scene.watch("a", &[], &[]);
    scene.watch("b", &[], &[]);
    scene.call(None, "a", 1, vec![]);
    scene.call(None, "b", 2, vec![]).goroutine = Goid(77);
    assert!(matches!(
        judged(&mut scene, SequenceMode::Exact, &["a", "b"]),
        Finding::Passed { .. }
    ));
}

#[test]
fn requests_that_were_not_sent_are_undecided() {
    let mut scene = seen("a");
    scene.test.requests.push(request("/second"));
    let reason = unknown(judged(&mut scene, SequenceMode::Gaps, &["a"])).to_string();
    assert_eq!(reason, "only 1 of 2 requests were sent");
}

#[test]
fn a_gap_is_measured_from_entry_to_entry() {
    let mut scene = seen("a x b");
    let with_gap = |scene: &mut Scene, comparison, milliseconds| {
        let mut last = step("b");
        last.gap = Some(bound(comparison, milliseconds));
        let mut wanted = sequence(SequenceMode::Gaps, &["a"]);
        wanted.elements.push(SequenceElement::Step(last));
        scene.test.sequence = Some(wanted);
        scene.finding("sequence")
    };
    assert!(matches!(
        with_gap(&mut scene, Comparison::Lt, 3),
        Finding::Passed { .. }
    ));
    assert!(matches!(
        with_gap(&mut scene, Comparison::Ge, 2),
        Finding::Passed { .. }
    ));
    let failure = failure(with_gap(&mut scene, Comparison::Lt, 2));
    assert_eq!(failure.kind, FailureKind::Latency);
    assert_eq!(failure.label, "gap from a to b");
    assert_eq!(failure.got.as_deref(), Some("2ms"));
    // With four hits between that cost 0.3 ms each, the true gap is between 0.7 and 2 ms.
    scene.evidence.observation.hits = scene
        .evidence
        .observation
        .calls
        .iter()
        .flat_map(|call| [Some(call.entered), call.left])
        .flatten()
        .map(|time| model::ProbeHit {
            time,
            cost: model::Nanoseconds(300_000),
        })
        .collect();
    let hits = &mut scene.evidence.observation.hits;
    hits.sort_by_key(|hit| hit.time);
    unknown(with_gap(&mut scene, Comparison::Lt, 2));
    // A later `a` is nearer: found by looking further.
    scene.call(ONE, "a", 5, vec![]);
    scene.call(ONE, "b", 6, vec![]).entered = Timestamp(5 * MS + 1000);
    assert!(matches!(
        with_gap(&mut scene, Comparison::Lt, 1),
        Finding::Passed { .. }
    ));
}

#[test]
fn results_and_time_select_too() {
    let mut scene = seen("a b");
    let with = |scene: &mut Scene, status: i128, milliseconds| {
        let mut last = step("b");
        last.returns = vec![at(is(status))];
        last.took = Some(bound(Comparison::Lt, milliseconds));
        let mut wanted = sequence(SequenceMode::Gaps, &[]);
        wanted.elements.push(SequenceElement::Step(last));
        scene.test.sequence = Some(wanted);
        scene.finding("sequence")
    };
    assert!(matches!(with(&mut scene, 200, 5), Finding::Passed { .. }));
    let result = failure(with(&mut scene, 503, 5));
    assert_eq!(
        (result.label.as_str(), result.got.as_deref()),
        ("result of b", Some("200"))
    );
    let time = failure(with(&mut scene, 200, 1));
    assert_eq!(
        (time.label.as_str(), time.got.as_deref()),
        ("time of b", Some("1ms"))
    );
    assert_eq!(time.kind, FailureKind::Latency);
}

#[test]
fn a_thousand_calls_of_one_name_are_no_trouble() {
    let calls = "a b ".repeat(2_000);
    let elements = ["a", "!x", "(a b)", "b", "!x", "c"];
    let failure = failure(judged(&mut seen(&calls), SequenceMode::Gaps, &elements));
    assert_eq!(failure.kind, FailureKind::Missing);
}

#[test]
fn too_much_work_is_undecided_rather_than_guessed() {
    let calls = 1_000_000;
    let step = || Candidates {
        matches: vec![true; calls],
        gap: None,
    };
    let problem = Problem {
        calls,
        elements: (0..30).map(|_| vec![step()]).collect(),
        gaps: (0..=30)
            .map(|_| Obstacles::new(vec![false; calls]))
            .collect(),
        inner: Obstacles::new(vec![false; calls]),
    };
    assert_eq!(search(&problem), Solution::TooMuch);
}

/// Flags of which one in so many is set.
fn bools(random: &mut Rng, count: usize, one_in: u32) -> Vec<bool> {
    (0..count).map(|_| random.u32(..one_in) == 0).collect()
}

/// What a [`Problem`] is made from, for the enumerator.
struct Case {
    calls: usize,
    elements: Vec<Vec<(Vec<bool>, Option<usize>)>>,
    gaps: Vec<Vec<bool>>,
    inner: Vec<bool>,
}

impl Case {
    fn random(random: &mut Rng) -> Self {
        let calls = random.usize(..7);
        let elements: Vec<Vec<_>> = (0..random.u64(..4))
            .map(|_| {
                let steps = 1 + random.usize(..3);
                (0..steps)
                    .map(|_| {
                        let gap = (random.u64(..4) == 0).then(|| 1 + random.usize(..3));
                        (bools(random, calls, 2), gap)
                    })
                    .collect()
            })
            .collect();
        Self {
            gaps: (0..=elements.len())
                .map(|_| bools(random, calls, 5))
                .collect(),
            inner: bools(random, calls, 5),
            calls,
            elements,
        }
    }

    fn problem(&self) -> Problem<'_> {
        let elements = self.elements.iter().map(|steps| {
            let candidates = steps.iter().map(|(matches, gap)| Candidates {
                matches: matches.clone(),
                gap: gap.map(|most| {
                    let keeps = move |from: usize, to: usize| to - from != most;
                    Box::new(keeps) as Box<dyn Fn(usize, usize) -> bool>
                }),
            });
            candidates.collect()
        });
        Problem {
            calls: self.calls,
            elements: elements.collect(),
            gaps: self
                .gaps
                .iter()
                .map(|gap| Obstacles::new(gap.iter().copied()))
                .collect(),
            inner: Obstacles::new(self.inner.iter().copied()),
        }
    }

    /// Tries every assignment there is.
    fn has_solution(&self) -> bool {
        self.extend(0, &mut Vec::new(), None)
    }

    fn extend(&self, element: usize, used: &mut Vec<usize>, last: Option<usize>) -> bool {
        let Some(steps) = self.elements.get(element) else {
            return self.is_free(&self.gaps[element], last, self.calls);
        };
        if used.len() == steps.len() {
            return self.extend(element + 1, &mut Vec::new(), last);
        }
        for (step, (matches, gap)) in steps.iter().enumerate() {
            if used.contains(&step) {
                continue;
            }
            let forbidden = if used.is_empty() {
                &self.gaps[element]
            } else {
                &self.inner
            };
            let first = last.map_or(0, |last| last + 1);
            for (call, takes) in matches.iter().enumerate().skip(first) {
                let keeps_gap = match (gap, last) {
                    (Some(most), Some(last)) => call - last != *most,
                    _ => true,
                };
                if *takes && keeps_gap && self.is_free(forbidden, last, call) {
                    used.push(step);
                    let found = self.extend(element, used, Some(call));
                    used.pop();
                    if found {
                        return true;
                    }
                }
            }
        }
        false
    }

    fn is_free(&self, forbidden: &[bool], last: Option<usize>, next: usize) -> bool {
        !forbidden[last.map_or(0, |last| last + 1)..next].contains(&true)
    }

    /// Whether what the search found is an assignment.
    fn accepts(&self, path: &[Assigned]) -> bool {
        let steps: usize = self.elements.iter().map(Vec::len).sum();
        let mut last: Option<Assigned> = None;
        for assigned in path {
            let (matches, gap) = &self.elements[assigned.element][assigned.step];
            let is_first = last.is_none_or(|last| last.element != assigned.element);
            let forbidden = if is_first {
                &self.gaps[assigned.element]
            } else {
                &self.inner
            };
            let before = last.map(|last| last.call);
            let keeps = !matches!((gap, before), (Some(most), Some(before)) if assigned.call - before == *most);
            let later = before.is_none_or(|before| before < assigned.call);
            if !later
                || !matches[assigned.call]
                || !keeps
                || !self.is_free(forbidden, before, assigned.call)
            {
                return false;
            }
            last = Some(*assigned);
        }
        let mut places: Vec<_> = path.iter().map(|a| (a.element, a.step)).collect();
        places.sort_unstable();
        places.dedup();
        let end = &self.gaps[self.elements.len()];
        places.len() == steps && self.is_free(end, last.map(|last| last.call), self.calls)
    }
}

#[test]
fn the_search_agrees_with_trying_every_assignment() {
    let mut random = Rng::with_seed(0x5EED);
    let (mut found, mut stuck) = (0, 0);
    for number in 0..60_000 {
        let case = Case::random(&mut random);
        match search(&case.problem()) {
            Solution::Found(path) => {
                found += 1;
                assert!(case.accepts(&path), "case {number}: {path:?}");
            }
            Solution::Stuck { .. } => {
                stuck += 1;
                assert!(!case.has_solution(), "case {number}");
            }
            Solution::TooMuch => panic!("case {number} is small"),
        }
    }
    assert!(
        found > 5_000 && stuck > 5_000,
        "{found} found, {stuck} stuck"
    );
}

/// A scene of random calls, some of whose argument `s` was lost, under a random sequence that looks at it.
fn random_scene(random: &mut Rng) -> Scene {
    let mut scene = seen("");
    scene.filtered("yes", "a", r#"s == "y""#);
    let mut unknown = 0;
    for index in 0..random.u64(..6) {
        let label = ["a", "b", "x"][random.usize(..3)];
        let value = match random.u64(..3) {
            0 => text("y"),
            1 => text("n"),
            _ if unknown < 3 => {
                unknown += 1;
                lost()
            }
            _ => text("n"),
        };
        scene.call(ONE, label, index, vec![Content::Int(0), value]);
    }
    let modes = [
        SequenceMode::Gaps,
        SequenceMode::Exact,
        SequenceMode::Contiguous,
    ];
    let mut wanted = sequence(modes[random.usize(..3)], &[]);
    for _ in 0..1 + random.u64(..4) {
        let name = ["a", "b", "yes"][random.usize(..3)];
        let mut selecting = step(name);
        // That a step contradicts its own name's filter is not seen where the value is unknown.
        if name != "yes" && random.u64(..2) == 0 {
            selecting.args = vec![argument("s", is(["y", "n"][random.usize(..2)]))];
        }
        wanted.elements.push(match random.u64(..5) {
            0 => SequenceElement::Forbidden(at(["x", "yes"][random.usize(..2)].to_owned())),
            1 => SequenceElement::AnyOrder(vec![selecting, step("b")], 0..0),
            _ => SequenceElement::Step(selecting),
        });
    }
    scene.test.sequence = Some(wanted);
    scene
}

/// The findings for every way in which the lost values may have been.
fn completions(scene: &mut Scene) -> Vec<Finding> {
    let calls = &scene.evidence.observation.calls;
    let unknown: Vec<usize> = (0..calls.len())
        .filter(|call| calls[*call].arguments[1].content == lost())
        .collect();
    (0..3_usize.pow(unknown.len() as u32))
        .map(|mut choice| {
            for call in &unknown {
                let value = ["y", "n", "neither"][choice % 3];
                choice /= 3;
                scene.evidence.observation.calls[*call].arguments[1].content = text(value);
            }
            scene.finding("sequence")
        })
        .collect()
}

#[test]
fn a_verdict_holds_whatever_the_lost_values_were() {
    let mut random = Rng::with_seed(0xC0FFEE);
    let (mut passed, mut failed, mut undecided, mut needlessly) = (0, 0, 0, 0);
    for number in 0..10_000 {
        let mut scene = random_scene(&mut random);
        let finding = scene.finding("sequence");
        let completions = completions(&mut scene);
        let passes = completions
            .iter()
            .filter(|f| matches!(f, Finding::Passed { .. }))
            .count();
        match finding {
            Finding::Passed { .. } => {
                passed += 1;
                assert_eq!(passes, completions.len(), "case {number}");
            }
            Finding::Failed(_) => {
                failed += 1;
                assert_eq!(passes, 0, "case {number}");
            }
            Finding::Inconclusive(_) => {
                undecided += 1;
                if passes == 0 || passes == completions.len() {
                    needlessly += 1;
                }
            }
        }
    }
    assert!(
        passed > 1_000 && failed > 1_000,
        "{passed} passed, {failed} failed"
    );
    // The price of deciding without trying every completion.
    assert!(
        needlessly * 10 < undecided,
        "{needlessly} of {undecided} undecided could be decided"
    );
}
