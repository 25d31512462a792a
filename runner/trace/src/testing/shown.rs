//! What was seen, as short lines.

use model::{Call, Content, Loss, Observation, Timestamp, Value};

use crate::Tracer;

/// All that a tracer knows.
pub fn observe(tracer: &mut Tracer) -> Observation {
    tracer.observe(Timestamp(0), Timestamp(u64::MAX), Loss::default())
}

/// A call as one line: `0 g1 f("a", 1) -> "x" returned`, the parent's and the scope's numbers where there are any.
pub fn line(observation: &Observation, call: &Call) -> String {
    let name = &observation.function(call.function).unwrap().name;
    let arguments: Vec<String> = call.arguments.iter().map(text).collect();
    let results: Vec<String> = call.results.iter().map(text).collect();
    let mut line = format!(
        "{} {} {name}({})",
        call.id.0,
        call.goroutine,
        arguments.join(", ")
    );
    if !results.is_empty() {
        line += &format!(" -> {}", results.join(", "));
    }
    line += &format!(" {:?}", call.outcome).to_lowercase();
    if let Some(parent) = call.parent {
        line += &format!(" in {}", parent.0);
    }
    if let Some(scope) = call.scope {
        line += &format!(" for r{}", scope.0);
    }
    line
}

pub fn lines(observation: &Observation) -> Vec<String> {
    observation
        .calls
        .iter()
        .map(|call| line(observation, call))
        .collect()
}

pub fn text(value: &Value) -> String {
    match &value.content {
        Content::Text(text) => format!("{:?}", String::from_utf8_lossy(&text.bytes)),
        Content::Int(n) => n.to_string(),
        other => format!("{other:?}"),
    }
}
