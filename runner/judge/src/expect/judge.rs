//! All verdicts on a test.

use model::Nanoseconds;
use spec::document::{Spec, Test};

use super::{
    Evidence, Failure, FailureKind, Finding, Reason, Verdict, answer, carried, count, demands,
    execution, flow, kept::unless, latency, left, loss, per_request, races, reason, received,
    scope::Case, sequence, stubs,
};

/// Judges a test: a verdict for each of its expectations, in the order of the file. Snapshots are judged elsewhere.
///
/// The evidence must be of that test, its `requests` parallel to its `exchanges`.
#[must_use]
pub fn judge(spec: &Spec, test: &Test, evidence: &Evidence) -> Vec<Verdict> {
    let case = Case::new(spec, test, evidence);
    let mut verdicts: Vec<Verdict> = timeout(&case).into_iter().collect();
    verdicts.extend(races::judge(&case));
    for (entry, request) in test.requests.iter().enumerate() {
        verdicts.extend(answer::judge(&case, entry, request));
        verdicts.extend(carried::judge(&case, entry, request));
    }
    verdicts.extend(stubs::judge(&case));
    verdicts.extend(received::judge(&case));
    verdicts.extend(execution::judge(&case));
    // What is judged from here on is judged on hits.
    let answers = verdicts.len();
    verdicts.extend(on_each_call(&case).map(|verdict| unless(case.not_kept(), verdict)));
    verdicts.extend(test.counts.iter().map(|wanted| {
        let not_counted = case.not_counted(&wanted.label.value);
        unless(not_counted, count::judge(&case, wanted))
    }));
    verdicts.extend(
        test.never
            .iter()
            .map(|name| count::judge_never(&case, name)),
    );
    verdicts.extend(left::judge(&case));
    verdicts.extend(test.latency.iter().flat_map(|wanted| {
        let not_counted = case.not_counted(&wanted.label.value);
        let verdicts = latency::judge(&case, wanted).into_iter();
        verdicts.map(move |verdict| unless(not_counted.clone(), verdict))
    }));
    for verdict in &mut verdicts[answers..] {
        say_more(&case, verdict);
    }
    verdicts.sort_by_key(|verdict| verdict.span.start);
    verdicts
}

/// The verdicts that look at each call.
fn on_each_call<'a>(case: &'a Case<'a>) -> impl Iterator<Item = Verdict> + 'a {
    let test = case.test;
    let sequence = test.sequence.iter();
    let sequence = sequence.map(|wanted| sequence::judge(case, wanted));
    let per_request = test.counts_per_request.iter();
    let per_request = per_request.map(|wanted| per_request::judge(case, wanted));
    let flows = test.flows.iter().flat_map(|flow| flow::judge(case, flow));
    let calls = test.calls.iter();
    let calls = calls.flat_map(|wanted| demands::judge(case, wanted));
    sequence.chain(per_request).chain(flows).chain(calls)
}

/// Says what hits a verdict did not need; of what failed in which request that was, and beside what did not happen,
/// what still ran.
fn say_more(case: &Case<'_>, verdict: &mut Verdict) {
    match &mut verdict.finding {
        Finding::Passed { basis } => {
            if let Some(lost) = loss::not_needed(&case.observation().loss) {
                basis.push_str("; ");
                basis.push_str(&lost);
            }
        }
        Finding::Failed(failure) => {
            let call = failure.call.and_then(|call| case.ancestry.call(call));
            let request = call.and_then(|call| case.exchange_of(call));
            failure.exchange = failure.exchange.or(request);
            let may_come_later = matches!(
                failure.kind,
                FailureKind::Missing | FailureKind::Count | FailureKind::Order
            );
            if may_come_later {
                failure.notes.extend(case.cut().map(reason::cut_note));
            }
        }
        Finding::Inconclusive(reason) => {
            if let Some(cut) = case.cut().filter(|_| reason.is_of_running()) {
                *reason = Reason::Cut(Box::new((reason.clone(), cut.clone())));
            }
        }
    }
}

fn timeout(case: &Case<'_>) -> Option<Verdict> {
    let limit = Nanoseconds::from(case.test.within).precise();
    let timed_out = case.evidence.timed_out && !execution::outlives_signal(case);
    timed_out.then(|| {
        let sent = case.evidence.exchanges.len();
        let note = match case.planned_requests() {
            0 => "the program was still running, and was stopped".to_owned(),
            all => format!("{sent} of {all} requests were sent"),
        };
        let failure = Failure {
            notes: vec![note],
            ..Failure::new(FailureKind::Timeout, format!("not complete within {limit}"))
        };
        Verdict::new(
            case.test.span.clone(),
            format!("complete within {limit}"),
            Finding::Failed(failure),
        )
    })
}
