//! The calls of a function, of which there must be one, and for each of which something must hold.

use model::Call;

use super::{
    Failure, FailureKind, Finding,
    scope::{Case, Members},
    truth::Truth,
    wording,
};

/// The calls of a function that an expectation is about.
pub(super) struct Calls<'c, 'a> {
    /// The test, looking at what the expectation looks at.
    pub(super) case: &'c Case<'a>,
    /// The function's name in the spec.
    pub(super) label: &'c str,
    /// Those that it looks at.
    pub(super) members: Members<'a>,
}

impl<'a> Calls<'_, 'a> {
    /// Whether something holds for every call; the first that fails is reported.
    pub(super) fn every(
        &self,
        judge: impl Fn(&Call) -> Truth,
        failure: impl Fn(&'a Call, usize) -> Failure,
    ) -> Finding {
        let sure = self.members.sure.iter();
        let (failing, unknown) = Truth::failing(sure.map(|call| (*call, judge(call))));
        if let Some(first) = failing.first() {
            let doubt = self.case.unsure_scope();
            return Finding::failed(doubt, || failure(first, failing.len()));
        }
        let unsure = || {
            let mut calls = self.members.unsure.iter();
            calls.find(|(call, _)| !judge(call).is_certain())
        };
        let reason = unknown
            .or_else(|| unsure().map(|(_, reason)| reason.clone()))
            .or_else(|| self.case.incomplete(self.label));
        Finding::passed(reason, || wording::plural(self.members.sure.len(), "call"))
    }

    /// How many of the calls, in words: `2 of 3 calls`.
    pub(super) fn count(&self, failing: usize) -> String {
        match (failing, self.members.sure.len()) {
            (1, 1) => "1 call".to_owned(),
            (failing, total) => format!("{failing} of {}", wording::plural(total, "call")),
        }
    }
}

/// That no call of a name was seen where there must be one.
pub(super) fn none(case: &Case<'_>, label: &str, members: &Members<'_>) -> Finding {
    let doubt = members.doubt().or_else(|| case.incomplete(label));
    Finding::failed(doubt, || {
        let nearest = case.elsewhere(label, None);
        let text = match nearest {
            Some(_) => format!("no request of the test called {label}"),
            None => format!("{label} was not called"),
        };
        Failure {
            notes: nearest.into_iter().collect(),
            ..Failure::new(FailureKind::Missing, text)
        }
    })
}
