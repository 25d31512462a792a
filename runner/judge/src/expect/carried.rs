//! Values that later requests carry on: whether each answer had them.

use model::Missed;
use spec::document::{Capture, RequestSpec};

use super::{
    Failure, FailureKind, Finding, Reason, Verdict, answer::shown_answer, scope::Case, wording,
};

/// The verdicts on what the answer to a request entry must have for later requests.
pub(super) fn judge(case: &Case<'_>, entry: usize, request: &RequestSpec) -> Vec<Verdict> {
    let captures = request.save.iter();
    captures
        .map(|capture| {
            let subject = format!("save {} = {}", capture.name.value, capture.source.value);
            let finding = finding(case, entry, capture);
            Verdict::new(capture.source.span.clone(), subject, finding)
        })
        .collect()
}

fn finding(case: &Case<'_>, entry: usize, capture: &Capture) -> Finding {
    let exchanges = case.evidence.exchanges.iter();
    let index = exchanges
        .clone()
        .position(|exchange| exchange.entry == entry);
    let name = &capture.name.value;
    let is_this = |missed: &&Missed| missed.entry == entry && missed.name == *name;
    match (case.evidence.carried.missed.iter().find(is_this), index) {
        (None, Some(_)) => Finding::Passed {
            basis: "1 value".to_owned(),
        },
        (None, None) => Finding::Inconclusive(case.unsent().unwrap_or(Reason::NoRequest)),
        (Some(missed), index) => {
            let exchange = index.and_then(|index| case.evidence.exchanges.get(index));
            let mut notes =
                exchange.map_or_else(Vec::new, |exchange| shown_answer(&exchange.answer));
            let unsent = case
                .planned_requests()
                .saturating_sub(case.evidence.exchanges.len());
            if unsent > 0 {
                let requests = wording::plural(unsent, "request");
                notes.push(format!("not sent without it: {requests}"));
            }
            Finding::Failed(Failure {
                want: Some("one value".to_owned()),
                got: Some(missed.found.clone()),
                notes,
                exchange: index,
                ..Failure::new(
                    FailureKind::Answer,
                    format!("${{{name}}} from {}", capture.source.value),
                )
            })
        }
    }
}
