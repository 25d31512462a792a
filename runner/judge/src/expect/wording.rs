//! How values, calls and times are put into words.

use std::fmt;

use model::{Call, Exchange, Observation, Outcome, SourcePosition, Value, notation};

/// About how many characters of a value a call shows.
const SHORT: usize = 40;

/// About how many characters are shown of what was got.
pub(super) const LONG: usize = 400;

/// A number with its noun: `1 call`, `3 calls`.
pub(super) fn plural(count: impl fmt::Display, noun: &str) -> String {
    match count.to_string().as_str() {
        "1" => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// `was` of one, `were` of several.
pub(super) const fn was(count: u64) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

/// A text as what was got: quoted, long ones without their middle, cut ones with `…` behind.
pub(super) fn text(bytes: &[u8], whole: bool) -> String {
    let quoted = notation::elided(&notation::quoted(bytes), LONG);
    if whole {
        quoted
    } else {
        format!("{quoted}…")
    }
}

/// A value as what was got.
pub(super) fn value(observation: &Observation, value: &Value) -> String {
    notation::elided_value(value, &observation.types, LONG)
}

/// How a call ended.
pub(super) const fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Returned => "returned",
        Outcome::Running => "running when the test ended",
        Outcome::Panicked => "panicked",
        Outcome::Recovered => "recovered from a panic",
        Outcome::Goexit => "ended by runtime.Goexit",
        Outcome::Unwound => "ended without a return, and what ended it was not seen",
        Outcome::ProcessEnded => "the process ended first",
    }
}

/// A call with its arguments: `audit(id=7)`.
pub(super) fn call(observation: &Observation, call: &Call, name: &str) -> String {
    let parameters = observation
        .function(call.function)
        .map_or(&[][..], |function| &function.parameters);
    let arguments: Vec<String> = call
        .arguments
        .iter()
        .enumerate()
        .map(|(index, argument)| {
            let shown = notation::elided_value(argument, &observation.types, SHORT);
            match parameters
                .get(index)
                .map(|parameter| parameter.name.as_str())
            {
                None | Some("" | "_") => shown,
                Some(name) => format!("{name}={shown}"),
            }
        })
        .collect();
    format!("{name}({})", arguments.join(", "))
}

/// The name of the function of a call without its package's path: `main.audit`.
pub(super) fn function(observation: &Observation, call: &Call) -> String {
    observation.function(call.function).map_or_else(
        || call.function.to_string(),
        |function| without_path(&function.name).to_owned(),
    )
}

/// A function's name without its package's path.
pub(super) fn without_path(name: &str) -> &str {
    let start = name.find(['(', '[']).unwrap_or(name.len());
    let slash = name.get(..start).and_then(|path| path.rfind('/'));
    slash
        .and_then(|slash| name.get(slash + 1..))
        .unwrap_or(name)
}

/// File and line without the folder: `main.go:44`.
pub(super) fn place(position: &SourcePosition) -> String {
    let file = position.file.rsplit('/').next().unwrap_or_default();
    format!("{file}:{}", position.line)
}

/// An exchange as a reader knows it: `request 3, GET /?name=a`.
pub(super) fn exchange(index: usize, exchange: &Exchange) -> String {
    format!(
        "request {}, {} {}",
        index + 1,
        exchange.method,
        exchange.target
    )
}
