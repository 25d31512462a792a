//! What arguments, results and what pointers lead to must be, each part by its path.

use model::{Path, Root};

use super::{
    fields::{self, Asked},
    matcher,
};
use crate::{
    Span, Spanned, SpecError,
    cursor::{Context, Entry, Node},
    document::ArgumentExpectation,
    matcher::Matcher,
    names::is_identifier,
    path::{self, MAX_SEGMENTS},
};

/// What arguments must be, by the parameters' names.
pub(super) fn arguments(node: &Node<'_>) -> Option<Vec<ArgumentExpectation>> {
    parameters(node, Root::Argument)
}

/// What pointer arguments must point to at the return, by the parameters' names.
pub(super) fn out(node: &Node<'_>) -> Option<Vec<ArgumentExpectation>> {
    parameters(node, Root::Out)
}

fn parameters(node: &Node<'_>, root: fn(String) -> Root) -> Option<Vec<ArgumentExpectation>> {
    let entries = node.entries()?;
    if entries.is_empty() {
        node.report(node.error(format!("{} is empty", node.name)));
    }
    let mut all = Vec::new();
    for Entry { key, node } in &entries {
        if let Some(mut path) = parameter(node.context, key) {
            path.root = root(path.parameter().to_owned());
            expect(&path, &key.span, node, &mut all);
        }
    }
    once(node.context, &all);
    Some(all)
}

/// The path that a key begins with: a parameter, and what leads on if it is a path.
fn parameter(context: &Context<'_>, key: &Spanned<String>) -> Option<Path> {
    if key.value == "_" {
        return context.refuse(
            SpecError::at(key.span.clone(), "a parameter named `_` can't be judged")
                .label("it has no name"),
        );
    }
    if key.value.contains(['.', '[', '(']) {
        return fields::read(context, key, path::argument);
    }
    if !is_identifier(&key.value) {
        return context.refuse(
            SpecError::at(
                key.span.clone(),
                format!("`{}` is not a parameter", key.value),
            )
            .label("not a Go identifier")
            .help("name arguments as the parameters in the Go source are named"),
        );
    }
    Some(Path::argument(key.value.as_str()))
}

/// All that is asked of the value that a path leads to, and of its parts; `key` is where the path ends in the file.
fn expect(path: &Path, key: &Span, node: &Node<'_>, all: &mut Vec<ArgumentExpectation>) {
    match fields::asked(node) {
        None => {}
        Some(Asked::Whole) => {
            if let Some(matcher) = matcher::value(node) {
                let path = Spanned::new(path.clone(), key.clone());
                all.push(ArgumentExpectation { path, matcher });
            }
        }
        Some(Asked::Fields(entries)) => {
            for Entry { key, node } in &entries {
                let Some(steps) = fields::steps(node.context, key) else {
                    continue;
                };
                let mut path = path.clone();
                path.segments.extend(steps);
                if path.segments.len() > MAX_SEGMENTS {
                    let message = format!("a path has at most {MAX_SEGMENTS} steps");
                    node.report(SpecError::at(key.span.clone(), message));
                    continue;
                }
                expect(&path, &key.span, node, all);
            }
        }
    }
}

/// Reports one path in two ways of writing: `request = { Method = … }` and `"request.Method" = …`.
fn once(context: &Context<'_>, all: &[ArgumentExpectation]) {
    context.once(all.iter().map(|argument| &argument.path));
}

/// What results must be.
#[derive(Debug, Default)]
pub(super) struct Results {
    /// Each as a whole, by position; anything at all where parts alone are asked for.
    pub whole: Vec<Spanned<Matcher>>,
    /// Parts of them.
    pub parts: Vec<ArgumentExpectation>,
}

/// What results must be, by position: a list, or a single value for the first.
pub(super) fn results(node: &Node<'_>) -> Option<Results> {
    let elements = node.one_or_more()?;
    if elements.is_empty() {
        return node.refuse(
            node.error(format!("{} is empty", node.name))
                .help("remove it if any result will do"),
        );
    }
    let mut results = Results::default();
    for (index, node) in (0..).zip(&elements) {
        result(index, node, &mut results);
    }
    once(node.context, &results.parts);
    // A result that could not be read would shift those after it.
    (results.whole.len() == elements.len()).then_some(results)
}

fn result(index: u32, node: &Node<'_>, results: &mut Results) {
    match fields::asked(node) {
        None => {}
        Some(Asked::Whole) => results.whole.extend(matcher::value(node)),
        Some(Asked::Fields(_)) => {
            let path = Path {
                root: Root::Result(index),
                segments: Vec::new(),
            };
            let whole = Spanned::new(Matcher::Any, node.span.clone());
            results.whole.push(whole);
            expect(&path, &node.span, node, &mut results.parts);
        }
    }
}
