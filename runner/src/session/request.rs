//! What a spec asks of the plan: the functions, the parts of their values that expectations name, and what must not
//! be seen.

use crate::{
    plan::{HandOffRequest, PlanRequest, Redact, ServerRequest, WatchedLabel},
    spec::{Spec, document::CallPart},
};

/// The request for a spec's plan.
pub(super) fn plan_request(spec: &Spec) -> PlanRequest<'static> {
    let labels = spec.functions.iter().map(|function| WatchedLabel {
        limits: function.limits.unwrap_or(spec.limits),
        paths: spec.paths_of(&function.label.value),
        keys: spec.keys_of(&function.label.value),
        ..WatchedLabel::new(function.label.value.clone(), function.pattern.value.clone())
    });
    let mut request = PlanRequest::new(labels.collect());
    let redactions = &spec.redactions;
    let of_paths = redactions.paths.iter().map(|redaction| Redact::Path {
        pattern: redaction.pattern.value.clone(),
        label: redaction.label.clone(),
    });
    let of_types = redactions.types.iter().map(|redaction| Redact::Type {
        pattern: redaction.pattern.value.clone(),
        label: redaction.label.clone(),
    });
    request.redact = of_paths.chain(of_types).collect();
    request.patterns = !spec.redactions.patterns.is_empty();
    let part = |part: &CallPart| (part.label.value.clone(), part.path.clone());
    let hand_offs = spec.hand_offs.iter().map(|hand_off| HandOffRequest {
        name: hand_off.name.value.clone(),
        from: part(&hand_off.from),
        to: part(&hand_off.to),
    });
    request.hand_offs = hand_offs.collect();
    request.server = spec.server.as_ref().map(|server| ServerRequest {
        label: server.entry.value.clone(),
        key: server.key.as_ref().map(|key| key.value.clone()),
    });
    request
}
