//! What paths mean for the types that they meet.

use model::{
    Kind, PickKey, PickStep, Segment, TypeId,
    plan::{PathError, PathProblem, PathTypes, RedactedType, Resolved, resolve, resolve_out},
};

use super::world::World;

fn names(path: &str) -> Vec<Segment> {
    path.split('.')
        .map(|name| Segment::Name(name.into()))
        .collect()
}

struct Types {
    w: World,
    request: TypeId,
    dynamic: Vec<TypeId>,
    redacted: Vec<RedactedType>,
}

impl Types {
    /// A request with a URL behind two pointers, headers, embedded structs and an error.
    fn new() -> Self {
        let mut w = World::new();
        let url = w.structure("net/url.URL", &[("Host", w.text), ("Path", w.text)]);
        let url = w.pointer(url);
        let url = w.pointer(url);
        let strings = w.slice(w.text);
        let header = w.map_of_groups(w.text, strings);
        let counts = w.map_of_groups(w.int, w.float);
        let flags = w.map_of_groups(w.bool, w.int);
        let left = w.structure("main.Left", &[("Both", w.int), ("Deep", w.text)]);
        let right = w.structure("main.Right", &[("Both", w.int)]);
        let right = w.pointer(right);
        let secret = w.structure("main.Secret", &[("Key", w.text)]);
        let three = w.array(w.int, 3);
        let request = w.structure(
            "net/http.Request",
            &[
                ("URL", url),
                ("Header", header),
                ("Counts", counts),
                ("Flags", flags),
                ("^Left", left),
                ("^Right", right),
                ("Err", w.error),
                ("Secret", secret),
                ("Three", three),
                ("_", w.int),
            ],
        );
        let request = w.pointer(request);
        let mut dynamic = Vec::new();
        for name in ["net.OpError", "example.com/a/x.T", "example.com/b/x.T"] {
            let error = w.structure(name, &[("Op", w.text)]);
            dynamic.push(w.pointer(error));
        }
        let redacted = vec![RedactedType {
            ty: secret,
            label: "[secret]".into(),
        }];
        Self {
            w,
            request,
            dynamic,
            redacted,
        }
    }

    fn known(&self) -> PathTypes<'_> {
        PathTypes {
            types: &self.w.types,
            dynamic: &self.dynamic,
            redacted: &self.redacted,
        }
    }

    fn resolve(&self, segments: &[Segment]) -> Result<Resolved, PathError> {
        resolve(&self.known(), self.request, segments)
    }

    fn steps(&self, segments: &[Segment]) -> Vec<PickStep> {
        self.resolve(segments).unwrap().steps
    }

    fn refused(&self, segments: &[Segment]) -> (usize, PathProblem, Vec<String>) {
        let error = self.resolve(segments).unwrap_err();
        (error.at, error.reason, error.known)
    }
}

use PickStep::{Dynamic, Element, Entry, Field, Target};

#[test]
fn names_lead_through_any_number_of_pointers() {
    let t = Types::new();
    let path = t.resolve(&names("URL.Path")).unwrap();
    assert_eq!(path.steps, [Target, Field(0), Target, Target, Field(1)]);
    assert_eq!(path.ty, t.w.text);
    assert_eq!(
        t.resolve(&[]).unwrap(),
        Resolved {
            steps: vec![],
            ty: t.request
        }
    );
}

#[test]
fn fields_are_promoted_by_depth() {
    let t = Types::new();
    assert_eq!(t.steps(&names("Deep")), [Target, Field(4), Field(1)]);
    assert_eq!(
        t.steps(&names("Right.Both")),
        [Target, Field(5), Target, Field(0)]
    );
    let known = vec!["Left.Both".into(), "Right.Both".into()];
    assert_eq!(
        t.refused(&names("Both")),
        (0, PathProblem::AmbiguousField, known)
    );
}

#[test]
fn a_struct_that_embeds_a_pointer_to_itself_ends() {
    let mut w = World::new();
    let pointer = w.add("*main.T", 8, Kind::Pointer { target: None });
    let t = w.structure("main.T", &[("^T", pointer), ("n", w.int)]);
    let known = w.types.get(pointer).unwrap().clone();
    let kind = Kind::Pointer { target: Some(t) };
    w.types.replace(pointer, model::Type { kind, ..known });
    let types = PathTypes {
        types: &w.types,
        dynamic: &[],
        redacted: &[],
    };
    let error = resolve(&types, t, &names("missing")).unwrap_err();
    assert_eq!(error.reason, PathProblem::NoField);
    assert_eq!(error.known, ["T *main.T", "n int"]);
}

#[test]
fn a_wrong_field_is_told_with_those_that_there_are() {
    let t = Types::new();
    let (at, reason, known) = t.refused(&names("URL.path"));
    assert_eq!((at, reason), (1, PathProblem::NoField));
    assert_eq!(known, ["Host string", "Path string"]);
    assert_eq!(t.refused(&names("_")).1, PathProblem::NoField);
    assert_eq!(t.refused(&names("URL.Path.x")).1, PathProblem::NoNames);
}

#[test]
fn maps_are_entered_by_keys_of_their_own_kind() {
    let t = Types::new();
    let entry = |key: &str| Entry(PickKey::Text(key.into()));
    let mut accept = names("Header");
    accept.extend([Segment::Key("Accept".into()), Segment::Index(0)]);
    assert_eq!(
        t.steps(&accept),
        [Target, Field(1), entry("Accept"), Element(0)]
    );
    assert_eq!(
        t.steps(&names("Header.Accept")),
        [Target, Field(1), entry("Accept")]
    );
    let under = |field, segment| {
        let mut path = names(field);
        path.push(segment);
        t.resolve(&path).map(|path| path.steps.last().cloned())
    };
    let minus = Some(Entry(PickKey::Integer(-3)));
    assert_eq!(under("Counts", Segment::Index(-3)).unwrap(), minus);
    let yes = Some(Entry(PickKey::Bool(true)));
    assert_eq!(under("Flags", Segment::Key("true".into())).unwrap(), yes);
    let wrong = under("Counts", Segment::Key("3".into())).unwrap_err();
    assert_eq!(
        (wrong.at, wrong.reason, wrong.known),
        (1, PathProblem::OtherKeys, vec!["int".into()])
    );
    let wrong = under("URL", Segment::Key("3".into())).unwrap_err();
    assert_eq!(wrong.reason, PathProblem::NotAMap);
}

#[test]
fn an_index_lies_in_the_array() {
    let t = Types::new();
    let at = |index| {
        let mut path = names("Three");
        path.push(Segment::Index(index));
        t.resolve(&path)
    };
    assert_eq!(at(2).unwrap().steps, [Target, Field(8), Element(2)]);
    assert_eq!(at(3).unwrap_err().reason, PathProblem::PastTheEnd(3));
    assert_eq!(at(-1).unwrap_err().reason, PathProblem::Negative);
    let mut path = names("URL");
    path.push(Segment::Index(0));
    assert_eq!(t.refused(&path).1, PathProblem::NoElements);
}

#[test]
fn into_an_interface_leads_an_assertion() {
    let t = Types::new();
    let assert = |name: &str| {
        let mut path = names("Err");
        path.push(Segment::Assert(name.into()));
        path.extend(names("Op"));
        path
    };
    let steps = [Target, Field(6), Dynamic(t.dynamic[0]), Target, Field(0)];
    assert_eq!(t.steps(&assert("*net.OpError")), steps);
    let steps = [Target, Field(6), Dynamic(t.dynamic[2]), Target, Field(0)];
    assert_eq!(t.steps(&assert("*example.com/b/x.T")), steps);
    let both = vec!["*example.com/a/x.T".into(), "*example.com/b/x.T".into()];
    assert_eq!(
        t.refused(&assert("*x.T")),
        (1, PathProblem::AmbiguousType, both)
    );
    let alike = vec!["*net.OpError".into()];
    assert_eq!(
        t.refused(&assert("net.operror")),
        (1, PathProblem::NoSuchType, alike)
    );
    let (at, reason, known) = t.refused(&names("Err.Op"));
    assert_eq!(
        (at, reason, known.len()),
        (1, PathProblem::NeedsAssertion, 3)
    );
    let mut path = names("URL");
    path.push(Segment::Assert("*net.OpError".into()));
    assert_eq!(t.refused(&path).1, PathProblem::NotAnInterface);
}

#[test]
fn what_is_redacted_has_no_path() {
    let t = Types::new();
    let redacted = PathProblem::Redacted("[secret]".into());
    assert_eq!(t.refused(&names("Secret")).1, redacted);
    assert_eq!(t.refused(&names("Secret.Key")).1, redacted);
}

#[test]
fn what_a_call_leaves_behind_stands_behind_a_pointer() {
    let t = Types::new();
    assert!(resolve_out(&t.known(), t.request, &names("URL.Path")).is_ok());
    let error = resolve_out(&t.known(), t.w.int, &[]).unwrap_err();
    assert_eq!(error.reason, PathProblem::NotAReference);
}
