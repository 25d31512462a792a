//! What was seen in a test as text that is the same on every run.

use model::{Answer, Exchange};

use super::{
    lines::Lines,
    node::{self, Node},
    substitution::Substitutions,
};
use crate::{
    expect::Evidence,
    outline::{Part, Subject, outline},
};

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
    let substitutions = Substitutions::of(evidence, substitutions);
    let lines = Lines {
        observation: &evidence.observation,
        substitutions: &substitutions,
    };
    let parts = outline(evidence, globs);
    let nodes: Vec<Node> = parts.iter().map(|part| node(&lines, part)).collect();
    let mut text = String::new();
    node::write(&nodes, 0, &mut text);
    text
}

/// A part, what it owns, then goroutines whose creator is not known, and the requests that were handled for it. What has no order is
/// in the order of its text.
fn node(lines: &Lines<'_>, part: &Part<'_>) -> Node {
    let mut below = lines.nodes(&part.below);
    let mut adrift = lines.nodes(&part.adrift);
    node::sort(&mut adrift);
    below.extend(adrift);
    for group in &part.handled {
        let mut together: Vec<Node> = group.iter().map(|part| node(lines, part)).collect();
        node::sort(&mut together);
        below.extend(together);
    }
    let text = match part.subject {
        Subject::Exchange { exchange, seen } => {
            if !seen {
                below.push(Node::leaf("no handler of net/http was seen".to_owned()));
            }
            lines.substitutions.apply(&line(exchange))
        }
        Subject::Request(scope) => lines.substitutions.apply(&scope.name()),
        Subject::Run(scope) => scope.name(),
        Subject::Start => "start".to_owned(),
    };
    Node { text, below }
}

fn line(exchange: &Exchange) -> String {
    let answer = match &exchange.answer {
        // The reason is the system's wording, and may hold addresses.
        Answer::Failed(_) => "no answer".to_owned(),
        answer => answer.to_string(),
    };
    format!("{} {} → {answer}", exchange.method, exchange.target)
}
