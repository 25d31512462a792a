//! `[[test.stubs.NAME.received]]`: what the program must have sent to a stub.

use super::{json, literal::Subject, matcher, request};
use crate::{
    Spanned, SpecError,
    cursor::{Entry, Node},
    document::{Received, ReceivedBody},
    grammar,
    matcher::Matcher,
};

/// The requests that a stub must have received, in order.
pub(super) fn received(node: &Node<'_>) -> Option<Vec<Received>> {
    let nodes = node.one_or_more()?;
    if nodes.is_empty() {
        node.report(
            node.error("there is no request in this list").help(
                "a stub that must not be called: [[test.stubs.NAME.received]] with count = 0",
            ),
        );
    }
    Some(nodes.iter().filter_map(one).collect())
}

fn one(node: &Node<'_>) -> Option<Received> {
    let mut table = node.table(&grammar::RECEIVED)?;
    let method = request::one_method(&mut table, "a request that is received has one method");
    let headers = table.read("headers", request::expected_headers);
    let bodies: Vec<Node<'_>> = ["json", "form", "body"]
        .into_iter()
        .filter_map(|key| table.take(key))
        .collect();
    let count = table.read("count", |node| matcher::matcher(node, Subject::Count));
    table.finish();
    let body = match bodies.as_slice() {
        [] => None,
        [body] => Some(match body.name.as_str() {
            "`json`" => ReceivedBody::Json(json::expectations(body)?),
            "`form`" => ReceivedBody::Form(form(body)?),
            _ => ReceivedBody::Text(matcher::matcher(body, Subject::Text)?),
        }),
        [first, second, ..] => {
            return node.refuse(
                SpecError::at(second.span.clone(), "a body is judged in one way")
                    .label("or this")
                    .related(first.span.clone(), "either this"),
            );
        }
    };
    let (method, target) = method?;
    Some(Received {
        method,
        target: path(&target)?,
        headers: headers.unwrap_or_default(),
        body,
        count,
        span: node.span.clone(),
    })
}

/// A path, with its query if one is written.
fn path(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.filled_text()?;
    if text.value.contains("${") {
        return node.refuse(
            node.error("what a stub receives takes no placeholders")
                .help("name the method and the path; look at the rest with `headers`, `json`, `form` or `body`"),
        );
    }
    request::target_is_sound(node, &text.value)?;
    Some(text)
}

fn form(node: &Node<'_>) -> Option<Vec<(String, Spanned<Matcher>)>> {
    let mut fields = Vec::new();
    for Entry { key, node } in node.entries()? {
        if let Some(matcher) = matcher::matcher(&node, Subject::Text) {
            fields.push((key.value, matcher));
        }
    }
    Some(fields)
}
