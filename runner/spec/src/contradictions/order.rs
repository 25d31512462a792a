//! What comes before, after and at the same time.

use std::collections::HashMap;

use super::{
    case::Case,
    circle::{Edge, circles},
};
use crate::{
    Spanned, SpecError,
    document::{CallExpectation, ExpectedOutcome},
};

/// Notes orders that no calls can have.
pub(super) fn report(case: &Case<'_>) {
    for call in &case.test.calls {
        itself(case, call);
        both_sides(case, call);
        around(case, call);
        without_an_end(case, call);
    }
    for circle in circles(&edges(&case.test.calls)) {
        in_a_circle(case, &circle);
    }
    against_the_sequence(case);
}

/// Before or after itself.
fn itself(case: &Case<'_>, call: &CallExpectation) {
    for (other, message) in [
        (
            &call.before,
            "not all calls can end before another of them begins",
        ),
        (
            &call.after,
            "not all calls can begin after the others of them have ended",
        ),
    ] {
        if let Some(own) = named(other, &call.label.value) {
            case.report(
                SpecError::at(own.span.clone(), message)
                    .label("itself")
                    .help("name another function; a sequence is the order of several calls of one"),
            );
        }
    }
}

/// One name in two of the three.
fn both_sides(case: &Case<'_>, call: &CallExpectation) {
    let own = &call.label.value;
    let (earlier, later) = (by_name(&call.after), by_name(&call.before));
    for after in call.after.iter().filter(|after| after.value != *own) {
        if let Some(before) = later.get(after.value.as_str()) {
            let message = format!("no call of `{}` can be both before and after", after.value);
            let help = format!(
                "if there must be none, say so: never = [\"{0}\"], or count-per-request = {{ {0} = 0 }}",
                after.value
            );
            case.report(pair(&message, (before, "before it"), (after, "after it")).help(help));
        }
    }
    for beside in &call.concurrent_with {
        for (others, word) in [(&later, "begins later"), (&earlier, "ends earlier")] {
            if let Some(other) = others.get(beside.value.as_str()) {
                let message = format!(
                    "a call of `{}` that runs at the same time neither ends earlier nor begins later",
                    beside.value
                );
                case.report(pair(&message, (beside, "at the same time"), (other, word)));
            }
        }
    }
}

/// Before what is above it.
fn around(case: &Case<'_>, call: &CallExpectation) {
    let standpoint = &call.standpoint;
    for above in standpoint.under.iter().chain(&standpoint.child_of) {
        if let Some(before) = named(&call.before, &above.value) {
            let message = format!("a call of `{}` that is above it began earlier", above.value);
            case.report(pair(
                &message,
                (above, "above it"),
                (before, "begins later"),
            ));
        }
    }
}

/// Before or after a call that has no end while others may begin.
fn without_an_end(case: &Case<'_>, call: &CallExpectation) {
    if let (Some(outcome), Some(before)) = (endless(call), call.before.first()) {
        let message = "such a call never ends before another begins";
        case.report(
            SpecError::at(before.span.clone(), message)
                .label("can't begin later")
                .related(outcome.span.clone(), "does not end before"),
        );
    }
    for after in &call.after {
        let other = case.calls.get(after.value.as_str());
        if let Some(outcome) = other.and_then(|other| endless(other)) {
            let message = format!("no call begins after those of `{}` have ended", after.value);
            case.report(
                SpecError::at(after.span.clone(), message)
                    .label("can't end earlier")
                    .related(outcome.span.clone(), "does not end before"),
            );
        }
    }
}

/// The outcome of calls after whose end nothing begins.
fn endless(call: &CallExpectation) -> Option<&Spanned<ExpectedOutcome>> {
    let endless = [ExpectedOutcome::Running, ExpectedOutcome::ProcessEnded];
    let outcome = call.outcome.as_ref();
    outcome.filter(|outcome| endless.contains(&outcome.value))
}

/// What ends before what begins; what is wrong by itself is left out.
fn edges<'a>(calls: impl IntoIterator<Item = &'a CallExpectation>) -> Vec<Edge<'a>> {
    let mut edges = Vec::new();
    for call in calls {
        let own = call.label.value.as_str();
        let before = by_name(&call.before);
        for other in call.before.iter().filter(|other| other.value != own) {
            edges.push(Edge {
                from: own,
                to: &other.value,
                span: &other.span,
            });
        }
        for other in call.after.iter().filter(|other| other.value != own) {
            if !before.contains_key(other.value.as_str()) {
                edges.push(Edge {
                    from: &other.value,
                    to: own,
                    span: &other.span,
                });
            }
        }
    }
    edges
}

fn in_a_circle(case: &Case<'_>, circle: &[Edge<'_>]) {
    let Some((last, others)) = circle.split_last() else {
        return;
    };
    let message = format!(
        "`{}` can't come before `{}` and after it",
        last.from, last.to
    );
    let error = SpecError::at(last.span.clone(), message).label("a circle");
    case.report(match others.first() {
        Some(first) => error.related(first.span.clone(), "and this"),
        None => error,
    });
}

/// A sequence in which a call begins before one that must have ended before it.
fn against_the_sequence(case: &Case<'_>) {
    let calls = case.test.calls.iter();
    let edges = edges(calls.filter(|call| case.region() <= case.region_of(call)));
    let mut first: HashMap<&str, (usize, &Spanned<String>)> = HashMap::new();
    let mut last = first.clone();
    for (index, element) in case.elements().enumerate() {
        for step in element.steps() {
            let place = (index, &step.label);
            first.entry(&step.label.value).or_insert(place);
            last.insert(&step.label.value, place);
        }
    }
    for edge in edges {
        if let (Some((early, label)), Some((late, _))) = (first.get(edge.to), last.get(edge.from))
            && early < late
        {
            let message = format!(
                "in the sequence, `{}` begins before `{}`",
                edge.to, edge.from
            );
            case.report(
                SpecError::at(edge.span.clone(), message)
                    .label(format!("`{}` ends before `{}` begins", edge.from, edge.to))
                    .related(label.span.clone(), "begins earlier here"),
            );
        }
    }
}

fn by_name(names: &[Spanned<String>]) -> HashMap<&str, &Spanned<String>> {
    let names = names.iter();
    names.map(|name| (name.value.as_str(), name)).collect()
}

fn named<'a>(names: &'a [Spanned<String>], name: &str) -> Option<&'a Spanned<String>> {
    names.iter().find(|other| other.value == name)
}

/// Two that can't both hold, reported at the later one.
fn pair(
    message: &str,
    one: (&Spanned<String>, &str),
    other: (&Spanned<String>, &str),
) -> SpecError {
    let (first, second) = if one.0.span.start < other.0.span.start {
        (one, other)
    } else {
        (other, one)
    };
    SpecError::at(second.0.span.clone(), message)
        .label(second.1)
        .related(first.0.span.clone(), first.1)
}
