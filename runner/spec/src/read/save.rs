//! `save`: what of an answer later requests carry on.

use regex::Regex;
use toml::de::DeValue;

use super::{json, matcher::bad_regex};
use crate::{
    Spanned, SpecError,
    cursor::{Entry, Node},
    document::{Capture, CaptureSource, is_name, is_token},
    grammar,
};

/// Names that placeholders have already.
const TAKEN: [&str; 5] = ["port", "n", "dir", "stub", "env"];

/// Where a value may come from, in words.
const SOURCES: &str =
    "json.PATH, cookie.NAME, header.NAME, or { body = \"a regular expression with one group\" }";

/// What a request saves.
pub(super) fn save(node: &Node<'_>) -> Option<Vec<Capture>> {
    let entries = node.entries()?;
    if entries.is_empty() {
        node.report(
            node.error("there is nothing to save")
                .help("for instance: save = { id = \"json.id\" }"),
        );
    }
    Some(entries.iter().filter_map(capture).collect())
}

fn capture(entry: &Entry<'_>) -> Option<Capture> {
    let Entry { key, node } = entry;
    let source = source(node);
    name_is_sound(node, key)?;
    // A name whose source is wrong is no unknown one.
    if let Some(first) = node.context.captures.made(key.clone()) {
        let message = format!("`{}` is saved twice in this test", key.value);
        return node.refuse(
            SpecError::twice(message, first.span, key.span.clone())
                .help("one name holds one value: choose another"),
        );
    }
    Some(Capture {
        name: key.clone(),
        source: Spanned::new(source?, node.span.clone()),
    })
}

fn name_is_sound(node: &Node<'_>, key: &Spanned<String>) -> Option<()> {
    let name = &key.value;
    if TAKEN.contains(&name.as_str()) {
        return node.refuse(
            SpecError::at(key.span.clone(), format!("`{name}` has a meaning already"))
                .label("taken by a placeholder")
                .help(format!("choose another name: {name}s, my-{name}")),
        );
    }
    if !is_name(name) {
        return node.refuse(
            SpecError::at(
                key.span.clone(),
                "a saved value's name consists of letters, digits, _ and -",
            )
            .label("not usable in ${NAME}"),
        );
    }
    Some(())
}

fn source(node: &Node<'_>) -> Option<CaptureSource> {
    if let DeValue::Table(_) = node.value {
        let mut table = node.table(&grammar::CAPTURE)?;
        let body = table.required("body", group);
        table.finish();
        return body.map(CaptureSource::Body);
    }
    let DeValue::String(text) = node.value else {
        return node.mismatch("a string such as \"json.id\", or a table with `body`");
    };
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (kind, rest) = text.split_at(end);
    let name = rest.strip_prefix('.').unwrap_or_default();
    match kind {
        "json" if !rest.is_empty() => {
            let path = json::source(node, rest, end)?;
            Some(CaptureSource::Json(path))
        }
        "cookie" if is_token(name) => Some(CaptureSource::Cookie(name.to_owned())),
        "header" if is_token(name) => Some(CaptureSource::Header(name.to_owned())),
        "cookie" | "header" => node.refuse(
            node.error(format!("`{text}` names no {kind}"))
                .help(format!("for instance: {kind}.{}", example(kind))),
        ),
        _ => {
            let error = node.error(format!("`{text}` is no source of a value"));
            let meant = node.context.nearest(kind, ["json", "cookie", "header"]);
            node.refuse(match meant.filter(|meant| *meant != kind) {
                Some(meant) => error.help(format!("did you mean `{meant}{rest}`?")),
                None => error.help(format!("a value comes from {SOURCES}")),
            })
        }
    }
}

fn example(kind: &str) -> &'static str {
    match kind {
        "cookie" => "session",
        _ => "Location",
    }
}

/// A regular expression whose only group is the value.
fn group(node: &Node<'_>) -> Option<Regex> {
    let text = node.filled_text()?;
    let regex = match Regex::new(&text.value) {
        Ok(regex) => regex,
        Err(error) => return node.refuse(bad_regex(node, &text.value, &error.to_string())),
    };
    match regex.captures_len() - 1 {
        1 => Some(regex),
        0 => node.refuse(
            node.error("this regular expression has no group")
                .label("which part is the value?")
                .help("put the value into parentheses: 'id=([0-9]+)'"),
        ),
        groups => node.refuse(
            node.error(format!("this regular expression has {groups} groups"))
                .label("which of them is the value?")
                .help("a group that only groups is written (?:…)"),
        ),
    }
}
