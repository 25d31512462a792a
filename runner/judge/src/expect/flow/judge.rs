//! Whether every value came from where it must.

use model::{Call, Content, Nanoseconds, Observation, Root, ScopeId, Status, ValueIdentity};
use spec::document::{CallPart, Flow};

use super::{index::Earliest, sketch::Sketch};
use crate::expect::{
    Failure, FailureKind, Finding, Reason, Verdict,
    calls::{Calls, none},
    duration::end_is_certain,
    part::{Part, no_return},
    scope::Case,
    truth::Truth,
    value::Excerpt,
};

/// The most earlier values that are listed.
const MAX_LISTED: usize = 4;

/// One verdict for each part but the first.
pub(in crate::expect) fn judge(case: &Case<'_>, flow: &Flow) -> Vec<Verdict> {
    let pairs = flow.parts.windows(2);
    let pairs = pairs.filter_map(|pair| match pair {
        [from, to] => Some((from, to)),
        _ => None,
    });
    pairs
        .map(|(from, to)| {
            let finding = Step::new(case, from, to).judge();
            Verdict::new(to.span.clone(), format!("flow {from} → {to}"), finding)
        })
        .collect()
}

/// One step of a flow.
struct Step<'s, 'a> {
    from: &'s CallPart,
    to: &'s CallPart,
    calls: Calls<'s, 'a>,
    /// The calls that the values come from: those that certainly are such.
    sources: Vec<&'a Call>,
    earliest: Earliest<Option<ScopeId>>,
}

impl<'s, 'a> Step<'s, 'a> {
    fn new(case: &'s Case<'a>, from: &'s CallPart, to: &'s CallPart) -> Self {
        let label = to.label.value.as_str();
        let members = case.members(label, case.calls());
        let sources = case.members(&from.label.value, case.calls());
        let mut earliest = Earliest::default();
        let observation = case.observation();
        let mut add = |call: &Call, is_sure: bool| {
            let group = case.group(call);
            let moment = moment(from, call).unwrap_or(call.entered.0);
            match Part::of(observation, call, &from.path) {
                Part::Value(value) => {
                    let key = ValueIdentity::of(call.process, value).filter(|_| is_sure);
                    earliest.add(group, moment, key, Sketch::of(value));
                }
                Part::BehindNil(_) => earliest.add(group, moment, None, Sketch::Nil),
                Part::Absent(..) => {}
                Part::NoReturn if end_is_certain(observation, call) => {}
                Part::NoReturn | Part::NotRead => {
                    earliest.add(group, moment, None, Sketch::Unread);
                }
            }
        };
        sources.sure.iter().for_each(|call| add(call, true));
        sources.unsure.iter().for_each(|(call, _)| add(call, false));
        Self {
            from,
            to,
            calls: Calls {
                case,
                label,
                members,
            },
            sources: sources.sure,
            earliest,
        }
    }

    fn judge(&self) -> Finding {
        let Calls {
            case,
            label,
            members,
        } = &self.calls;
        if members.sure.is_empty() {
            return none(case, label, members);
        }
        let lost = case.lost(&self.from.label.value);
        self.calls.every(
            |call| match (self.came_from(call), &lost) {
                (Truth::No, Some(reason)) => Truth::Unknown(reason.clone()),
                (truth, _) => truth,
            },
            |call, failing| self.failure(call, failing),
        )
    }

    /// Whether a call has a value that one of the sources had by then.
    fn came_from(&self, call: &Call) -> Truth {
        let observation = self.calls.case.observation();
        let (sketch, key, value) = match Part::of(observation, call, &self.to.path) {
            Part::Value(value) => (
                Sketch::of(value),
                ValueIdentity::of(call.process, value),
                Some(value.held()),
            ),
            Part::BehindNil(_) => (Sketch::Nil, None, None),
            Part::Absent(..) => return Truth::No,
            Part::NoReturn => return no_return(observation, call),
            Part::NotRead => (Sketch::Unread, None, None),
        };
        let group = self.calls.case.group(call);
        let before = moment(self.to, call).unwrap_or(u64::MAX);
        let earliest = &self.earliest;
        match (sketch, key) {
            (Sketch::Nil, _) if earliest.may_have_had(group, sketch, before) => {
                Truth::Unknown(Reason::Nil(self.to.to_string()))
            }
            (Sketch::Nil, _) => Truth::No,
            (_, Some(key)) => {
                if earliest.had(group, key, before) {
                    Truth::Yes
                } else if earliest.may_have_had_vague(group, sketch, before) {
                    Truth::Unknown(Reason::Source(self.from.to_string()))
                } else {
                    Truth::No
                }
            }
            (_, None) if earliest.may_have_had(group, sketch, before) => {
                Truth::Unknown(self.not_known(value))
            }
            (_, None) => Truth::No,
        }
    }

    /// Why the later value is not known.
    fn not_known(&self, value: Option<&model::Value>) -> Reason {
        let reason = match value.map(|value| &value.content) {
            Some(Content::Unread(status)) => Reason::Unread(*status),
            Some(Content::Text(text) | Content::Bytes(text)) => Excerpt::of_text(text).cut(),
            Some(Content::Channel(_)) => Reason::Channel,
            Some(_) => Reason::Partial,
            None => Reason::Unread(Status::NotRead),
        };
        Reason::of(self.to, reason)
    }

    fn failure(&self, call: &'a Call, failing: usize) -> Failure {
        let case = self.calls.case;
        let observation = case.observation();
        let mut notes = vec![
            self.elsewhere(call)
                .unwrap_or_else(|| self.had_before(call)),
        ];
        notes.retain(|note| !note.is_empty());
        Failure {
            want: Some(format!("a value that {} had before", self.from)),
            got: Some(shown(observation, call, self.to)),
            remark: Some(self.calls.count(failing)),
            notes,
            call: Some(call.id),
            exchange: case.exchange_of(call),
            ..Failure::new(
                FailureKind::Value,
                format!("{} is not from {}", self.to, self.from),
            )
        }
    }

    /// Where the value was had, if not there where it must.
    fn elsewhere(&self, call: &Call) -> Option<String> {
        let case = self.calls.case;
        let observation = case.observation();
        let of = |call: &Call, part: &CallPart| match Part::of(observation, call, &part.path) {
            Part::Value(value) if value.held().content != Content::Nil => {
                ValueIdentity::of(call.process, value)
            }
            _ => None,
        };
        let wanted = of(call, self.to)?;
        let own = case.group(call);
        let sources = self.sources.iter().filter(|source| source.id != call.id);
        let same = sources.filter(|source| of(source, self.from).as_ref() == Some(&wanted));
        let nearest = same.min_by_key(|source| {
            let distance = source.entered.0.abs_diff(call.entered.0);
            (case.group(source) != own, distance)
        })?;
        if case.group(nearest) == own {
            let late = moment(self.from, nearest)?.saturating_sub(moment(self.to, call)?);
            let late = Nanoseconds(late).precise();
            return Some(format!("{} had this value {late} later", self.from));
        }
        let whereabouts = case.whereabouts(nearest, case.exchange_of(call));
        Some(format!("{} had this value {whereabouts}", self.from))
    }

    /// What the sources had by then.
    fn had_before(&self, call: &Call) -> String {
        let case = self.calls.case;
        let before = moment(self.to, call).unwrap_or(u64::MAX);
        let own = case.group(call);
        let earlier = |source: &&&Call| {
            case.group(source) == own
                && moment(self.from, source).is_some_and(|moment| moment < before)
        };
        let mut earlier = self.sources.iter().filter(earlier);
        let observation = case.observation();
        let listed = earlier.by_ref().take(MAX_LISTED);
        let listed: Vec<String> = listed
            .map(|source| shown(observation, source, self.from))
            .collect();
        match (listed.as_slice(), earlier.next()) {
            ([], _) => {
                let label = &self.from.label.value;
                let nearest = case.elsewhere(label, case.exchange_of(call));
                nearest.unwrap_or_else(|| format!("{label} was not called before"))
            }
            (listed, None) => format!("{} had {}", self.from, listed.join(", ")),
            (listed, Some(_)) => format!("{} had {}, …", self.from, listed.join(", ")),
        }
    }
}

/// When a call had a part, in ns: its entry for an argument, its end for a result.
fn moment(part: &CallPart, call: &Call) -> Option<u64> {
    match part.path.root {
        Root::Argument(_) => Some(call.entered.0),
        Root::Result(_) | Root::Out(_) | Root::Variable(_) => {
            let left = call.left.filter(|_| call.outcome.has_results());
            left.map(|left| left.0)
        }
    }
}

/// What a call has at a part; of a pointer, where it leads too, since that is what is compared.
fn shown(observation: &Observation, call: &Call, part: &CallPart) -> String {
    let seen = Part::of(observation, call, &part.path);
    let text = seen.got(observation, call);
    match seen.value().map(|value| &value.held().content) {
        Some(Content::Pointer(pointer)) => format!("{text} at {}", pointer.address),
        _ => text,
    }
}
