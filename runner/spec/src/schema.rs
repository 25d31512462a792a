//! The language as a JSON Schema (draft 7, which taplo and the editors' TOML tools read), derived from the grammar.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::grammar::{Key, MATCHER, REQUIRED, SECTIONS, SPEC, Section, Shape, TEST};

/// The JSON Schema of a spec file.
#[must_use]
pub fn schema() -> Value {
    let mut of_tests = BTreeSet::new();
    sections_of(&Shape::Table(&TEST), &mut of_tests);
    let sections = SECTIONS.iter().map(|section| {
        let takes_cases = of_tests.contains(section.name);
        (section.name.to_owned(), table(section, takes_cases))
    });
    let definitions: Map<String, Value> =
        sections.chain([("value".to_owned(), go_value())]).collect();
    let mut schema = table(&SPEC, false);
    if let Value::Object(schema) = &mut schema {
        schema.insert(
            "$schema".to_owned(),
            json!("http://json-schema.org/draft-07/schema#"),
        );
        schema.insert("title".to_owned(), json!("goproctor spec"));
        schema.insert("definitions".to_owned(), Value::Object(definitions));
    }
    schema
}

/// The sections that a value may be made of.
fn sections_of(shape: &Shape, sections: &mut BTreeSet<&'static str>) {
    match shape {
        Shape::Table(section) => {
            if sections.insert(section.name) {
                let keys = section.keys.iter();
                keys.for_each(|key| sections_of(&key.shape, sections));
            }
        }
        Shape::Map(inner) | Shape::List(inner) => sections_of(inner, sections),
        Shape::Either(shapes) => shapes.iter().for_each(|shape| sections_of(shape, sections)),
        Shape::Matcher => sections_of(&Shape::Table(&MATCHER), sections),
        _ => {}
    }
}

/// A table; in one that `takes_cases`, every value may be one of a case.
fn table(section: &Section, takes_cases: bool) -> Value {
    let properties: Map<String, Value> = section
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), property(key, takes_cases)))
        .collect();
    let required: Vec<&str> = section
        .keys
        .iter()
        .filter(|key| key.default == REQUIRED)
        .map(|key| key.name)
        .collect();
    json!({
        "type": "object",
        "description": section.about,
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// What a Go value must be; it holds itself.
fn go_value() -> Value {
    let matchers: Vec<&str> = MATCHER.keys.iter().map(|key| key.name).collect();
    json!({
        "description": "What a Go value must be: a literal, a list of its elements, matchers, or what its fields must be.",
        "anyOf": [
            { "type": ["string", "number", "boolean"] },
            { "type": "array", "items": { "$ref": "#/definitions/value" } },
            { "$ref": "#/definitions/matcher" },
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": { "not": { "enum": matchers } },
                "additionalProperties": { "$ref": "#/definitions/value" },
            },
        ],
    })
}

fn property(key: &Key, takes_cases: bool) -> Value {
    let mut property = shape(&key.shape, takes_cases);
    let description = format!("{} (default: {})", key.about, key.default);
    if let Value::Object(property) = &mut property {
        // Beside `$ref`, draft 7 ignores all other words.
        if let Some(reference) = property.remove("$ref") {
            property.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
        }
        property.insert("description".to_owned(), json!(description));
    }
    property
}

fn shape(shape: &Shape, takes_cases: bool) -> Value {
    let plain = plain_shape(shape, takes_cases);
    match shape {
        // They take any text.
        Shape::Text
        | Shape::Template
        | Shape::Expression
        | Shape::Literal
        | Shape::Json
        | Shape::Matcher
        | Shape::Value => plain,
        _ if takes_cases => {
            let case = json!({ "type": "string", "pattern": r"\$\{case\.[^}]+\}" });
            json!({ "anyOf": [plain, case] })
        }
        _ => plain,
    }
}

fn plain_shape(shape: &Shape, takes_cases: bool) -> Value {
    const DURATION: &str = r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)";
    let pattern = |pattern: String| json!({ "type": "string", "pattern": pattern });
    match shape {
        Shape::Text | Shape::Template | Shape::Expression => json!({ "type": "string" }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Integer(least, most) => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Shape::Literal => json!({ "type": ["string", "number", "boolean"] }),
        Shape::Number => json!({ "type": "number" }),
        Shape::Duration => pattern(format!(r"^\s*({DURATION})+\s*$")),
        Shape::Bound => pattern(format!(r"^\s*[<>]=?\s*({DURATION})+\s*$")),
        Shape::Latency => pattern(format!(
            r"^\s*(min|mean|max|p[0-9.]+)\s*[<>]=?\s*({DURATION})+\s*$"
        )),
        Shape::Choice(choices) => json!({ "enum": choices }),
        Shape::Json => json!({}),
        Shape::Matcher => json!({ "anyOf": [
            { "type": ["string", "number", "boolean"] },
            { "$ref": "#/definitions/matcher" },
        ] }),
        Shape::Value => json!({ "$ref": "#/definitions/value" }),
        Shape::Table(section) => json!({ "$ref": format!("#/definitions/{}", section.name) }),
        Shape::Map(value) => {
            json!({ "type": "object", "additionalProperties": self::shape(value, takes_cases) })
        }
        Shape::List(element) => {
            json!({ "type": "array", "items": self::shape(element, takes_cases) })
        }
        Shape::Either(shapes) => {
            let shapes = shapes.iter().map(|shape| plain_shape(shape, takes_cases));
            json!({ "anyOf": shapes.collect::<Vec<_>>() })
        }
    }
}
