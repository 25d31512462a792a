//! Written specs against the types of a program: what is wrong, and where the carets are.

use std::path::PathBuf;

use model::{
    Address, Field, Function, FunctionId, Instance, Kind, Label, Limits, Location, Parameter, Path,
    Pick, Register, Root, Type, TypeId, TypeTable,
    plan::{DynamicType, Plan, ReadAddress, RedactedType, RequestEntry, RequestLayout, StreamPath},
};
use spec::{Source, parse};

use super::validate;

/// A program with one function, `main.f`.
struct Program {
    types: TypeTable,
    plan: Plan,
}

impl Program {
    fn new() -> Self {
        let mut program = Self {
            types: TypeTable::default(),
            plan: Plan::default(),
        };
        let int = program.add("int", 8, Kind::Int);
        let string = program.add("string", 16, Kind::String);
        let byte = program.add("uint8", 1, Kind::Uint);
        let float = program.add("float32", 4, Kind::Float);
        let complex = program.add("complex128", 16, Kind::Complex);
        let error = program.add("error", 16, Kind::Interface { empty: false });
        let any = program.add("interface {}", 16, Kind::Interface { empty: true });
        let secret = program.add("string", 16, Kind::String);
        let strings = program.add("[]string", 24, Kind::Slice { element: string });
        let bytes = program.add("[]uint8", 24, Kind::Slice { element: byte });
        let three = program.add(
            "[3]int",
            24,
            Kind::Array {
                element: int,
                count: 3,
            },
        );
        let header = program.add(
            "net/http.Header",
            8,
            Kind::Map {
                key: string,
                value: strings,
                layout: None,
            },
        );
        let url = program.structure("net/url.URL", &[("Path", string), ("Host", string)]);
        let url = program.pointer("*net/url.URL", url);
        let request = program.structure(
            "net/http.Request",
            &[
                ("Method", string),
                ("URL", url),
                ("Header", header),
                ("Password", secret),
            ],
        );
        let request = program.pointer("*net/http.Request", request);
        let duration = program.add("time.Duration", 8, Kind::Int);
        let time = program.structure("time.Time", &[("wall", int)]);
        let count = 16;
        let element = byte;
        let id = Kind::Array { element, count };
        let id = program.add("main.UUID", 16, id);
        let ip = program.add("net.IP", 24, Kind::Slice { element });
        let failure = program.structure("main.Failure", &[("Code", int)]);
        let failure = program.pointer("*main.Failure", failure);
        let parameters = [
            ("request", request),
            ("n", int),
            ("b", byte),
            ("x", float),
            ("c", complex),
            ("names", strings),
            ("body", bytes),
            ("three", three),
            ("err", error),
            ("v", any),
            ("took", duration),
            ("at", time),
            ("id", id),
            ("ip", ip),
        ];
        program.plan.functions.push(Function {
            id: FunctionId(0),
            name: "main.f".to_owned(),
            position: None,
            parameters: parameters.map(parameter).into(),
            results: [("~r0", request), ("~r1", error)].map(parameter).into(),
            limits: Limits::default(),
            picks: Vec::new(),
            instances: Vec::new(),
            dictionary: None,
        });
        program.plan.labels.push(Label {
            name: "f".to_owned(),
            functions: vec![FunctionId(0)],
            unseen: None,
        });
        for ty in [failure, url] {
            program.plan.dynamic.push(DynamicType {
                address: Address(u64::from(ty.0)),
                ty,
                direct: true,
                link: None,
            });
        }
        program.plan.redactions.push(RedactedType {
            ty: secret,
            label: "[password]".to_owned(),
        });
        program
    }

    fn add(&mut self, name: &str, size: u64, kind: Kind) -> TypeId {
        self.types.push(Type {
            name: name.to_owned(),
            size,
            kind,
        })
    }

    fn structure(&mut self, name: &str, fields: &[(&str, TypeId)]) -> TypeId {
        let field = |(name, ty): &(&str, TypeId)| Field {
            name: (*name).to_owned(),
            offset: 0,
            ty: *ty,
            embedded: false,
        };
        let fields = fields.iter().map(field).collect();
        self.add(name, 8, Kind::Struct { fields })
    }

    fn pointer(&mut self, name: &str, target: TypeId) -> TypeId {
        let target = Some(target);
        self.add(name, 8, Kind::Pointer { target })
    }

    fn function(&mut self) -> &mut Function {
        &mut self.plan.functions[0]
    }

    /// What is wrong with what a spec says of the calls of `f`: the text at the place, the message and the help.
    fn problems(self, calls: &str) -> Vec<(String, String, String)> {
        self.problems_of(&format!("[test.calls.f]\n{calls}"))
    }

    /// The same of a test.
    fn problems_of(self, test: &str) -> Vec<(String, String, String)> {
        self.problems_in("\"main.f\"", test)
    }

    /// The same of the function itself and a test.
    fn problems_in(mut self, function: &str, test: &str) -> Vec<(String, String, String)> {
        let text = format!(
            "[program]\npackage = \"./x\"\n[functions]\nf = {function}\n[[test]]\nname = \"t\"\n{test}\n"
        );
        let spec = parse(Source::new("x.proctor.toml", text.as_str()))
            .unwrap_or_else(|errors| panic!("{errors}\n{text}"));
        self.plan.types = self.types;
        let found = validate(&spec, &self.plan).err();
        let errors = found
            .map_or_else(Vec::new, |found| found.errors)
            .into_iter();
        errors
            .map(|error| {
                let place = text[error.span.unwrap()].to_owned();
                (place, error.message, error.help.unwrap_or_default())
            })
            .collect()
    }
}

fn parameter((name, ty): (&str, TypeId)) -> Parameter {
    Parameter {
        name: name.to_owned(),
        ty,
        location: Location::default(),
    }
}

#[track_caller]
fn accepted(calls: &str) {
    assert_eq!(Program::new().problems(calls), [], "{calls}");
}

/// The only problem: where it is, and what is said.
#[track_caller]
fn refused(calls: &str) -> (String, String, String) {
    let mut found = Program::new().problems(calls);
    assert_eq!(found.len(), 1, "{calls}: {found:?}");
    found.remove(0)
}

/// What is wrong with a condition on the calls of `f`.
fn wrong_in(condition: &str) -> Vec<(String, String, String)> {
    let function = format!("{{ func = \"main.f\", where = '{condition}' }}");
    Program::new().problems_in(&function, "count = { f = 1 }")
}

#[test]
fn conditions_are_checked_against_the_parameters() {
    for sound in [
        r#"request.URL.Path == "/" && request.Method ~ "^G" || err != nil"#,
        r#"!(n >= 3) && b < 256 && x > 0.5 && took < "1.5s" && at >= "2026-01-02T03:04:05Z""#,
        r#"err.(*main.Failure).Code == 3 && names[0] == "a" && request.Header["Accept"][0] != """#,
        r#"returns[0].Method == "GET" && returns[1] == nil"#,
    ] {
        assert_eq!(wrong_in(sound), [], "{sound}");
    }
    for (wrong, place, message) in [
        ("m > 3", "m", "main.f has no parameter `m`"),
        (r#"n == "3""#, "\"3\"", "a string does not apply to int"),
        (r#"!(n ~ "3")"#, "\"3\"", "`matches` does not apply to int"),
        ("n", "n", "a bool does not apply to int"),
        ("n == nil", "nil", "an int is never nil"),
        ("b > 1 && b == 300", "300", "300 is out of range for uint8"),
        (
            r#"took < "2026-01-02T03:04:05Z""#,
            "\"2026-01-02T03:04:05Z\"",
            "a time does not apply to time.Duration",
        ),
        ("returns[7] == 1", "returns[7]", "main.f has 2 results"),
    ] {
        let found = wrong_in(wrong);
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
        assert_eq!((found[0].0.as_str(), found[0].1.as_str()), (place, message));
    }
    let (place, message, help) = wrong_in(r#"request.Methud == "GET""#).remove(0);
    assert_eq!(place, "Methud");
    assert_eq!(message, "http.Request has no field `Methud`");
    assert!(help.starts_with("did you mean `request.Method`?"), "{help}");
}

#[test]
fn what_is_there_can_be_asked_for() {
    for calls in [
        "args = { request.URL.Path = \"/\", request.Method = { matches = \"^G\" } }",
        "args = { \"request.Header[\\\"Accept\\\"][0]\" = \"x\" }",
        "args = { request = { Header = { Accept = { has = \"x\" } } } }",
        "args = { request = { nil = false } }",
        "args = { n = 3, b = { lt = 256 }, x = 0.5, c = \"(1+2i)\" }",
        "args = { x = \"NaN\" }",
        "args = { x = { gt = 1 } }",
        "args = { names = [\"a\", { contains = \"b\" }], body = \"text\", three = { has = 1 } }",
        "args = { names = { nil = true } }",
        "args = { body = { len = 3 }, three = { each = { ge = 0 } } }",
        "args = { \"err.(*main.Failure).Code\" = 3 }",
        "args = { err = { type = \"*url.URL\" }, v = 3 }",
        "args = { took = \"1.5s\", at = \"2026-01-02T03:04:05+01:00\", ip = \"::1\" }",
        "args = { id = \"6ba7b810-9dad-11d1-80b4-00c04fd430c8\" }",
        "args = { id = \"sixteen letters!\", ip = { contains = \"127\" } }",
        "args = { took = { ge = \"1ms\", lt = 5 }, at = { gt = \"2026-01-02T03:04:05Z\" } }",
        "args = { request = { equal = \"GET /\" } }",
        "out = { \"request.Method\" = \"POST\" }",
        "returns = [{ nil = false }, { any = true }]",
        "returns = [{ URL.Path = \"/\" }, { any = true }]",
        "error = false",
        "error = { as = \"*main.Failure\" }",
        "error = { contains = \"x\" }",
        "args = { request.Password = { any = true }, v = { any = true } }",
    ] {
        if calls.contains("Password") {
            // It is never read, so even that is refused: a path that leads there.
            assert!(refused(calls).1.ends_with("it is redacted as [password]"));
        } else {
            accepted(calls);
        }
    }
}

#[test]
fn an_unknown_field_is_shown_with_those_there_are() {
    let (place, message, help) = refused("args = { \"request.URL.Pth\" = \"/\" }");
    assert_eq!(place, "Pth");
    assert_eq!(message, "url.URL has no field `Pth`");
    assert_eq!(
        help,
        "did you mean `request.URL.Path`? The fields of url.URL: Path string, Host string"
    );
    // The failing step is not the last one.
    for args in [
        "'request.Urx.Path'",
        "request.Urx.Path",
        "request . Urx.Path",
    ] {
        let calls = format!("args = {{ {args} = \"/\" }}");
        assert_eq!(refused(&calls).0, "Urx", "{args}");
    }
    // Tables hold the begin of the path: the last key is all that there is to point at.
    assert_eq!(
        refused("args = { request = { Urx = { Path = \"/\" } } }").0,
        "Path"
    );
    assert_eq!(
        refused("args = { request = { URL = { Pth = \"/\" } } }").0,
        "Pth"
    );
    let quoted = refused("args = { \"request.Header[\\\"Accept\\\"].X\" = \"/\" }");
    assert_eq!(quoted.0, "X");
    assert_eq!(
        quoted.1,
        "`request.Header[\"Accept\"].X` can't be read: []string has no fields"
    );
    let slip = refused("args = { request.Method = { contian = \"x\" } }");
    assert_eq!(slip.0, "contian");
    assert_eq!(slip.2, "did you mean the matcher `contains`?");
    let parts = refused("returns = [{ Methud = \"x\" }, { any = true }]");
    assert_eq!(parts.0, "Methud");
    assert!(
        parts.2.starts_with("did you mean `returns[0].Method`?"),
        "{}",
        parts.2
    );
    let listed = refused("args = { v = { any = true }, request = { Header = { Accept = [3] } } }");
    assert_eq!(listed.1, "an integer does not apply to string");
}

#[test]
fn into_interfaces_leads_a_type_alone() {
    let (place, _, help) = refused("args = { \"err.Code\" = 3 }");
    assert_eq!(place, "Code");
    assert_eq!(help, "for instance `err.(*main.Failure)`");
    let (place, message, help) = refused("args = { err = { type = \"*main.Failur\" } }");
    assert_eq!(place, "{ type = \"*main.Failur\" }");
    assert_eq!(
        message,
        "error can't hold `*main.Failur`: the program puts no such type into interfaces"
    );
    assert_eq!(help, "did you mean `*main.Failure`?");
    assert_eq!(
        refused("args = { v = { type = \"error\" } }").1,
        "error is an interface, but interface {} holds concrete types"
    );
    let near = refused("args = { err = { type = \"main.Failure\" } }");
    assert_eq!(near.2, "did you mean `*main.Failure`?");
}

#[test]
fn a_matcher_must_be_able_to_judge_the_type() {
    for (calls, message) in [
        (
            "args = { n = { matches = \"x\" } }",
            "`matches` does not apply to int",
        ),
        ("args = { n = { len = 3 } }", "`len` does not apply to int"),
        ("args = { n = { nil = true } }", "an int is never nil"),
        ("args = { n = [1] }", "a list does not apply to int"),
        ("args = { n = 0.5 }", "a float does not apply to int"),
        ("args = { b = 300 }", "300 is out of range for uint8"),
        ("args = { b = -1 }", "-1 is out of range for uint8"),
        (
            "args = { x = \"much\" }",
            "a string does not apply to float32",
        ),
        (
            "args = { c = \"1+2i\" }",
            "a string does not apply to complex128",
        ),
        (
            "args = { c = { lt = 1 } }",
            "a comparison does not apply to complex128",
        ),
        (
            "args = { request.Method = { lt = 1 } }",
            "a comparison does not apply to string",
        ),
        (
            "args = { request.Method = { type = \"int\" } }",
            "it is a string, never int",
        ),
        (
            "args = { request = [1] }",
            "a list does not apply to http.Request",
        ),
        (
            "args = { request = 3 }",
            "an integer does not apply to http.Request",
        ),
        (
            "args = { names = \"a\" }",
            "a string does not apply to []string",
        ),
        (
            "args = { names = { has = 3 } }",
            "an integer does not apply to string",
        ),
        (
            "args = { body = 3 }",
            "an integer does not apply to []uint8",
        ),
        (
            "args = { body = [\"a\"] }",
            "a string does not apply to uint8",
        ),
        ("args = { three = [1, 2] }", "a [3]int never has 2 elements"),
        (
            "args = { request.Header = [1] }",
            "a list does not apply to http.Header",
        ),
        (
            "args = { n = { ge = 1, nil = false } }",
            "an int is never nil",
        ),
    ] {
        assert_eq!(refused(calls).1, message, "{calls}");
    }
    let (_, _, help) = refused("args = { request = 3 }");
    assert!(
        help.starts_with("ask for its fields by their paths: Method string"),
        "{help}"
    );
}

#[test]
fn what_is_redacted_can_not_be_judged() {
    let (place, message, help) = refused("args = { \"request.Password\" = \"x\" }");
    assert_eq!(place, "Password");
    assert_eq!(
        message,
        "`request.Password` can't be read: it is redacted as [password]"
    );
    assert_eq!(help, "remove it from [redact], or from the expectation");
    let mut program = Program::new();
    let secret = program.plan.redactions[0].ty;
    program.function().parameters[1].ty = secret;
    let found = program.problems("args = { n = \"x\" }");
    assert_eq!(
        found[0].1,
        "it is redacted as [password], so it is never read"
    );
    let mut program = Program::new();
    program.function().parameters[1].ty = secret;
    assert_eq!(program.problems("args = { n = { any = true } }"), []);
}

#[test]
fn out_is_for_pointers() {
    let (place, message, _) = refused("out = { n = 3 }");
    assert_eq!(place, "n");
    assert_eq!(
        message,
        "`n` can't be read: int is passed by value, so the caller sees no change"
    );
    let (_, message, help) = refused("out = { requets = { nil = false } }");
    assert_eq!(message, "main.f has no parameter `requets`");
    assert!(help.starts_with("did you mean `request`?"), "{help}");
}

#[test]
fn error_is_for_functions_that_give_one() {
    let (place, message, help) = refused("error = { as = \"*main.Failur\" }");
    assert_eq!(place, "\"*main.Failur\"");
    assert!(
        message.starts_with("error can't hold `*main.Failur`"),
        "{message}"
    );
    assert_eq!(help, "did you mean `*main.Failure`?");
    let (place, message, _) = refused("error = { is = \"io.EOF\" }");
    assert_eq!(place, "\"io.EOF\"");
    assert_eq!(message, "there is no variable `io.EOF` in this program");
    let mut program = Program::new();
    let ty = program.function().results[1].ty;
    program.function().picks.push(Pick {
        path: Path {
            root: Root::Variable("io.EOF".to_owned()),
            segments: Vec::new(),
        },
        steps: Vec::new(),
        ty,
        variable: None,
    });
    assert_eq!(program.problems("error = { is = \"io.EOF\" }"), []);
    let mut program = Program::new();
    program.function().results.pop();
    let found = program.problems("error = true");
    assert_eq!(found[0].0, "true");
    assert_eq!(
        found[0].1,
        "the last result of main.f is not an error but *http.Request"
    );
    let mut program = Program::new();
    program.function().results.clear();
    let found = program.problems("error = true");
    assert_eq!(found[0].1, "main.f has no results, so no error");
}

#[test]
fn one_instance_of_a_generic_function_must_suit() {
    let with_instances = |names: &[&str]| {
        let mut program = Program::new();
        let parameters = program.function().parameters.clone();
        let of = |name: &&str| Instance {
            dictionary: Address(1),
            name: format!("main.f[{name}]"),
            parameters: vec![Parameter {
                name: "n".to_owned(),
                ..parameters
                    .iter()
                    .find(|p| p.name == **name)
                    .unwrap()
                    .clone()
            }],
            results: Vec::new(),
        };
        program.function().instances = names.iter().map(of).collect();
        program
    };
    assert_eq!(with_instances(&["x", "n"]).problems("args = { n = 3 }"), []);
    let found = with_instances(&["names", "body"]).problems("args = { n = 3 }");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, "an integer does not apply to []string");
}

/// A spec with hand-offs and a server, whose functions `f` and `g` are both `main.f`.
fn causal(program: Program, section: &str) -> Vec<(String, String, String)> {
    causal_test(program, section, "request = { get = \"/\" }")
}

/// Likewise, with what its test has.
fn causal_test(program: Program, section: &str, test: &str) -> Vec<(String, String, String)> {
    let text = format!(
        "[program]\npackage = \"./x\"\nargs = [\"${{port}}\"]\n[functions]\nf = \"main.f\"\ng = \"main.g\"\n{section}\n[[test]]\nname = \"t\"\n{test}\n"
    );
    let spec = parse(Source::new("x.proctor.toml", text.as_str()))
        .unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    let mut plan = program.plan;
    plan.types = program.types;
    let mut other = plan.functions[0].clone();
    other.id = FunctionId(1);
    other.name = "main.g".to_owned();
    plan.functions.push(other);
    plan.labels = ["f", "g"]
        .into_iter()
        .zip(0..)
        .map(|(name, id)| Label {
            name: name.to_owned(),
            functions: vec![FunctionId(id)],
            unseen: None,
        })
        .collect();
    let found = validate(&spec, &plan).err();
    let errors = found.map_or_else(Vec::new, |found| found.errors);
    errors
        .into_iter()
        .map(|error| {
            let place = text[error.span.unwrap()].to_owned();
            (place, error.message, error.help.unwrap_or_default())
        })
        .collect()
}

#[test]
fn hand_offs_that_can_carry_something_are_accepted() {
    for (from, to) in [
        ("f.request", "g.request"),
        ("f.request.URL", "g.request.URL"),
        ("f.request", "g.v"),
        ("f.err", "g.v"),
        ("f.n", "g.b"),
        ("f.three", "g.three"),
        ("f.request.Method", "g.request.URL.Path"),
        ("f.returns.0", "g.request"),
        ("f.x", "g.x"),
    ] {
        let section = format!("[hand-off]\njob = {{ from = \"{from}\", to = \"{to}\" }}");
        assert_eq!(causal(Program::new(), &section), [], "{from} to {to}");
    }
}

#[test]
fn hand_offs_that_carry_nothing_are_refused_with_what_there_is() {
    for (from, to, place, said) in [
        (
            "f.requst",
            "g.request",
            "\"f.requst\"",
            "main.f has no parameter `requst`",
        ),
        (
            "f.request.Mthod",
            "g.request",
            "Mthod",
            "has no field `Mthod`",
        ),
        ("f.returns.7", "g.request", "\"f.returns.7\"", "main.f has"),
        ("f.names", "g.v", "\"f.names\"", "can't be compared"),
        (
            "f.request.Header",
            "g.n",
            "\"f.request.Header\"",
            "can't be compared",
        ),
        (
            "f.request",
            "g.n",
            "\"g.n\"",
            "`g.n` can never equal `f.request`",
        ),
        (
            "f.request",
            "g.request.URL",
            "\"g.request.URL\"",
            "can never equal",
        ),
        ("f.n", "g.x", "\"g.x\"", "can never equal"),
        (
            "f.request.Password",
            "g.request.Method",
            "Password",
            "redacted",
        ),
    ] {
        let section = format!("[hand-off]\njob = {{ from = \"{from}\", to = \"{to}\" }}");
        let found = causal(Program::new(), &section);
        assert_eq!(found.len(), 1, "{from} to {to}: {found:?}");
        let (at, message, _) = &found[0];
        assert_eq!(at, place, "{from} to {to}");
        assert!(message.contains(said), "{from} to {to}: {message}");
    }
}

#[test]
fn a_servers_key_identifies_a_client() {
    for key in ["n", "b", "request.Method", "v"] {
        let section = format!("[server]\nentry = \"f\"\nkey = \"{key}\"");
        assert_eq!(causal(Program::new(), &section), [], "{key}");
    }
    assert_eq!(causal(Program::new(), "[server]\nentry = \"f\""), []);
    for (key, said) in [
        ("x", "`x` does not identify a client"),
        ("request", "`request` does not identify a client"),
        ("names", "does not identify a client"),
        ("m", "main.f has no parameter `m`"),
    ] {
        let section = format!("[server]\nentry = \"f\"\nkey = \"{key}\"");
        let found = causal(Program::new(), &section);
        assert!(
            found.len() == 1 && found[0].1.contains(said),
            "{key}: {found:?}"
        );
    }
}

#[test]
fn a_key_does_not_identify_the_streams_of_a_connection() {
    let server = "[server]\nentry = \"f\"\nkey = \"n\"";
    let judged = |test: &str| causal_test(Program::new(), server, test);
    let many = "request = { get = \"/\", http = 2, repeat = 8, concurrency = 4 }";
    let one = "request = { get = \"/\", http = 2 }";
    for request in [many, one] {
        for asks in [
            "sequence = [\"f\"]",
            "count = { f = 8 }",
            "count-per-request = { g = 1 }",
            "flow = [[\"f.n\", \"g.n\"]]",
            "latency = { f = \"max < 1s\" }",
            "snapshot = true",
            "calls = { f = { outcome = \"returned\" } }",
            "from = \"anywhere\"\nsnapshot = true",
            "from = \"anywhere\"\ncalls = { f = { from = \"requests\", outcome = \"returned\" } }",
        ] {
            let found = judged(&format!("{request}\n{asks}"));
            let [(place, message, help)] = found.as_slice() else {
                panic!("{asks}: {found:?}");
            };
            assert_eq!(*place, request["request = ".len()..], "{asks}");
            assert!(
                message.ends_with("`key` does not identify them"),
                "{message}"
            );
            assert!(help.contains("remove `key`"), "{help}");
        }
        for asks_nothing in [
            "",
            "never = [\"g\"]",
            "from = \"anywhere\"\nsequence = [\"f\"]",
            "from = \"anywhere\"\ncalls = { f = { outcome = \"returned\" } }",
            "calls = { f = { from = \"anywhere\", outcome = \"returned\" } }",
        ] {
            let test = format!("{request}\n{asks_nothing}");
            assert_eq!(judged(&test), [], "{asks_nothing}");
        }
    }
}

#[test]
fn order_or_a_known_server_identifies_streams() {
    let asking =
        |request: &str| format!("request = {{ get = \"/\", {request} }}\nsequence = [\"f\"]");
    let keyed = "[server]\nentry = \"f\"\nkey = \"n\"";
    let streams = |streams| {
        let mut program = Program::new();
        program.plan.requests = vec![RequestEntry {
            address: Address(0x1000),
            layout: RequestLayout {
                method: 0,
                remote_addr: 16,
                request_uri: 32,
            },
            streams,
        }];
        program
    };
    let path = StreamPath {
        pointer: ReadAddress::Register(Register::Rax),
        held: None,
        hops: vec![0],
    };
    let (http1, http2) = (
        asking("repeat = 8, concurrency = 4"),
        asking("http = 2, concurrency = 4, repeat = 8"),
    );
    assert_eq!(causal_test(Program::new(), keyed, &http1), []);
    assert_eq!(causal_test(Program::new(), "", &http2), []);
    assert_eq!(
        causal_test(
            Program::new(),
            "[server]\nentry = \"f\"",
            &asking("http = 2, repeat = 8")
        ),
        []
    );
    assert_eq!(causal_test(streams(vec![path]), keyed, &http2), []);
    assert_eq!(causal_test(streams(Vec::new()), keyed, &http2).len(), 1);
}

#[test]
fn a_flow_leads_through_what_can_be_the_same() {
    let judged = |flow: &str| {
        let channel = |program: &mut Program| {
            let element = program.function().parameters[1].ty;
            let channel = program.add("chan int", 8, Kind::Channel { element });
            program.function().parameters[3].ty = channel;
        };
        let mut program = Program::new();
        channel(&mut program);
        program.problems_of(&format!("flow = [[{flow}]]"))
    };
    for flow in [
        "\"f.n\", \"f.b\"",
        "\"f.request\", \"f.returns.0\"",
        "\"f.request.URL.Path\", \"f.request.Method\"",
        "\"f.v\", \"f.n\", \"f.err\"",
        "\"f.names\", \"f.request.Header[\\\"Accept\\\"]\"",
    ] {
        assert_eq!(judged(flow), [], "{flow}");
    }
    let refused = |flow: &str| {
        let mut found = judged(flow);
        assert_eq!(found.len(), 1, "{flow}: {found:?}");
        found.remove(0)
    };
    let (place, message, help) = refused("\"f.n\", \"f.request.Method\"");
    assert_eq!(place, "\"f.request.Method\"");
    assert_eq!(message, "`f.request.Method` can never equal `f.n`");
    assert!(
        help.starts_with("a flow leads through the same pointer"),
        "{help}"
    );
    let (_, message, _) = refused("\"f.request\", \"f.request.URL\"");
    assert_eq!(message, "`f.request.URL` can never equal `f.request`");
    let (_, message, help) = refused("\"f.m\", \"f.b\"");
    assert_eq!(message, "main.f has no parameter `m`");
    assert!(help.contains("n int"), "{help}");
    let (_, message, _) = refused("\"f.n\", \"f.request.Meth\"");
    assert_eq!(message, "http.Request has no field `Meth`");
    let (_, message, _) = refused("\"f.n\", \"f.returns.7\"");
    assert_eq!(message, "main.f has 2 results");
    let (_, message, _) = refused("\"f.n\", \"f.request.Password\"");
    assert!(message.contains("redacted"), "{message}");
    let (_, message, help) = refused("\"f.v\", \"f.x\"");
    assert_eq!(message, "`f.x` can't be compared");
    assert_eq!(
        help,
        "only the length and the capacity of a channel are read"
    );
}

#[test]
fn a_text_must_be_one_that_the_type_is_shown_as() {
    for (calls, place, message, help) in [
        (
            "args = { took = \"soon\" }",
            "\"soon\"",
            "\"soon\" is not a time.Duration",
            "write it as it is shown, for instance \"1.5s\"",
        ),
        (
            "args = { at = \"2026-01-02\" }",
            "\"2026-01-02\"",
            "\"2026-01-02\" is not a time.Time",
            "write it as it is shown, for instance \"2026-01-02T03:04:05Z\"",
        ),
        (
            "args = { id = \"6ba7b810\" }",
            "\"6ba7b810\"",
            "\"6ba7b810\" is not a main.UUID",
            "write it as it is shown, for instance \"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"",
        ),
        (
            "args = { ip = \"localhost\" }",
            "\"localhost\"",
            "\"localhost\" is not a net.IP",
            "write it as it is shown, for instance \"127.0.0.1\"",
        ),
    ] {
        let (seen_place, seen, seen_help) = refused(calls);
        assert_eq!((&*seen_place, &*seen, &*seen_help), (place, message, help));
    }
    for (calls, message) in [
        (
            "args = { took = { lt = \"2026-01-02T03:04:05Z\" } }",
            "a time does not apply to time.Duration",
        ),
        (
            "args = { at = { lt = \"1s\" } }",
            "a duration does not apply to time.Time",
        ),
        (
            "args = { n = { lt = \"1s\" } }",
            "a duration does not apply to int",
        ),
        ("args = { n = \"1s\" }", "a string does not apply to int"),
    ] {
        assert_eq!(refused(calls).1, message);
    }
}
