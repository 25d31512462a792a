//! The program: what needs a port, what needs a build, how its requests are recognized.

use super::case::filtered;
use crate::{
    cursor::Context,
    document::{Origin, Spec},
    error::SpecError,
};

/// Notes what the program can't be asked.
pub(super) fn report(spec: &Spec, context: &Context<'_>) {
    no_port(spec, context);
    floats_of_a_binary(spec, context);
    server(spec, context);
}

/// What needs a port, when the program can't know where to listen. A program without one is a command, run to its end.
fn no_port(spec: &Spec, context: &Context<'_>) {
    // An argument that could not be read may have it.
    if context.error_count() > 0 || context.given.borrow().contains("port") {
        return;
    }
    let help = "give it a free port, for instance: args = [\"-listen=127.0.0.1:${port}\"]; \
                or send it nothing: then it is run to its end";
    let request = spec.tests.iter().flat_map(|test| &test.requests).next();
    let ready = spec
        .program
        .ready
        .span
        .clone()
        .map(|span| (span, "needs a port"));
    let request = request.map(|request| (request.span.clone(), "needs a port"));
    let tls = spec.program.tls.as_ref();
    let tls = tls.map(|tls| (tls.span.clone(), "needs a port"));
    for (span, label) in ready.into_iter().chain(tls).chain(request) {
        let error = SpecError::at(
            span,
            "the program gets no port: none of its args, env and files has ${port}",
        );
        context.report(error.label(label).help(help));
    }
}

/// A function that is to be built so that floats can be read, where nothing is built.
fn floats_of_a_binary(spec: &Spec, context: &Context<'_>) {
    let Origin::Binary(binary) = &spec.program.origin else {
        return;
    };
    for function in spec.functions.iter().filter(|function| function.floats) {
        let message = "`floats` says how to build, and a binary is built already";
        context.report(
            SpecError::at(function.label.span.clone(), message)
                .label("floats = true")
                .related(binary.span.clone(), "the binary"),
        );
    }
}

/// A function that can't be the one that handles requests, and requests that could not be distinguished.
fn server(spec: &Spec, context: &Context<'_>) {
    let Some(server) = &spec.server else { return };
    let entry = &server.entry;
    if let Some(function) = spec.function(&entry.value) {
        if function.is_glob() {
            context.report(
                SpecError::at(entry.span.clone(), "one function handles a request")
                    .label("which of them?")
                    .related(function.pattern.span.clone(), "a glob over many")
                    .help("declare the one that handles requests under a name of its own"),
            );
        } else if let Some(error) = filtered(entry, function, "a server") {
            context.report(error);
        }
    }
    if server.key.is_some() {
        return;
    }
    let requests = spec.tests.iter().flat_map(|test| &test.requests);
    for request in requests.filter(|request| request.concurrency > 1) {
        context.report(
            SpecError::at(
                request.span.clone(),
                "without a key, requests are matched by order",
            )
            .label(format!("{} at a time", request.concurrency))
            .related(entry.span.clone(), "a server without `key`")
            .help("[server] key = \"c.remote\": the argument of `entry` that identifies the client; or send one at a time"),
        );
    }
}
