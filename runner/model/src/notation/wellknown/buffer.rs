//! Types that hold text: buffers, JSON, regular expressions.

use super::Form;
use crate::{
    Content, Text,
    notation::{
        layout::Layout,
        literal::text,
        subject::Subject,
        text::{is_printable, quoted},
    },
};

/// Go, `bytes/buffer.go`, `Buffer`: what was not read of it yet.
pub(super) fn buffer(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::Named(text(&unread(subject)?)))
}

/// What was not read yet of a `bytes.Buffer`.
pub(super) fn unread(subject: Subject<'_>) -> Option<Text> {
    let begin = u64::try_from(subject.field("off")?.int()?).ok()?;
    held(subject, begin)
}

/// Go, `strings/builder.go`, `Builder`.
pub(super) fn builder(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::Named(text(&built(subject)?)))
}

/// What a `strings.Builder` holds.
pub(super) fn built(subject: Subject<'_>) -> Option<Text> {
    held(subject, 0)
}

/// What `buf` holds from `begin` on.
fn held(subject: Subject<'_>, begin: u64) -> Option<Text> {
    let (bytes, full): (&[u8], u64) = match &subject.field("buf")?.value.content {
        Content::Bytes(buffer) => (&buffer.bytes, buffer.full),
        Content::Nil => (&[], 0),
        _ => return None,
    };
    let bytes = bytes.get(usize::try_from(begin).ok()?..)?;
    let full = full.checked_sub(begin)?;
    Some(Text::new(bytes, full))
}

/// Go, `encoding/json/stream.go`, `RawMessage`: JSON as it is, if it is whole and on one line.
pub(super) fn raw_message(subject: Subject<'_>) -> Option<Form<'_>> {
    let bytes = subject.bytes().filter(|bytes| !bytes.is_empty())?;
    Some(Form::plain(std::str::from_utf8(bytes).ok()?))
}

/// Go, `encoding/json/decode.go`, `Number`: a number's literal.
pub(super) fn json_number(subject: Subject<'_>) -> Option<Form<'_>> {
    let text = subject.string().filter(|text| !text.is_empty())?;
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
    is_number.then(|| Form::plain(text))
}

/// The expression of a `regexp.Regexp`.
pub(super) fn expression(subject: Subject<'_>) -> Option<&str> {
    subject.field("expr")?.string()
}

/// Go, `regexp/regexp.go`, `Regexp`: the expression.
pub(super) fn regexp(subject: Subject<'_>) -> Option<Form<'_>> {
    let expression = expression(subject)?;
    let is_raw = expression.chars().all(is_printable) && !expression.contains('`');
    Some(Form::Named(Layout::leaf(if is_raw {
        format!("`{expression}`")
    } else {
        quoted(expression.as_bytes())
    })))
}
