//! How a test has the program started and ended, against what the program is.

use super::case::Case;
use crate::{
    document::{Program, Span, Template},
    error::SpecError,
};

/// Notes what the program can't be asked in one test. Where something could not be `read`, that may have given it a port.
pub(super) fn report(case: &Case<'_>, is_read: bool) {
    if case.spec.is_of_go_tests() {
        return;
    }
    shared_process(case);
    if is_read {
        let known = ports_of_program(case);
        ports(case, &known);
        ends(case, !known.is_empty());
    }
}

/// The ports that the program is given in all tests.
fn ports_of_program(case: &Case<'_>) -> Vec<String> {
    ports_of(case.spec.program.given())
}

fn ports_of<'t>(templates: impl Iterator<Item = &'t Template>) -> Vec<String> {
    let ports = templates.flat_map(Template::ports);
    ports.map(str::to_owned).collect()
}

/// What needs a process of its own, where all tests share one.
fn shared_process(case: &Case<'_>) {
    if case.spec.program.restart {
        return;
    }
    let execution = &case.test.execution;
    let args = execution.args.as_ref().map(|args| ("args", &args.span));
    let stdin = execution.stdin.as_ref().map(|stdin| ("stdin", &stdin.span));
    let stop = execution.stop.as_ref().map(|stop| ("stop", &stop.span));
    for (key, span) in [args, stdin, stop].into_iter().flatten() {
        let message = format!("`{key}` needs a process of the test's own");
        case.report(
            SpecError::at(span.clone(), message)
                .label("with `restart = false` all tests share one")
                .help("remove `restart = false`, or put this test into a spec of its own"),
        );
    }
}

/// Arguments of a test that leave out the port, or ask for one that there is not.
fn ports(case: &Case<'_>, known: &[String]) {
    let Some(args) = &case.test.execution.args else {
        return;
    };
    let own = args.value.iter().map(|value| &value.value);
    let others = Program {
        args: Vec::new(),
        ..case.spec.program.clone()
    };
    if !known.is_empty() && ports_of(others.given().chain(own)).is_empty() {
        case.report(
            SpecError::at(args.span.clone(), "the program gets no port in this test")
                .label("in place of the program's args")
                .help("add \"${port}\" as in [program]: args of a test replace all of them"),
        );
    }
    for arg in &args.value {
        for port in arg.value.ports() {
            if !known.iter().any(|known| known == port) {
                let dot = if port.is_empty() { "" } else { "." };
                let message = format!("[program] has no port `${{port{dot}{port}}}`");
                case.report(
                    SpecError::at(arg.span.clone(), message)
                        .label("not known there")
                        .help("a program serves in all tests of a spec or in none: give it the port in [program], too"),
                );
            }
        }
    }
}

/// An end of a program that does not end, or that ends by itself.
fn ends(case: &Case<'_>, serves: bool) {
    let execution = &case.test.execution;
    let report = |span: &Span, message: &str, help: &str| {
        case.report(SpecError::at(span.clone(), message).help(help));
    };
    match (&execution.stop, &execution.exit) {
        (Some(stop), _) if !serves => report(
            &stop.span,
            "a program without a port ends by itself",
            "remove `stop`; `exit` judges its exit status",
        ),
        (None, Some(exit)) if serves && !case.test.expects_end() => report(
            &exit.span,
            "nothing ends the program in this test",
            "end it with stop = \"TERM\", or expect a call with outcome = \"process-ended\"",
        ),
        _ => {}
    }
}
