//! `count-per-request = { NAME = … }`: how often each single request calls a function.

use model::Call;
use spec::document::CountExpectation;

use super::{
    Failure, FailureKind, Finding, Reason, Verdict, count::between, scope::Case, truth::Truth,
    wording,
};

/// The calls of a function that one request owns.
#[derive(Clone, Debug, Default)]
struct Owned<'a> {
    /// How many there are for certain.
    sure: usize,
    /// How many more there may be.
    unsure: usize,
    /// The last that is certain.
    last: Option<&'a Call>,
}

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
    let (owned, doubt) = owned(case, label);
    let lost = case.lost(label);
    let mut failing = Vec::new();
    let mut unknown = case.unsent();
    for (exchange, owned) in owned.iter().enumerate() {
        if case.request(exchange).is_none() {
            unknown.get_or_insert_with(|| case.unmatched(exchange));
            continue;
        }
        let least = owned.sure as i128;
        let most = match lost {
            Some(_) => None,
            None => Some(least + owned.unsure as i128),
        };
        match between(matcher, least, most) {
            Truth::Yes => {}
            Truth::No => failing.push((exchange, owned)),
            Truth::Unknown(reason) => {
                let known = lost.clone().or_else(|| doubt.clone());
                unknown.get_or_insert(known.unwrap_or(reason));
            }
        }
    }
    let Some((exchange, first)) = failing.first() else {
        return Finding::passed(unknown, || basis(&owned));
    };
    let is_exact = lost.is_none() && first.unsure == 0;
    let name = case.evidence.exchanges.get(*exchange);
    let name = name.map(|sent| wording::exchange(*exchange, sent));
    Finding::Failed(Failure {
        want: Some(matcher.describe()),
        got: Some(match is_exact {
            true => first.sure.to_string(),
            false => format!("{} or more", first.sure),
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
        call: first.last.map(|call| call.id),
        exchange: Some(*exchange),
        ..Failure::new(
            FailureKind::Count,
            format!("calls of {label} by request {}", exchange + 1),
        )
    })
}

/// The calls of a name by exchange, and why it is not known of some whether they are of that name.
fn owned<'a>(case: &Case<'a>, label: &str) -> (Vec<Owned<'a>>, Option<Reason>) {
    let members = case.members(label, case.calls());
    let mut owned = vec![Owned::default(); case.evidence.exchanges.len()];
    for call in &members.sure {
        let exchange = case.exchange_of(call);
        if let Some(owned) = exchange.and_then(|exchange| owned.get_mut(exchange)) {
            owned.sure += 1;
            owned.last = Some(call);
        }
    }
    for (call, _) in &members.unsure {
        let exchange = case.exchange_of(call);
        if let Some(owned) = exchange.and_then(|exchange| owned.get_mut(exchange)) {
            owned.unsure += 1;
        }
    }
    (owned, members.doubt())
}

/// `40 requests, 1 call each` or `40 requests, 1 to 3 calls each`.
fn basis(owned: &[Owned<'_>]) -> String {
    let requests = wording::plural(owned.len(), "request");
    let counts = || owned.iter().map(|owned| owned.sure);
    match (counts().min(), counts().max()) {
        (Some(least), Some(most)) if least == most => {
            format!("{requests}, {} each", wording::plural(most, "call"))
        }
        (Some(least), Some(most)) => format!("{requests}, {least} to {most} calls each"),
        _ => requests,
    }
}
