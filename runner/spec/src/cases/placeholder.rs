//! Where `${case.NAME}` stands in the strings of a test.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::case::CASES;
use crate::{document::Span, place};

/// How a placeholder for a value of a case begins.
const OPENING: &str = "${case.";

/// A `${case.NAME}` in a test.
#[derive(Debug)]
pub(super) struct Hole {
    /// The name of the value.
    pub(super) key: String,
    /// Its place in the file.
    pub(super) place: Span,
    /// The place of the string that it is in.
    pub(super) string: Span,
}

impl Hole {
    /// As it is written.
    pub(super) fn shown(&self) -> String {
        format!("{OPENING}{}}}", self.key)
    }
}

/// The strings of a test, and how many values it has in all.
#[derive(Debug, Default)]
pub(super) struct Strings {
    /// The placeholders in them.
    pub(super) holes: Vec<Hole>,
    /// The places of the strings that have some.
    pub(super) places: Vec<Span>,
    /// How many values the test has.
    pub(super) values: usize,
}

impl Strings {
    /// Those of a test, but for its cases.
    pub(super) fn of(test: &DeTable<'_>, text: &str) -> Self {
        let mut strings = Self::default();
        for (key, value) in test {
            if key.get_ref() != CASES {
                strings.string(key.get_ref(), &key.span(), text);
                strings.value(value.get_ref(), &value.span(), text);
            }
        }
        strings
    }

    fn value(&mut self, value: &DeValue<'_>, span: &Span, text: &str) {
        self.values += 1;
        match value {
            DeValue::String(content) => self.string(content, span, text),
            DeValue::Array(array) => {
                for element in array {
                    self.value(element.get_ref(), &element.span(), text);
                }
            }
            DeValue::Table(table) => {
                for (key, value) in table {
                    self.string(key.get_ref(), &key.span(), text);
                    self.value(value.get_ref(), &value.span(), text);
                }
            }
            _ => {}
        }
    }

    fn string(&mut self, content: &str, span: &Span, text: &str) {
        let before = self.holes.len();
        for (key, range) in holes(content) {
            self.holes.push(Hole {
                key: key.to_owned(),
                place: inside(text, span, content, range),
                string: span.clone(),
            });
        }
        if self.holes.len() > before {
            self.places.push(span.clone());
        }
    }
}

/// The placeholders of a string, with their bytes in it. `$${case.` is none, as everywhere, and neither is one that is not
/// closed: where placeholders are, that is an error.
pub(super) fn holes(content: &str) -> Vec<(&str, Range<usize>)> {
    let mut all = Vec::new();
    let mut from = 0;
    while let Some(at) = content.get(from..).and_then(|rest| rest.find(OPENING)) {
        let start = from + at;
        let name = start + OPENING.len();
        from = name;
        let is_literal = content
            .get(..start)
            .is_some_and(|before| before.ends_with('$'));
        let Some(length) = content.get(name..).and_then(|rest| rest.find('}')) else {
            break;
        };
        if !is_literal {
            let end = name + length;
            all.push((content.get(name..end).unwrap_or_default(), start..end + 1));
            from = end + 1;
        }
    }
    all
}

/// The place of a part of a string in the file; of the whole string if it is unknown.
pub(super) fn inside(text: &str, span: &Span, content: &str, part: Range<usize>) -> Span {
    let raw = text.get(span.clone()).unwrap_or_default();
    match place::inside(raw, content, part) {
        Some(part) => span.start + part.start..span.start + part.end,
        None => span.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::holes;

    #[test]
    fn placeholders_of_cases_are_found_and_others_left() {
        let of = |text| -> Vec<(&str, usize)> {
            let all = holes(text).into_iter();
            all.map(|(key, range)| (key, range.start)).collect()
        };
        assert_eq!(of("${case.qty}"), [("qty", 0)]);
        assert_eq!(
            of("a ${case.x}${case.y-2} ${port}"),
            [("x", 2), ("y-2", 11)]
        );
        assert_eq!(of("$${case.x} ${case.y}"), [("y", 11)]);
        assert_eq!(of("${case.x"), []);
        assert_eq!(of("${case} ${n} {case.x}"), []);
        assert_eq!(of("é${case.}"), [("", 2)]);
    }
}
