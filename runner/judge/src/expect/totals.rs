//! What is judged of calls that were counted and not kept, and which tests need no more.

use model::{Retention, Tally};
use spec::document::{Sequence, Spec, Test};

use super::{Reason, scope::Case};

/// What must be kept of a test's calls to judge it.
///
/// Counts, `never` and latency need totals alone, unless a name means only some calls of its functions. Gaps need
/// the hits of goproctor's own probes; all else needs the calls.
#[must_use]
pub fn keep(spec: &Spec, test: &Test) -> Retention {
    let mut steps = test.sequence.iter().flat_map(Sequence::steps);
    if steps.any(|step| step.gap.is_some()) {
        return Retention::Hits;
    }
    let counts = test.counts.iter().map(|count| &count.label.value);
    let never = test.never.iter().map(|name| &name.value);
    let latency = test.latency.iter().map(|latency| &latency.label.value);
    let mut labels = counts.chain(never).chain(latency).peekable();
    let needs_calls = test.sequence.is_some()
        || !test.counts_per_request.is_empty()
        || !test.flows.is_empty()
        || !test.calls.is_empty()
        || test.is_held()
        || labels.peek().is_none();
    let is_filtered = |label: &String| {
        let function = spec.function(label);
        function.is_none_or(|function| function.filter.is_some())
    };
    if needs_calls || labels.any(is_filtered) {
        Retention::Calls
    } else {
        Retention::Totals
    }
}

/// Whether the values of a function's calls are needed, where at least so much is kept of each test's calls. Where totals are
/// enough for every test, only a `never` that fails shows them.
#[must_use]
pub fn needs_values(spec: &Spec, label: &str, at_least: Retention) -> bool {
    let asks = |test: &Test| {
        let mut never = test.never.iter();
        keep(spec, test) != Retention::Totals || never.any(|name| name.value == label)
    };
    at_least != Retention::Totals || spec.tests.iter().any(asks)
}

/// The calls of a label that an expectation looks at, if calls were counted; or why they can't be separated from others.
pub(super) fn counted(case: &Case<'_>, label: &str) -> Option<Result<Tally, Reason>> {
    let totals = case.observation().totals.as_ref()?;
    let mut tally = Tally::default();
    for function in case.functions(label).iter().filter_map(|id| totals.of(*id)) {
        tally.merge(&function.owned);
        if !case.is_by_request() {
            tally.merge(&function.background);
        }
    }
    let is_mixed = case.test.go_test.is_none()
        && case.is_by_request()
        && tally.count > 0
        && case.has_foreign_requests();
    Some(if is_mixed {
        Err(Reason::OtherRequests(label.to_owned()))
    } else {
        Ok(tally)
    })
}

/// All calls of a label, wherever they were made, if calls were counted.
pub(super) fn counted_anywhere(case: &Case<'_>, label: &str) -> Option<u64> {
    let totals = case.observation().totals.as_ref()?;
    let functions = case.functions(label).iter();
    let functions = functions.filter_map(|function| totals.of(*function));
    Some(
        functions
            .map(|function| function.owned.count + function.background.count)
            .sum(),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::{FunctionTotals, ScopeId, Tally, Timestamp, Totals};
    use spec::{
        document::{CountExpectation, DurationBound, LatencyBound, LatencyExpectation, Statistic},
        matcher::{Comparison, Literal, Matcher, Number},
    };

    use super::{Retention, needs_values};
    use crate::expect::{
        Finding, judge,
        testing::{Scene, at},
    };

    #[test]
    fn values_are_needed_where_a_test_or_its_failure_shows_them() {
        let needs = |tests: &str, at_least| {
            let text = format!(
                "[program]\npackage = \".\"\n[functions]\na = \"main.a\"\nb = \"main.b\"\n{tests}"
            );
            let source = spec::Source::new("s.proctor.toml", text);
            let spec = spec::parse(source).unwrap();
            ["a", "b"].map(|label| needs_values(&spec, label, at_least))
        };
        let totals =
            "[[test]]\nname = \"t\"\ncount = { a = 1 }\nlatency = { b = [\"p50 < 1s\"] }\n";
        assert_eq!(needs(totals, Retention::Totals), [false, false]);
        assert_eq!(needs(totals, Retention::Calls), [true, true]);
        let never = "[[test]]\nname = \"t\"\ncount = { a = 1 }\nnever = [\"b\"]\n";
        assert_eq!(needs(never, Retention::Totals), [false, true]);
        let both = format!("{totals}[[test]]\nname = \"u\"\nsequence = [\"a\"]\n");
        assert_eq!(needs(&both, Retention::Totals), [true, true]);
    }

    /// How a finding is called, and whether all were decided.
    fn kinds(scene: &Scene) -> Vec<&'static str> {
        let verdicts = judge(&scene.spec, &scene.test, &scene.evidence);
        let kind = |finding: &Finding| match finding {
            Finding::Passed { .. } => "passed",
            Finding::Failed(_) => "failed",
            Finding::Inconclusive(_) => "inconclusive",
        };
        verdicts
            .iter()
            .map(|verdict| kind(&verdict.finding))
            .collect()
    }

    /// Totals of the calls that a scene has, with one of them kept.
    fn count(scene: &mut Scene) {
        let observation = &mut scene.evidence.observation;
        let mut totals = Totals::default();
        for function in &observation.functions {
            let (mut owned, mut background) = (Tally::default(), Tally::default());
            for call in observation
                .calls
                .iter()
                .filter(|call| call.function == function.id)
            {
                let tally = if call.scope.is_some() {
                    &mut owned
                } else {
                    &mut background
                };
                tally.add(call.took(Timestamp(0)));
            }
            let function = function.id;
            totals.functions.push(FunctionTotals {
                function,
                owned,
                background,
            });
        }
        observation.totals = Some(Box::new(totals));
        let mut kept = Vec::new();
        observation.calls.retain(|call| {
            let is_first = !kept.contains(&call.function);
            kept.push(call.function);
            is_first
        });
    }

    #[test]
    fn verdicts_are_the_same_whether_calls_were_kept_or_counted() {
        let mut random = fastrand::Rng::with_seed(1);
        for _ in 0..300 {
            let mut scene = Scene::new();
            scene.watch("a", &[], &[]);
            scene.watch("b", &[], &[]);
            let request = scene.request("/");
            let made = random.u64(..60);
            for _ in 0..made {
                let request: Option<ScopeId> = (random.u64(..3) > 0).then_some(request);
                let name = if random.u64(..2) == 0 { "a" } else { "b" };
                let call = scene.call(request, name, 1, Vec::new());
                // Apart from the bound by more than a thousandth.
                call.left = Some(Timestamp(
                    call.entered.0 + (1 + random.u64(..90)) * 1_000_003,
                ));
                call.own_cost.0 = random.u64(..3) * 100_000;
            }
            scene.test.counts = vec![CountExpectation {
                label: at("a".to_owned()),
                matcher: at(Matcher::Equal(Literal::Number(Number::Integer(
                    i128::from(random.u64(..40)),
                )))),
            }];
            scene.test.never = vec![at("b".to_owned())];
            let bound = |statistic, milliseconds| {
                let comparison = Comparison::Lt;
                let duration = Duration::from_micros(milliseconds * 1000 + 500);
                at(LatencyBound {
                    statistic,
                    bound: DurationBound {
                        comparison,
                        duration,
                    },
                })
            };
            scene.test.latency = vec![LatencyExpectation {
                label: at("b".to_owned()),
                bounds: vec![
                    bound(Statistic::Percentile(50.0), random.u64(..90)),
                    bound(Statistic::Max, random.u64(..90)),
                    bound(Statistic::Mean, random.u64(..90)),
                ],
            }];
            let kept = kinds(&scene);
            count(&mut scene);
            assert_eq!(kinds(&scene), kept);
        }
    }
}
