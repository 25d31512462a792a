//! A small language for what was seen.

use model::{
    Call, CallId, Content, Exchange, FunctionId, Goid, Goroutine, Kind, Label, List, Outcome,
    ScopeId, Status, Text, Timestamp, Type, TypeId, Value,
    testing::{self, PROCESS},
};

use crate::expect::Evidence;

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
            observation.functions.push(testing::function(id, name));
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
        let request = testing::request(id, Goid(goid), entered);
        observation.scopes.push(request);
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
            entry,
            number,
            ..testing::exchange(target, 51_000)
        });
        let request = request.ok_or_else(|| "no handler was seen for it".to_owned());
        self.evidence.scopes.push(request);
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
            creator: Some(Goid(creator)),
            creating_call: call,
            function: Some(function.into()),
            scope: request,
            created: Some(created),
            ..testing::goroutine(Goid(goid))
        });
    }

    /// A call that returns.
    pub(super) fn call(
        &mut self,
        scope: Option<ScopeId>,
        goid: u64,
        parent: Option<CallId>,
        function: FunctionId,
        arguments: &[Value],
        results: &[Value],
    ) -> CallId {
        let entered = self.tick();
        let calls = &mut self.evidence.observation.calls;
        let call = Call {
            parent,
            scope,
            arguments: arguments.into(),
            results: results.into(),
            ..testing::call(calls.len() as u64, Goid(goid), function, entered)
        };
        let id = call.id;
        calls.push(call);
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
