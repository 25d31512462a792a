//! What is judged of calls that were counted and not kept, and which tests need no more.

use super::{Inconclusive, scope::Case};
use crate::{
    model::{Keep, Tally},
    spec::document::{SequenceElement, Spec, Test},
};

/// What must be kept of a test's calls to judge it.
///
/// Counts, `never` and latency need totals alone, unless a name means only some calls of its functions. Gaps need
/// the hits of goproctor's own probes; all else needs the calls.
#[must_use]
pub fn keep(spec: &Spec, test: &Test) -> Keep {
    if judges_gap(test) {
        return Keep::Hits;
    }
    let counts = test.counts.iter().map(|count| &count.label.value);
    let never = test.never.iter().map(|name| &name.value);
    let latency = test.latency.iter().map(|latency| &latency.label.value);
    let mut labels = counts.chain(never).chain(latency).peekable();
    let needs_calls = test.sequence.is_some()
        || !test.counts_per_request.is_empty()
        || !test.flows.is_empty()
        || !test.calls.is_empty()
        || test.is_held()
        || labels.peek().is_none();
    let is_filtered = |label: &String| {
        let function = spec.function(label);
        function.is_none_or(|function| !function.filter.is_empty())
    };
    if needs_calls || labels.any(is_filtered) {
        Keep::Calls
    } else {
        Keep::Totals
    }
}

fn judges_gap(test: &Test) -> bool {
    let elements = test.sequence.iter().flat_map(|sequence| &sequence.elements);
    elements.into_iter().any(|element| match element {
        SequenceElement::Step(step) => step.gap.is_some(),
        SequenceElement::AnyOrder(steps, _) => steps.iter().any(|step| step.gap.is_some()),
        SequenceElement::Forbidden(_) => false,
    })
}

/// The calls of a label that an expectation looks at, if calls were counted; or why these can't be told from others.
pub(super) fn counted(case: &Case<'_>, label: &str) -> Option<Result<Tally, Inconclusive>> {
    let totals = case.observation().totals.as_ref()?;
    let mut tally = Tally::default();
    for function in case.functions(label).iter().filter_map(|id| totals.of(*id)) {
        tally.merge(&function.owned);
        if !case.is_by_request() {
            tally.merge(&function.background);
        }
    }
    let is_mixed = case.is_by_request() && tally.count > 0 && case.has_foreign_requests();
    Some(if is_mixed {
        Err(Inconclusive::because(format!(
            "the program also handled requests that are not the test's, and calls of {label} were counted for all together"
        ))
        .advise(ANYWHERE))
    } else {
        Ok(tally)
    })
}

/// All calls of a label, wherever they were made, if calls were counted.
pub(super) fn counted_anywhere(case: &Case<'_>, label: &str) -> Option<u64> {
    let totals = case.observation().totals.as_ref()?;
    let functions = case.functions(label).iter();
    let functions = functions.filter_map(|function| totals.of(*function));
    Some(
        functions
            .map(|function| function.owned.count + function.background.count)
            .sum(),
    )
}

/// What can be done about requests that are not the test's.
const ANYWHERE: &str = "keep other clients away, or ask for all calls with from = \"anywhere\"";
