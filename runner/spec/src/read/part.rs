//! Parts of calls: `submit.j`, `submit.j.ID`, `service.returns.0`. And what is said with them: `flow`, `[hand-off]`,
//! `[server]`.

use super::{fields, functions};
use crate::{
    Spanned, SpecError,
    cursor::{Entry, Node},
    document::{CallPart, Flow, HandOff, Server},
    grammar,
    path::{self, MAX_SEGMENTS, PathError},
};

/// What helps with something that is no part of a call.
const PARTS: &str = "parts of calls: \"submit.j\" is an argument, \"submit.j.ID\" a part of it, \"service.returns.0\" a result";

/// A part of a call.
fn part(node: &Node<'_>) -> Option<CallPart> {
    let text = node.filled_text()?;
    let (name, rest) = match text.value.split_once('.') {
        Some((name, rest)) => (name, Some(rest)),
        None => (text.value.as_str(), None),
    };
    let label = Spanned::new(name.to_owned(), node.inside(0..name.len()));
    let label = known(node, &text.value, label)?;
    let Some(rest) = rest else {
        return node.refuse(
            node.error(format!("`{name}` is a whole call, not a part of it"))
                .label("of which argument or result?")
                .help(PARTS),
        );
    };
    match path::part(rest) {
        Ok(path) => Some(CallPart {
            label,
            path,
            span: text.span,
        }),
        Err(error) => {
            let start = name.len() + 1;
            let error = PathError {
                place: error.place.start + start..error.place.end + start,
                problem: error.problem,
            };
            let error = fields::bad_path(node.context, &text, &error);
            node.refuse(error.help(PARTS))
        }
    }
}

/// The name that a part begins with, which must be in `[functions]`.
fn known(node: &Node<'_>, part: &str, label: Spanned<String>) -> Option<Spanned<String>> {
    let labels = &node.context.labels;
    if labels.contains(label.value.as_str()) {
        return Some(label);
    }
    let ends = part.match_indices('.').map(|(end, _)| end);
    let mut beginnings = ends
        .chain([part.len()])
        .take(MAX_SEGMENTS)
        .filter_map(|end| part.get(..end));
    let Some(dotted) = beginnings.find(|beginning| labels.contains(beginning)) else {
        return functions::known(node, label);
    };
    node.refuse(
        SpecError::at(
            label.span,
            format!("there is no function `{}`", label.value),
        )
        .label("a function's name ends at the first dot")
        .help(format!(
            "rename `{dotted}` in [functions]: use a name without dots"
        )),
    )
}

/// The values that travel.
pub(super) fn flows(node: &Node<'_>) -> Option<Vec<Flow>> {
    let nodes = node.list()?;
    if nodes.is_empty() {
        node.report(node.error(format!("{} is empty", node.name)));
    }
    // `flow = ["a.x", "b.y"]` is an error for all of its elements at once.
    if nodes.iter().any(|node| node.value.is_str()) {
        return node.refuse(
            node.error("`flow` is a list of flows, each of them a list")
                .label("a single list")
                .help("write flow = [[\"service.returns.0\", \"publish.o\"]]"),
        );
    }
    Some(nodes.iter().filter_map(flow).collect())
}

fn flow(node: &Node<'_>) -> Option<Flow> {
    let nodes = node.list()?;
    if nodes.len() < 2 {
        node.report(
            node.error("a flow leads from one part of a call to another")
                .label(match nodes.len() {
                    0 => "no part",
                    _ => "only one part",
                })
                .help("flow = [[\"service.returns.0\", \"publish.o\"]]"),
        );
    }
    let parts: Vec<CallPart> = nodes.iter().filter_map(part).collect();
    (parts.len() == nodes.len()).then(|| Flow {
        parts,
        span: node.span.clone(),
    })
}

/// How work is handed on.
pub(super) fn hand_offs(node: &Node<'_>) -> Option<Vec<HandOff>> {
    let entries = node.entries()?;
    if entries.is_empty() {
        node.report(
            node.error("this table has no hand-off")
                .help("[hand-off] job = { from = \"submit.j\", to = \"process.j\" }"),
        );
    }
    Some(entries.into_iter().filter_map(hand_off).collect())
}

fn hand_off(entry: Entry<'_>) -> Option<HandOff> {
    let Entry { key, node } = entry;
    if !node.value.is_table() && matches!(key.value.as_str(), "from" | "to") {
        return node.refuse(
            SpecError::at(key.span, "a hand-off has a name")
                .label("name the hand-off")
                .help("[hand-off] job = { from = \"submit.j\", to = \"process.j\" }"),
        );
    }
    let mut table = node.table(&grammar::HAND_OFF)?;
    let from = table.required("from", part);
    let to = table.required("to", part);
    table.finish();
    Some(HandOff {
        name: key,
        from: from?,
        to: to?,
    })
}

/// How requests are recognized.
pub(super) fn server(node: &Node<'_>) -> Option<Server> {
    let mut table = node.table(&grammar::SERVER)?;
    let entry = table.required("entry", functions::label);
    let key = table.read("key", argument);
    table.finish();
    Some(Server { entry: entry?, key })
}

/// The path of an argument.
fn argument(node: &Node<'_>) -> Option<Spanned<model::Path>> {
    let text = node.filled_text()?;
    let path = fields::read(node.context, &text, path::argument)?;
    Some(Spanned::new(path, text.span))
}
