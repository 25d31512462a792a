//! `[test.calls.NAME]`: what must hold for every call of a function, of which there must be one.

use model::Call;
use spec::document::CallExpectation;

use super::{
    Failure, Finding, Verdict,
    calls::{Calls, none},
    predicate::Predicate,
    relation,
    scope::Case,
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

impl Calls<'_, '_> {
    fn presence(&self) -> Finding {
        if !self.members.sure.is_empty() {
            let basis = wording::plural(self.members.sure.len(), "call");
            return Finding::Passed { basis };
        }
        none(self.case, self.label, &self.members)
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
            want: Some(predicate.want(self.case)),
            got: Some(predicate.got(case, call)),
            remark: Some(remark.into_iter().flatten().collect::<Vec<_>>().join("; ")),
            notes: predicate.notes(case, call),
            call: Some(call.id),
            exchange: case.exchange_of(call),
            ..Failure::new(predicate.failure_kind(), predicate.label(self.label))
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
