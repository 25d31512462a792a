//! All verdicts on a test.

use super::{
    Evidence, Failure, FailureKind, Finding, Verdict, answer, calls, count, flow, latency,
    per_request, scope::Case, sequence, wording,
};
use crate::{
    model::Nanoseconds,
    spec::document::{Spec, Test},
};

/// Judges a test: a verdict for each of its expectations, in the order of the file. Snapshots are judged elsewhere.
///
/// The evidence must be of that test, its `requests` parallel to its `exchanges`.
#[must_use]
pub fn judge(spec: &Spec, test: &Test, evidence: &Evidence) -> Vec<Verdict> {
    let case = Case::new(spec, test, evidence);
    let mut verdicts: Vec<Verdict> = timeout(&case).into_iter().collect();
    for (entry, request) in test.requests.iter().enumerate() {
        verdicts.extend(answer::judge(&case, entry, request));
    }
    verdicts.extend(answer::judge_stubs(&case));
    verdicts.extend(
        test.sequence
            .iter()
            .map(|wanted| sequence::judge(&case, wanted)),
    );
    verdicts.extend(test.counts.iter().map(|wanted| count::judge(&case, wanted)));
    verdicts.extend(
        test.counts_per_request
            .iter()
            .map(|wanted| per_request::judge(&case, wanted)),
    );
    verdicts.extend(test.flows.iter().flat_map(|flow| flow::judge(&case, flow)));
    verdicts.extend(
        test.never
            .iter()
            .map(|name| count::judge_never(&case, name)),
    );
    verdicts.extend(
        test.calls
            .iter()
            .flat_map(|wanted| calls::judge(&case, wanted)),
    );
    verdicts.extend(
        test.latency
            .iter()
            .flat_map(|wanted| latency::judge(&case, wanted)),
    );
    verdicts.sort_by_key(|verdict| verdict.span.start);
    verdicts
}

fn timeout(case: &Case<'_>) -> Option<Verdict> {
    let limit = u64::try_from(case.test.within.as_nanos()).unwrap_or(u64::MAX);
    let limit = wording::time(Nanoseconds(limit));
    case.evidence.timed_out.then(|| {
        let sent = case.evidence.exchanges.len();
        let failure = Failure {
            notes: vec![format!(
                "{sent} of {} requests were sent",
                case.planned_requests()
            )],
            ..Failure::new(FailureKind::Timeout, format!("not complete within {limit}"))
        };
        Verdict::new(
            case.test.span.clone(),
            format!("complete within {limit}"),
            Finding::Failed(failure),
        )
    })
}
