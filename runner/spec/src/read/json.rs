//! `json`: paths into a JSON body, and what they must lead to.

use super::{
    fields::{self, Asked},
    matcher,
};
use crate::{
    Span, Spanned, SpecError,
    cursor::{Entry, Node},
    document::{JsonExpectation, JsonPath, JsonPathError},
    matcher::Matcher,
};

/// What the parts of a body must be. Fields of fields become paths of their own.
pub(super) fn expectations(node: &Node<'_>) -> Option<Vec<JsonExpectation>> {
    let entries = node.entries()?;
    if entries.is_empty() {
        node.report(
            node.error(format!("{} expects nothing", node.name))
                .label("no path here")
                .help("for instance: json = { id = { gt = 0 }, \"items[0].name\" = \"book\" }"),
        );
    }
    let mut all = Vec::new();
    for entry in &entries {
        let path = entry.key.value.clone();
        below(entry, &path, &mut all);
    }
    Some(all)
}

fn below(entry: &Entry<'_>, path: &str, all: &mut Vec<JsonExpectation>) {
    let Entry { key, node } = entry;
    match fields::asked(node) {
        None => {}
        Some(Asked::Fields(fields)) => {
            for field in &fields {
                let name = &field.key.value;
                let path = match name.starts_with('[') {
                    true => format!("{path}{name}"),
                    false => format!("{path}.{name}"),
                };
                below(field, &path, all);
            }
        }
        Some(Asked::Whole) => {
            let parsed = read(node, key, path);
            let matcher = matcher::value(node);
            if let (Some(path), Some(matcher)) = (parsed, matcher)
                && of_json(node, &matcher.value).is_some()
            {
                all.push(JsonExpectation {
                    path: Spanned::new(path, key.span.clone()),
                    matcher,
                });
            }
        }
    }
}

/// The path whose last part is this key.
fn read(node: &Node<'_>, key: &Spanned<String>, path: &str) -> Option<JsonPath> {
    let begin = path.len().saturating_sub(key.value.len());
    match JsonPath::read(path) {
        Ok(path) => Some(path),
        Err(error) => {
            let at = error.at.saturating_sub(begin).min(key.value.len());
            let place = at..key.value.len();
            let span = node.context.inside(&key.span, &key.value, place);
            node.refuse(no_path(span, path, &error))
        }
    }
}

/// The path behind `json` in a source; `begin` is where it begins in the string.
pub(super) fn source(node: &Node<'_>, steps: &str, begin: usize) -> Option<JsonPath> {
    let text = match steps.strip_prefix('.') {
        Some(rest) if !rest.starts_with(['.', '[']) => rest,
        _ => steps,
    };
    let begin = begin + steps.len() - text.len();
    match JsonPath::read(text) {
        Ok(path) => Some(path),
        Err(error) => {
            let span = node.inside(begin + error.at..begin + text.len());
            node.refuse(no_path(span, text, &error))
        }
    }
}

fn no_path(span: Span, path: &str, error: &JsonPathError) -> SpecError {
    SpecError::at(span, format!("`{path}` is no path into JSON"))
        .label(error.reason.clone())
        .help("paths: id, items[0].name, items[*].id, ['a name']; see RFC 9535, without its `$.`")
}

/// Refuses what only Go values have.
fn of_json(node: &Node<'_>, matcher: &Matcher) -> Option<()> {
    match matcher {
        Matcher::Type(_) => node.refuse(
            node.error("`type` is for Go values, and this is JSON")
                .label("not here"),
        ),
        Matcher::CompareTime(..) => node.refuse(
            node.error("JSON has no durations and times")
                .label("a text in JSON")
                .help("use a string, `contains` or `matches`"),
        ),
        Matcher::All(all) | Matcher::List(all) => {
            all.iter().try_for_each(|matcher| of_json(node, matcher))
        }
        Matcher::Has(inner) | Matcher::Each(inner) => of_json(node, inner),
        Matcher::Fields(fields) => fields
            .iter()
            .try_for_each(|(_, matcher)| of_json(node, matcher)),
        Matcher::Any
        | Matcher::Equal(_)
        | Matcher::Text(_)
        | Matcher::Compare(..)
        | Matcher::Nil(_)
        | Matcher::Length(_) => Some(()),
    }
}
