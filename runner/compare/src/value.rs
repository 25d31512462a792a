//! Values as they are compared: by path, and without what varies from run to run.

use std::collections::BTreeMap;

use model::notation::Layout;

/// A value as stable text in parts, e.g. `main.Order{ID: 7, Items: []string{"tea"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Value {
    /// What it is called in the value that it is a part of: `ID: `, `"key": `; empty for an element.
    label: String,
    text: Text,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Text {
    /// What it is in one run and in all others.
    Known {
        open: String,
        parts: Vec<Value>,
        close: String,
    },
    /// It is not the same in all runs of its side.
    Varies,
}

/// A place at which two values differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValueChange {
    /// Where, as a spec writes it: `order.Items[0]`.
    pub path: String,
    /// What is there before; none if there is nothing.
    pub before: Option<String>,
    /// What is there after; none if there is nothing.
    pub after: Option<String>,
}

/// So many places at which a value's own parts differ are told; of more, the whole value is.
const MAX_PLACES: usize = 6;

impl Value {
    /// A value from how it is laid out.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self {
            label: layout.label().to_owned(),
            text: Text::Known {
                open: layout.open().to_owned(),
                parts: layout.parts().iter().map(Self::new).collect(),
                close: layout.close().to_owned(),
            },
        }
    }

    /// It on one line; what varies is `…`.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = String::new();
        self.write(&mut line);
        line
    }

    fn write(&self, line: &mut String) {
        let Text::Known { open, parts, close } = &self.text else {
            line.push('…');
            return;
        };
        line.push_str(open);
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                line.push_str(", ");
            }
            line.push_str(&part.label);
            part.write(line);
        }
        line.push_str(close);
    }

    /// The places at which it differs from `after`, each told from `path` on. What varies on a side is no difference.
    #[must_use]
    pub fn changes(&self, after: &Self, path: &str) -> Vec<ValueChange> {
        let mut changes = Vec::new();
        self.collect(after, path, &mut changes);
        changes
    }

    fn collect(&self, after: &Self, path: &str, changes: &mut Vec<ValueChange>) {
        let (
            Text::Known { open, parts, close },
            Text::Known {
                open: other_open,
                parts: other_parts,
                close: other_close,
            },
        ) = (&self.text, &after.text)
        else {
            return;
        };
        let whole = || ValueChange {
            path: path.to_owned(),
            before: Some(self.line()),
            after: Some(after.line()),
        };
        if open != other_open || close != other_close {
            changes.push(whole());
            return;
        }
        let begin = changes.len();
        for (segment, before, after) in matched(parts, other_parts, close) {
            let path = format!("{path}{segment}");
            match (before, after) {
                (Some(before), Some(after)) => before.collect(after, &path, changes),
                (before, after) => changes.push(ValueChange {
                    path,
                    before: before.map(Self::line),
                    after: after.map(Self::line),
                }),
            }
        }
        if changes.len() - begin > MAX_PLACES {
            changes.truncate(begin);
            changes.push(whole());
        }
    }

    /// Takes in the same value of another run of the same side: what differs varies. Gives the places at which it newly does.
    pub fn settle(&mut self, other: &Self, path: &str) -> Vec<ValueChange> {
        let mut varying = Vec::new();
        self.take_in(other, path, &mut varying);
        varying
    }

    fn take_in(&mut self, other: &Self, path: &str, varying: &mut Vec<ValueChange>) {
        if self == other || matches!(self.text, Text::Varies) {
            return;
        }
        let line = self.line();
        let is_same_frame = match (&self.text, &other.text) {
            (
                Text::Known { open, parts, close },
                Text::Known {
                    open: other_open,
                    parts: other_parts,
                    close: other_close,
                },
            ) => {
                let labels = |parts: &[Self]| -> Vec<String> {
                    parts.iter().map(|part| part.label.clone()).collect()
                };
                open == other_open
                    && close == other_close
                    && !parts.is_empty()
                    && labels(parts) == labels(other_parts)
            }
            _ => false,
        };
        if !is_same_frame {
            varying.push(ValueChange {
                path: path.to_owned(),
                before: Some(line),
                after: Some(other.line()),
            });
            self.text = Text::Varies;
            return;
        }
        let (Text::Known { parts, close, .. }, Text::Known { parts: others, .. }) =
            (&mut self.text, &other.text)
        else {
            return;
        };
        for (index, (part, other)) in parts.iter_mut().zip(others).enumerate() {
            let path = format!("{path}{}", segment(&part.label, index, close));
            part.take_in(other, &path, varying);
        }
    }
}

/// The parts of two values that are the same part, with what leads to them: by what they are called, else by their order.
fn matched<'v>(
    before: &'v [Value],
    after: &'v [Value],
    close: &str,
) -> Vec<(String, Option<&'v Value>, Option<&'v Value>)> {
    let mut after_by_label: BTreeMap<(&str, usize), &Value> = BTreeMap::new();
    for (index, part) in after.iter().enumerate() {
        after_by_label.insert(key(part, index), part);
    }
    let mut all: Vec<_> = before
        .iter()
        .enumerate()
        .map(|(index, part)| {
            let other = after_by_label.remove(&key(part, index));
            (segment(&part.label, index, close), Some(part), other)
        })
        .collect();
    for (index, part) in after.iter().enumerate() {
        if after_by_label.contains_key(&key(part, index)) {
            all.push((segment(&part.label, index, close), None, Some(part)));
        }
    }
    all
}

/// Labels are the names of fields and the keys of maps, each there once.
fn key(part: &Value, index: usize) -> (&str, usize) {
    match part.label.is_empty() {
        true => ("", index),
        false => (&part.label, 0),
    }
}

/// What leads from a value to a part of it, as a spec writes it.
fn segment(label: &str, index: usize, close: &str) -> String {
    let label = label.trim_end().trim_end_matches(':');
    let is_name = |label: &str| {
        label.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && label.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    match label {
        // A conversion, or a well-known value in its type's name: `time.Duration(1s)`.
        "" if close == ")" => String::new(),
        "" => format!("[{index}]"),
        name if is_name(name) => format!(".{name}"),
        key => format!("[{key}]"),
    }
}

#[cfg(test)]
mod tests {
    use model::notation::Layout;

    use super::{Value, ValueChange};

    fn value(layout: &Layout) -> Value {
        Value::new(layout)
    }

    fn order(id: &str, items: &[&str]) -> Layout {
        let items = items.iter().map(|item| Layout::leaf(*item)).collect();
        Layout::group(
            "main.Order{",
            vec![
                Layout::leaf(id).labelled("ID: "),
                Layout::group("[]string{", items, "}").labelled("Items: "),
            ],
            "}",
        )
    }

    fn told(changes: Vec<ValueChange>) -> Vec<String> {
        let absent = || "nothing".to_owned();
        let told = changes.into_iter().map(|change| {
            let before = change.before.unwrap_or_else(absent);
            let after = change.after.unwrap_or_else(absent);
            format!("{}: {before} → {after}", change.path)
        });
        told.collect()
    }

    #[test]
    fn a_difference_is_told_by_its_path() {
        let before = value(&order("7", &["\"tea\"", "\"cup\""]));
        let after = value(&order("8", &["\"tea\""]));
        assert_eq!(
            told(before.changes(&after, "order")),
            ["order.ID: 7 → 8", "order.Items[1]: \"cup\" → nothing"]
        );
        assert!(before.changes(&before, "order").is_empty());
    }

    #[test]
    fn another_type_is_a_difference_of_the_whole() {
        let nil = value(&Layout::leaf("nil"));
        let after = value(&order("8", &[]));
        assert_eq!(
            told(nil.changes(&after, "order")),
            ["order: nil → main.Order{ID: 8, Items: []string{}}"]
        );
    }

    #[test]
    fn keys_of_maps_are_not_taken_for_fields() {
        let map = |text: &str| {
            let parts = vec![
                Layout::leaf(text).labelled("\"a b\": "),
                Layout::leaf("1").labelled("3: "),
            ];
            value(&Layout::group("map[string]int{", parts, "}"))
        };
        assert_eq!(
            told(map("1").changes(&map("2"), "m")),
            ["m[\"a b\"]: 1 → 2"]
        );
    }

    #[test]
    fn what_is_converted_has_no_path_of_its_own() {
        let error = |text: &str| value(&Layout::group("error(", vec![Layout::leaf(text)], ")"));
        assert_eq!(
            told(error("\"EOF\"").changes(&error("\"closed\""), "returns[0]")),
            ["returns[0]: \"EOF\" → \"closed\""]
        );
    }

    #[test]
    fn many_differences_of_a_value_are_one_of_the_whole() {
        let numbers = |from: usize| {
            let parts = (from..from + 9)
                .map(|n| Layout::leaf(n.to_string()))
                .collect();
            value(&Layout::group("[]int{", parts, "}"))
        };
        assert_eq!(
            told(numbers(1).changes(&numbers(2), "n")),
            ["n: []int{1, 2, 3, 4, 5, 6, 7, 8, 9} → []int{2, 3, 4, 5, 6, 7, 8, 9, 10}"]
        );
    }

    #[test]
    fn what_varies_within_a_side_is_no_difference() {
        let mut before = value(&order("7", &["\"tea\""]));
        let varying = before.settle(&value(&order("9", &["\"tea\""])), "order");
        assert_eq!(told(varying), ["order.ID: 7 → 9"]);
        assert!(
            before
                .changes(&value(&order("8", &["\"tea\""])), "order")
                .is_empty()
        );
        assert_eq!(
            told(before.changes(&value(&order("8", &["\"cup\""])), "order")),
            ["order.Items[0]: \"tea\" → \"cup\""]
        );
        let varying = before.settle(&value(&order("7", &[])), "order");
        assert_eq!(
            told(varying),
            ["order.Items: []string{\"tea\"} → []string{}"]
        );
    }
}
