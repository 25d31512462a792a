//! A session of a spec: what it watches, the work of each test, and what is wrong at its place in the file.

use std::{collections::BTreeSet, path::Path};

use golang::{Binary, toolchain::Declarations};
use judge::expect;
use model::{Address, Retention, suggestion::did_you_mean};
use plan::{HandOffRequest, PlanError, Redact, RedactionError, ServerRequest, WatchedLabel};
use spec::{
    Spec, SpecError, SpecErrors,
    document::{CallPart, FunctionSpec, GoTestName, Test},
};

use super::{
    Cancel, FunctionError, Named, Prepared, Progress, SessionError, Watch, WatchRedactions,
    WatchedFunction, Work, Workload, environment,
    prepare::{TestNeeds, prepare_test_binary, prepare_what_fits},
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
        build_environment: Vec::new(),
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
pub fn work_of<'t>(spec: &'t Spec, test: &'t Test, watch: &Watch, at_least: Retention) -> Work<'t> {
    Work {
        name: &test.name.value,
        workload: Workload::of(&test.requests, watch.serves()),
        before: [&spec.before, &test.before],
        cookies: test.cookies,
        stubs: &test.stubs,
        settle: test.settle,
        within: test.within,
        keep: expect::keep(spec, test).min(at_least),
        expects_end: test.expects_end(),
        execution: &test.execution,
    }
}

/// Builds or copies the program that a spec names, reads it, plans the probes, and holds the spec against the binary. What does
/// not fit says which tests can't be run for it; the others can.
///
/// # Errors
/// The program can't be built or read, no test can be run, or the certificates that the spec names can't be read.
pub fn prepare_spec(
    spec: &Spec,
    at_least: Retention,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Prepared, Option<SpecErrors>), SessionError> {
    prepare_watch_of(spec, watch_of(spec, at_least), cancel, progress)
}

/// The same where more is watched than the spec says, or in another place. A further function that the program does not have is
/// left out: the plan has no label for it.
///
/// # Errors
/// Likewise.
pub(crate) fn prepare_watch_of(
    spec: &Spec,
    watch: Watch,
    cancel: &Cancel,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Prepared, Option<SpecErrors>), SessionError> {
    environment::check_workdir(spec)?;
    held_against(spec, prepare_what_fits(watch, cancel, progress))
}

/// The same for the test binary that `go test` has built for the spec's Go tests. `declarations` are what the source declares,
/// if that is known; more may be watched than the spec says.
///
/// # Errors
/// The binary can't be read, or no test can be judged.
pub(super) fn prepare_go_tests(
    spec: &Spec,
    watch: Watch,
    path: &Path,
    declarations: Option<&Declarations>,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Prepared, Option<SpecErrors>), SessionError> {
    let mut tests = spec.tests.iter();
    let needs = TestNeeds {
        looked_at: &|binary| looked_at(spec, binary),
        // How long a call waited for others, and what a test left running.
        goroutine_ends: tests.any(|test| test.left.is_some() || !test.latency.is_empty()),
    };
    let prepared = held_against(
        spec,
        prepare_test_binary(watch, path, declarations, &needs, progress),
    )?;
    let unknown = unknown_go_tests(spec, &prepared.0.binary);
    match unknown.is_empty() {
        true => Ok(prepared),
        // No run of them could be reported to have failed.
        false => Err(SessionError::Spec(Box::new(in_order(spec, unknown)))),
    }
}

/// The functions of a test binary that may be Go tests, with what `go test` calls them.
fn go_tests(binary: &Binary) -> impl Iterator<Item = (&str, Address)> {
    let functions = binary.functions().iter();
    functions.filter_map(|function| {
        // A package's path may end with a dot and more, as that of `gopkg.in/yaml.v3` does.
        let name = function.name.strip_prefix(function.package())?;
        let name = name.strip_prefix('.')?;
        (GoTestName::is_kind(name) && !name.contains('.')).then_some((name, function.start))
    })
}

/// The Go tests of a test binary that a spec looks at, or whose subtests it does.
fn looked_at(spec: &Spec, binary: &Binary) -> BTreeSet<Address> {
    let names = spec.tests.iter().filter_map(|test| test.go_test.as_ref());
    let tops: BTreeSet<&str> = names.map(|name| name.value.top()).collect();
    let tops: Vec<GoTestName> = tops.into_iter().map(GoTestName::new).collect();
    let tests = go_tests(binary).filter(|(name, _)| tops.iter().any(|top| top.matches(name)));
    tests.map(|(_, address)| address).collect()
}

/// The Go tests that a spec names and a test binary does not have.
fn unknown_go_tests(spec: &Spec, binary: &Binary) -> Vec<SpecError> {
    let known: BTreeSet<&str> = go_tests(binary).map(|(name, _)| name).collect();
    let wanted = spec
        .tests
        .iter()
        .filter_map(|test| Some((test, test.go_test.as_ref()?)));
    let unknown = wanted.filter(|(_, wanted)| {
        let top = GoTestName::new(wanted.value.top());
        !known.iter().any(|known| top.matches(known))
    });
    let errors = unknown.map(|(_, wanted)| {
        let top = wanted.value.top();
        let error = SpecError::at(
            wanted.span.clone(),
            format!("there is no Go test `{top}` in this package"),
        );
        match did_you_mean(top, known.iter().copied()) {
            Some(help) => error.label("not found").help(help),
            None => error.label("not found"),
        }
    });
    errors.collect()
}

/// Holds a spec against its program. What does not fit says which tests can't be run for it.
fn held_against(
    spec: &Spec,
    prepared: Result<(Prepared, Vec<FunctionError>), SessionError>,
) -> Result<(Prepared, Option<SpecErrors>), SessionError> {
    let (prepared, functions) = match prepared {
        Ok(prepared) => prepared,
        Err(SessionError::Plan(PlanError::Redactions { redactions, labels })) => {
            let labels = labels.into_iter().map(FunctionError::from);
            let labels = labels.map(|error| of_function(spec, &error));
            let redactions = redactions.iter().map(|error| of_redaction(spec, error));
            let errors = labels.chain(redactions).collect();
            return Err(SessionError::Spec(Box::new(in_order(spec, errors))));
        }
        Err(error) => return Err(error),
    };
    // The spec does not name what is watched besides.
    let own = functions
        .iter()
        .filter(|error| spec.function(&error.label).is_some());
    let mut errors: Vec<_> = own.map(|error| of_function(spec, error)).collect();
    if let Err(of_types) = expect::validate(spec, &prepared.plan) {
        errors.extend(of_types.errors);
    }
    if errors.is_empty() {
        return Ok((prepared, None));
    }
    let errors = in_order(spec, errors);
    let mut tests = spec.tests.iter();
    if tests.all(|test| errors.of_test(&test.name.value).is_some()) {
        return Err(SessionError::Spec(Box::new(errors)));
    }
    Ok((prepared, Some(errors)))
}

fn in_order(spec: &Spec, mut errors: Vec<SpecError>) -> SpecErrors {
    errors.sort_by_key(|error| error.span.as_ref().map(|span| span.start));
    SpecErrors {
        source: spec.source.clone(),
        errors,
    }
}

/// What is wrong with the name of a function, at its place.
fn of_function(spec: &Spec, error: &FunctionError) -> SpecError {
    let mut located =
        SpecError::of_file(error.message.clone()).of_tests(spec.tests_on(&error.label));
    located.help.clone_from(&error.help);
    let Some(function) = spec.function(&error.label) else {
        return located;
    };
    let pattern = function.pattern.span.clone();
    let closure = function
        .closure
        .as_ref()
        .map(|closure| closure.span.clone());
    located.span = match error.by {
        Named::ByPattern => Some(pattern),
        Named::ByText => closure,
        Named::ByTextOfNone => {
            located = located.related(pattern, "looked for in this function");
            closure
        }
    };
    located
}

fn of_redaction(spec: &Spec, error: &RedactionError) -> SpecError {
    let mut redactions = spec.redactions.paths.iter().chain(&spec.redactions.types);
    let redaction = redactions.nth(error.index);
    SpecError {
        span: redaction.map(|redaction| redaction.pattern.span.clone()),
        ..SpecError::of_file(error.to_string())
    }
}
