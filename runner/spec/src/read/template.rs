//! Text with placeholders: `${port}`, `${port.NAME}`, `${stub.NAME}`, `${n}`, `${dir}`; `$${` is a literal `${`.

use std::ops::Range;

use crate::{
    Spanned, SpecError,
    cursor::Node,
    document::{Template, TemplatePart},
};

/// Where a template stands, which decides what may be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In what the program is given when it starts.
    Program,
    /// In a request.
    Request,
}

/// A string with placeholders.
pub(super) fn template(node: &Node<'_>, place: Place) -> Option<Spanned<Template>> {
    let text = node.text()?;
    let template = parts(node, &text.value, place)?;
    Some(Spanned::new(template, text.span))
}

/// The parts of `text`, which is the content of `node` or was made from it.
pub(super) fn parts(node: &Node<'_>, text: &str, place: Place) -> Option<Template> {
    let mut template = Template { parts: Vec::new() };
    let mut literal = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        let position = text.len() - after.len();
        if let Some(before) = before.strip_suffix('$') {
            literal.push_str(before);
            literal.push_str("${");
            rest = after.get(2..).unwrap_or_default();
            continue;
        }
        literal.push_str(before);
        let Some(length) = after.find('}') else {
            return unclosed(node, position..text.len());
        };
        let name = after.get(2..length).unwrap_or_default();
        let part = placeholder(node, name, position..position + length + 1, place)?;
        if !literal.is_empty() {
            template
                .parts
                .push(TemplatePart::Literal(std::mem::take(&mut literal)));
        }
        template.parts.push(part);
        rest = after.get(length + 1..).unwrap_or_default();
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        template.parts.push(TemplatePart::Literal(literal));
    }
    Some(template)
}

/// The placeholder of a name; `range` is its place in the text.
fn placeholder(
    node: &Node<'_>,
    name: &str,
    range: Range<usize>,
    place: Place,
) -> Option<TemplatePart> {
    let given = |what: &str| {
        if place == Place::Program {
            node.context.given.borrow_mut().insert(what.to_owned());
        }
    };
    if name == "port" {
        given("port");
        return Some(TemplatePart::Port(String::new()));
    }
    if name == "dir" {
        return Some(TemplatePart::Folder);
    }
    if name == "n" {
        if place == Place::Request {
            return Some(TemplatePart::Number);
        }
        node.report(
            node.error("`${n}` counts the repetitions of a request")
                .label("not known when the program starts"),
        );
        return None;
    }
    if let Some(port) = name.strip_prefix("port.").filter(|name| is_name(name)) {
        return Some(TemplatePart::Port(port.to_owned()));
    }
    if let Some(stub) = name.strip_prefix("stub.") {
        if node.context.stubs.contains(stub) {
            given(name);
            return Some(TemplatePart::Stub(stub.to_owned()));
        }
        let mut error = SpecError::at(node.inside(range), format!("there is no stub `{stub}`"))
            .label("not in [stubs]");
        error.help = node
            .context
            .did_you_mean(stub, node.context.stubs.iter().copied())
            .or_else(|| Some(format!("declare it: [stubs.{stub}]")));
        node.report(error);
        return None;
    }
    let error = SpecError::at(
        node.inside(range),
        format!("unknown placeholder `${{{name}}}`"),
    )
    .help("there are ${port}, ${port.NAME}, ${stub.NAME}, ${n} and ${dir}; $${ is a literal ${");
    node.report(error);
    None
}

fn unclosed<T>(node: &Node<'_>, range: Range<usize>) -> Option<T> {
    let error = SpecError::at(node.inside(range), "a placeholder is not closed")
        .label("no } follows")
        .help("$${ is a literal ${");
    node.report(error);
    None
}

/// Whether a name can stand in a placeholder.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// The literal parts of a template, joined; what can be checked before it is filled in.
pub(super) fn literal(template: &Template) -> String {
    template
        .parts
        .iter()
        .filter_map(|part| match part {
            TemplatePart::Literal(text) => Some(text.as_str()),
            _ => None,
        })
        .collect()
}
