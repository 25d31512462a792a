//! `error`: what a call's last result must be, which is an error.

use toml::de::DeValue;

use super::matcher;
use crate::{Spanned, cursor::Node, document::ErrorExpectation, grammar, matcher::Matcher, names};

/// `false`, `true`, or a table of what the error must be.
pub(super) fn error(node: &Node<'_>) -> Option<Box<Spanned<ErrorExpectation>>> {
    let expectation = match node.value {
        DeValue::Boolean(there) => ErrorExpectation {
            nil: !there,
            is: None,
            as_type: None,
            message: None,
        },
        DeValue::Table(_) => several(node)?,
        DeValue::String(_) => {
            return node.refuse(
                node.error("an error is judged by `is`, `as` or its message")
                    .label("a string")
                    .help("for its whole message: error = { equal = \"…\" }"),
            );
        }
        _ => return node.mismatch("true, false or a table"),
    };
    Some(Box::new(Spanned::new(expectation, node.span.clone())))
}

fn several(node: &Node<'_>) -> Option<ErrorExpectation> {
    let mut table = node.table(&grammar::ERROR)?;
    let is = table.take("is");
    let as_type = table.take("as");
    let equal = table.take("equal");
    let mut message = matcher::texts(&mut table);
    let unknown = table.finish();
    if equal.is_some() && !message.is_empty() {
        return node.refuse(
            node.error("`equal` can't be combined with `contains` and `matches`")
                .help("use it alone for the message; `is` and `as` can be combined with it"),
        );
    }
    if let Some(equal) = equal {
        message.push(matcher::text(&equal));
    }
    if is.is_none() && as_type.is_none() && message.is_empty() {
        if !unknown {
            node.report(
                node.error(format!("{} is empty", node.name))
                    .label("expects nothing")
                    .help("write error = true to accept any error"),
            );
        }
        return None;
    }
    let (is, as_type) = (given(is, variable), given(as_type, ty));
    let message = if message.is_empty() {
        Some(None)
    } else {
        matcher::all_of(message).map(Some)
    };
    Some(ErrorExpectation {
        nil: false,
        is: is?,
        as_type: as_type?,
        message: message?.map(|matcher: Matcher| Spanned::new(matcher, node.span.clone())),
    })
}

/// Reads what is given; the outer `None` says that it could not be read.
fn given<'a, T>(
    node: Option<Node<'a>>,
    read: impl Fn(&Node<'a>) -> Option<T>,
) -> Option<Option<T>> {
    node.map_or(Some(None), |node| read(&node).map(Some))
}

/// A package's variable.
fn variable(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.filled_text()?;
    if !names::is_member(&text.value) {
        return node.refuse(
            node.error(format!("`{}` is not a variable of a package", text.value))
                .label("not `package.Name`")
                .help("with the full package path: \"io.EOF\", \"database/sql.ErrNoRows\""),
        );
    }
    Some(text)
}

/// The type of an error.
fn ty(node: &Node<'_>) -> Option<Spanned<String>> {
    let text = node.filled_text()?;
    if !names::is_type(&text.value) || !names::has_package(&text.value) {
        return node.refuse(
            node.error(format!("`{}` is not a type of a package", text.value))
                .label("not `package.Name` or `*package.Name`")
                .help("as Go writes it: \"*net.OpError\", \"syscall.Errno\""),
        );
    }
    Some(text)
}
