//! JSON against what its parts must be: as values of Go that it would be decoded into.

use model::{Content, Elements, Entries, Float, Kind, Text, Type, TypeId, TypeTable, notation};
use serde_json::Value;
use spec::document::JsonExpectation;

use super::{Reason, truth::Truth, value::value_matches, wording};

/// What overwrites text that must not be seen.
const MASK: char = '*';

/// Bytes that should be JSON.
#[derive(Clone, Copy, Debug)]
pub(super) struct Document<'a> {
    pub(super) bytes: &'a [u8],
    /// Whether more followed.
    pub(super) truncated: bool,
    /// Whether parts of it may be overwritten.
    pub(super) redacts: bool,
}

/// Why there is no JSON to look at.
enum NoJson {
    /// The bytes are none.
    Is(String),
    /// That is not known.
    Unknown(Reason),
}

impl Document<'_> {
    /// Whether its parts are as they must be.
    pub(super) fn judge(&self, wanted: &JsonExpectation) -> Truth {
        match self.read() {
            Ok(value) => {
                let parts = wanted.path.value.select(&value);
                if parts.is_empty() {
                    return Truth::No;
                }
                Truth::all(parts.into_iter().map(|part| self.part(wanted, part)))
            }
            Err(NoJson::Is(_)) => Truth::No,
            Err(NoJson::Unknown(reason)) => Truth::Unknown(reason),
        }
    }

    /// What was found at a path that does not lead to what it must, and whether to look at the whole beside it.
    pub(super) fn got(&self, wanted: &JsonExpectation) -> (String, bool) {
        match self.read() {
            Err(NoJson::Is(why)) => (format!("no JSON: {why}"), true),
            Err(NoJson::Unknown(reason)) => (reason.to_string(), true),
            Ok(value) => {
                let parts = wanted.path.value.select(&value);
                let wrong = parts
                    .iter()
                    .find(|part| self.part(wanted, part) == Truth::No);
                match wrong.or(parts.first()) {
                    Some(part) => (notation::elided(&part.to_string(), wording::LONG), false),
                    None => ("nothing there".to_owned(), true),
                }
            }
        }
    }

    fn read(&self) -> Result<Value, NoJson> {
        if self.truncated {
            return Err(NoJson::Unknown(Reason::Truncated {
                read: self.bytes.len(),
                full: None,
                limits: None,
            }));
        }
        serde_json::from_slice(self.bytes).map_err(|error| {
            let is_masked = self.redacts && self.bytes.contains(&(MASK as u8));
            match is_masked {
                true => NoJson::Unknown(Reason::Redacted),
                false if self.bytes.is_empty() => NoJson::Is("the body is empty".to_owned()),
                false => NoJson::Is(error.to_string()),
            }
        })
    }

    fn part(&self, wanted: &JsonExpectation, part: &Value) -> Truth {
        let types = Types::new();
        let value = types.value(part);
        let truth = value_matches(&wanted.matcher.value, &value, &types.table);
        // What was overwritten might have matched.
        match truth {
            Truth::No if self.redacts && is_masked(part) => Truth::Unknown(Reason::Redacted),
            truth => truth,
        }
    }
}

/// Whether some text in it may be overwritten.
fn is_masked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MASK),
        Value::Array(elements) => elements.iter().any(is_masked),
        Value::Object(members) => members
            .iter()
            .any(|(name, member)| name.contains(MASK) || is_masked(member)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The types that JSON is decoded into.
struct Types {
    table: TypeTable,
    any: TypeId,
    bool: TypeId,
    int: TypeId,
    uint: TypeId,
    float: TypeId,
    string: TypeId,
    list: TypeId,
    map: TypeId,
}

impl Types {
    fn new() -> Self {
        let mut table = TypeTable::default();
        let mut push = |name: &str, kind| {
            table.push(Type {
                name: name.to_owned(),
                size: 8,
                kind,
            })
        };
        let any = push("any", Kind::Interface { empty: true });
        let string = push("string", Kind::String);
        let list = Kind::Slice { element: any };
        let map = Kind::Map {
            key: string,
            value: any,
            layout: None,
        };
        Self {
            any,
            string,
            bool: push("bool", Kind::Bool),
            int: push("int64", Kind::Int),
            uint: push("uint64", Kind::Uint),
            float: push("float64", Kind::Float),
            list: push("[]any", list),
            map: push("map[string]any", map),
            table,
        }
    }

    fn value(&self, json: &Value) -> model::Value {
        let (ty, content) = match json {
            Value::Null => (self.any, Content::Nil),
            Value::Bool(value) => (self.bool, Content::Bool(*value)),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(integer), _) => (self.int, Content::Int(integer)),
                (None, Some(integer)) => (self.uint, Content::Uint(integer)),
                (None, None) => {
                    let float = Float::new(number.as_f64().unwrap_or(f64::NAN));
                    (self.float, Content::Float(float))
                }
            },
            Value::String(text) => (self.string, Content::Text(Text::whole(text.as_bytes()))),
            Value::Array(elements) => {
                let values: Vec<_> = elements.iter().map(|value| self.value(value)).collect();
                let elements = Elements {
                    full: values.len() as u64,
                    values: values.into(),
                };
                (self.list, Content::Elements(Box::new(elements)))
            }
            Value::Object(members) => {
                let values: Vec<_> = members
                    .iter()
                    .map(|(name, member)| {
                        let name = Content::Text(Text::whole(name.as_bytes()));
                        let name = model::Value {
                            ty: self.string,
                            content: name,
                        };
                        (name, self.value(member))
                    })
                    .collect();
                let entries = Entries {
                    full: values.len() as u64,
                    values: values.into(),
                };
                (self.map, Content::Map(Box::new(entries)))
            }
        };
        model::Value { ty, content }
    }
}

#[cfg(test)]
mod tests {
    use spec::{
        document::{JsonExpectation, JsonPath},
        matcher::{Comparison, Matcher},
    };

    use super::{Document, Truth};
    use crate::expect::testing::{at, compares, is, matches};

    const BODY: &str = r#"{"id": 7, "big": 18446744073709551615, "name": "book", "none": null,
        "items": [{"qty": 1, "tags": ["a"]}, {"qty": 2.5, "tags": []}], "ok": true}"#;

    fn judged(body: &str, path: &str, matcher: Matcher) -> (Truth, String) {
        let document = Document {
            bytes: body.as_bytes(),
            truncated: false,
            redacts: false,
        };
        let wanted = JsonExpectation {
            path: at(JsonPath::parse(path).unwrap()),
            matcher: at(matcher),
        };
        (document.judge(&wanted), document.got(&wanted).0)
    }

    #[test]
    fn parts_are_compared_as_values_of_go() {
        for (path, matcher) in [
            ("id", is(7)),
            ("id", compares(Comparison::Gt, 0)),
            ("big", is(18_446_744_073_709_551_615)),
            ("name", is("book")),
            ("name", matches("^b")),
            ("name", Matcher::Length(Box::new(is(4)))),
            ("ok", is(true)),
            ("none", Matcher::Nil(true)),
            ("id", Matcher::Nil(false)),
            ("items", Matcher::Length(Box::new(is(2)))),
            ("items[0].qty", is(1)),
            ("items[*].qty", compares(Comparison::Ge, 1)),
            ("items[0]", Matcher::Fields(vec![("qty".to_owned(), is(1))])),
            ("items[0].tags", Matcher::List(vec![is("a")])),
            (
                "items",
                Matcher::Each(Box::new(Matcher::Fields(vec![(
                    "qty".to_owned(),
                    compares(Comparison::Ge, 1),
                )]))),
            ),
        ] {
            assert_eq!(
                judged(BODY, path, matcher.clone()).0,
                Truth::Yes,
                "{path} {matcher}"
            );
        }
    }

    #[test]
    fn what_is_not_so_is_shown_as_json() {
        for (path, matcher, got) in [
            ("id", is("7"), "7"),
            ("name", is("pen"), "\"book\""),
            ("none", is(0), "null"),
            ("items[*].qty", is(1), "2.5"),
            ("items[1].tags", Matcher::List(vec![is("a")]), "[]"),
            ("missing", Matcher::Any, "nothing there"),
        ] {
            assert_eq!(
                judged(BODY, path, matcher),
                (Truth::No, got.to_owned()),
                "{path}"
            );
        }
        let (truth, got) = judged("<html>", "id", Matcher::Any);
        assert_eq!(truth, Truth::No);
        assert!(got.starts_with("no JSON: "), "{got}");
    }

    #[test]
    fn what_was_cut_or_overwritten_decides_nothing() {
        let wanted = JsonExpectation {
            path: at(JsonPath::parse("a").unwrap()),
            matcher: at(is("secret")),
        };
        for (body, truncated, redacts) in [
            (r#"{"a": "secr"#, true, false),
            (r#"{"a": "******"}"#, false, true),
            (r#"{"a": ****}"#, false, true),
        ] {
            let document = Document {
                bytes: body.as_bytes(),
                truncated,
                redacts,
            };
            assert!(
                matches!(document.judge(&wanted), Truth::Unknown(_)),
                "{body}"
            );
        }
    }
}
