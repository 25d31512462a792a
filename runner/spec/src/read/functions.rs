//! `[functions]` and `[limits]`: what is watched, and how much of it is read.

use model::glob::{Glob, is_glob};
use toml::de::DeValue;

use super::{arguments, expression};
use crate::{
    Spanned, SpecError,
    cursor::{Entry, Node},
    document::{Expression, FunctionSpec, Limits},
    grammar,
};

/// What holds for the functions that do not say otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct General {
    /// The limits of the file.
    pub limits: Limits,
    /// Whether floats in vector registers are to be read.
    pub floats: bool,
}

/// The functions to watch.
pub(super) fn functions(node: &Node<'_>, general: General) -> Option<Vec<FunctionSpec>> {
    let entries = node.entries()?;
    Some(
        entries
            .iter()
            .filter_map(|entry| function(entry, general))
            .collect(),
    )
}

/// Limits; what is not given is as in `general`, or by default.
pub(super) fn limits(node: &Node<'_>, general: Option<Limits>) -> Option<Limits> {
    let mut limits = general.unwrap_or_default();
    let mut table = node.table(&grammar::LIMITS)?;
    for (key, limit, least, most) in [
        ("depth", &mut limits.depth, 0, Limits::MAX_DEPTH),
        ("string", &mut limits.string, 1, Limits::MAX_STRING),
        ("elements", &mut limits.elements, 0, Limits::MAX_ELEMENTS),
        (
            "bytes",
            &mut limits.bytes,
            Limits::MIN_BYTES,
            Limits::MAX_BYTES,
        ),
    ] {
        if let Some(value) = table.read(key, |node| node.integer(least, most)) {
            *limit = value;
        }
    }
    table.finish();
    Some(limits)
}

/// A name that must be in `[functions]`.
pub(super) fn label(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.text()?;
    known(node, text)
}

/// Reports a name that is not in `[functions]`.
pub(super) fn known(node: &Node<'_>, label: Spanned<String>) -> Option<Spanned<String>> {
    let labels = &node.context.labels;
    if labels.contains(label.value.as_str()) {
        return Some(label);
    }
    let mut error = SpecError::at(
        label.span,
        format!("there is no function `{}`", label.value),
    )
    .label("not in [functions]");
    let near = node
        .context
        .did_you_mean(&label.value, labels.iter().copied());
    error.help = near.or_else(|| {
        Some("declare the functions to watch: [functions] handler = \"main.handler\"".to_owned())
    });
    node.refuse(error)
}

fn function(entry: &Entry<'_>, general: General) -> Option<FunctionSpec> {
    let Entry { key, node } = entry;
    if key.value.is_empty() || key.value.starts_with('!') || key.value.contains(char::is_whitespace)
    {
        return node.refuse(
            SpecError::at(
                key.span.clone(),
                "a function's name in a spec has no blanks and no ! in front",
            )
            .label("not a name"),
        );
    }
    let DeValue::Table(_) = node.value else {
        return Some(FunctionSpec {
            label: key.clone(),
            pattern: pattern(node)?,
            closure: None,
            filter: None,
            limits: None,
            floats: general.floats,
            accepts_inlined: false,
        });
    };
    let mut table = node.table(&grammar::FUNCTION)?;
    let filter_at = table.span_of("args").or_else(|| table.span_of("where"));
    let pattern = table.required("func", pattern);
    let closure = table.read("closure", Node::filled_text);
    let args = table.read("args", arguments::arguments).unwrap_or_default();
    let condition = table.read("where", expression::condition);
    let limits = table.read("limits", |node| limits(node, Some(general.limits)));
    let floats = table.read("floats", Node::flag);
    let partly_inlined = table.read("partly-inlined", |node| node.choice(grammar::INLINED));
    table.finish();
    let pattern = pattern?;
    let args = args
        .into_iter()
        .map(|argument| Expression::Value(Box::new(argument)));
    let filter = Expression::all(args.chain(condition).collect());
    if let Some(span) = filter_at.filter(|_| is_glob(&pattern.value)) {
        node.report(
            SpecError::at(span, "a filter belongs to one function")
                .label("which function's?")
                .related(pattern.span.clone(), "a glob over many")
                .help("give the function whose calls you want to filter a name of its own"),
        );
    }
    if let Some(text) = closure.as_ref().filter(|_| is_glob(&pattern.value)) {
        node.report(
            SpecError::at(text.span.clone(), "a closure belongs to one function")
                .label("in which function?")
                .related(pattern.span.clone(), "a glob over many"),
        );
    }
    Some(FunctionSpec {
        label: key.clone(),
        pattern,
        closure,
        filter,
        limits,
        floats: floats.unwrap_or(general.floats),
        accepts_inlined: partly_inlined.is_some_and(|word| word.value == grammar::ACCEPT),
    })
}

/// A Go function's name, or a glob over names.
fn pattern(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.filled_text()?;
    if text.value.trim() != text.value || text.value.contains(char::is_control) {
        return node.refuse(node.error("a function's name has no blanks around it"));
    }
    if is_glob(&text.value)
        && let Err(error) = Glob::new(&text.value)
    {
        return node.refuse(node.error(format!("this glob can't be used: {error}")));
    }
    Some(text)
}
