//! Whether a test's calls keep to a sequence.

use model::Call;
use spec::{Span, document::Sequence};

use super::{explain, goroutines, hits::Hits, matching::Judging};
use crate::expect::{Finding, Verdict, scope::Case, truth::Truth, wording};

/// Judges a sequence for each of the test's requests, or over all calls where there is none.
pub(in crate::expect) fn judge(case: &Case<'_>, sequence: &Sequence) -> Verdict {
    let subject = format!("sequence {}", explain::outline(sequence));
    let hits = Hits::of(case.observation(), sequence);
    let judging = Judging {
        case,
        sequence,
        hits: &hits,
    };
    let judged = if case.is_by_request() {
        judging.by_request()
    } else {
        let calls: Vec<&Call> = case.calls().collect();
        match judging.group(&calls, None) {
            Truth::Yes => {
                let basis = "over the whole test".to_owned();
                (sequence.span.clone(), Finding::Passed { basis })
            }
            Truth::Unknown(reason) => (sequence.span.clone(), Finding::Inconclusive(reason)),
            Truth::No => judging.explain(&calls, None),
        }
    };
    let (span, finding) = judged;
    Verdict::new(span, subject, finding)
}

impl<'a> Judging<'a> {
    fn by_request(&self) -> (Span, Finding) {
        let case = self.case;
        let place = || self.sequence.span.clone();
        if let Some(reason) = case.lost_causality() {
            return (place(), Finding::Inconclusive(reason));
        }
        let owned = case.by_exchange(&case.observation().calls);
        let judged = owned.iter().enumerate().map(|(exchange, owned)| {
            let truth = match case.request(exchange) {
                Some(_) => self.group(owned, Some(exchange)),
                None => Truth::Unknown(case.unmatched(exchange)),
            };
            ((exchange, owned), truth)
        });
        let (failing, unknown) = Truth::failing(judged);
        let total = owned.len();
        let Some((exchange, owned)) = failing.first() else {
            let unknown = case.unsent().or(unknown);
            let finding = Finding::passed(unknown, || match case.ancestry.run() {
                Some(_) => "over the whole test".to_owned(),
                None => wording::plural(total, "request"),
            });
            return (place(), finding);
        };
        let (span, mut finding) = self.explain(owned, Some(*exchange));
        if let (Finding::Failed(failure), true) = (&mut finding, failing.len() > 1) {
            let failing = failing.len();
            failure.notes.push(format!(
                "{failing} of {total} requests fail; this is the first"
            ));
        }
        (span, finding)
    }

    /// Judges calls that are taken together: those of a request, or all.
    fn group(&self, calls: &[&'a Call], exchange: Option<usize>) -> Truth {
        if self.sequence.one_goroutine.is_some() {
            return goroutines::Goroutines::of(self, calls, exchange).judge();
        }
        self.material(calls, exchange).solve().truth()
    }

    /// Says why calls fail that were found to.
    fn explain(&self, calls: &[&'a Call], exchange: Option<usize>) -> (Span, Finding) {
        let (span, failure) = if self.sequence.one_goroutine.is_some() {
            goroutines::Goroutines::of(self, calls, exchange).explain()
        } else {
            let material = self.material(calls, exchange);
            explain::explain(&material, &material.solve())
        };
        (span, Finding::Failed(failure))
    }
}
