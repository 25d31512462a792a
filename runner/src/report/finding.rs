//! What an expectation found, in lines without colours, its place or the calls.

use judge::expect::{Failure, Finding, Verdict};

/// What did not hold or could not be decided, what belongs to it indented; nothing of an expectation that holds.
///
/// ```text
/// calls of publish: want 2, got 1
///     the other call is …
/// ```
pub(super) fn finding_lines(verdict: &Verdict) -> Vec<String> {
    match &verdict.finding {
        Finding::Passed { .. } => Vec::new(),
        Finding::Failed(failure) => {
            let notes = failure.notes.iter().map(|note| format!("    {note}"));
            std::iter::once(failed(failure)).chain(notes).collect()
        }
        Finding::Inconclusive(reason) => {
            let first = format!("{}: unknown: {reason}", verdict.subject);
            let advice = reason.advice().map(|advice| format!("    {advice}"));
            std::iter::once(first).chain(advice).collect()
        }
    }
}

/// `calls of publish: want 2, got 1 (…)`
fn failed(failure: &Failure) -> String {
    let want = failure.want.as_ref().map(|want| format!("want {want}"));
    let got = failure.got.as_ref().map(|got| format!("got {got}"));
    let values: Vec<String> = [want, got].into_iter().flatten().collect();
    let mut text = failure.label.clone();
    if !values.is_empty() {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&values.join(", "));
    }
    if let Some(remark) = &failure.remark {
        text.push_str(&format!(" ({remark})"));
    }
    text
}
