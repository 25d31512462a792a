//! `sequence`: the order of calls.

use toml::de::DeValue;

use super::{
    arguments,
    bound::bound,
    calls::{self, Ends},
    error, functions,
};
use crate::{
    Spanned, SpecError,
    cursor::Node,
    document::{Sequence, SequenceElement, SequenceMode, Step},
    grammar,
};

/// An order of calls: a list, or a table that says how strictly a list is meant.
pub(super) fn sequence(node: &Node<'_>) -> Option<Sequence> {
    if let DeValue::Array(_) = node.value {
        return elements(node, SequenceMode::Gaps, node);
    }
    if !matches!(node.value, DeValue::Table(_)) {
        return node.mismatch("a list of calls");
    }
    let mut table = node.table(&grammar::SEQUENCE)?;
    let goroutine_at = table.span_of("goroutine");
    let goroutine = table.read("goroutine", one_goroutine);
    let mut lists = Vec::new();
    for (key, mode) in MODES {
        lists.extend(table.take(key).map(|list| (list, mode)));
    }
    lists.sort_by_key(|(list, _)| list.span.start);
    let unknown = table.finish();
    match lists.as_slice() {
        [(list, mode)] => {
            let mut sequence = elements(list, *mode, node)?;
            sequence.one_goroutine = goroutine.and(goroutine_at);
            Some(sequence)
        }
        [(first, _), (second, _), ..] => node.refuse(
            second
                .error("a sequence has one mode")
                .label(format!("or {}", second.name))
                .related(first.span.clone(), format!("either {}", first.name)),
        ),
        [] if unknown => None,
        [] => node.refuse(
            node.error("a sequence is a list, or one of `gaps`, `exact` and `contiguous`")
                .help("sequence = [\"a\", \"b\"], sequence = { exact = [\"a\", \"b\"] }"),
        ),
    }
}

/// How strictly a sequence can be meant.
const MODES: [(&str, SequenceMode); 3] = [
    ("gaps", SequenceMode::Gaps),
    ("exact", SequenceMode::Exact),
    ("contiguous", SequenceMode::Contiguous),
];

/// `goroutine = "same"`: the only thing that can be said of a whole sequence.
fn one_goroutine(node: &Node<'_>) -> Option<()> {
    let text = node.text()?;
    if text.value == "same" {
        return Some(());
    }
    node.refuse(
        node.error("`goroutine` of a sequence can only be \"same\"")
            .label("not for all of them")
            .help("\"same\": one goroutine makes all of its calls; which one is for its steps to say: { call = \"a\", goroutine = \"child\" }"),
    )
}

fn elements(list: &Node<'_>, mode: SequenceMode, whole: &Node<'_>) -> Option<Sequence> {
    let nodes = list.list()?;
    let mut elements = Vec::new();
    let mut called = false;
    for node in &nodes {
        elements.extend(element(node, !called));
        called |= forbidden(node).is_none();
    }
    if !called {
        return list.refuse(
            list.error("a sequence needs a call")
                .label("no call here")
                .help("`never` says that something is not called at all"),
        );
    }
    Some(Sequence {
        mode,
        one_goroutine: None,
        elements,
        span: whole.span.clone(),
    })
}

/// An element; `first` if no call comes before it.
fn element(node: &Node<'_>, first: bool) -> Option<SequenceElement> {
    if let Some(name) = forbidden(node) {
        return functions::known(node, name).map(SequenceElement::Forbidden);
    }
    let DeValue::Array(_) = node.value else {
        let why = first.then_some("no call comes before the first");
        return step(node, why).map(SequenceElement::Step);
    };
    let nodes = node.list()?;
    if nodes.is_empty() {
        return node.refuse(
            node.error("an inner list needs calls")
                .label("empty")
                .help("an inner list is calls in any order: [\"a\", [\"b\", \"c\"]]"),
        );
    }
    let steps: Vec<Step> = nodes.iter().filter_map(unordered).collect();
    (steps.len() == nodes.len()).then(|| SequenceElement::AnyOrder(steps, node.span.clone()))
}

/// A call within an inner list.
fn unordered(node: &Node<'_>) -> Option<Step> {
    if let Some(name) = forbidden(node) {
        return node.refuse(
            SpecError::at(
                name.span,
                "an inner list has no order, so it has no gap to forbid a call in",
            )
            .label("not here")
            .help("put it before or after the inner list"),
        );
    }
    if let DeValue::Array(_) = node.value {
        return node.refuse(
            node.error("an inner list can't hold another")
                .label("a list in a list in a list"),
        );
    }
    step(node, Some("calls in any order have no call before them"))
}

/// A call; `no_gap` says why it can't have a `gap`.
fn step(node: &Node<'_>, no_gap: Option<&str>) -> Option<Step> {
    if let DeValue::String(_) = node.value {
        return Some(Step {
            label: functions::label(node)?,
            args: Vec::new(),
            returns: Vec::new(),
            error: None,
            took: None,
            gap: None,
            outcome: None,
            standpoint: Box::default(),
            span: node.span.clone(),
        });
    }
    if !matches!(node.value, DeValue::Table(_)) {
        return node.mismatch("a name, a table with `call`, or a list of these");
    }
    let mut table = node.table(&grammar::STEP)?;
    let gap_at = table.span_of("gap");
    let ends = Ends::of(&table);
    let label = table.required("call", functions::label);
    let args = table.read("args", arguments::arguments);
    let returns = table
        .read("returns", arguments::results)
        .unwrap_or_default();
    let error = table.read("error", error::error);
    let took = table.read("took", bound);
    let gap = table.read("gap", bound);
    let outcome = table.read("outcome", calls::outcome);
    let standpoint = calls::standpoint(&mut table);
    table.finish();
    ends.report(node, outcome.as_ref());
    if let (Some(span), Some(why)) = (gap_at, no_gap) {
        node.report(SpecError::at(span, "`gap` is the time since the call before").label(why));
    }
    Some(Step {
        label: label?,
        args: args
            .unwrap_or_default()
            .into_iter()
            .chain(returns.parts)
            .collect(),
        returns: returns.whole,
        error,
        took,
        gap,
        outcome,
        standpoint: Box::new(standpoint),
        span: node.span.clone(),
    })
}

/// The name behind the `!`, if there is one, with the place of the name alone.
fn forbidden(node: &Node<'_>) -> Option<Spanned<String>> {
    let DeValue::String(text) = node.value else {
        return None;
    };
    let name = text.strip_prefix('!')?;
    Some(Spanned::new(name.to_owned(), node.inside(1..text.len())))
}
