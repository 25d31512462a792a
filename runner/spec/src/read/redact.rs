//! `[redact]`: what must not be seen.

use regex::bytes::Regex;
use regex_syntax::ParserBuilder;

use super::matcher::bad_regex;
use crate::{
    Spanned, SpecError,
    cursor::{Entry, Node},
    document::{Redaction, Redactions},
    grammar, names,
};

/// What must not be seen.
pub(super) fn redactions(node: &Node<'_>) -> Option<Redactions> {
    let mut table = node.table(&grammar::REDACT)?;
    let keys = grammar::REDACT.keys;
    let empty = keys.iter().all(|key| table.span_of(key.name).is_none());
    let values = table.read("values", |node| labels(node, path));
    let types = table.read("types", |node| labels(node, ty));
    let patterns = table.read("patterns", patterns);
    if !table.finish() && empty {
        node.report(
            node.error("this table redacts nothing")
                .help("values = { \"*.Password\" = \"[password]\" }, types = { \"main.Secret\" = \"[secret]\" }, patterns = [\"Bearer [A-Za-z0-9._-]+\"]"),
        );
    }
    Some(Redactions {
        paths: values.unwrap_or_default(),
        types: types.unwrap_or_default(),
        patterns: patterns.unwrap_or_default(),
    })
}

/// Labels by what they replace.
fn labels(node: &Node<'_>, wrong: fn(&Entry<'_>) -> Option<SpecError>) -> Option<Vec<Redaction>> {
    let entries = node.entries()?;
    if entries.is_empty() {
        node.report(node.error(format!("{} is empty", node.name)));
    }
    Some(
        entries
            .into_iter()
            .filter_map(|entry| redaction(entry, wrong))
            .collect(),
    )
}

fn redaction(entry: Entry<'_>, wrong: fn(&Entry<'_>) -> Option<SpecError>) -> Option<Redaction> {
    if entry.node.value.is_table() {
        return entry.node.refuse(
            SpecError::at(entry.key.span, "a redacted path is one key")
                .label("dots without quotes make this a table")
                .help("write it in quotes: \"login.token\" = \"[token]\""),
        );
    }
    let label = label(&entry.node);
    if let Some(error) = wrong(&entry) {
        return entry.node.refuse(error);
    }
    Some(Redaction {
        pattern: entry.key,
        label: label?,
    })
}

/// What is shown in a value's place: one line, so that reports keep their form.
fn label(node: &Node<'_>) -> Option<String> {
    let text = node.filled_text()?;
    if text.value.contains(char::is_control) {
        return node.refuse(
            node.error("a label is one line")
                .label("a control character"),
        );
    }
    Some(text.value)
}

/// What is wrong with names, `*` for any characters, joined by dots.
fn path(entry: &Entry<'_>) -> Option<SpecError> {
    let key = &entry.key;
    let mut start = 0;
    let mut before = "";
    for name in key.value.split('.') {
        let part = start..start + name.len();
        start = part.end + 1;
        // `f.returns.0`
        let is_result = before == "returns" && name.bytes().all(|byte| byte.is_ascii_digit());
        before = name;
        if is_result && !name.is_empty() {
            continue;
        }
        if name != "_" && names::is_identifier(&name.replace('*', "x")) {
            continue;
        }
        let (place, label) = if name.is_empty() {
            (key.span.clone(), "a name is missing")
        } else {
            let place = entry.node.context.inside(&key.span, &key.value, part);
            (place, "not a Go identifier")
        };
        return Some(
            SpecError::at(place, format!("`{}` is not a path of names", key.value))
                .label(label)
                .help("paths are names with `*` for any characters: \"*.Password\", \"login.token\", \"request.*.Secret\""),
        );
    }
    if key.value.chars().all(|c| matches!(c, '*' | '.')) {
        return Some(
            SpecError::at(key.span.clone(), "this redacts every value")
                .label("no name")
                .help("name the last part at least: \"*.Password\""),
        );
    }
    None
}

/// What is wrong with a type of a package.
fn ty(entry: &Entry<'_>) -> Option<SpecError> {
    let name = &entry.key.value;
    let is_pointer = name.starts_with('*') && !name.starts_with("*.");
    let plain = name.replace('*', "x");
    if !is_pointer && names::is_type(&plain) && names::has_package(&plain) {
        return None;
    }
    let error = SpecError::at(
        entry.key.span.clone(),
        format!("`{name}` is not a type of a package"),
    );
    Some(if is_pointer {
        let target = name.trim_start_matches('*');
        error
            .label("a pointer")
            .help(format!("redact what it points to: \"{target}\""))
    } else {
        error.label("not `package.Name`").help(
            "types that the program declares can be redacted, with `*` for any characters: \"main.Secret\", \"example.com/shop.Card\", \"*.Token\"",
        )
    })
}

fn patterns(node: &Node<'_>) -> Option<Vec<Spanned<Regex>>> {
    let patterns = node.each(pattern)?;
    if node.list()?.is_empty() {
        node.report(node.error(format!("{} is empty", node.name)));
    }
    Some(patterns)
}

fn pattern(node: &Node<'_>) -> Option<Spanned<Regex>> {
    let text = node.text()?;
    let regex = match Regex::new(&text.value) {
        Ok(regex) => regex,
        Err(error) => {
            return node.refuse(bad_regex(node, &text.value, &error.to_string()));
        }
    };
    let tree = ParserBuilder::new().utf8(false).build().parse(&text.value);
    let least = tree.ok().map(|tree| tree.properties().minimum_len());
    let (label, help) = match least {
        Some(Some(0)) => (
            "it matches the empty string",
            "ask for a character at least: `+` rather than `*`",
        ),
        Some(None) => ("it matches no text", "such a pattern redacts nothing"),
        _ => return Some(Spanned::new(regex, text.span)),
    };
    node.refuse(
        node.error("this pattern can't be used")
            .label(label)
            .help(help),
    )
}
