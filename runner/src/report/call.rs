//! A call as JSON: one object, times in ns.

use model::{Call, Observation, Parameter, ScopeId, Value, notation};
use serde_json::{Value as Json, json};

/// The number of the request that something in a scope belongs to.
pub(super) fn request_number(observation: &Observation, scope: Option<ScopeId>) -> Option<u32> {
    let request = observation.request_around(scope)?;
    Some(request.id.0)
}

/// One call of an observation for machines.
///
/// | field | |
/// |---|---|
/// | `id`, `parent` | its number, and that of the call it was made in |
/// | `function`, `file`, `line` | Go's full name, and where it is |
/// | `instance` | a generic function's name with its type arguments |
/// | `goroutine`, `process`, `request` | who made it |
/// | `test` | the innermost Go test that it belongs to; absent where it belongs to none |
/// | `entered_ns` | the kernel's monotonic clock |
/// | `took_ns` | from entry to end, our own cost included |
/// | `outcome` | `returned`, `running`, `panicked`, `recovered`, `goexit`, `unwound`, `process_ended` |
/// | `arguments`, `results` | `name`, `type`, and `value` as [`notation::json`] writes it |
#[must_use]
pub(crate) fn json_call(observation: &Observation, call: &Call) -> Json {
    let function = observation.function(call.function);
    let instance = function.and_then(|function| function.instance(call));
    let position = function.and_then(|function| function.position.as_ref());
    let (arguments, results) = arguments_and_results(observation, call);
    let mut json = json!({
        "id": call.id.0,
        "parent": call.parent.map(|parent| parent.0),
        "function": function.map(|function| function.name.as_str()),
        "instance": instance.map(|instance| instance.name.as_str()),
        "file": position.map(|position| position.file.as_str()),
        "line": position.map(|position| position.line),
        "goroutine": call.goroutine.0,
        "process": call.process.0,
        "request": request_number(observation, call.scope),
        "entered_ns": call.entered.0,
        "took_ns": call.raw_duration().map(|time| time.0),
        "outcome": call.outcome.word(),
        "arguments": arguments,
        "results": results,
    });
    if let Some(test) = observation.test_around(call.scope) {
        json["test"] = test.into();
    }
    json
}

/// A call's arguments and results with their names and types.
pub(super) fn arguments_and_results(
    observation: &Observation,
    call: &Call,
) -> (Vec<Json>, Vec<Json>) {
    let types = &observation.types;
    let named = |(parameter, value): (&Parameter, &Value)| {
        json!({
            "name": parameter.name,
            "type": types.name(value.ty),
            "value": notation::json(value, types),
        })
    };
    let Some(function) = observation.function(call.function) else {
        return (Vec::new(), Vec::new());
    };
    let arguments = function.parameters.iter().zip(&call.arguments);
    let results = function.results.iter().zip(&call.results);
    (arguments.map(named).collect(), results.map(named).collect())
}
