//! Which of the calls panicked with which value, as the program's output says.

use std::collections::BTreeMap;

use golang::names;
use model::{Call, CallId, Goid, Observation, Outcome};
use trace::redact::Patterns;

use crate::target::PanicReport;

/// The values that calls panicked with, as far as the output has them: such a call is of the panic's goroutine and among the
/// frames of its trace. After such a panic its goroutine makes no further calls, so that of several calls of a function the
/// last ones are meant.
pub(super) fn values(
    observation: &Observation,
    panics: &[PanicReport],
    patterns: &Patterns,
) -> BTreeMap<CallId, String> {
    let mut values = BTreeMap::new();
    for panic in panics {
        let value = patterns.clean(&panic.value);
        let mut frames: Vec<String> = panic.frames.iter().map(|name| plain(name)).collect();
        let calls = observation.calls.iter().rev();
        let panicked = |call: &&Call| {
            call.goroutine == Goid(panic.goroutine) && call.outcome == Outcome::Panicked
        };
        for call in calls.filter(panicked) {
            let name = observation
                .function(call.function)
                .map(|of| plain(&of.name));
            let frame = frames.iter().position(|frame| Some(frame) == name.as_ref());
            if let Some(frame) = frame {
                frames.remove(frame);
                values.insert(call.id, value.clone().into_owned());
            }
        }
    }
    values
}

/// A name as it is whatever writes it.
fn plain(name: &str) -> String {
    let name = names::unescape(name);
    let name = names::canonical(&name);
    names::without_type_arguments(&name).into_owned()
}
