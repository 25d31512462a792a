//! Text with placeholders: `${port}`, `${port.NAME}`, `${stub.NAME}`, `${env.NAME}`, `${n}`, `${dir}`, and
//! `${NAME}` for what an earlier request saves; `$${` is a literal `${`.

use std::ops::Range;

use crate::{
    Spanned, SpecError,
    captures::PLACEHOLDERS,
    cursor::Node,
    document::{PlaceholderError, Template, TemplatePart, located_parts},
};

/// Where a template is, which decides what may be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the program's arguments.
    Arguments,
    /// In a variable of its environment.
    Environment,
    /// In what is given to one start of the program, or to what is run before.
    Start,
    /// In a request.
    Request,
}

/// A string with placeholders.
pub(super) fn template(node: &Node<'_>, place: Place) -> Option<Spanned<Template>> {
    let text = node.text()?;
    let template = parts(node, &text.value, place)?;
    Some(Spanned::new(template, text.span))
}

/// Text that a process is given.
pub(super) fn given(node: &Node<'_>, place: Place) -> Option<Spanned<Template>> {
    let given = template(node, place)?;
    without_nul(node, &given.value)?;
    Some(given)
}

fn without_nul(node: &Node<'_>, template: &Template) -> Option<()> {
    if literal(template).contains('\0') {
        return node.refuse(node.error("a process can't be given a NUL character"));
    }
    Some(())
}

/// The parts of `text`, which is the content of `node` or was made from it.
pub(super) fn parts(node: &Node<'_>, text: &str, place: Place) -> Option<Template> {
    let located = match located_parts(text) {
        Ok(located) => located,
        Err(error) => {
            return node.refuse(refused(node, &error));
        }
    };
    let mut parts = Vec::new();
    for (part, range) in located {
        is_known(node, &part, range, place)?;
        parts.push(part);
    }
    Some(Template { parts })
}

fn refused(node: &Node<'_>, error: &PlaceholderError) -> SpecError {
    match error {
        PlaceholderError::Unclosed(range) => {
            SpecError::at(node.inside(range.clone()), error.to_string())
                .label("`}` is missing")
                .help("$${ is a literal ${")
        }
        PlaceholderError::Unknown { range, .. } => {
            SpecError::at(node.inside(range.clone()), error.to_string()).help(PLACEHOLDERS)
        }
    }
}

/// Whether a part means something there.
fn is_known(node: &Node<'_>, part: &TemplatePart, range: Range<usize>, place: Place) -> Option<()> {
    let given = |what: String| {
        if matches!(place, Place::Arguments | Place::Environment) {
            node.context.given.borrow_mut().insert(what);
        }
    };
    match part {
        TemplatePart::Port(name) if name.is_empty() => given("port".to_owned()),
        TemplatePart::Environment(part) if place != Place::Environment => {
            return node.refuse(
                SpecError::at(
                    node.inside(range),
                    format!("`{part}` is allowed only in the program's environment"),
                )
                .help("write it in the value of a variable: [program] env = { NAME = \"${env.NAME}\" }"),
            );
        }
        TemplatePart::Saved(name) if place == Place::Request => {
            let name = Spanned::new(name.clone(), node.inside(range));
            node.context.captures.used(name);
        }
        TemplatePart::Saved(name) => {
            let name = name.clone();
            return node.refuse(refused(node, &PlaceholderError::Unknown { name, range }));
        }
        TemplatePart::Number if place != Place::Request => {
            return node.refuse(
                node.error("`${n}` counts the repetitions of a request")
                    .label("not known when the program starts"),
            );
        }
        TemplatePart::Stub(stub) if node.context.stubs.contains(stub.as_str()) => {
            given(format!("stub.{stub}"));
        }
        TemplatePart::Stub(stub) => {
            let mut error = SpecError::at(node.inside(range), format!("there is no stub `{stub}`"))
                .label("not in [stubs]");
            error.help = node
                .context
                .did_you_mean(stub, node.context.stubs.iter().copied())
                .or_else(|| Some(format!("declare it: [stubs.{stub}]")));
            return node.refuse(error);
        }
        _ => {}
    }
    Some(())
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
