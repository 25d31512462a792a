//! How calls end.

use super::case::Case;
use crate::{SpecError, document::ExpectedOutcome};

/// Notes outcomes that no call can have.
pub(super) fn report(case: &Case<'_>) {
    unlike_every_call(case);
    end_of_a_shared_process(case);
}

/// A step that ends as no call of its function may.
fn unlike_every_call(case: &Case<'_>) {
    for step in case.steps() {
        let every = case.of_every(&step.label.value);
        let every = every.and_then(|call| call.outcome.as_ref());
        if let (Some(every), Some(one)) = (every, &step.outcome)
            && every.value != one.value
        {
            let message = format!("no call of `{}` can end so", step.label.value);
            case.report(
                SpecError::at(one.span.clone(), message)
                    .label("never")
                    .related(every.span.clone(), "holds for every call of it"),
            );
        }
    }
}

/// A process that is to end in one test, and is needed by others.
fn end_of_a_shared_process(case: &Case<'_>) {
    if case.spec.program.restart {
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
                .help("let each test have a process of its own: leave `restart = false` out, or put this test into another spec"),
            );
        }
    }
}
