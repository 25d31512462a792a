//! A small language to tell what was seen.

use model::{
    Answer, Call, CallId, Content, Exchange, Function, FunctionId, Goid, Goroutine, Kind, Label,
    Limits, List, Nanoseconds, Outcome, ProcessId, Scope, ScopeId, Status, Text, Timestamp, Type,
    TypeId, Value, testing::request,
};

use crate::expect::Evidence;

const PROCESS: ProcessId = ProcessId(7);

/// What was seen so far; each event is one tick later than the one before.
pub(super) struct Story {
    pub(super) evidence: Evidence,
    now: u64,
    any: TypeId,
}

impl Story {
    pub(super) fn new() -> Self {
        let mut evidence = Evidence::default();
        evidence.observation.process = Some(PROCESS);
        let any = evidence.observation.types.push(Type {
            name: "net/http.ResponseWriter".into(),
            size: 16,
            kind: Kind::Interface { empty: false },
        });
        Self {
            evidence,
            now: 1_000,
            any,
        }
    }

    fn tick(&mut self) -> Timestamp {
        self.now += 10;
        Timestamp(self.now)
    }

    /// A watched function, under a label.
    pub(super) fn function(&mut self, label: &str, name: &str) -> FunctionId {
        let observation = &mut self.evidence.observation;
        let known = observation.functions.iter().find(|f| f.name == name);
        let id = known.map_or(
            FunctionId(u32::try_from(observation.functions.len()).unwrap()),
            |function| function.id,
        );
        if id.0 as usize == observation.functions.len() {
            observation.functions.push(Function {
                id,
                name: name.into(),
                position: None,
                parameters: Vec::new(),
                results: Vec::new(),
                limits: Limits::default(),
                picks: Vec::new(),
                instances: Vec::new(),
                dictionary: None,
            });
        }
        match observation.labels.iter_mut().find(|l| l.name == label) {
            Some(label) => label.functions.push(id),
            None => observation.labels.push(Label {
                name: label.into(),
                functions: vec![id],
                unseen: None,
            }),
        }
        id
    }

    /// An exchange that a goroutine of the program handles.
    pub(super) fn request(
        &mut self,
        entry: usize,
        number: u32,
        target: &str,
        goid: u64,
    ) -> ScopeId {
        let entered = self.tick();
        let observation = &mut self.evidence.observation;
        let id = ScopeId(u32::try_from(observation.scopes.len()).unwrap());
        observation.scopes.push(Scope {
            process: PROCESS,
            ..request(id, Goid(goid), entered)
        });
        self.exchange(entry, number, target, Some(id));
        id
    }

    /// An exchange, and the request that it was.
    pub(super) fn exchange(
        &mut self,
        entry: usize,
        number: u32,
        target: &str,
        request: Option<ScopeId>,
    ) {
        self.evidence.exchanges.push(Exchange {
            stream: None,
            entry,
            number,
            method: "GET".into(),
            target: target.into(),
            local_port: 51_000,
            position: 0,
            sent: Timestamp(self.now),
            took: Nanoseconds(5),
            answer: Answer::Response {
                status: 200,
                headers: Vec::new(),
                body: Vec::new(),
                truncated: false,
            },
        });
        let request = request.ok_or_else(|| "no handler was seen for it".to_owned());
        self.evidence.requests.push(request);
    }

    /// A goroutine that another one starts while it is in a call.
    pub(super) fn go(
        &mut self,
        request: Option<ScopeId>,
        creator: u64,
        call: Option<CallId>,
        goid: u64,
        function: &str,
    ) {
        let created = self.tick();
        self.evidence.observation.goroutines.push(Goroutine {
            process: PROCESS,
            goid: Goid(goid),
            creator: Some(Goid(creator)),
            creating_call: call,
            function: Some(function.into()),
            scope: request,
            created: Some(created),
            ended: None,
        });
    }

    /// A call that returns.
    pub(super) fn call(
        &mut self,
        request: Option<ScopeId>,
        goid: u64,
        parent: Option<CallId>,
        function: FunctionId,
        arguments: &[Value],
        results: &[Value],
    ) -> CallId {
        let entered = self.tick();
        let calls = &mut self.evidence.observation.calls;
        let id = CallId(calls.len() as u64);
        calls.push(Call {
            id,
            process: PROCESS,
            goroutine: Goid(goid),
            function,
            parent,
            scope: request,
            entered,
            left: Some(Timestamp(entered.0 + 1)),
            outcome: Outcome::Returned,
            arguments: arguments.into(),
            results: results.into(),
            picked: List::default(),
            instance: None,
            own_cost: Nanoseconds(0),
            awaited: None,
        });
        id
    }

    pub(super) fn outcome(&mut self, call: CallId, outcome: Outcome) {
        let call = &mut self.evidence.observation.calls[usize::try_from(call.0).unwrap()];
        call.outcome = outcome;
        if !outcome.has_results() {
            call.results = List::default();
        }
    }

    pub(super) fn unread(&self, status: Status) -> Value {
        Value {
            ty: self.any,
            content: Content::Unread(status),
        }
    }

    pub(super) fn text(&self, text: &str) -> Value {
        self.cut_text(text, text.len())
    }

    pub(super) fn cut_text(&self, text: &str, full: usize) -> Value {
        Value {
            ty: self.any,
            content: Content::Text(Text::new(text.as_bytes(), full as u64)),
        }
    }

    pub(super) fn int(&self, int: i64) -> Value {
        Value {
            ty: self.any,
            content: Content::Int(int),
        }
    }
}
