//! Scenes for tests: functions, requests and calls without a program.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use model::{
    Answer, Call, Content, Exchange, Field, Function, FunctionId, Gap, Goid, Kind, Label, Location,
    Loss, Nanoseconds, Parameter, Path, ProbeKind, ScopeId, SiteId, SiteLoss, SourcePosition,
    Status, StubUse, Text, Timestamp, Type, TypeId, Value, testing,
};
use spec::{
    Source, Span, Spanned, Spec,
    document::{
        ArgumentExpectation, Build, CallExpectation, CountExpectation, DurationBound, FunctionSpec,
        HttpVersion, LatencyBound, LatencyExpectation, Limits, Origin, Program, Ready, ReadyProbe,
        RequestSpec, Sequence, SequenceElement, SequenceMode, Standpoint, Statistic, Step, Stub,
        Template, TemplatePart, Test,
    },
    matcher::{Comparison, Literal, Matcher, Number, TextMatcher},
};

use super::{Evidence, Finding, Verdict, judge};

/// A millisecond in ns.
pub const MS: u64 = 1_000_000;

/// A test, its spec and its evidence, put together piece by piece.
pub struct Scene {
    pub spec: Spec,
    pub test: Test,
    pub evidence: Evidence,
    types: BTreeMap<&'static str, TypeId>,
    text: String,
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

impl Scene {
    pub fn new() -> Self {
        let mut scene = Self {
            spec: spec(),
            test: test(),
            evidence: Evidence::default(),
            types: BTreeMap::new(),
            text: String::new(),
        };
        scene.evidence.observation.window = Some((Timestamp(0), Timestamp(1_000 * MS)));
        for (name, kind) in [
            ("bool", Kind::Bool),
            ("int", Kind::Int),
            ("uint64", Kind::Uint),
            ("string", Kind::String),
            ("float64", Kind::Float),
            (
                "main.T",
                Kind::Struct {
                    fields: Vec::<Field>::new(),
                },
            ),
        ] {
            let ty = Type {
                name: name.to_owned(),
                size: 8,
                kind,
            };
            let id = scene.evidence.observation.types.push(ty);
            scene.types.insert(name, id);
        }
        scene
    }

    /// Watches `main.LABEL` under that label: parameters as `name type`, results as types.
    pub fn watch(&mut self, label: &str, parameters: &[&'static str], results: &[&'static str]) {
        let id = FunctionId(self.evidence.observation.functions.len() as u32);
        let parameter = |text: &&'static str| {
            let (name, ty) = text.split_once(' ').unwrap_or(("~r0", text));
            Parameter {
                name: name.to_owned(),
                ty: self.types[ty],
                location: Location::default(),
            }
        };
        let function = Function {
            position: Some(SourcePosition {
                file: "/src/main.go".to_owned(),
                line: 10 + id.0,
            }),
            parameters: parameters.iter().map(parameter).collect(),
            results: results.iter().map(parameter).collect(),
            ..testing::function(id, &format!("main.{label}"))
        };
        self.evidence.observation.functions.push(function);
        self.label(label, &[label]);
    }

    /// Gives several watched functions one label.
    pub fn label(&mut self, label: &str, functions: &[&str]) {
        let ids = functions.iter().map(|name| self.id(name)).collect();
        let name = label.to_owned();
        self.evidence.observation.labels.push(Label {
            name,
            functions: ids,
            unseen: None,
        });
        self.spec.functions.push(FunctionSpec {
            label: at(label.to_owned()),
            pattern: at(format!("main.{label}")),
            closure: None,
            filter: None,
            limits: None,
            floats: false,
            accepts_inlined: false,
        });
    }

    /// Gives those calls of a watched function a label for which a condition holds.
    pub fn filtered(&mut self, label: &str, function: &str, condition: &str) {
        self.label(label, &[function]);
        let source = Source::new("where", condition);
        if let Some(function) = self.spec.functions.last_mut() {
            function.filter = Some(spec::expression(&source).unwrap());
        }
    }

    pub fn id(&self, function: &str) -> FunctionId {
        let name = format!("main.{function}");
        let mut functions = self.evidence.observation.functions.iter();
        functions.find(|f| f.name == name).unwrap().id
    }

    /// Sends a request that is answered with 200 after 100 ms; entries that are alike are repetitions.
    pub fn request(&mut self, target: &str) -> ScopeId {
        let number = self.evidence.exchanges.len();
        if number == 0 {
            self.test.requests.push(request(target));
        } else {
            self.test.requests[0].repeat += 1;
        }
        let id = ScopeId(number as u32);
        self.evidence.exchanges.push(Exchange {
            number: number as u32,
            took: Nanoseconds(100 * MS),
            answer: response(200, "ok"),
            ..testing::exchange(target, 40_000 + number as u16)
        });
        self.evidence.scopes.push(Ok(id));
        id
    }

    /// A call of 1 ms that returned, at so many ms.
    pub fn call(
        &mut self,
        scope: impl Into<Option<ScopeId>>,
        function: &str,
        milliseconds: u64,
        arguments: Vec<Content>,
    ) -> &mut Call {
        let function = self.id(function);
        let scope = scope.into();
        let value = |content| Value {
            ty: self.type_of(&content),
            content,
        };
        let arguments = arguments.into_iter().map(value).collect();
        let calls = &mut self.evidence.observation.calls;
        let goid = Goid(scope.map_or(9, |scope| 30 + u64::from(scope.0)));
        let entered = Timestamp(milliseconds * MS);
        calls.push(Call {
            scope,
            left: Some(Timestamp((milliseconds + 1) * MS)),
            arguments,
            ..testing::call(calls.len() as u64, goid, function, entered)
        });
        calls.last_mut().unwrap()
    }

    /// What the last call gave back.
    pub fn returned(&mut self, results: Vec<Content>) {
        let value = |content| Value {
            ty: self.type_of(&content),
            content,
        };
        let results = results.into_iter().map(value).collect();
        self.evidence.observation.calls.last_mut().unwrap().results = results;
    }

    fn type_of(&self, content: &Content) -> TypeId {
        self.types[match content {
            Content::Bool(_) => "bool",
            Content::Int(_) => "int",
            Content::Uint(_) => "uint64",
            Content::Text(_) => "string",
            _ => "main.T",
        }]
    }

    /// Loses hits of a function; of goproctor's own for none.
    pub fn lose(&mut self, function: Option<&str>, lost: u64) {
        let function = function.map(|name| self.id(name));
        let Loss { sites } = &mut self.evidence.observation.loss;
        sites.push(SiteLoss::new(SiteId(0), function, lost));
    }

    /// Loses a hit of a probe, between two moments in ms; of a function, or of goproctor's own for none.
    pub fn lose_at(
        &mut self,
        function: Option<&str>,
        probe: ProbeKind,
        (after, before): (u64, u64),
    ) {
        self.lose(function, 1);
        let Loss { sites } = &mut self.evidence.observation.loss;
        let site = sites.last_mut().unwrap();
        site.probes = vec![probe];
        site.gaps = vec![Gap {
            first: 2,
            last: 2,
            lost: 1,
            after: Some(Timestamp(after * MS)),
            before: Some(Timestamp(before * MS)),
        }];
    }

    pub fn stub_used(&mut self, name: &str, requests: &[&str]) {
        self.evidence.stubs.push(StubUse {
            name: name.to_owned(),
            requests: requests
                .iter()
                .map(|request| (*request).to_owned())
                .collect(),
            unanswered: Vec::new(),
            received: Vec::new(),
            forwarded: Vec::new(),
        });
    }

    /// The spec's text, for spans into it.
    pub fn text(&mut self, text: &str) {
        text.clone_into(&mut self.text);
        self.spec.source.text = Arc::from(text);
    }

    /// The place of a piece of the spec's text.
    pub fn span(&self, piece: &str) -> Span {
        let start = self.text.find(piece).unwrap();
        start..start + piece.len()
    }

    pub fn judge(&self) -> Vec<Verdict> {
        judge(&self.spec, &self.test, &self.evidence)
    }

    /// The finding of the only verdict whose subject begins so.
    pub fn finding(&self, subject: &str) -> Finding {
        let verdicts = self.judge();
        let mut of = verdicts.iter().filter(|v| v.subject.starts_with(subject));
        let verdict = of
            .next()
            .unwrap_or_else(|| panic!("{subject} in {verdicts:#?}"));
        assert!(of.next().is_none(), "several begin with {subject}");
        verdict.finding.clone()
    }
}

pub fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, 0..0)
}

pub fn template(text: &str) -> Template {
    Template {
        parts: vec![TemplatePart::Literal(text.to_owned())],
    }
}

fn spec() -> Spec {
    Spec {
        hand_offs: Vec::new(),
        server: None,
        source: Source::new("shop.proctor.toml", ""),
        program: Program {
            tls: None,
            origin: Origin::Package(at("./cmd/shop".to_owned())),
            args: Vec::new(),
            env: Vec::new(),
            files: Vec::new(),
            workdir: None,
            setup: Vec::new(),
            ready: Ready {
                probe: ReadyProbe::Accepts,
                within: Duration::from_secs(10),
                span: None,
            },
            toolchain: None,
            build: Build::default(),
            restart: true,
            fast_returns: false,
        },
        stubs: Vec::new(),
        functions: Vec::new(),
        limits: Limits::default(),
        redactions: spec::document::Redactions::default(),
        before: Vec::new(),
        tests: Vec::new(),
    }
}

fn test() -> Test {
    Test {
        from: None,
        counts_per_request: Vec::new(),
        flows: Vec::new(),
        name: at("a test".to_owned()),
        go_test: None,
        tags: Vec::new(),
        left: None,
        before: Vec::new(),
        requests: Vec::new(),
        cookies: false,
        stubs: Vec::new(),
        sequence: None,
        counts: Vec::new(),
        never: Vec::new(),
        calls: Vec::new(),
        latency: Vec::new(),
        snapshot: None,
        execution: spec::document::Execution::default(),
        settle: Duration::from_secs(1),
        within: Duration::from_secs(60),
        span: 0..0,
    }
}

pub fn request(target: &str) -> RequestSpec {
    RequestSpec {
        http: HttpVersion::One,
        method: "GET".to_owned(),
        target: at(template(target)),
        headers: Vec::new(),
        body: None,
        repeat: 1,
        concurrency: 1,
        timeout: Duration::from_secs(10),
        status: None,
        expected_body: None,
        expected_headers: Vec::new(),
        expected_json: Vec::new(),
        save: Vec::new(),
        span: 0..0,
    }
}

pub fn response(status: u16, body: &str) -> Answer {
    Answer::Response {
        status,
        headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
        body: body.as_bytes().to_vec(),
        truncated: false,
    }
}

pub fn stub(name: &str) -> Stub {
    Stub {
        name: at(name.to_owned()),
        answers: Vec::new(),
        routes: Vec::new(),
        has_answers: true,
        received: Vec::new(),
        upstream: None,
    }
}

pub fn text(text: &str) -> Content {
    Content::Text(Text::new(text.as_bytes(), text.len() as u64))
}

pub fn cut(text: &str, full: u64) -> Content {
    Content::Text(Text::new(text.as_bytes(), full))
}

pub fn lost() -> Content {
    Content::Unread(Status::LostChunk)
}

/// What can be a literal of a spec.
pub trait AsLiteral {
    fn literal(self) -> Literal;
}

pub fn is(literal: impl AsLiteral) -> Matcher {
    Matcher::Equal(literal.literal())
}

impl AsLiteral for &str {
    fn literal(self) -> Literal {
        Literal::Text(self.to_owned())
    }
}

impl AsLiteral for i128 {
    fn literal(self) -> Literal {
        Literal::Number(Number::Integer(self))
    }
}

impl AsLiteral for bool {
    fn literal(self) -> Literal {
        Literal::Bool(self)
    }
}

pub const fn compares(comparison: Comparison, number: i128) -> Matcher {
    Matcher::Compare(comparison, Number::Integer(number))
}

pub fn matches(pattern: &str) -> Matcher {
    Matcher::Text(TextMatcher::Matches(regex::Regex::new(pattern).unwrap()))
}

pub fn argument(name: &str, matcher: Matcher) -> ArgumentExpectation {
    ArgumentExpectation {
        path: at(Path::argument(name)),
        matcher: at(matcher),
    }
}

pub fn bound(comparison: Comparison, milliseconds: u64) -> Spanned<DurationBound> {
    at(DurationBound {
        comparison,
        duration: Duration::from_millis(milliseconds),
    })
}

pub fn calls(label: &str) -> CallExpectation {
    CallExpectation {
        from: None,
        standpoint: Standpoint::default(),
        before: Vec::new(),
        after: Vec::new(),
        concurrent_with: Vec::new(),
        label: at(label.to_owned()),
        args: Vec::new(),
        returns: Vec::new(),
        out: Vec::new(),
        error: None,
        took: None,
        outcome: None,
    }
}

pub fn count(label: &str, matcher: Matcher) -> CountExpectation {
    CountExpectation {
        label: at(label.to_owned()),
        matcher: at(matcher),
    }
}

pub fn latency(label: &str, bounds: &[(Statistic, Comparison, u64)]) -> LatencyExpectation {
    let bound = |(statistic, comparison, milliseconds): &(Statistic, Comparison, u64)| {
        at(LatencyBound {
            statistic: *statistic,
            bound: bound(*comparison, *milliseconds).value,
        })
    };
    LatencyExpectation {
        label: at(label.to_owned()),
        bounds: bounds.iter().map(bound).collect(),
    }
}

pub fn step(label: &str) -> Step {
    Step {
        outcome: None,
        standpoint: Box::default(),
        label: at(label.to_owned()),
        args: Vec::new(),
        returns: Vec::new(),
        error: None,
        took: None,
        gap: None,
        span: 0..0,
    }
}

/// A sequence: `a`, `!a` and `(a b)` for an inner list.
pub fn sequence(mode: SequenceMode, elements: &[&str]) -> Sequence {
    let element = |text: &&str| {
        if let Some(label) = text.strip_prefix('!') {
            SequenceElement::Forbidden(at(label.to_owned()))
        } else if let Some(list) = text.strip_prefix('(') {
            let labels = list.trim_end_matches(')').split(' ');
            SequenceElement::AnyOrder(labels.map(step).collect(), 0..0)
        } else {
            SequenceElement::Step(step(text))
        }
    };
    Sequence {
        one_goroutine: None,
        mode,
        elements: elements.iter().map(element).collect(),
        span: 0..0,
    }
}
