//! Contexts by what they were made of, as their own `String` methods show it (Go, `context/context.go`).

use super::{Form, time};
use crate::{
    Content,
    notation::{
        name::type_name,
        subject::Subject,
        text::{elided, quoted},
    },
};

/// Contexts around contexts that are followed.
const MAX_DEPTH: usize = 32;
/// Characters of a value.
const MAX_VALUE: usize = 60;

pub(super) fn form(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::whole(chain(subject, 0)?))
}

fn chain(context: Subject<'_>, depth: usize) -> Option<String> {
    let name = context.type_name();
    let around = |field: &str| inner(context.field(field)?, depth + 1);
    Some(match name {
        "context.backgroundCtx" | "context.todoCtx" | "context.emptyCtx" if !context.is_exact => {
            // Up to Go 1.20 the two are one type.
            "context.Empty".to_owned()
        }
        "context.backgroundCtx" => "context.Background".to_owned(),
        "context.todoCtx" => "context.TODO".to_owned(),
        "context.emptyCtx" => "context.Empty".to_owned(),
        "context.cancelCtx" => format!("{}.WithCancel", around("Context")?),
        "context.afterFuncCtx" => cancelled(context, depth)?,
        "context.timerCtx" => {
            let inner = cancelled(context, depth)?;
            let inner = inner.strip_suffix(".WithCancel").unwrap_or(&inner);
            match time::moment(context.field("deadline")?) {
                Some(deadline) if context.is_exact => format!("{inner}.WithDeadline({deadline})"),
                _ => format!("{inner}.WithDeadline"),
            }
        }
        "context.valueCtx" => {
            let (key, value) = (context.field("key")?, context.field("val")?);
            format!(
                "{}.WithValue({}, {})",
                around("Context")?,
                word(key),
                word(value)
            )
        }
        "context.withoutCancelCtx" => format!("{}.WithoutCancel", around("c")?),
        _ => return None,
    })
}

/// The context that can be cancelled within another one, which is embedded by value or by pointer.
fn cancelled(context: Subject<'_>, depth: usize) -> Option<String> {
    let embedded = context.field("cancelCtx")?;
    chain(embedded.target().unwrap_or(embedded), depth + 1)
}

/// The context that another one was made of: its chain, or its type.
fn inner(context: Subject<'_>, depth: usize) -> Option<String> {
    let dynamic = context.dynamic();
    let is_unread = |subject: Subject<'_>| matches!(subject.value.content, Content::Unread(_));
    if depth >= MAX_DEPTH || is_unread(dynamic) {
        return Some("…".to_owned());
    }
    if dynamic.is_nil() {
        return None;
    }
    let concrete = dynamic.target().unwrap_or(dynamic);
    if is_unread(concrete) {
        return Some("…".to_owned());
    }
    chain(concrete, depth)
        .or_else(|| Some(type_name(dynamic.type_name(), dynamic.types.packages())))
}

/// A key or a value: a string, else its type.
fn word(subject: Subject<'_>) -> String {
    let dynamic = subject.dynamic();
    match dynamic.text() {
        Some(text) if dynamic.type_name() == "string" => elided(&quoted(&text.bytes), MAX_VALUE),
        _ if dynamic.is_nil() => "nil".to_owned(),
        _ => type_name(dynamic.type_name(), dynamic.types.packages()),
    }
}
