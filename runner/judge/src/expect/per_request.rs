//! `count-per-request = { NAME = … }`: how often each single request calls a function.

use model::Call;
use spec::document::CountExpectation;

use super::{
    Failure, FailureKind, Finding, Reason, Verdict, count::between, scope::Case, truth::Truth,
    wording,
};

/// Whether every request of the test has that number of calls.
pub(super) fn judge(case: &Case<'_>, expectation: &CountExpectation) -> Verdict {
    let case = &case.by_request();
    let label = expectation.label.value.as_str();
    let matcher = &expectation.matcher.value;
    let subject = format!("count-per-request {label} {matcher}");
    let finding = finding(case, expectation);
    Verdict::new(expectation.matcher.span.clone(), subject, finding)
}

fn finding(case: &Case<'_>, expectation: &CountExpectation) -> Finding {
    let label = expectation.label.value.as_str();
    let matcher = &expectation.matcher.value;
    if let Some(reason) = case.lost_causality() {
        return Finding::Inconclusive(reason);
    }
    let total = case.evidence.exchanges.len();
    if total == 0 {
        return Finding::Inconclusive(case.unsent().unwrap_or(Reason::NoRequest));
    }
    let members = case.members(label, case.calls());
    let unsure = case.by_exchange(members.unsure.iter().map(|(call, _)| *call));
    let (lost, doubt) = (case.lost(label), members.doubt());
    let owned = case.by_exchange(members.sure);
    let counted = owned.iter().zip(&unsure).enumerate();
    let (failing, unknown) = Truth::failing(counted.map(|(exchange, (sure, unsure))| {
        let least = sure.len() as i128;
        let most = lost.is_none().then(|| least + unsure.len() as i128);
        let truth = match between(matcher, least, most) {
            _ if case.request(exchange).is_none() => Truth::Unknown(case.unmatched(exchange)),
            Truth::Unknown(reason) => {
                let known = lost.clone().or_else(|| doubt.clone());
                Truth::Unknown(known.unwrap_or(reason))
            }
            known => known,
        };
        ((exchange, sure, most == Some(least)), truth)
    }));
    let Some((exchange, first, is_exact)) = failing.first() else {
        return Finding::passed(case.unsent().or(unknown), || basis(&owned));
    };
    let name = case.evidence.exchanges.get(*exchange);
    let name = name.map(|sent| wording::exchange(*exchange, sent));
    Finding::Failed(Failure {
        want: Some(matcher.describe()),
        got: Some(match is_exact {
            true => first.len().to_string(),
            false => format!("{} or more", first.len()),
        }),
        remark: name,
        notes: [
            (failing.len() > 1).then(|| {
                format!(
                    "{} of {total} requests have another number; this is the first",
                    failing.len()
                )
            }),
            case.elsewhere(label, Some(*exchange)),
        ]
        .into_iter()
        .flatten()
        .collect(),
        call: first.last().map(|call| call.id),
        exchange: Some(*exchange),
        ..Failure::new(
            FailureKind::Count,
            format!("calls of {label} by request {}", exchange + 1),
        )
    })
}

/// `40 requests, 1 call each` or `40 requests, 1 to 3 calls each`.
fn basis(owned: &[Vec<&Call>]) -> String {
    let requests = wording::plural(owned.len(), "request");
    let counts = || owned.iter().map(Vec::len);
    match (counts().min(), counts().max()) {
        (Some(least), Some(most)) if least == most => {
            format!("{requests}, {} each", wording::plural(most, "call"))
        }
        (Some(least), Some(most)) => format!("{requests}, {least} to {most} calls each"),
        _ => requests,
    }
}
