//! The schema against what the reader takes: neither knows a key that the other does not.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{documentation, spec_with, testdata, tour};
use crate::{grammar::SECTIONS, schema};

/// Just as much of a JSON Schema validator as the schema uses.
struct Validator {
    schema: Value,
}

/// The keys that were used, as `section.key`.
type Used = BTreeSet<String>;

impl Validator {
    fn new() -> Self {
        Self { schema: schema() }
    }

    /// Checks a spec; gives the keys it uses.
    fn validate(&self, text: &str) -> Result<Used, String> {
        let value: toml::Value = toml::from_str(text).map_err(|error| error.to_string())?;
        let value = serde_json::to_value(value).map_err(|error| error.to_string())?;
        let mut used = Used::new();
        self.object("spec", &self.schema, value.as_object().unwrap(), &mut used)?;
        Ok(used)
    }

    fn value(&self, schema: &Value, value: &Value, used: &mut Used) -> Result<(), String> {
        if let Some(all) = schema["allOf"].as_array() {
            all.iter()
                .try_for_each(|schema| self.value(schema, value, used))?;
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.strip_prefix("#/definitions/").unwrap();
            let definition = &self.schema["definitions"][name];
            if definition.get("anyOf").is_some() {
                return self.value(definition, value, used);
            }
            let object = value.as_object().ok_or(format!("{value} is no {name}"))?;
            return self.object(name, definition, object, used);
        }
        if let Some(choices) = schema["anyOf"].as_array() {
            let fits = |schema: &Value| {
                let mut used = Used::new();
                self.value(schema, value, &mut used).map(|()| used)
            };
            let fitting = choices.iter().find_map(|schema| fits(schema).ok());
            used.extend(fitting.ok_or(format!("{value} fits none of {choices:?}"))?);
        }
        if let Some(choices) = schema["enum"].as_array()
            && !choices.contains(value)
        {
            return Err(format!("{value} is none of {choices:?}"));
        }
        Self::scalar(schema, value)?;
        if let Some(items) = value.as_array() {
            let schema = &schema["items"];
            items
                .iter()
                .try_for_each(|item| self.value(schema, item, used))?;
        }
        if let (Some(object), Some(schema)) =
            (value.as_object(), schema.get("additionalProperties"))
        {
            object
                .values()
                .try_for_each(|value| self.value(schema, value, used))?;
        }
        Self::names(schema, value)
    }

    fn names(schema: &Value, value: &Value) -> Result<(), String> {
        let (Some(object), Some(forbidden)) = (
            value.as_object(),
            schema["propertyNames"]["not"]["enum"].as_array(),
        ) else {
            return Ok(());
        };
        if object.is_empty() {
            return Err("it is empty".to_owned());
        }
        match object.keys().find(|key| forbidden.contains(&json!(key))) {
            Some(key) => Err(format!("{key} is a matcher")),
            None => Ok(()),
        }
    }

    fn scalar(schema: &Value, value: &Value) -> Result<(), String> {
        let wanted = match &schema["type"] {
            Value::Array(types) => types.clone(),
            Value::Null => return Ok(()),
            one => vec![one.clone()],
        };
        let fits = |wanted: &Value| match wanted.as_str().unwrap() {
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64(),
            "number" => value.is_number(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("{other} is no type"),
        };
        if !wanted.iter().any(fits) {
            return Err(format!("{value} is none of {wanted:?}"));
        }
        if let (Some(pattern), Some(text)) = (schema["pattern"].as_str(), value.as_str())
            && !regex::Regex::new(pattern).unwrap().is_match(text)
        {
            return Err(format!("{text:?} does not match {pattern}"));
        }
        if let Some(number) = value.as_i64() {
            let least = schema["minimum"].as_i64().unwrap_or(i64::MIN);
            let most = schema["maximum"].as_i64().unwrap_or(i64::MAX);
            if !(least..=most).contains(&number) {
                return Err(format!("{number} is out of range"));
            }
        }
        Ok(())
    }

    fn object(
        &self,
        name: &str,
        schema: &Value,
        object: &Map<String, Value>,
        used: &mut Used,
    ) -> Result<(), String> {
        for required in schema["required"].as_array().unwrap() {
            if !object.contains_key(required.as_str().unwrap()) {
                return Err(format!("{name} lacks {required}"));
            }
        }
        for (key, value) in object {
            let property = schema["properties"].get(key);
            let property = property.ok_or(format!("{name} has no key {key}"))?;
            self.value(property, value, used)?;
            used.insert(format!("{name}.{key}"));
        }
        Ok(())
    }
}

#[test]
fn the_tour_and_every_example_fit_the_schema() {
    let validator = Validator::new();
    validator.validate(&tour()).unwrap();
    for example in documentation::examples() {
        validator
            .validate(&example)
            .unwrap_or_else(|error| panic!("{error}\n{example}"));
    }
}

/// The reader understands all examples, and refuses keys that it does not take: so it takes every key of the grammar.
#[test]
fn the_examples_use_every_key_of_the_grammar() {
    let validator = Validator::new();
    let used: Used = documentation::examples()
        .iter()
        .flat_map(|example| validator.validate(example).unwrap())
        .collect();
    let known: Used = SECTIONS
        .iter()
        .flat_map(|section| {
            let keys = section.keys.iter();
            keys.map(|key| format!("{}.{}", section.name, key.name))
        })
        .collect();
    let unused: Vec<_> = known.difference(&used).collect();
    assert!(unused.is_empty(), "no example uses {unused:?}");
}

#[test]
fn the_schema_refuses_what_is_unknown_or_of_the_wrong_type() {
    let validator = Validator::new();
    for name in [
        "test-unknown-key",
        "program-wrong-types",
        "limits",
        "test-times",
        "bounds",
        "matcher-and-field",
        "redact",
        "floats",
        "calls-outcome",
        "sequence-step",
        "function-wrong-type",
        "relation-words",
        "tls-type",
        "hand-off-keys",
        "server-entry",
    ] {
        let path = testdata().join(format!("bad-specs/{name}.proctor.toml"));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(validator.validate(&text).is_err(), "{name}");
    }
    let sound = spec_with("[[test]]\nname = \"a\"\n");
    assert!(validator.validate(&sound).is_ok());
}

#[test]
fn the_schema_says_what_it_is() {
    let schema = schema();
    let draft = json!("http://json-schema.org/draft-07/schema#");
    assert_eq!(schema["$schema"], draft);
    let limits = &schema["properties"]["limits"]["allOf"][0]["$ref"];
    assert_eq!(limits, &json!("#/definitions/limits"));
    let string = &schema["definitions"]["limits"]["properties"]["string"];
    assert_eq!(string["maximum"], json!(4096));
}
