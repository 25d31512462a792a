//! The names of functions that a replay, which has no binary, must be told.

use std::collections::BTreeMap;

use crate::model::{Address, Content, Func, Observation, Value};

/// The names of the functions that func values in an observation are, by address in the binary; for
/// [`TestEnd::functions`](super::TestEnd::functions).
#[must_use]
pub fn func_names(observation: &Observation) -> BTreeMap<Address, String> {
    let mut names = BTreeMap::new();
    for call in &observation.calls {
        for values in [&call.arguments, &call.results, &call.picked] {
            values.iter().for_each(|value| collect(value, &mut names));
        }
    }
    names
}

fn collect(value: &Value, names: &mut BTreeMap<Address, String>) {
    match &value.content {
        Content::Func(func) => {
            let Func {
                code,
                name,
                captured,
            } = &**func;
            if let Some(name) = name
                && !names.contains_key(code)
            {
                names.insert(*code, name.clone());
            }
            captured.iter().for_each(|value| collect(value, names));
        }
        Content::Pointer(pointer) => collect(&pointer.target, names),
        Content::Interface(value) => collect(value, names),
        Content::Struct(values) => values.iter().for_each(|value| collect(value, names)),
        Content::Elements(elements) => {
            let values = elements.values.iter();
            values.for_each(|value| collect(value, names));
        }
        Content::Map(entries) => {
            for (key, value) in &entries.values {
                collect(key, names);
                collect(value, names);
            }
        }
        Content::Bool(_)
        | Content::Int(_)
        | Content::Uint(_)
        | Content::Float(_)
        | Content::Complex(..)
        | Content::Text(_)
        | Content::Bytes(_)
        | Content::Nil
        | Content::Channel(_)
        | Content::Address(_)
        | Content::Redacted(_)
        | Content::Unread(_) => {}
    }
}
