//! What can't be true together: errors between parts that are each well formed.

use std::collections::HashMap;

use super::{
    cursor::Context,
    document::{Origin, SequenceElement, Spanned, Spec, Step, Test},
    error::SpecError,
    matcher::{Comparison, Literal, Matcher, Number},
    slug::slug,
};

/// Notes all contradictions of a spec.
pub(crate) fn report(spec: &Spec, context: &Context<'_>) {
    no_port(spec, context);
    floats_of_a_binary(spec, context);
    equal_names(spec, context);
    for test in &spec.tests {
        twice_never(test, context);
        never_yet_called(test, context);
        fewer_than_the_sequence(test, context);
    }
}

/// What needs a port, when the program can't know where to listen. A program without one is a command, run to its end.
fn no_port(spec: &Spec, context: &Context<'_>) {
    // An argument that could not be read may have told it.
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
        .map(|span| (span, "tries a port"));
    let request = request.map(|request| (request.span.clone(), "goes to a port"));
    for (span, label) in ready.into_iter().chain(request) {
        let error = SpecError::at(
            span,
            "the program is told no port: there is no ${port} in its args or env",
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

/// Two tests with one name, or with one file for their snapshots.
fn equal_names(spec: &Spec, context: &Context<'_>) {
    let mut names: HashMap<&str, &Test> = HashMap::new();
    let mut slugs: HashMap<String, &Test> = HashMap::new();
    for test in &spec.tests {
        let second = &test.name;
        if let Some(first) = names.get(second.value.as_str()) {
            context.report(twice("two tests have the same name", &first.name, second));
            continue;
        }
        names.insert(&second.value, test);
        if !test.is_held() {
            continue;
        }
        let slug = slug(&second.value);
        if let Some(first) = slugs.get(&slug) {
            let message = "two tests would share one snapshot file";
            let error = twice(message, &first.name, second);
            context.report(error.help("let their names differ in a letter or a digit"));
            continue;
        }
        slugs.insert(slug, test);
    }
}

/// A name that stands in `never` twice.
fn twice_never(test: &Test, context: &Context<'_>) {
    let mut names: HashMap<&str, &Spanned<String>> = HashMap::new();
    for second in &test.never {
        match names.get(second.value.as_str()) {
            Some(first) => context.report(twice(
                &format!("`{}` is there twice", second.value),
                first,
                second,
            )),
            None => {
                names.insert(&second.value, second);
            }
        }
    }
}

fn twice(message: &str, first: &Spanned<String>, second: &Spanned<String>) -> SpecError {
    SpecError::at(second.span.clone(), message)
        .label("the second")
        .related(first.span.clone(), "the first")
}

/// A function that must never be called, or no times, and yet must.
fn never_yet_called(test: &Test, context: &Context<'_>) {
    let none = test
        .counts
        .iter()
        .filter(|count| most(&count.matcher.value) == Some(0))
        .map(|count| &count.label);
    let mut forbidden: HashMap<&str, &Spanned<String>> = HashMap::new();
    for label in test.never.iter().chain(none) {
        forbidden.entry(&label.value).or_insert(label);
    }
    for (label, wanted) in called(test) {
        let forbidden = forbidden
            .get(label.value.as_str())
            .filter(|forbidden| forbidden.span != label.span);
        if let Some(forbidden) = forbidden {
            let message = format!("`{}` must be called and must not", label.value);
            context.report(
                SpecError::at(label.span.clone(), message)
                    .label(wanted)
                    .related(forbidden.span.clone(), "must not be called"),
            );
        }
    }
}

/// The names that a test wants to be called, and by what.
fn called(test: &Test) -> impl Iterator<Item = (&Spanned<String>, &'static str)> {
    let steps = steps(test).map(|step| (&step.label, "must be called: it is in the sequence"));
    let counts = test
        .counts
        .iter()
        .filter(|count| least(&count.matcher.value) > 0)
        .map(|count| (&count.label, "must be called: it is counted"));
    let calls = test.calls.iter().map(|call| {
        let words = "must be called: its calls are judged, and none at all fails";
        (&call.label, words)
    });
    let latency = test
        .latency
        .iter()
        .map(|latency| (&latency.label, "must be called: its latency is judged"));
    steps.chain(counts).chain(calls).chain(latency)
}

/// The calls of a test's sequence.
fn steps(test: &Test) -> impl Iterator<Item = &Step> {
    test.sequence
        .iter()
        .flat_map(|sequence| &sequence.elements)
        .flat_map(|element| match element {
            SequenceElement::Step(step) => std::slice::from_ref(step),
            SequenceElement::AnyOrder(steps, _) => steps.as_slice(),
            SequenceElement::Forbidden(_) => &[],
        })
}

/// A count that allows fewer calls than the sequence has.
fn fewer_than_the_sequence(test: &Test, context: &Context<'_>) {
    let mut wanted: HashMap<&str, i128> = HashMap::new();
    for step in steps(test) {
        *wanted.entry(&step.label.value).or_default() += 1;
    }
    for count in &test.counts {
        let label = &count.label.value;
        let wanted = wanted.get(label.as_str()).copied().unwrap_or(0);
        let most = most(&count.matcher.value).filter(|most| *most > 0);
        if most.is_some_and(|most| most < wanted) {
            let message = format!("the sequence has `{label}` {wanted} times");
            let error = SpecError::at(count.matcher.span.clone(), message);
            context.report(error.label("allows fewer"));
        }
    }
}

/// The largest count that a matcher allows; none if it sets no limit.
fn most(matcher: &Matcher) -> Option<i128> {
    match matcher {
        Matcher::Equal(Literal::Number(Number::Integer(number)))
        | Matcher::Compare(Comparison::Le, Number::Integer(number)) => Some(*number),
        Matcher::Compare(Comparison::Lt, Number::Integer(number)) => Some(number - 1),
        Matcher::All(all) => all.iter().filter_map(most).min(),
        _ => None,
    }
}

/// The smallest count that a matcher allows.
fn least(matcher: &Matcher) -> i128 {
    match matcher {
        Matcher::Equal(Literal::Number(Number::Integer(number)))
        | Matcher::Compare(Comparison::Ge, Number::Integer(number)) => *number,
        Matcher::Compare(Comparison::Gt, Number::Integer(number)) => number + 1,
        Matcher::All(all) => all.iter().map(least).max().unwrap_or(0),
        _ => 0,
    }
}
