//! `goroutines = { left = 0 }`: the goroutines that a Go test, or a test's requests, started and left running.

use model::{Call, CallId, Completion, End, RunningGoroutine};

use super::{
    Failure, FailureKind, Finding, Left, Reason, Verdict,
    scope::Case,
    truth::Truth,
    value::integer_matches,
    wording::{place, without_path},
};

/// Judges what a test left running.
pub(super) fn judge(case: &Case<'_>) -> Option<Verdict> {
    let wanted = case.test.left.as_ref()?;
    let subject = format!("goroutines left {}", wanted.value);
    let evidence = case.evidence;
    let of_requests = || evidence.completion.as_ref().and_then(left_by_requests);
    let left = evidence.left.clone().or_else(of_requests);
    let finding = match (left, case.lost_causality()) {
        (_, Some(reason)) => Finding::Inconclusive(reason),
        (None, None) => return None,
        (Some(left), None) => finding(case, &left),
    };
    Some(Verdict::new(wanted.span.clone(), subject, finding))
}

/// What a test's requests left running; none where the test's time was over before that was known, which is a failure of its own.
fn left_by_requests(completion: &Completion) -> Option<Left> {
    let cut = match completion.end {
        End::Settled | End::SettlePassed => None,
        End::ProcessEnded => Some(completion.after),
        End::Deadline | End::Ready => return None,
    };
    Some(Left {
        running: completion.running.clone(),
        cut,
    })
}

fn finding(case: &Case<'_>, left: &Left) -> Finding {
    let Left { running: left, cut } = left;
    let wanted = case.test.left.as_ref().map(|wanted| &wanted.value);
    let count = left.goroutines.len() as u64 + left.more;
    let truth = wanted.map_or(Truth::Yes, |wanted| {
        integer_matches(wanted, i128::from(count))
    });
    match truth {
        Truth::Yes => Finding::Passed {
            basis: format!("{count} left"),
        },
        Truth::Unknown(reason) => Finding::Inconclusive(reason),
        Truth::No if let Some(after) = cut => Finding::Inconclusive(Reason::EndedBefore {
            after: after.precise(),
            left: left.to_string(),
        }),
        Truth::No => {
            let mut notes: Vec<String> =
                left.goroutines.iter().map(|one| note(case, one)).collect();
            if left.more > 0 {
                notes.push(format!("and {} more", left.more));
            }
            Finding::Failed(Failure {
                want: wanted.map(spec::matcher::Matcher::describe),
                got: Some(count.to_string()),
                notes,
                ..Failure::new(FailureKind::Left, "goroutines left")
            })
        }
    }
}

/// `g41 shop.watch, started at shop.go:12 in shop.start, under checkout`
fn note(case: &Case<'_>, left: &RunningGoroutine) -> String {
    let goroutines = case.observation().goroutines.iter();
    let mut own = goroutines.filter(|one| one.goid == left.goid && one.created.is_some());
    let known = own.next();
    let starter = known
        .and_then(|one| one.creating_call)
        .and_then(|call: CallId| case.ancestry.call(call));
    let name = left.function.as_deref().map(without_path);
    let shown = match name {
        Some(name) => format!("{} {name}", left.goid),
        None => left.goid.to_string(),
    };
    if let Some(started) = &left.started {
        let (at, function) = (place(&started.position), without_path(&started.function));
        let observation = case.observation();
        let is_own = |call: &&Call| {
            let own = observation.function(call.function);
            own.is_some_and(|own| own.name == started.function)
        };
        return match starter.filter(|call| !is_own(call)) {
            Some(call) => {
                let under = case.name_of(call);
                format!("{shown}, started at {at} in {function}, under {under}")
            }
            None => format!("{shown}, started at {at} in {function}"),
        };
    }
    match (starter, known.and_then(|one| one.creator)) {
        (Some(call), _) => format!("{shown}, started in {}", case.name_of(call)),
        (None, Some(creator)) => format!("{shown}, started by {creator}"),
        (None, None) => shown,
    }
}
