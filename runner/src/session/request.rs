//! What a spec asks of the plan: the functions, the parts of their values that expectations name, and what must not
//! be seen.

use judge::expect;
use model::Keep;
use plan::{HandOffRequest, PlanRequest, Redact, ServerRequest, WatchedLabel};
use spec::{Spec, document::CallPart};

/// The request for a spec's plan; `patterns` are the names and globs of its functions, in the spec's order, and at least so much
/// is kept of each test's calls.
pub(super) fn plan_request(
    spec: &Spec,
    patterns: Vec<String>,
    at_least: Keep,
) -> PlanRequest<'static> {
    let functions = spec.functions.iter().zip(patterns);
    let labels = functions.map(|(function, pattern)| {
        let values = expect::needs_values(spec, &function.label.value, at_least);
        WatchedLabel {
            arguments: values,
            results: values,
            limits: function.limits.unwrap_or(spec.limits),
            paths: spec.paths_of(&function.label.value),
            keys: spec.keys_of(&function.label.value),
            accepts_inlined: function.accepts_inlined,
            ..WatchedLabel::new(function.label.value.clone(), pattern)
        }
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
