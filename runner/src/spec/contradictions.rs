//! What can't be true together, and what can't fail: errors between parts that are each well formed.

use super::{
    cursor::Context,
    document::{SequenceElement, Spanned, Spec, Step, Test},
    error::SpecError,
    matcher::{Comparison, Literal, Matcher, Number},
    slug::slug,
};

/// Notes all contradictions of a spec.
pub(crate) fn report(spec: &Spec, context: &Context<'_>) {
    equal_names(spec, context);
    for test in &spec.tests {
        nothing_to_judge(test, context);
        twice_never(test, context);
        never_yet_called(test, context);
        fewer_than_the_sequence(test, context);
    }
}

/// Two tests with one name, or with one file for their snapshots.
fn equal_names(spec: &Spec, context: &Context<'_>) {
    for (index, test) in spec.tests.iter().enumerate() {
        let earlier = spec.tests.iter().take(index);
        for first in earlier {
            let (second_name, first_name) = (&test.name, &first.name);
            if first_name.value == second_name.value {
                context.report(
                    SpecError::at(second_name.span.clone(), "two tests have the same name")
                        .label("the second")
                        .related(first_name.span.clone(), "the first"),
                );
                break;
            }
            if held(first) && held(test) && slug(&first_name.value) == slug(&second_name.value) {
                context.report(
                    SpecError::at(
                        second_name.span.clone(),
                        "two tests would share one snapshot file",
                    )
                    .label("the second")
                    .related(first_name.span.clone(), "the first")
                    .help("let their names differ in a letter or a digit"),
                );
                break;
            }
        }
    }
}

/// Whether a snapshot holds the test.
fn held(test: &Test) -> bool {
    test.snapshot
        .as_ref()
        .is_some_and(|snapshot| snapshot.value)
}

/// A test that can't fail.
fn nothing_to_judge(test: &Test, context: &Context<'_>) {
    let judged = !test.requests.is_empty()
        || test.sequence.is_some()
        || !test.counts.is_empty()
        || !test.never.is_empty()
        || !test.calls.is_empty()
        || !test.latency.is_empty()
        || held(test);
    // An expectation that could not be read has been reported, and was meant to judge.
    if !judged && !context.has_errors_after(test.span.start) {
        context.report(
            SpecError::at(
                test.span.clone(),
                format!("the test `{}` judges nothing", test.name.value),
            )
            .label("can never fail")
            .help(
                "give it a request, a sequence, a count, calls, never, latency or snapshot = true",
            ),
        );
    }
}

/// A name that stands in `never` twice.
fn twice_never(test: &Test, context: &Context<'_>) {
    for (index, second) in test.never.iter().enumerate() {
        let first = test
            .never
            .iter()
            .take(index)
            .find(|first| first.value == second.value);
        if let Some(first) = first {
            context.report(
                SpecError::at(
                    second.span.clone(),
                    format!("`{}` is there twice", second.value),
                )
                .label("the second")
                .related(first.span.clone(), "the first"),
            );
        }
    }
}

/// A function that must never be called, or no times, and yet must.
fn never_yet_called(test: &Test, context: &Context<'_>) {
    let none = test
        .counts
        .iter()
        .filter(|count| most(&count.matcher.value) == Some(0))
        .map(|count| (&count.label, "must not be called"));
    let never = test.never.iter().map(|label| (label, "must not be called"));
    for (forbidden, words) in never.chain(none) {
        for (label, wanted) in called(test) {
            if label.value == forbidden.value && label.span != forbidden.span {
                context.report(
                    SpecError::at(
                        label.span.clone(),
                        format!("`{}` must be called and must not", label.value),
                    )
                    .label(wanted)
                    .related(forbidden.span.clone(), words),
                );
            }
        }
    }
}

/// The names that a test wants to be called, and by what.
fn called(test: &Test) -> Vec<(&Spanned<String>, &'static str)> {
    let steps = steps(test).map(|step| (&step.label, "must be called: it is in the sequence"));
    let counts = test
        .counts
        .iter()
        .filter(|count| least(&count.matcher.value) > 0)
        .map(|count| (&count.label, "must be called: it is counted"));
    let calls = test.calls.iter().map(|call| {
        (
            &call.label,
            "must be called: its calls are judged, and none at all fails",
        )
    });
    let latency = test
        .latency
        .iter()
        .map(|latency| (&latency.label, "must be called: its latency is judged"));
    steps.chain(counts).chain(calls).chain(latency).collect()
}

/// The calls of a test's sequence.
fn steps(test: &Test) -> impl Iterator<Item = &Step> {
    test.sequence
        .iter()
        .flat_map(|sequence| &sequence.elements)
        .flat_map(|element| match element {
            SequenceElement::Step(step) => std::slice::from_ref(step),
            SequenceElement::AnyOrder(steps, _) => steps.as_slice(),
            SequenceElement::Forbidden(_) => &[],
        })
}

/// A count that allows fewer calls than the sequence has.
fn fewer_than_the_sequence(test: &Test, context: &Context<'_>) {
    for count in &test.counts {
        let wanted = steps(test)
            .filter(|step| step.label.value == count.label.value)
            .count();
        let Some(most) = most(&count.matcher.value) else {
            continue;
        };
        if most > 0 && i128::try_from(wanted).is_ok_and(|wanted| most < wanted) {
            context.report(
                SpecError::at(
                    count.matcher.span.clone(),
                    format!("the sequence has `{}` {wanted} times", count.label.value),
                )
                .label("allows fewer"),
            );
        }
    }
}

/// The largest count that a matcher allows; none if it sets no limit.
fn most(matcher: &Matcher) -> Option<i128> {
    match matcher {
        Matcher::Equal(Literal::Number(Number::Integer(number)))
        | Matcher::Compare(Comparison::Le, Number::Integer(number)) => Some(*number),
        Matcher::Compare(Comparison::Lt, Number::Integer(number)) => Some(number - 1),
        Matcher::All(all) => all.iter().filter_map(most).min(),
        _ => None,
    }
}

/// The smallest count that a matcher allows.
fn least(matcher: &Matcher) -> i128 {
    match matcher {
        Matcher::Equal(Literal::Number(Number::Integer(number)))
        | Matcher::Compare(Comparison::Ge, Number::Integer(number)) => *number,
        Matcher::Compare(Comparison::Gt, Number::Integer(number)) => number + 1,
        Matcher::All(all) => all.iter().map(least).max().unwrap_or(0),
        _ => 0,
    }
}
