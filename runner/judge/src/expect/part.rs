//! Which value of a call a path means.

use model::{
    Call, Content, Kind, Observation, Outcome, Path, Pick, PickStep, Root, Status, TypeId, Value,
    notation::short_type,
};
use spec::{document::Expression, matcher::Matcher};

use super::{Reason, duration::end_is_certain, truth::Truth, value::value_matches, wording};

/// What a path leads to in a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part<'a> {
    /// That value.
    Value(&'a Value),
    /// Nowhere: this pointer, interface or map on the way is nil.
    BehindNil(&'a Value),
    /// Nowhere, for there is no such element, key or dynamic type; the value at which the path ends, if it is known.
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
            Root::Result(_) | Root::Out(_) | Root::Variable(_) if !call.outcome.has_results() => {
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
                ty: TypeId::NONE,
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
            Self::NotRead => Truth::Unknown(Reason::Unread(Status::NotRead)),
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
        match self {
            Self::Value(value) => wording::value(observation, value),
            Self::BehindNil(value) => format!(
                "nil: the path leads through a nil {}",
                short_type(value.ty, &observation.types)
            ),
            Self::Absent(pick, value) => absent(observation, pick, value),
            Self::NoReturn => format!("no results: {}", wording::ending(call.outcome)),
            Self::NotRead => "not read".to_owned(),
        }
    }
}

/// Whether a condition holds for a call.
pub(super) fn holds(condition: &Expression, observation: &Observation, call: &Call) -> Truth {
    let of_part = |part: &Expression| holds(part, observation, call);
    match condition {
        Expression::Value(value) => Part::of(observation, call, &value.path.value).matches(
            &value.matcher.value,
            observation,
            call,
        ),
        Expression::All(parts) => Truth::all(parts.iter().map(of_part)),
        Expression::Any(parts) => Truth::any(parts.iter().map(of_part)),
        Expression::Not(inner) => of_part(inner).not(),
    }
}

/// The argument of that name.
fn argument<'a>(observation: &Observation, call: &'a Call, name: &str) -> Option<&'a Value> {
    let parameters = &observation.function(call.function)?.parameters;
    let index = parameters.iter().position(|p| p.name == name)?;
    call.arguments.get(index)
}

fn is_slice(observation: &Observation, value: &Value) -> bool {
    let kind = observation.types.kind(value.ty);
    matches!(kind, Some(Kind::Slice { .. }))
}

/// What there is not, as well as that is known.
fn absent(observation: &Observation, pick: &Pick, value: Option<&Value>) -> String {
    match value.map(|value| &value.content) {
        Some(Content::Map(_)) => return "no such key".to_owned(),
        Some(Content::Elements(elements)) => {
            return no_element(elements.full);
        }
        Some(Content::Bytes(bytes)) => {
            return no_element(bytes.full);
        }
        Some(Content::Interface(inner)) => {
            let ty = short_type(inner.ty, &observation.types);
            return format!("another dynamic type, {ty}");
        }
        _ => {}
    }
    let steps = pick.steps.iter().filter_map(|step| match step {
        PickStep::Element(_) => Some("no such element"),
        PickStep::Entry(_) => Some("no such key"),
        PickStep::Dynamic(_) => Some("another dynamic type"),
        _ => None,
    });
    let mut possible: Vec<&str> = steps.collect();
    possible.sort_unstable();
    possible.dedup();
    match possible.as_slice() {
        [] => "nothing there".to_owned(),
        _ => possible.join(" or "),
    }
}

fn no_element(count: u64) -> String {
    match count {
        0 => "no such element: it is empty".to_owned(),
        _ => format!(
            "no such element: it has {}",
            wording::plural(count, "element")
        ),
    }
}

/// A call that did not return has no results.
pub(super) fn no_return(observation: &Observation, call: &Call) -> Truth {
    match call.outcome {
        Outcome::Running => Truth::Unknown(Reason::Running),
        Outcome::Panicked | Outcome::Goexit | Outcome::Unwound | Outcome::ProcessEnded => {
            if end_is_certain(observation, call) {
                Truth::No
            } else {
                Truth::Unknown(Reason::EndLost)
            }
        }
        Outcome::Returned | Outcome::Recovered => Truth::Unknown(Reason::Unread(Status::NotRead)),
    }
}

#[cfg(test)]
mod tests {
    use model::{
        Content, Elements, Entries, Kind, List, Outcome, Path, Pick, PickKey, PickStep, Root,
        Segment, Status, Type, TypeId, Value,
    };
    use spec::matcher::Matcher;

    use crate::expect::{
        Finding,
        testing::{Scene, argument, calls, is, lost, text},
    };

    fn path(root: Root) -> Path {
        Path {
            root,
            segments: vec![Segment::Name("Path".to_owned())],
        }
    }

    /// A call of `handler(t)` of which the spec asks for `t.Path`, where that led to `picked`.
    fn seen(root: Root, steps: Vec<PickStep>, picked: Value, matcher: Matcher) -> Scene {
        let mut scene = Scene::new();
        scene.watch("handler", &["t main.T"], &["string"]);
        scene.call(None, "handler", 1, vec![Content::Nil]);
        let observation = &mut scene.evidence.observation;
        observation.functions[0].picks.push(Pick {
            path: path(root.clone()),
            steps,
            ty: STRING,
            variable: None,
        });
        observation.calls[0].picked = [picked].into();
        let mut expectation = calls("handler");
        let mut wanted = argument("t", matcher);
        wanted.path.value = path(root.clone());
        match root {
            Root::Out(_) => expectation.out.push(wanted),
            _ => expectation.args.push(wanted),
        }
        scene.test.calls = vec![expectation];
        scene
    }

    /// `string` among the types of a scene.
    const STRING: TypeId = TypeId(3);

    fn string(content: Content) -> Value {
        Value {
            ty: STRING,
            content,
        }
    }

    fn field() -> Vec<PickStep> {
        vec![PickStep::Target, PickStep::Field(0)]
    }

    /// A value of a type that is on the way.
    fn on_the_way(scene: &mut Scene, kind: Kind, content: Content) -> Value {
        let ty = scene.evidence.observation.types.push(Type {
            name: "example.com/shop.Way".to_owned(),
            size: 8,
            kind,
        });
        Value { ty, content }
    }

    /// What was got instead, by a scene whose path ended early.
    fn got(steps: Vec<PickStep>, kind: Kind, content: Content, matcher: Matcher) -> Option<String> {
        let root = Root::Argument("t".to_owned());
        let mut scene = seen(root, steps, string(lost()), matcher);
        let way = on_the_way(&mut scene, kind, content);
        scene.evidence.observation.calls[0].picked = [way].into();
        match scene.finding("args.t.Path") {
            Finding::Failed(failure) => failure.got,
            Finding::Passed { .. } => None,
            Finding::Inconclusive(reason) => panic!("{reason:?}"),
        }
    }

    #[test]
    fn a_path_leads_to_what_was_picked() {
        for (root, subject, label) in [
            (
                Root::Argument("t".to_owned()),
                "args.t.Path of handler",
                "t.Path of handler",
            ),
            (
                Root::Out("t".to_owned()),
                "out.t.Path of handler",
                "t.Path of handler at its return",
            ),
            (
                Root::Result(0),
                "returns[0].Path of handler",
                "returns[0].Path of handler",
            ),
        ] {
            let judged = |content, matcher| {
                seen(root.clone(), field(), string(content), matcher).finding(subject)
            };
            assert!(matches!(
                judged(text("/a"), is("/a")),
                Finding::Passed { .. }
            ));
            let Finding::Failed(failure) = judged(text("/b"), is("/a")) else {
                panic!("not failed");
            };
            assert_eq!(failure.label, label);
            assert_eq!(failure.got.as_deref(), Some("\"/b\""));
            assert!(matches!(judged(lost(), is("/a")), Finding::Inconclusive(_)));
            assert!(matches!(
                judged(lost(), Matcher::Any),
                Finding::Passed { .. }
            ));
        }
    }

    #[test]
    fn behind_nil_there_is_nothing() {
        let pointer = || Kind::Pointer { target: None };
        let nil = |matcher| got(field(), pointer(), Content::Nil, matcher);
        assert_eq!(
            nil(is("/a")).as_deref(),
            Some("nil: the path leads through a nil shop.Way")
        );
        assert_eq!(nil(Matcher::Nil(true)), None);
        assert!(nil(Matcher::Nil(false)).is_some());
        assert!(nil(Matcher::Length(Box::new(is(0)))).is_some());
    }

    #[test]
    fn what_is_absent_fails_all_but_anything() {
        let entry = || vec![PickStep::Entry(PickKey::Text("Path".to_owned()))];
        let map = || Kind::Map {
            key: STRING,
            value: STRING,
            layout: None,
        };
        let entries = || {
            Content::Map(Box::new(Entries {
                values: Box::new([]),
                full: 3,
            }))
        };
        for matcher in [is("/a"), Matcher::Nil(true), Matcher::Nil(false)] {
            let got = got(entry(), map(), entries(), matcher);
            assert_eq!(got.as_deref(), Some("no such key"));
        }
        assert_eq!(got(entry(), map(), entries(), Matcher::Any), None);
        let slice = || Kind::Slice { element: STRING };
        let element = || vec![PickStep::Element(5)];
        let elements = Content::Elements(Box::new(Elements {
            values: List::default(),
            full: 2,
        }));
        let short = got(element(), slice(), elements, is("/a"));
        assert_eq!(short.as_deref(), Some("no such element: it has 2 elements"));
        // A nil slice has no element, which is not nil either.
        assert!(got(element(), slice(), Content::Nil, Matcher::Nil(true)).is_some());
        let held = Content::Interface(Box::new(string(Content::Unread(Status::NotRead))));
        let any = Kind::Interface { empty: true };
        let dynamic = vec![PickStep::Dynamic(TypeId(0))];
        let other = got(dynamic, any, held, is("/a"));
        assert_eq!(other.as_deref(), Some("another dynamic type, string"));
        // Where the types don't show an early end, the status does.
        let root = Root::Argument("t".to_owned());
        let absent = string(Content::Unread(Status::Absent));
        let Finding::Failed(failure) = seen(root, entry(), absent, is("/a")).finding("args") else {
            panic!("not failed");
        };
        assert_eq!(failure.got.as_deref(), Some("no such key"));
    }

    #[test]
    fn a_call_that_did_not_return_left_nothing_behind() {
        let judged = |outcome| {
            let picked = string(Content::Unread(Status::NotRead));
            let mut scene = seen(Root::Out("t".to_owned()), field(), picked, is("/a"));
            scene.evidence.observation.calls[0].outcome = outcome;
            scene.finding("out.t.Path")
        };
        let Finding::Failed(failure) = judged(Outcome::Unwound) else {
            panic!("not failed");
        };
        let got = "no results: ended without a return, and what ended it was not seen";
        assert_eq!(failure.got.as_deref(), Some(got));
        assert!(matches!(judged(Outcome::Running), Finding::Inconclusive(_)));
    }

    #[test]
    fn what_was_not_planned_is_undecided() {
        let root = Root::Argument("t".to_owned());
        let mut scene = seen(root, field(), string(text("/a")), is("/a"));
        scene.evidence.observation.functions[0].picks.clear();
        assert!(matches!(scene.finding("args"), Finding::Inconclusive(_)));
    }
}
