//! `[test.calls.NAME]`: what must hold for every call of a function, of which there must be one.

use model::Call;
use spec::document::CallExpectation;

use super::{
    Failure, FailureKind, Finding, Inconclusive, Verdict,
    predicate::Predicate,
    relation,
    scope::{Case, Members},
    truth::Truth,
    wording,
};

/// One verdict for each demand; a single one where there is no call to judge.
pub(super) fn judge(case: &Case<'_>, expectation: &CallExpectation) -> Vec<Verdict> {
    let case = &case.looking(expectation.from.as_ref());
    let label = expectation.label.value.as_str();
    let calls = Calls {
        case,
        label,
        members: case.members(label, case.calls()),
    };
    let predicates = Predicate::of_calls(expectation);
    let relations = relation::all(expectation);
    if calls.members.sure.is_empty() || (predicates.is_empty() && relations.is_empty()) {
        let subject = format!("calls of {label}");
        let span = expectation.label.span.clone();
        return vec![Verdict::new(span, subject, calls.presence())];
    }
    let own = predicates.iter().map(|predicate| {
        let finding = calls.every(
            |call| predicate.judge(case, call),
            |call, count| calls.failure(predicate, &predicates, call, count),
        );
        Verdict::new(predicate.span.clone(), predicate.subject(label), finding)
    });
    let to_others = relations.into_iter().map(|(relation, other)| {
        let finding = relation::judge(&calls, relation, &other.value);
        let subject = format!("{label} {relation} {}", other.value);
        Verdict::new(other.span.clone(), subject, finding)
    });
    own.chain(to_others).collect()
}

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
    fn presence(&self) -> Finding {
        if !self.members.sure.is_empty() {
            let basis = wording::plural(self.members.sure.len(), "call");
            return Finding::Passed { basis };
        }
        none(self.case, self.label, &self.members)
    }

    /// Whether something holds for every call; what fails first is told.
    pub(super) fn every(
        &self,
        judge: impl Fn(&Call) -> Truth,
        failure: impl Fn(&'a Call, usize) -> Failure,
    ) -> Finding {
        let mut failing: Vec<&'a Call> = Vec::new();
        let mut unknown: Option<Inconclusive> = None;
        for call in &self.members.sure {
            match judge(call) {
                Truth::Yes => {}
                Truth::No => failing.push(call),
                Truth::Unknown(reason) => {
                    unknown.get_or_insert(reason);
                }
            }
        }
        if let Some(first) = failing.first() {
            return match self.case.unsure_scope() {
                Some(reason) => Finding::Inconclusive(reason),
                None => Finding::Failed(failure(first, failing.len())),
            };
        }
        let unsure = || {
            let mut calls = self.members.unsure.iter();
            calls.find(|(call, _)| !judge(call).is_certain())
        };
        let reason = unknown
            .or_else(|| unsure().map(|(_, reason)| reason.clone()))
            .or_else(|| self.case.incomplete(self.label));
        match reason {
            Some(reason) => Finding::Inconclusive(reason),
            None => Finding::Passed {
                basis: wording::plural(self.members.sure.len(), "call"),
            },
        }
    }

    /// How many of the calls, in words: `2 of 3 calls`.
    pub(super) fn count(&self, failing: usize) -> String {
        match (failing, self.members.sure.len()) {
            (1, 1) => "1 call".to_owned(),
            (failing, total) => format!("{failing} of {}", wording::plural(total, "call")),
        }
    }

    fn failure(
        &self,
        predicate: &Predicate<'_>,
        all: &[Predicate<'_>],
        call: &Call,
        failing: usize,
    ) -> Failure {
        let case = self.case;
        let calls = self.count(failing);
        let remark = [
            predicate
                .type_name(case.observation(), call)
                .map(ToOwned::to_owned),
            Some(match others_matched(case, predicate, all, call) {
                Some(others) => format!("{calls}, {others}"),
                None => calls,
            }),
        ];
        Failure {
            want: Some(predicate.want()),
            got: Some(predicate.got(case, call)),
            remark: Some(remark.into_iter().flatten().collect::<Vec<_>>().join("; ")),
            notes: predicate.notes(case, call),
            call: Some(call.id),
            exchange: case.exchange_of(call),
            ..Failure::new(predicate.failure_kind(), predicate.label(self.label))
        }
    }
}

/// That no call of a name was seen where there must be one.
pub(super) fn none(case: &Case<'_>, label: &str, members: &Members<'_>) -> Finding {
    let unsure = members.unsure.first().map(|(_, reason)| reason.clone());
    match unsure.or_else(|| case.incomplete(label)) {
        Some(reason) => Finding::Inconclusive(reason),
        None => {
            let nearest = case.elsewhere(label, None);
            let text = match nearest {
                Some(_) => format!("no request of the test called {label}"),
                None => format!("{label} was not called"),
            };
            Finding::Failed(Failure {
                notes: nearest.into_iter().collect(),
                ..Failure::new(FailureKind::Missing, text)
            })
        }
    }
}

/// That all other arguments of a call are as demanded, in words.
fn others_matched(
    case: &Case<'_>,
    predicate: &Predicate<'_>,
    all: &[Predicate<'_>],
    call: &Call,
) -> Option<String> {
    if !predicate.is_argument() {
        return None;
    }
    let mut others = 0;
    for other in all.iter().filter(|other| other.is_argument()) {
        if !std::ptr::eq(other, predicate) {
            others += 1;
            if !other.judge(case, call).is_certain() {
                return None;
            }
        }
    }
    match others {
        0 => None,
        1 => Some("the other argument matched".to_owned()),
        _ => Some(format!("the other {others} arguments matched")),
    }
}
