//! `count-per-request = { NAME = … }`: how often each single request calls a function.

use model::{Call, ScopeId};
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
    let requests = requests(case);
    let total = requests.len();
    if total == 0 {
        return Finding::Inconclusive(case.unsent().unwrap_or(Reason::NoRequest));
    }
    let members = case.members(label, case.calls());
    let unsure = of_each(
        &requests,
        case,
        members.unsure.iter().map(|(call, _)| *call),
    );
    let (lost, doubt) = (case.lost(label), members.doubt());
    let owned = of_each(&requests, case, members.sure);
    let counted = requests.iter().zip(owned.iter().zip(&unsure));
    let (failing, unknown) = Truth::failing(counted.map(|(request, (sure, unsure))| {
        let least = sure.len() as i128;
        let most = lost.is_none().then(|| least + unsure.len() as i128);
        let truth = match (&request.unmatched, between(matcher, least, most)) {
            (Some(reason), _) => Truth::Unknown(reason.clone()),
            (None, Truth::Unknown(reason)) => {
                let known = lost.clone().or_else(|| doubt.clone());
                Truth::Unknown(known.unwrap_or(reason))
            }
            (None, known) => known,
        };
        ((request, sure, most == Some(least)), truth)
    }));
    let Some((request, first, is_exact)) = failing.first() else {
        return Finding::passed(case.unsent().or(unknown), || basis(&owned));
    };
    Finding::Failed(Failure {
        want: Some(matcher.describe()),
        got: Some(match is_exact {
            true => first.len().to_string(),
            false => format!("{} or more", first.len()),
        }),
        remark: request.name.clone(),
        notes: [
            (failing.len() > 1).then(|| {
                format!(
                    "{} of {total} requests have another number; this is the first",
                    failing.len()
                )
            }),
            case.elsewhere(label, request.exchange),
        ]
        .into_iter()
        .flatten()
        .collect(),
        call: first.last().map(|call| call.id),
        exchange: request.exchange,
        ..Failure::new(
            FailureKind::Count,
            format!("calls of {label} by request {}", request.number),
        )
    })
}

/// A request of the test.
struct Request {
    /// From 1.
    number: usize,
    name: Option<String>,
    /// Its scope, where it is not one of the test's exchanges.
    scope: Option<ScopeId>,
    /// The exchange that it was.
    exchange: Option<usize>,
    /// Why it was not found in the program.
    unmatched: Option<Reason>,
}

/// The requests that the test sent, or those that were handled for the Go test, by beginning.
fn requests(case: &Case<'_>) -> Vec<Request> {
    let Some(run) = case.ancestry.run() else {
        let exchanges = case.evidence.exchanges.iter().enumerate();
        let requests = exchanges.map(|(index, sent)| Request {
            number: index + 1,
            name: Some(wording::exchange(index, sent)),
            scope: None,
            exchange: Some(index),
            unmatched: (case.request(index).is_none()).then(|| case.unmatched(index)),
        });
        return requests.collect();
    };
    let observation = case.observation();
    let handled = observation.requests().map(|(scope, _)| scope);
    let handled = handled.filter(|scope| observation.is_within(Some(scope.id), run));
    let requests = handled.zip(1..).map(|(scope, number)| Request {
        number,
        name: Some(scope.name()),
        scope: Some(scope.id),
        exchange: None,
        unmatched: None,
    });
    requests.collect()
}

/// The calls of each request.
fn of_each<'c>(
    requests: &[Request],
    case: &Case<'_>,
    calls: impl IntoIterator<Item = &'c Call>,
) -> Vec<Vec<&'c Call>> {
    if case.ancestry.run().is_none() {
        return case.by_exchange(calls);
    }
    let mut all = vec![Vec::new(); requests.len()];
    for call in calls {
        let own = case.observation().request_around(call.scope);
        let own = own.and_then(|own| requests.iter().position(|one| one.scope == Some(own.id)));
        if let Some(own) = own.and_then(|own| all.get_mut(own)) {
            own.push(call);
        }
    }
    all
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
