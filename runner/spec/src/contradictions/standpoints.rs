//! Where calls must be made and how they must end: under others, on which goroutine, by a panic.

use super::{
    case::Case,
    circle::{Edge, circles},
};
use crate::{
    Span, SpecError,
    document::{ExpectedOutcome, GoroutineRelation, Spanned, Standpoint},
};

/// Notes standpoints that no call can have.
pub(super) fn report(case: &Case<'_>) {
    let steps = case.steps().map(|step| &*step.standpoint);
    let calls = case.test.calls.iter().map(|call| &call.standpoint);
    for standpoint in steps.chain(calls) {
        said_twice(case, standpoint);
    }
    no_outermost(case);
    several_goroutines(case);
    unlike_every_call(case);
    end_of_a_shared_process(case);
}

/// `under` with the name that `child-of` has: the nearest above is one above.
fn said_twice(case: &Case<'_>, standpoint: &Standpoint) {
    if let (Some(under), Some(child_of)) = (&standpoint.under, &standpoint.child_of)
        && under.value == child_of.value
    {
        case.report(
            SpecError::at(
                under.span.clone(),
                format!("`child-of` says that a call of `{}` is above", under.value),
            )
            .label("redundant")
            .related(child_of.span.clone(), "the nearest above")
            .help("remove `under`"),
        );
    }
}

/// Functions of which every call must be under another of them: the outermost can't be.
fn no_outermost(case: &Case<'_>) {
    let mut edges = Vec::new();
    for call in &case.test.calls {
        let standpoint = &call.standpoint;
        for above in standpoint.child_of.iter().chain(&standpoint.under) {
            // Of many functions, one may be above all others without being judged: it belongs to no request, or began
            // before the test, as main.main did.
            if case.is_one_function(&above.value) && case.is_one_function(&call.label.value) {
                edges.push(Edge {
                    from: &call.label.value,
                    to: &above.value,
                    span: &above.span,
                });
            }
        }
    }
    for circle in circles(&edges) {
        let Some((last, others)) = circle.split_last() else {
            continue;
        };
        let error = match others.first() {
            None => SpecError::at(
                last.span.clone(),
                format!(
                    "calls of `{}` can't all be under another one: the outermost has none above it",
                    last.from
                ),
            )
            .label("itself")
            .help(format!(
                "in a sequence, {{ call = \"{0}\", under = \"{0}\" }} matches a nested call",
                last.from
            )),
            Some(first) => SpecError::at(
                last.span.clone(),
                format!(
                    "`{}` must be under `{}`, and `{}` under `{}`: the outermost call has none above it",
                    last.from, last.to, last.to, last.from
                ),
            )
            .label("a circle")
            .related(first.span.clone(), "and this"),
        };
        case.report(error);
    }
}

/// Steps on different goroutines, in a sequence of one.
fn several_goroutines(case: &Case<'_>) {
    let Some(sequence) = &case.test.sequence else {
        return;
    };
    let Some(whole) = &sequence.one_goroutine else {
        return;
    };
    let mut first: Option<&Spanned<GoroutineRelation>> = None;
    for step in case.steps() {
        let Some(second) = &step.standpoint.goroutine else {
            continue;
        };
        match first {
            Some(first) if !agree(first.value, second.value) => {
                case.report(
                    SpecError::at(
                        second.span.clone(),
                        "one goroutine makes all calls of this sequence",
                    )
                    .label(format!("not the one that is \"{}\"", first.value))
                    .related(whole.clone(), "one goroutine")
                    .help("remove `goroutine` from the sequence to allow several"),
                );
                return;
            }
            Some(_) => {}
            None if second.value == GoroutineRelation::Any => {}
            None => first = Some(second),
        }
    }
}

/// A step on a goroutine, or with an end, that no call of its function may have.
fn unlike_every_call(case: &Case<'_>) {
    let never = |message: String, one: &Span, every: &Span| {
        case.report(
            SpecError::at(one.clone(), message)
                .label("never")
                .related(every.clone(), "holds for every call of it"),
        );
    };
    for step in case.steps() {
        let label = &step.label.value;
        let Some(every) = case.of_every(label) else {
            continue;
        };
        if let (Some(every), Some(one)) = (&every.standpoint.goroutine, &step.standpoint.goroutine)
            && !agree(every.value, one.value)
        {
            let message = format!("no call of `{label}` can be made by this goroutine");
            never(message, &one.span, &every.span);
        }
        if let (Some(every), Some(one)) = (&every.outcome, &step.outcome)
            && every.value != one.value
        {
            let message = format!("no call of `{label}` may end this way");
            never(message, &one.span, &every.span);
        }
    }
}

/// A process that is to end in one test, and is needed by others.
fn end_of_a_shared_process(case: &Case<'_>) {
    if case.spec.program.restart && !case.spec.is_of_go_tests() {
        return;
    }
    let steps = case.steps().filter_map(|step| step.outcome.as_ref());
    let calls = case.test.calls.iter();
    let calls = calls.filter_map(|call| call.outcome.as_ref());
    for outcome in steps.chain(calls) {
        if outcome.value == ExpectedOutcome::ProcessEnded {
            case.report(
                SpecError::at(
                    outcome.span.clone(),
                    "with `restart = false` all tests share one process",
                )
                .label("would end it for all")
                .help("remove `restart = false`, or put this test into a spec of its own"),
            );
        }
    }
}

/// Whether one goroutine can be both.
const fn agree(one: GoroutineRelation, other: GoroutineRelation) -> bool {
    use GoroutineRelation::{Any, Child, Distinct, Same};
    match (one, other) {
        (Any, _) | (_, Any) | (Same, Same) => true,
        (Same, _) | (_, Same) => false,
        (Child | Distinct, Child | Distinct) => true,
    }
}
