//! How often functions are called: what must be called and must not, and counts that can't all hold.

use std::collections::HashMap;

use super::case::{Case, Region};
use crate::{
    Spanned, SpecError,
    document::{CallExpectation, CountExpectation, SequenceMode},
    matcher::{Comparison, Literal, Matcher, Number},
};

/// Notes counts that can't hold.
pub(super) fn report(case: &Case<'_>) {
    never_yet_called(case);
    unlike_the_sequence(case);
    unlike_each_request(case);
}

/// A name that must not be called.
#[derive(Clone, Copy)]
struct Forbidden<'a> {
    /// Where that is said.
    label: &'a Spanned<String>,
    /// Where it must not be.
    region: Region,
}

/// The names that must not be called, or no times.
fn forbidden<'a>(case: &Case<'a>) -> HashMap<&'a str, Forbidden<'a>> {
    let none = |counts: &'a [CountExpectation], region: Region| {
        let none = counts
            .iter()
            .filter(|count| most(&count.matcher.value) == Some(0));
        none.map(move |count| (&count.label, region))
    };
    let never = case.test.never.iter();
    let all = never
        .map(|label| (label, Region::Program))
        .chain(none(&case.test.counts, case.region()))
        .chain(none(&case.test.counts_per_request, Region::Requests));
    let mut forbidden: HashMap<&str, Forbidden<'a>> = HashMap::new();
    for (label, region) in all {
        let entry = forbidden.entry(&label.value);
        let known = entry.or_insert(Forbidden { label, region });
        if known.region < region {
            *known = Forbidden { label, region };
        }
    }
    forbidden
}

/// A name that must be called.
struct Wanted<'a> {
    label: &'a Spanned<String>,
    region: Region,
    why: &'static str,
}

/// A function that must never be called, or no times, and yet must.
fn never_yet_called(case: &Case<'_>) {
    let forbidden = forbidden(case);
    for wanted in wanted(case) {
        let label = wanted.label;
        let forbidden = forbidden.get(label.value.as_str()).filter(|forbidden| {
            forbidden.label.span != label.span && wanted.region <= forbidden.region
        });
        if let Some(forbidden) = forbidden {
            let message = format!("`{}` must be called and must not be called", label.value);
            case.report(
                SpecError::at(label.span.clone(), message)
                    .label(wanted.why)
                    .related(forbidden.label.span.clone(), "must not be called"),
            );
        }
    }
}

/// The names that a test wants to be called, and by what.
fn wanted<'a>(case: &Case<'a>) -> impl Iterator<Item = Wanted<'a>> {
    let test = case.test;
    let here = case.region();
    let in_region = |region: Region, why: &'static str| {
        move |label: &'a Spanned<String>| Wanted { label, region, why }
    };
    let counted = |counts: &'a [CountExpectation]| {
        let counted = counts.iter();
        let counted = counted.filter(|count| least(&count.matcher.value) > 0);
        counted.map(|count| &count.label)
    };
    let steps: Vec<_> = case.steps().collect();
    let calls: Vec<_> = test
        .calls
        .iter()
        .map(|call| (call, case.region_of(call)))
        .collect();
    let standpoints = steps
        .iter()
        .map(|step| &*step.standpoint)
        .chain(test.calls.iter().map(|call| &call.standpoint));
    let above: Vec<_> = standpoints
        .flat_map(|standpoint| standpoint.under.iter().chain(&standpoint.child_of))
        .collect();
    let others: Vec<_> = test
        .calls
        .iter()
        .flat_map(|call| others(call, case.region_of(call)))
        .collect();
    let parts = test.flows.iter().flat_map(|flow| &flow.parts);
    let in_steps = in_region(here, "must be called: it is in the sequence");
    steps
        .into_iter()
        .map(move |step| in_steps(&step.label))
        .chain(counted(&test.counts).map(in_region(here, "must be called: it is counted")))
        .chain(
            counted(&test.counts_per_request)
                .map(in_region(Region::Requests, "must be called: it is counted")),
        )
        .chain(calls.into_iter().map(|(call, region)| Wanted {
            label: &call.label,
            region,
            why: "must be called: its calls are judged, and none at all fails",
        }))
        .chain(
            test.latency
                .iter()
                .map(|latency| &latency.label)
                .map(in_region(here, "must be called: its latency is judged")),
        )
        .chain(
            parts
                .map(|part| &part.label)
                .map(in_region(here, "must be called: a flow leads through it")),
        )
        .chain(
            above
                .into_iter()
                .map(in_region(Region::Program, "a call of it must be above")),
        )
        .chain(others)
}

/// The names that a call must have an order to.
fn others(call: &CallExpectation, region: Region) -> impl Iterator<Item = Wanted<'_>> {
    [
        (&call.before, "must be called: something comes before it"),
        (&call.after, "must be called: something comes after it"),
        (
            &call.concurrent_with,
            "must be called: something runs at the same time",
        ),
    ]
    .into_iter()
    .flat_map(move |(names, why)| names.iter().map(move |label| Wanted { label, region, why }))
}

/// Counts that allow fewer calls than the sequence has; or ask for more, where it has all there are.
fn unlike_the_sequence(case: &Case<'_>) {
    let mut wanted: HashMap<&str, i128> = HashMap::new();
    for step in case.steps() {
        *wanted.entry(&step.label.value).or_default() += 1;
    }
    let by_request = case.region() == Region::Requests;
    let Some(times) = (if by_request { case.requests() } else { Some(1) }) else {
        return;
    };
    let all = case.test.counts.iter().map(|count| (count, times));
    let each = case.test.counts_per_request.iter().map(|count| (count, 1));
    let is_all = case.test.sequence.as_ref().is_some_and(|sequence| {
        sequence.mode == SequenceMode::Exact && sequence.one_goroutine.is_none()
    });
    for (count, times) in all.chain(each.filter(|_| by_request)) {
        let label = &count.label.value;
        let Some(in_one) = wanted.get(label.as_str()).copied() else {
            continue;
        };
        let wanted = in_one.saturating_mul(times);
        let most = most(&count.matcher.value).filter(|most| *most > 0);
        let wrong = if most.is_some_and(|most| most < wanted) {
            "allows fewer"
        } else if is_all && least(&count.matcher.value) > wanted {
            "asks for more"
        } else {
            continue;
        };
        let message = match times {
            1 => format!("the sequence has `{label}` {}", often(in_one)),
            _ => format!(
                "the sequence has `{label}` {} in each of {times} requests",
                often(in_one)
            ),
        };
        case.report(SpecError::at(count.matcher.span.clone(), message).label(wrong));
    }
}

/// Counts of all requests together that those of each don't add up to.
fn unlike_each_request(case: &Case<'_>) {
    let Some(requests) = case.requests() else {
        return;
    };
    let each = case.test.counts_per_request.iter();
    let each: HashMap<&str, &CountExpectation> = each
        .map(|count| (count.label.value.as_str(), count))
        .collect();
    for all in &case.test.counts {
        let Some(each) = each.get(all.label.value.as_str()) else {
            continue;
        };
        let fewest = least(&each.matcher.value).saturating_mul(requests);
        let largest = most(&each.matcher.value).map(|most| most.saturating_mul(requests));
        let largest = largest.filter(|_| case.region() == Region::Requests);
        let wrong = if most(&all.matcher.value).is_some_and(|most| most < fewest) {
            "allows fewer"
        } else if largest.is_some_and(|largest| largest < least(&all.matcher.value)) {
            "asks for more"
        } else {
            continue;
        };
        let message = match requests {
            1 => format!("one request can't call `{}` that often", all.label.value),
            _ => format!(
                "{requests} requests together can't call `{}` that often",
                all.label.value
            ),
        };
        case.report(
            SpecError::at(all.matcher.span.clone(), message)
                .label(wrong)
                .related(each.matcher.span.clone(), "each of them"),
        );
    }
}

fn often(times: i128) -> String {
    match times {
        1 => "once".to_owned(),
        _ => format!("{times} times"),
    }
}

/// The largest count that a matcher allows; none if it sets no limit.
fn most(matcher: &Matcher) -> Option<i128> {
    range(matcher).1
}

/// The smallest count that a matcher allows.
fn least(matcher: &Matcher) -> i128 {
    range(matcher).0
}

/// The smallest and the largest count that a matcher allows.
fn range(matcher: &Matcher) -> (i128, Option<i128>) {
    match matcher {
        Matcher::Equal(Literal::Number(Number::Integer(number))) => (*number, Some(*number)),
        Matcher::Compare(comparison, Number::Integer(number)) => match comparison {
            Comparison::Ge => (*number, None),
            Comparison::Gt => (number.saturating_add(1), None),
            Comparison::Le => (0, Some(*number)),
            Comparison::Lt => (0, Some(number.saturating_sub(1))),
        },
        Matcher::All(all) => (
            all.iter().map(least).max().unwrap_or(0),
            all.iter().filter_map(most).min(),
        ),
        // None of these is read for a count.
        Matcher::Any
        | Matcher::Equal(_)
        | Matcher::Compare(_, Number::Float(_))
        | Matcher::Text(_)
        | Matcher::CompareTime(..)
        | Matcher::Nil(_)
        | Matcher::Length(_)
        | Matcher::Type(_)
        | Matcher::List(_)
        | Matcher::Has(_)
        | Matcher::Each(_)
        | Matcher::Fields(_) => (0, None),
    }
}
