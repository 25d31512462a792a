//! A value's text, read back into its parts.

use model::notation::Layout;

use super::outside::{Outside, closing, pieces};
use crate::value::Value;

/// What a value is called, if the text says so, and the value. What does not read as it is written is one piece.
pub(super) fn read(text: &str) -> (Option<&str>, Value) {
    let (label, value) = labelled(text);
    let layout = layout(value);
    let layout = match layout.line() == value {
        true => layout,
        false => Layout::leaf(value),
    };
    let name = label.trim_end().trim_end_matches(':');
    ((!name.is_empty()).then_some(name), Value::new(&layout))
}

/// The text and what it is called: `ID: 7`, `"key": 7`.
fn labelled(text: &str) -> (&str, &str) {
    let mut open = 0_usize;
    for (at, character) in Outside::of(text) {
        match character {
            '(' | '[' | '{' => open += 1,
            ')' | ']' | '}' => open = open.saturating_sub(1),
            ':' if open == 0 && text.get(at + 1..).is_some_and(|rest| rest.starts_with(' ')) => {
                return text.split_at(at + 2);
            }
            _ => {}
        }
    }
    ("", text)
}

fn layout(text: &str) -> Layout {
    let Some((open, close)) = group(text) else {
        return Layout::leaf(text);
    };
    let before = text.get(..=open).unwrap_or_default();
    let inside = text.get(open + 1..close).unwrap_or_default();
    let parts = pieces(inside).into_iter().map(|piece| {
        let (label, value) = labelled(piece);
        layout(value).labelled(label)
    });
    let end = match text.ends_with('}') {
        true => "}",
        false => ")",
    };
    Layout::group(before, parts.collect(), end)
}

/// The brackets that hold a value's parts: the last thing in its text, and none of its type's.
fn group(text: &str) -> Option<(usize, usize)> {
    if !text.ends_with(['}', ')']) {
        return None;
    }
    let mut after = 0;
    for (at, character) in Outside::of(text) {
        if at < after {
            continue;
        }
        match character {
            '(' | '{' | '[' => {
                let close = closing(text, at)?;
                if close + 1 == text.len() {
                    return (character != '[').then_some((at, close));
                }
                after = close;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::read;

    fn changes(before: &str, after: &str) -> Vec<String> {
        let ((_, before), (_, after)) = (read(before), read(after));
        let changes = before.changes(&after, "v").into_iter();
        changes
            .map(|change| {
                format!(
                    "{}: {} → {}",
                    change.path,
                    change.before.unwrap_or_default(),
                    change.after.unwrap_or_default()
                )
            })
            .collect()
    }

    #[test]
    fn a_value_reads_as_it_is_written() {
        for text in [
            "7",
            r#""a \"b\", c: d""#,
            "nil",
            "[]string{}",
            r#"&main.Order{ID: 7, Items: []main.Item{{Name: "tea"}, {Name: "cup"}}}"#,
            r#"map[main.Key]int{{A: 1}: 5, …3 more}"#,
            "#1 &main.Node{Next: #1}",
            "(*main.T)(nil)",
            "func(int) string",
            "<http.ResponseWriter: type unknown>",
            r#"error("EOF")"#,
            "sync.Mutex(unlocked)",
        ] {
            let (name, value) = read(text);
            assert_eq!((name, value.line().as_str()), (None, text));
        }
        assert_eq!(read("order: 7").0, Some("order"));
        assert_eq!(read("}{").1.line(), "}{");
    }

    #[test]
    fn a_difference_is_told_by_its_path() {
        assert_eq!(
            changes(
                r#"&main.Order{ID: 7, Items: []string{"tea"}, At: map[string]int{"a b": 1}}"#,
                r#"&main.Order{ID: 8, Items: []string{"cup"}, At: map[string]int{"a b": 2}}"#
            ),
            [
                "v.ID: 7 → 8",
                "v.Items[0]: \"tea\" → \"cup\"",
                "v.At[\"a b\"]: 1 → 2"
            ]
        );
        assert_eq!(
            changes(r#"error("EOF")"#, r#"error("closed")"#),
            ["v: \"EOF\" → \"closed\""]
        );
        assert_eq!(changes("nil", "main.T{A: 1}"), ["v: nil → main.T{A: 1}"]);
    }
}
