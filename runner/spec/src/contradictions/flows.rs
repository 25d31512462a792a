//! Values that travel: flows and hand-offs.

use std::collections::HashMap;

use model::{Path, Root};

use super::case::{Case, Functions, filtered};
use crate::{
    SpecError,
    cursor::Context,
    document::{CallPart, ExpectedOutcome, Flow, HandOff, Spec},
};

/// Notes flows that no value can take.
pub(super) fn report(case: &Case<'_>) {
    let mut flows: HashMap<Vec<Part<'_>>, &Flow> = HashMap::new();
    for flow in &case.test.flows {
        let parts: Vec<Part<'_>> = flow.parts.iter().map(key).collect();
        repeated(case, flow);
        without_results(case, flow);
        if let Some(first) = flows.get(&parts) {
            case.report(SpecError::twice(
                "this flow is there twice",
                first.span.clone(),
                flow.span.clone(),
            ));
        } else {
            flows.insert(parts, flow);
        }
    }
}

/// A part of a call, wherever it stands.
type Part<'a> = (&'a str, &'a Path);

fn key(part: &CallPart) -> Part<'_> {
    (&part.label.value, &part.path)
}

/// A part that a flow comes through twice.
fn repeated(case: &Case<'_>, flow: &Flow) {
    let mut parts: HashMap<Part<'_>, &CallPart> = HashMap::new();
    for part in &flow.parts {
        if let Some(first) = parts.insert(key(part), part) {
            case.report(SpecError::twice(
                format!("`{part}` is in this flow twice"),
                first.span.clone(),
                part.span.clone(),
            ));
        }
    }
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
                _ => "must be left otherwise",
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
    let mut known: HashMap<(Part<'_>, Part<'_>), &HandOff> = HashMap::new();
    for hand_off in &spec.hand_offs {
        for (part, side) in [(&hand_off.from, Side::From), (&hand_off.to, Side::To)] {
            if let Some(error) = side.wrong(functions, part) {
                context.report(error);
            }
        }
        if is_same(functions, &hand_off.from, &hand_off.to) {
            context.report(
                SpecError::at(hand_off.to.span.clone(), "a value is handed on to another call")
                    .label("the same")
                    .related(hand_off.from.span.clone(), "from here")
                    .help("`from` is where a request hands its work over, `to` where a worker takes it: { from = \"submit.j\", to = \"process.j\" }"),
            );
        }
        let parts = (key(&hand_off.from), key(&hand_off.to));
        if let Some(first) = known.get(&parts) {
            context.report(SpecError::twice(
                "this hand-off is there twice",
                first.name.span.clone(),
                hand_off.name.span.clone(),
            ));
        } else {
            known.insert(parts, hand_off);
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
