//! What the stubs were asked: whether those of the test were used, and which requests they have no answer to.

use std::fmt;

use model::suggestion::nearest;
use spec::{
    Spec,
    document::{Route, Stub, Test},
};

use super::{Evidence, Failure, FailureKind, Finding, Verdict, scope::Case, wording};

/// How many routes of a stub are listed.
const ROUTES_SHOWN: usize = 8;

/// A stub that the test overrides was not called: the override says nothing then.
pub(super) fn judge(case: &Case<'_>) -> Vec<Verdict> {
    case.test
        .stubs
        .iter()
        .filter(|stub| stub.has_answers)
        .map(|stub| {
            let name = stub.name.value.as_str();
            let mut uses = case.evidence.stubs.iter();
            let requests = uses
                .find(|used| used.name == name)
                .map_or(0, |used| used.requests.len());
            let finding = if requests > 0 {
                Finding::Passed {
                    basis: wording::plural(requests, "request"),
                }
            } else {
                Finding::Failed(Failure::new(
                    FailureKind::Missing,
                    format!("stub {name} was never called in this test"),
                ))
            };
            Verdict::new(
                stub.name.span.clone(),
                format!("stub {name} is called"),
                finding,
            )
        })
        .collect()
}

/// A request that a stub got and has no answer to: it answered with 404.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// The stub.
    pub stub: String,
    /// Method and path of the request.
    pub request: String,
    /// How often it came.
    pub times: usize,
    /// Method and path of each route that the stub has in this test.
    pub routes: Vec<String>,
    /// The one that may be meant.
    pub nearest: Option<String>,
}

impl Unanswered {
    /// All such requests of a test, each once, in order of arrival.
    #[must_use]
    pub fn of(spec: &Spec, test: &Test, evidence: &Evidence) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for used in &evidence.stubs {
            let requests = used.unanswered.iter();
            for request in requests.filter_map(|index| used.requests.get(*index)) {
                let known = |one: &&mut Self| one.stub == used.name && one.request == *request;
                match all.iter_mut().find(known) {
                    Some(one) => one.times += 1,
                    None => all.push(Self::new(&used.name, request, spec, test)),
                }
            }
        }
        all
    }

    fn new(stub: &str, request: &str, spec: &Spec, test: &Test) -> Self {
        let is_asked = |declared: &&Stub| declared.name.value == stub;
        let own = test.stubs.iter().filter(|stub| stub.has_answers);
        let declared = own.chain(&spec.stubs).find(is_asked);
        let routes = declared.map(|declared| declared.routes.as_slice());
        let routes = routes.unwrap_or_default();
        let (method, path) = request.split_once(' ').unwrap_or((request, ""));
        let near = nearest(path, routes.iter().map(|route| route.path.as_str()));
        let near = routes
            .iter()
            .filter(|route| Some(route.path.as_str()) == near);
        let near = near.max_by_key(|route| route.method == method);
        let words = |route: &Route| format!("{} {}", route.method, route.path);
        Self {
            stub: stub.to_owned(),
            request: request.to_owned(),
            times: 1,
            routes: routes.iter().map(words).collect(),
            nearest: near.map(words),
        }
    }
}

/// `stub site has no answer to GET /stauts; its routes: GET /health, GET /status; did you mean GET /status?`
impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stub, request, .. } = self;
        write!(f, "stub {stub} has no answer to {request}")?;
        if self.times > 1 {
            write!(f, ", asked {} times", self.times)?;
        }
        match self.routes.as_slice() {
            [] => f.write_str("; it has no routes")?,
            routes => {
                let shown = routes.get(..ROUTES_SHOWN).unwrap_or(routes);
                write!(f, "; its routes: {}", shown.join(", "))?;
            }
        }
        match self.routes.len().saturating_sub(ROUTES_SHOWN) {
            0 => {}
            more => write!(f, " and {more} more")?,
        }
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None => Ok(()),
        }
    }
}
