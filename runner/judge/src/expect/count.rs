//! How often functions are called: `count` and `never`.

use spec::{
    Spanned,
    document::CountExpectation,
    matcher::{Comparison, Literal, Matcher, Number},
};

use super::{
    Failure, FailureKind, Finding, Reason, Verdict,
    matchers::{of_elements, of_order, of_parts},
    scope::Case,
    totals,
    truth::Truth,
    value::integer_matches,
    wording,
};

/// `count = { NAME = … }`: the number of calls that the test's requests own, all together.
pub(super) fn judge(case: &Case<'_>, expectation: &CountExpectation) -> Verdict {
    let label = expectation.label.value.as_str();
    let matcher = &expectation.matcher.value;
    let subject = format!("count {label} {matcher}");
    let finding = number_of_calls(case, label, matcher);
    Verdict::new(expectation.matcher.span.clone(), subject, finding)
}

fn number_of_calls(case: &Case<'_>, label: &str, matcher: &Matcher) -> Finding {
    let members = case.members(label, case.calls());
    if let Some(reason) = case.unsure_scope() {
        return Finding::Inconclusive(reason);
    }
    let seen = match totals::counted(case, label) {
        None => members.sure.len() as u64,
        Some(Ok(tally)) => tally.count,
        Some(Err(reason)) => return Finding::Inconclusive(reason),
    };
    let basis = wording::plural(seen, "call");
    let lost = case.lost_in_scope(label);
    let least = i128::from(seen);
    let most = match lost {
        Some(_) => None,
        None => Some(least + members.unsure.len() as i128),
    };
    match between(matcher, least, most) {
        Truth::Yes => Finding::Passed { basis },
        Truth::No => Finding::Failed(Failure {
            want: Some(matcher.describe()),
            got: Some(match most {
                Some(most) if most == least => seen.to_string(),
                _ => format!("{seen} or more"),
            }),
            notes: case.elsewhere(label, None).into_iter().collect(),
            call: members.sure.last().map(|call| call.id),
            ..Failure::new(FailureKind::Count, format!("calls of {label}"))
        }),
        Truth::Unknown(reason) => {
            Finding::Inconclusive(lost.or_else(|| members.doubt()).unwrap_or(reason))
        }
    }
}

/// Whether a number that is at least `least`, and at most `most` if that is known, is what it must be.
pub(super) fn between(matcher: &Matcher, least: i128, most: Option<i128>) -> Truth {
    match most {
        Some(most) if most == least => integer_matches(matcher, least),
        _ => {
            let (low, high) = match bounds(matcher) {
                Ok(bounds) => bounds,
                Err(reason) => return Truth::Unknown(reason),
            };
            let most = most.unwrap_or(i128::MAX);
            if low <= least && most <= high {
                Truth::Yes
            } else if most < low || high < least || high < low {
                Truth::No
            } else {
                Truth::Unknown(Reason::MoreCalls(least))
            }
        }
    }
}

/// The least and the largest integer that a matcher allows.
fn bounds(matcher: &Matcher) -> Result<(i128, i128), Reason> {
    let all = (i128::MIN, i128::MAX);
    Ok(match matcher {
        Matcher::Any => all,
        Matcher::Equal(Literal::Number(Number::Integer(wanted))) => (*wanted, *wanted),
        Matcher::Compare(comparison, Number::Integer(wanted)) => match comparison {
            Comparison::Lt => (i128::MIN, wanted.saturating_sub(1)),
            Comparison::Le => (i128::MIN, *wanted),
            Comparison::Gt => (wanted.saturating_add(1), i128::MAX),
            Comparison::Ge => (*wanted, i128::MAX),
        },
        Matcher::All(parts) => {
            let mut result = all;
            for part in parts {
                let (low, high) = bounds(part)?;
                result = (result.0.max(low), result.1.min(high));
            }
            result
        }
        Matcher::Equal(_) | Matcher::Nil(_) | Matcher::Type(_) => return Err(Reason::NotAnInteger),
        of_order!() | Matcher::Text(_) | of_parts!() => return Err(Reason::NotAnInteger),
    })
}

/// `never = [NAME]`: no call anywhere in the program, background included.
pub(super) fn judge_never(case: &Case<'_>, name: &Spanned<String>) -> Verdict {
    let label = name.value.as_str();
    let members = case.members(label, &case.observation().calls);
    let finding = if let Some(first) = members.sure.first() {
        let seen = totals::counted_anywhere(case, label);
        let seen = wording::plural(seen.unwrap_or(members.sure.len() as u64), "call");
        Finding::Failed(Failure {
            got: Some(wording::call(case.observation(), first, label)),
            remark: Some(seen),
            notes: vec![format!("first: {}", case.whereabouts(first, None))],
            call: Some(first.id),
            exchange: case.exchange_of(first),
            ..Failure::new(FailureKind::Never, format!("{label} was called"))
        })
    } else {
        let doubt = members.doubt().or_else(|| case.lost(label));
        let doubt = doubt.or_else(|| case.not_counted_anywhere(label));
        Finding::passed(doubt, || wording::plural(0, "call"))
    };
    Verdict::new(name.span.clone(), format!("never {label}"), finding)
}
