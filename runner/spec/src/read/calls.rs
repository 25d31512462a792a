//! `[test.calls.NAME]`, and where a call must be made, which steps of a sequence ask too.

use super::{arguments, bound::bound, error, functions};
use crate::{
    Span, Spanned, SpecError,
    cursor::{Node, Table},
    document::{CallExpectation, ExpectedOutcome, GoroutineRelation, Scope, Standpoint},
    grammar,
};

/// What must hold for every call of a function.
pub(super) fn call(label: Spanned<String>, node: &Node<'_>) -> Option<CallExpectation> {
    let mut table = node.table(&grammar::CALLS)?;
    let ends = Ends::of(&table);
    let empty = grammar::CALLS
        .keys
        .iter()
        .all(|key| table.span_of(key.name).is_none());
    let args = table.read("args", arguments::arguments);
    let returns = table
        .read("returns", arguments::results)
        .unwrap_or_default();
    let out = table.read("out", arguments::out);
    let error = table.read("error", error::error);
    let took = table.read("took", bound);
    let outcome = table.read("outcome", outcome);
    let from = table.read("from", scope);
    let standpoint = standpoint(&mut table);
    let before = table.read("before", names);
    let after = table.read("after", names);
    let concurrent_with = table.read("concurrent-with", names);
    if !table.finish() && empty {
        node.report(
            node.error(format!(
                "this expects nothing of the calls of `{}`",
                label.value
            ))
            .help(format!(
                "count = {{ {} = {{ ge = 1 }} }} says that there are any",
                label.value
            )),
        );
    }
    ends.report(node, outcome.as_ref());
    Some(CallExpectation {
        label,
        args: args
            .unwrap_or_default()
            .into_iter()
            .chain(returns.parts)
            .collect(),
        returns: returns.whole,
        out: out.unwrap_or_default(),
        error,
        took,
        outcome,
        from,
        standpoint,
        before: before.unwrap_or_default(),
        after: after.unwrap_or_default(),
        concurrent_with: concurrent_with.unwrap_or_default(),
    })
}

/// Where a call must be made.
pub(super) fn standpoint(table: &mut Table<'_>) -> Standpoint {
    Standpoint {
        under: table.read("under", functions::label),
        child_of: table.read("child-of", functions::label),
        goroutine: table.read("goroutine", |node| node.choice(&GoroutineRelation::ALL)),
    }
}

/// Which calls are looked at.
pub(super) fn scope(node: &Node<'_>) -> Option<Spanned<Scope>> {
    node.choice(&Scope::ALL)
}

/// How a call ends.
pub(super) fn outcome(node: &Node<'_>) -> Option<Spanned<ExpectedOutcome>> {
    node.choice(&ExpectedOutcome::ALL)
}

/// A function's name, or several.
fn names(node: &Node<'_>) -> Option<Vec<Spanned<String>>> {
    let nodes = node.one_or_more()?;
    if nodes.is_empty() {
        node.report(node.error(format!("{} is empty", node.name)));
    }
    let names: Vec<_> = nodes.iter().filter_map(functions::label).collect();
    node.context.once(&names);
    Some(names)
}

/// Where a table asks for what a call has at its end alone.
pub(super) struct Ends {
    results: Option<(&'static str, Span)>,
    took: Option<Span>,
}

impl Ends {
    /// Of a table from which nothing was taken yet.
    pub(super) fn of(table: &Table<'_>) -> Self {
        Self {
            results: ["returns", "out", "error"]
                .into_iter()
                .find_map(|key| Some((key, table.span_of(key)?))),
            took: table.span_of("took"),
        }
    }

    /// Reports what a call that ends this way does not have.
    pub(super) fn report(self, node: &Node<'_>, outcome: Option<&Spanned<ExpectedOutcome>>) {
        let Some(outcome) = outcome else { return };
        let took = self
            .took
            .filter(|_| outcome.value == ExpectedOutcome::Running);
        let results = self.results.filter(|_| !outcome.value.has_results());
        if let Some((key, span)) = results.or(took.map(|span| ("took", span))) {
            let (which, how) = match outcome.value {
                ExpectedOutcome::Returned | ExpectedOutcome::Recovered => return,
                ExpectedOutcome::Panicked => ("ended by a panic", "must be ended by a panic"),
                ExpectedOutcome::Goexit => ("ended by Goexit", "must be ended by Goexit"),
                ExpectedOutcome::Running => ("that is running", "must still be running"),
                ExpectedOutcome::ProcessEnded => {
                    ("that its process ended", "must be ended by its process")
                }
            };
            let error = SpecError::at(span, format!("a call {which} has no `{key}`"))
                .related(outcome.span.clone(), how);
            node.report(match outcome.value {
                ExpectedOutcome::Panicked => error.help(
                    "a call whose own deferred function recovers the panic has results: outcome = \"recovered\"",
                ),
                _ => error,
            });
        }
    }
}
