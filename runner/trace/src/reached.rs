//! Which functions Go tests reach, without a need of how their calls end.

use std::collections::{BTreeSet, HashSet};

use model::{FunctionId, ProcessId, Timestamp};

use super::{numbers::ScopeNumber, tracer::Tracer};

/// A function that was entered, and for which Go test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    /// The function.
    pub function: FunctionId,
    /// The process.
    pub process: ProcessId,
    /// The full name of the innermost Go test that the call belongs to; none if it belongs to none, or to one whose name is not known.
    pub test: Option<String>,
}

impl Tracer {
    /// The functions that were entered since this was asked, each once for each test. The calls, and all that only they needed, are
    /// forgotten.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use model::plan::Plan;
    /// use trace::Tracer;
    ///
    /// let mut tracer = Tracer::new(Arc::new(Plan::default()), Box::new(|_| None), Vec::new());
    /// assert!(tracer.take_reached().is_empty());
    /// ```
    pub fn take_reached(&mut self) -> BTreeSet<Reached> {
        let calls = self.ledger.calls.iter();
        let calls: HashSet<_> = calls
            .map(|call| (call.function, call.process, call.scope))
            .collect();
        let scopes = &self.ledger.scopes;
        let reached = calls.into_iter().map(|(function, process, scope)| {
            let around = scopes.around(scope.map(ScopeNumber::of));
            let mut tests = around.filter_map(|(_, scope)| scope.test());
            let name = tests.next().and_then(|test| test.name.clone());
            Reached {
                function,
                process,
                // The root of all tests has no name.
                test: name.filter(|name| !name.is_empty()),
            }
        });
        let reached = reached.collect();
        self.ledger.calls.keep_only(|_| false);
        self.forget_histories(Timestamp(u64::MAX), &BTreeSet::new());
        reached
    }
}
