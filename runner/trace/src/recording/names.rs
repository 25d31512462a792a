//! The names of functions that a replay, which has no binary, needs.

use std::collections::BTreeMap;

use model::{Address, Content, Func, Observation, Value};

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

#[cfg(test)]
mod tests {
    use model::{Address, Content, Elements, Entries, Func, List, Pointer, Status, TypeId, Value};

    use super::func_names;
    use crate::testing::{Program, observe};

    fn value(content: Content) -> Value {
        Value {
            ty: TypeId::NONE,
            content,
        }
    }

    fn func(code: u64, captured: Option<Value>) -> Value {
        value(Content::Func(Box::new(Func {
            code: Address(code),
            name: Some(format!("main.f{code}")),
            captured,
        })))
    }

    fn pointer(target: Value) -> Value {
        let address = Address(0x1000);
        value(Content::Pointer(Box::new(Pointer { address, target })))
    }

    #[test]
    fn func_values_are_named_wherever_they_are_in_a_call() {
        let mut program = Program::new(&["a"]);
        program.enter(1, 64, 0, "", 0);
        program.leave(1, 64, 0, "");
        let mut seen = observe(&mut program.tracer());
        let unnamed = Func {
            code: Address(9),
            name: None,
            captured: None,
        };
        let entries = Entries {
            values: Box::new([(func(3, None), func(4, None))]),
            full: 1,
        };
        let elements = Elements {
            values: List::from([func(
                5,
                Some(value(Content::Struct(List::from([func(6, None)])))),
            )]),
            full: 1,
        };
        let call = &mut seen.calls[0];
        call.arguments = List::from([
            pointer(func(1, None)),
            value(Content::Interface(Box::new(func(2, None)))),
            value(Content::Func(Box::new(unnamed))),
        ]);
        call.results = List::from([
            value(Content::Map(Box::new(entries))),
            value(Content::Elements(Box::new(elements))),
            value(Content::Unread(Status::NotRead)),
        ]);
        call.picked = [func(7, None), func(1, None)].into();
        let expected = (1..=7).map(|code| (Address(code), format!("main.f{code}")));
        assert_eq!(func_names(&seen), expected.collect());
    }
}
