//! Which value of a call a path means.

use super::{duration::end_is_certain, truth::Truth, value::value_matches, wording};
use crate::{
    model::{
        Call, Content, Kind, Observation, Outcome, Path, Pick, PickStep, Root, Status, TypeId,
        Value,
    },
    spec::matcher::Matcher,
};

/// The number of no type.
const NO_TYPE: TypeId = TypeId(u32::MAX);

/// What a path leads to in a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    /// That value.
    Value(&'a Value),
    /// Nowhere: this pointer, interface or map on the way is nil.
    BehindNil(&'a Value),
    /// Nowhere, for there is no such element, key or dynamic type; the value at which the path ends, if it is told.
    Absent(&'a Pick, Option<&'a Value>),
    /// It was to be read at the return, and the call did not return.
    NoReturn,
    /// It was not looked for.
    NotRead,
}

impl<'a> Part<'a> {
    /// Follows a path: to what the plan picked for it, or to the whole argument or result that it is.
    pub(super) fn of(observation: &'a Observation, call: &'a Call, path: &Path) -> Self {
        match &path.root {
            Root::Result(_) | Root::Out(_) | Root::Variable(_)
                if call.outcome != Outcome::Returned =>
            {
                Self::NoReturn
            }
            _ => Self::picked(observation, call, path)
                .unwrap_or_else(|| Self::whole(observation, call, path)),
        }
    }

    /// An argument or a result as a whole.
    fn whole(observation: &'a Observation, call: &'a Call, path: &Path) -> Self {
        let value = match &path.root {
            _ if !path.segments.is_empty() => None,
            Root::Argument(name) => argument(observation, call, name),
            Root::Result(index) => call.results.get(*index as usize),
            Root::Out(_) | Root::Variable(_) => None,
        };
        value.map_or(Self::NotRead, Self::Value)
    }

    /// What the plan picked for a path; none if it did not.
    fn picked(observation: &'a Observation, call: &'a Call, path: &Path) -> Option<Self> {
        let picks = &observation.function(call.function)?.picks;
        let index = picks.iter().position(|pick| pick.path == *path)?;
        let (pick, value) = (picks.get(index)?, call.picked.get(index)?);
        // The types of a generic body's picks are those of its shape.
        let ends_early = value.ty != pick.ty && call.instance.is_none();
        Some(match &value.content {
            Content::Unread(Status::Absent) => Self::Absent(pick, None),
            Content::Unread(_) => Self::Value(value),
            Content::Nil if ends_early && !is_slice(observation, value) => Self::BehindNil(value),
            _ if ends_early => Self::Absent(pick, Some(value)),
            _ => Self::Value(value),
        })
    }

    /// Whether it is what it must be.
    pub(super) fn matches(
        self,
        matcher: &Matcher,
        observation: &Observation,
        call: &Call,
    ) -> Truth {
        let instead = |content| {
            let value = Value {
                ty: NO_TYPE,
                content,
            };
            value_matches(matcher, &value, &observation.types)
        };
        match self {
            _ if matches!(matcher, Matcher::Any) => Truth::Yes,
            Self::Value(value) => value_matches(matcher, value, &observation.types),
            Self::BehindNil(_) => instead(Content::Nil),
            Self::Absent(..) => instead(Content::Unread(Status::Absent)),
            Self::NoReturn => no_return(observation, call),
            Self::NotRead => Truth::unknown("it was not read"),
        }
    }

    /// The value, or the one at which the path ends.
    pub(super) const fn value(self) -> Option<&'a Value> {
        match self {
            Self::Value(value) | Self::BehindNil(value) | Self::Absent(_, Some(value)) => {
                Some(value)
            }
            Self::Absent(_, None) | Self::NoReturn | Self::NotRead => None,
        }
    }

    /// What was seen, in words.
    pub(super) fn got(self, observation: &Observation, call: &Call) -> String {
        let ty = |value: &Value| crate::notation::short_name(observation.types.name(value.ty));
        match self {
            Self::Value(value) => wording::value(observation, value),
            Self::BehindNil(value) => format!("nil: the {} on the way is nil", ty(value)),
            Self::Absent(pick, value) => absent(observation, pick, value),
            Self::NoReturn => format!("no results: {}", wording::ending(call.outcome)),
            Self::NotRead => "not read".to_owned(),
        }
    }
}

/// The argument of that name.
fn argument<'a>(observation: &Observation, call: &'a Call, name: &str) -> Option<&'a Value> {
    let parameters = &observation.function(call.function)?.parameters;
    let index = parameters.iter().position(|p| p.name == name)?;
    call.arguments.get(index)
}

fn is_slice(observation: &Observation, value: &Value) -> bool {
    let kind = observation.types.get(value.ty).map(|ty| &ty.kind);
    matches!(kind, Some(Kind::Slice { .. }))
}

/// What there is not, as well as that is known.
fn absent(observation: &Observation, pick: &Pick, value: Option<&Value>) -> String {
    match value.map(|value| &value.content) {
        Some(Content::Map(_)) => return "no such key".to_owned(),
        Some(Content::Elements(elements)) => {
            let count = usize::try_from(elements.full).unwrap_or(usize::MAX);
            return format!("no such element, there {}", are(count));
        }
        Some(Content::Bytes(bytes)) => {
            let count = usize::try_from(bytes.full).unwrap_or(usize::MAX);
            return format!("no such element, there {}", are(count));
        }
        Some(Content::Interface(inner)) => {
            let ty = crate::notation::short_name(observation.types.name(inner.ty));
            return format!("another dynamic type, {ty}");
        }
        _ => {}
    }
    let has = |is_so: fn(&PickStep) -> bool| pick.steps.iter().any(is_so);
    let possible: Vec<&str> = [
        (
            has(|step| matches!(step, PickStep::Element(_))),
            "no such element",
        ),
        (
            has(|step| matches!(step, PickStep::Entry(_))),
            "no such key",
        ),
        (
            has(|step| matches!(step, PickStep::Dynamic(_))),
            "another dynamic type",
        ),
    ]
    .into_iter()
    .filter_map(|(may_be, text)| may_be.then_some(text))
    .collect();
    match possible.as_slice() {
        [] => "nothing there".to_owned(),
        _ => possible.join(" or "),
    }
}

fn are(count: usize) -> String {
    match count {
        0 => "are none".to_owned(),
        1 => "is 1".to_owned(),
        _ => format!("are {count}"),
    }
}

/// A call that did not return has no results.
fn no_return(observation: &Observation, call: &Call) -> Truth {
    match call.outcome {
        Outcome::Running => Truth::unknown("it had not returned when the test ended"),
        Outcome::Unwound | Outcome::ProcessEnded if end_is_certain(observation, call) => Truth::No,
        Outcome::Unwound | Outcome::ProcessEnded => Truth::unknown("its end may have been lost"),
        Outcome::Returned => Truth::unknown("that result was not read"),
    }
}
