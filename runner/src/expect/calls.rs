//! `[test.calls.NAME]`: what must hold for every call of a function, of which there must be one.

use super::{
    Failure, FailureKind, Finding, Inconclusive, Verdict,
    predicate::Predicate,
    scope::{Case, Members},
    truth::Truth,
    wording,
};
use crate::{model::Call, spec::document::CallExpectation};

/// One verdict for each demand; a single one where there is no call to judge.
pub(super) fn judge(case: &Case<'_>, expectation: &CallExpectation) -> Vec<Verdict> {
    let label = expectation.label.value.as_str();
    let members = case.members(label, case.calls());
    let predicates = Predicate::of_calls(expectation);
    if members.sure.is_empty() || predicates.is_empty() {
        let subject = format!("calls of {label}");
        let finding = presence(case, label, &members);
        return vec![Verdict::new(
            expectation.label.span.clone(),
            subject,
            finding,
        )];
    }
    predicates
        .iter()
        .map(|predicate| {
            let finding = every_call(case, label, &members, predicate, &predicates);
            Verdict::new(predicate.span.clone(), predicate.subject(label), finding)
        })
        .collect()
}

fn presence(case: &Case<'_>, label: &str, members: &Members<'_>) -> Finding {
    if !members.sure.is_empty() {
        let basis = wording::plural(members.sure.len(), "call");
        return Finding::Passed { basis };
    }
    let unsure = members.unsure.first().map(|(_, reason)| reason.clone());
    match unsure.or_else(|| case.incomplete(label)) {
        Some(reason) => Finding::Inconclusive(reason),
        None => Finding::Failed(Failure {
            notes: case.elsewhere(label, None).into_iter().collect(),
            ..Failure::new(FailureKind::Missing, format!("{label} was not called"))
        }),
    }
}

fn every_call(
    case: &Case<'_>,
    label: &str,
    members: &Members<'_>,
    predicate: &Predicate<'_>,
    all: &[Predicate<'_>],
) -> Finding {
    let observation = case.observation();
    let mut failing: Vec<&Call> = Vec::new();
    let mut unknown: Option<Inconclusive> = None;
    for call in &members.sure {
        match predicate.judge(observation, call) {
            Truth::Yes => {}
            Truth::No => failing.push(call),
            Truth::Unknown(reason) => {
                unknown.get_or_insert(reason);
            }
        }
    }
    if let Some(first) = failing.first() {
        return match case.unsure_scope() {
            Some(reason) => Finding::Inconclusive(reason),
            None => Finding::Failed(failure(
                case,
                label,
                members,
                predicate,
                all,
                first,
                failing.len(),
            )),
        };
    }
    let unsure = || {
        let mut calls = members.unsure.iter();
        calls.find(|(call, _)| !predicate.judge(observation, call).is_certain())
    };
    let reason = unknown
        .or_else(|| unsure().map(|(_, reason)| reason.clone()))
        .or_else(|| case.incomplete(label));
    match reason {
        Some(reason) => Finding::Inconclusive(reason),
        None => Finding::Passed {
            basis: wording::plural(members.sure.len(), "call"),
        },
    }
}

fn failure(
    case: &Case<'_>,
    label: &str,
    members: &Members<'_>,
    predicate: &Predicate<'_>,
    all: &[Predicate<'_>],
    call: &Call,
    failing: usize,
) -> Failure {
    let observation = case.observation();
    let total = members.sure.len();
    let calls = match (failing, total) {
        (1, 1) => "1 call".to_owned(),
        _ => format!("{failing} of {}", wording::plural(total, "call")),
    };
    let remark = [
        predicate
            .type_name(observation, call)
            .map(ToOwned::to_owned),
        Some(match others_matched(case, predicate, all, call) {
            Some(others) => format!("{calls}, {others}"),
            None => calls,
        }),
    ];
    Failure {
        want: Some(predicate.want()),
        got: Some(predicate.got(observation, call)),
        remark: Some(remark.into_iter().flatten().collect::<Vec<_>>().join("; ")),
        call: Some(call.id),
        exchange: case.exchange_of(call),
        ..Failure::new(predicate.failure_kind(), predicate.label(label))
    }
}

/// That all other arguments of a call are as demanded, in words.
fn others_matched(
    case: &Case<'_>,
    predicate: &Predicate<'_>,
    all: &[Predicate<'_>],
    call: &Call,
) -> Option<String> {
    if !predicate.is_argument() {
        return None;
    }
    let mut others = 0;
    for other in all.iter().filter(|other| other.is_argument()) {
        if !std::ptr::eq(other, predicate) {
            others += 1;
            if !other.judge(case.observation(), call).is_certain() {
                return None;
            }
        }
    }
    match others {
        0 => None,
        1 => Some("the other argument matched".to_owned()),
        _ => Some(format!("the other {others} arguments matched")),
    }
}
