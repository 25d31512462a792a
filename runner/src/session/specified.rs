//! A session of a spec: what it watches, the work of each test, and what is wrong at its place in the file.

use judge::expect;
use model::Retention;
use plan::{HandOffRequest, PlanError, Redact, ServerRequest, WatchedLabel};
use spec::{
    Spec, SpecError, SpecErrors,
    document::{CallPart, FunctionSpec, Test},
};

use super::{
    Cancel, ClosureErrors, Prepared, Progress, SessionError, Watch, WatchRedactions,
    WatchedFunction, Work, Workload, prepare,
};

/// What a spec watches. At least so much is to be kept of each test's calls: values that no test needs then are not read.
#[must_use]
pub(crate) fn watch_of(spec: &Spec, at_least: Retention) -> Watch {
    let part = |part: &CallPart| (part.label.value.clone(), part.path.clone());
    let hand_offs = spec.hand_offs.iter().map(|hand_off| HandOffRequest {
        name: hand_off.name.value.clone(),
        from: part(&hand_off.from),
        to: part(&hand_off.to),
    });
    let functions = spec.functions.iter();
    Watch {
        program: spec.program.clone(),
        folder: spec.folder(),
        stubs: spec.stubs.clone(),
        functions: functions
            .map(|function| watched(spec, function, at_least))
            .collect(),
        hand_offs: hand_offs.collect(),
        server: spec.server.as_ref().map(|server| ServerRequest {
            label: server.entry.value.clone(),
            key: server.key.as_ref().map(|key| key.value.clone()),
        }),
        redactions: redactions(spec),
    }
}

fn watched(spec: &Spec, function: &FunctionSpec, at_least: Retention) -> WatchedFunction {
    let label = &function.label.value;
    let values = expect::needs_values(spec, label, at_least);
    WatchedFunction {
        label: WatchedLabel {
            arguments: values,
            results: values,
            limits: function.limits.unwrap_or(spec.limits),
            paths: spec.paths_of(label),
            keys: spec.keys_of(label),
            accepts_inlined: function.accepts_inlined,
            ..WatchedLabel::new(label.clone(), function.pattern.value.clone())
        },
        closure: function
            .closure
            .as_ref()
            .map(|closure| closure.value.clone()),
        floats: function.floats,
    }
}

fn redactions(spec: &Spec) -> WatchRedactions {
    let redactions = &spec.redactions;
    let of_paths = redactions.paths.iter().map(|redaction| Redact::Path {
        pattern: redaction.pattern.value.clone(),
        label: redaction.label.clone(),
    });
    let of_types = redactions.types.iter().map(|redaction| Redact::Type {
        pattern: redaction.pattern.value.clone(),
        label: redaction.label.clone(),
    });
    let patterns = redactions.patterns.iter();
    WatchRedactions {
        values: of_paths.chain(of_types).collect(),
        patterns: patterns
            .map(|pattern| pattern.value.as_str().to_owned())
            .collect(),
    }
}

/// The work of a test of the spec that `watch` is of. Of its calls is kept what it is judged on, and `at_least` so much.
#[must_use]
pub fn work_of<'t>(spec: &Spec, test: &'t Test, watch: &Watch, at_least: Retention) -> Work<'t> {
    Work {
        name: &test.name.value,
        workload: Workload::of(&test.requests, watch.serves()),
        stubs: &test.stubs,
        settle: test.settle,
        within: test.within,
        keep: expect::keep(spec, test).min(at_least),
        expects_end: test.expects_end(),
    }
}

/// Builds or copies the program that a spec names, reads it, plans the probes, and holds the spec's expectations against its
/// types. `release` is a Go release that wins over the spec's own.
///
/// # Errors
/// The program can't be built or read, the spec does not fit it, or the certificates that it names can't be read.
pub fn prepare_spec(
    spec: &Spec,
    release: Option<&str>,
    at_least: Retention,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<Prepared, SessionError> {
    let watch = watch_of(spec, at_least);
    let prepared =
        prepare(watch, release, cancel, progress).map_err(|error| in_spec(spec, error))?;
    expect::validate(spec, &prepared.plan)
        .map_err(|errors| SessionError::Spec(Box::new(errors)))?;
    Ok(prepared)
}

/// What names, patterns and redactions of a spec are wrong against the program, at their places.
fn in_spec(spec: &Spec, error: SessionError) -> SessionError {
    let at = |span, message: String| SpecError {
        span,
        label: String::new(),
        ..SpecError::of_file(message)
    };
    let errors = match error {
        SessionError::Plan(PlanError::Labels(errors)) => errors
            .iter()
            .map(|error| {
                let function = spec.functions.get(error.index);
                let place = function.map(|function| function.pattern.span.clone());
                at(place, error.source.to_string())
            })
            .collect(),
        SessionError::Plan(PlanError::Redactions(errors)) => errors
            .iter()
            .map(|error| {
                let mut redactions = spec.redactions.paths.iter().chain(&spec.redactions.types);
                let redaction = redactions.nth(error.index);
                let place = redaction.map(|redaction| redaction.pattern.span.clone());
                at(place, error.to_string())
            })
            .collect(),
        SessionError::Closures(ClosureErrors(errors)) => errors
            .iter()
            .map(|error| {
                let function = spec.functions.get(error.index);
                let closure = function.and_then(|function| function.closure.as_ref());
                let mut located = at(
                    closure.map(|closure| closure.span.clone()),
                    error.message.clone(),
                );
                located.help.clone_from(&error.help);
                match function {
                    Some(function) if error.has_none => located
                        .related(function.pattern.span.clone(), "looked for in this function"),
                    _ => located,
                }
            })
            .collect(),
        error => return error,
    };
    SessionError::Spec(Box::new(SpecErrors {
        source: spec.source.clone(),
        errors,
    }))
}
