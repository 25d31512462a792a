//! What needs requests, in a test that sends none.

use super::case::Case;
use crate::{
    Span, SpecError,
    document::{GoroutineRelation, Scope, Spanned, Standpoint},
};

/// Notes what has no request to look at.
pub(super) fn report(case: &Case<'_>) {
    for (goroutine, from) in goroutines(case) {
        out_of_sight(case, goroutine, from);
    }
    if case.requests() != Some(0) {
        return;
    }
    if case.test.go_test.is_some() {
        return;
    }
    let scopes = case.test.calls.iter().filter_map(|call| call.from.as_ref());
    for from in case.test.from.iter().chain(scopes) {
        if from.value == Scope::Requests {
            case.report(
                SpecError::at(from.span.clone(), "this test sends no request")
                    .label("the calls of which request?")
                    .help("remove `from`: such a test looks at all calls"),
            );
        }
    }
    if let Some(count) = case.test.counts_per_request.first() {
        case.report(
            SpecError::at(count.label.span.clone(), "this test sends no request")
                .label("the calls of which request?")
                .help("`count` counts all calls"),
        );
    }
}

/// Each `goroutine` that is seen from a request's own, with the `from` that includes calls outside of requests.
fn goroutines<'a>(
    case: &Case<'a>,
) -> Vec<(&'a Spanned<GoroutineRelation>, Option<&'a Spanned<Scope>>)> {
    let anywhere =
        |from: Option<&'a Spanned<Scope>>| from.filter(|from| from.value == Scope::Anywhere);
    let of_test = case.test.from.as_ref();
    let seen = |standpoint: &'a Standpoint| {
        let goroutine = standpoint.goroutine.as_ref();
        goroutine.filter(|goroutine| goroutine.value != GoroutineRelation::Any)
    };
    let steps = case
        .steps()
        .filter_map(|step| Some((seen(&step.standpoint)?, anywhere(of_test))));
    let calls = case.test.calls.iter().filter_map(|call| {
        let from = call.from.as_ref().or(of_test);
        Some((seen(&call.standpoint)?, anywhere(from)))
    });
    steps.chain(calls).collect()
}

/// A goroutine of which it can't be said what it is to the one that handles the request.
fn out_of_sight(
    case: &Case<'_>,
    goroutine: &Spanned<GoroutineRelation>,
    from: Option<&Spanned<Scope>>,
) {
    let error = |label: &str| {
        let message = "`goroutine` compares with the one that handles a request";
        SpecError::at(goroutine.span.clone(), message).label(label)
    };
    if case.test.requests.is_empty() && case.test.go_test.is_none() {
        case.report(
            error("this test sends none")
                .help("give the test a request, or ask for `under` or `child-of`: they need none"),
        );
    } else if let Some(from) = from {
        let span: Span = from.span.clone();
        case.report(
            error("calls outside of requests have none")
                .related(span, "also calls outside of requests")
                .help("use from = \"requests\" to look at the calls of the test's requests; `under` and `child-of` need no request"),
        );
    }
}
