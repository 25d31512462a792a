//! What was seen in a test as text that is the same on every run.

use std::collections::{BTreeSet, HashSet};

use model::{
    Answer, Exchange, FunctionId, Observation, Scope, ScopeId, Timestamp,
    forest::{Cut, Forest},
};

use super::{
    node::{self, Node},
    substitution::Substitutions,
    trees::Trees,
};
use crate::expect::Evidence;

/// The calls of a test as stable text.
///
/// Each exchange is its request line and status, and below it the calls that the request owns: arguments, results, how
/// the call ended. A goroutine is a block below the call that started it, never mixed with others. Calls are in the
/// order in which their goroutine made them, exchanges in the order of the test's entries and their repetitions; equal
/// neighbours are one with `×N`. Times, goids, addresses and lines are left out. A test without requests shows all calls. A Go test
/// shows its own calls, then the requests that were handled for it.
///
/// `globs` are the labels that mean many functions: a function that has no other label is left out, so that one
/// more function of a package breaks no snapshot. `substitutions` are values that were chosen at random, each with the
/// placeholder that is written in its place, e.g. `("40001", "${port}")`; our own ends of connections become `${client}`.
#[must_use]
pub fn render(evidence: &Evidence, globs: &[&str], substitutions: &[(String, String)]) -> String {
    let connected = |exchange: &&Exchange| exchange.local_port != 0;
    let clients = evidence.exchanges.iter().filter(connected).map(|exchange| {
        let client = format!("127.0.0.1:{}", exchange.local_port);
        (client, "127.0.0.1:${client}".to_owned())
    });
    let substitutions = Substitutions::new(substitutions.iter().cloned().chain(clients));
    let observation = &evidence.observation;
    let hidden = hidden(observation, globs);
    let run = own_run(evidence);
    let requests = run.map_or_else(Vec::new, |run| requests_of(observation, run));
    let mut own: BTreeSet<ScopeId> = evidence.scopes.iter().flatten().copied().collect();
    own.extend(requests.iter().map(|request| request.id));
    let cut = match own.is_empty() {
        true => Cut::Whole,
        false => Cut::Scopes(own),
    };
    let trees = Trees {
        observation,
        forest: Forest::new(observation, cut, |call| !hidden.contains(&call.function)),
        substitutions: &substitutions,
    };
    let nodes = if let Some(run) = run {
        let mut below = trees.nodes(Some(run));
        below.extend(handled(&trees, &requests));
        let name = observation.scope(run).map_or_else(String::new, Scope::name);
        vec![Node { text: name, below }]
    } else if evidence.exchanges.is_empty() {
        vec![Node {
            text: "start".to_owned(),
            below: trees.nodes(None),
        }]
    } else {
        in_order(evidence)
            .into_iter()
            .map(|(exchange, request)| Node {
                text: substitutions.apply(&line(exchange)),
                below: match request
                    .filter(|request| trees.forest.serving(Some(*request)).is_some())
                {
                    Some(request) => trees.nodes(Some(request)),
                    None => vec![Node::leaf("no handler of net/http was seen".to_owned())],
                },
            })
            .collect()
    };
    let mut text = String::new();
    node::write(&nodes, 0, &mut text);
    text
}

/// The run of the Go test that the evidence is of.
fn own_run(evidence: &Evidence) -> Option<ScopeId> {
    let run = evidence.scopes.first()?.as_ref().ok()?;
    let scope = evidence.observation.scope(*run)?;
    scope.test().map(|_| *run)
}

/// The requests that were handled for a Go test, by beginning.
fn requests_of(observation: &Observation, run: ScopeId) -> Vec<&Scope> {
    let scopes = observation.scopes.iter();
    let requests = scopes.filter(|scope| scope.request().is_some());
    let mut own: Vec<&Scope> = requests
        .filter(|scope| observation.is_within(Some(scope.id), run))
        .collect();
    own.sort_by_key(|scope| scope.entered);
    own
}

/// Requests with the calls that they own, one after the other. Of those that were handled at the same time, the order is that of
/// their text.
fn handled(trees: &Trees<'_>, requests: &[&Scope]) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut together: Vec<Node> = Vec::new();
    let mut until = None;
    for request in requests {
        if until.is_some_and(|until| until < request.entered) {
            node::sort(&mut together);
            nodes.append(&mut together);
        }
        let left = request.left.unwrap_or(Timestamp(u64::MAX));
        until = until.max(Some(left));
        together.push(Node {
            text: trees.substitutions.apply(&request.name()),
            below: trees.nodes(Some(request.id)),
        });
    }
    node::sort(&mut together);
    nodes.append(&mut together);
    nodes
}

/// The functions that only globs name.
fn hidden(observation: &Observation, globs: &[&str]) -> HashSet<FunctionId> {
    let of = |glob: bool| {
        observation
            .labels
            .iter()
            .filter(move |label| globs.contains(&label.name.as_str()) == glob)
            .flat_map(|label| label.functions.iter().copied())
    };
    let named: HashSet<FunctionId> = of(false).collect();
    of(true)
        .filter(|function| !named.contains(function))
        .collect()
}

/// The exchanges with the requests that they were, by entry and repetition.
fn in_order(evidence: &Evidence) -> Vec<(&Exchange, Option<ScopeId>)> {
    let requests = evidence.scopes.iter();
    let requests = requests.map(|request| request.as_ref().ok().copied());
    let requests = requests.chain(std::iter::repeat(None));
    let mut exchanges: Vec<_> = evidence.exchanges.iter().zip(requests).collect();
    exchanges.sort_by_key(|(exchange, _)| (exchange.entry, exchange.number));
    exchanges
}

fn line(exchange: &Exchange) -> String {
    let answer = match &exchange.answer {
        // The reason is the system's wording, and may hold addresses.
        Answer::Failed(_) => "no answer".to_owned(),
        answer => answer.to_string(),
    };
    format!("{} {} → {answer}", exchange.method, exchange.target)
}
