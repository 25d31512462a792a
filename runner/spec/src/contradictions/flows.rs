//! Values that travel: flows and hand-offs.

use model::{Path, Root};

use super::case::{Case, Functions, filtered};
use crate::{
    SpecError,
    cursor::Context,
    document::{CallPart, ExpectedOutcome, Flow, Spec},
};

/// Notes flows that no value can take.
pub(super) fn report(case: &Case<'_>) {
    case.context.unique(
        &case.test.flows,
        |flow| (flow.parts.iter().map(key).collect::<Vec<_>>(), &flow.span),
        |_| "this flow is there twice".to_owned(),
    );
    for flow in &case.test.flows {
        case.context.unique(
            &flow.parts,
            |part| (key(part), &part.span),
            |part| format!("`{part}` is in this flow twice"),
        );
        without_results(case, flow);
    }
}

/// A part of a call, wherever it is written.
type Part<'a> = (&'a str, &'a Path);

fn key(part: &CallPart) -> Part<'_> {
    (&part.label.value, &part.path)
}

/// A result of calls that must have none.
fn without_results(case: &Case<'_>, flow: &Flow) {
    for part in &flow.parts {
        let every = case.of_every(&part.label.value);
        let outcome = every.and_then(|call| call.outcome.as_ref());
        if let (Some(outcome), Root::Result(_)) = (outcome, &part.path.root)
            && !outcome.value.has_results()
        {
            let message = format!("calls of `{}` must have no results", part.label.value);
            let why = match outcome.value {
                ExpectedOutcome::Running => "must still be running",
                _ => "must end otherwise",
            };
            case.report(
                SpecError::at(part.span.clone(), message)
                    .label("a result")
                    .related(outcome.span.clone(), why),
            );
        }
    }
}

/// Notes hand-offs that carry nothing.
pub(super) fn report_hand_offs(spec: &Spec, functions: &Functions<'_>, context: &Context<'_>) {
    context.unique(
        &spec.hand_offs,
        |hand_off| {
            (
                (key(&hand_off.from), key(&hand_off.to)),
                &hand_off.name.span,
            )
        },
        |_| "this hand-off is there twice".to_owned(),
    );
    for hand_off in &spec.hand_offs {
        for (part, side) in [(&hand_off.from, Side::From), (&hand_off.to, Side::To)] {
            if let Some(error) = side.wrong(functions, part) {
                context.report(error);
            }
        }
        if is_same(functions, &hand_off.from, &hand_off.to) {
            context.report(
                SpecError::at(hand_off.to.span.clone(), "a hand-off leads to another call")
                    .label("the same")
                    .related(hand_off.from.span.clone(), "from here")
                    .help("`from` is where a request hands its work over, `to` where a worker takes it: { from = \"submit.j\", to = \"process.j\" }"),
            );
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    From,
    To,
}

impl Side {
    /// What is wrong with a part of a call on this side of a hand-off.
    fn wrong(self, functions: &Functions<'_>, part: &CallPart) -> Option<SpecError> {
        if let (Self::To, Root::Result(_)) = (self, &part.path.root) {
            let message = "work is taken with the arguments of a call";
            let error = SpecError::at(part.span.clone(), message).label("a result");
            return Some(error.help(
                "a result is there when the work is done; name the argument with which it is taken",
            ));
        }
        let function = functions.get(part.label.value.as_str())?;
        filtered(&part.label, function, "a hand-off")
    }
}

/// Whether two parts are those of the same calls, whatever they are called.
fn is_same(functions: &Functions<'_>, one: &CallPart, other: &CallPart) -> bool {
    let pattern = |part: &CallPart| {
        let function = functions.get(part.label.value.as_str())?;
        Some(&function.pattern.value)
    };
    one.path == other.path && pattern(one) == pattern(other)
}
