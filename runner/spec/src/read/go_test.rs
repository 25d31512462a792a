//! `go-test`: which Go test a test of a spec looks at; `[go-test]`: what the test binary is given.

use toml::de::DeValue;

use super::{literal::Subject, matcher, program::environment};
use crate::{
    Spanned, SpecError,
    cursor::{Node, Table},
    document::{GoTestName, Origin, Program, Span, Template, Test},
    grammar,
    matcher::Matcher,
};

/// The environment variables that a test binary is given, by name.
type Environment = Vec<(String, Spanned<Template>)>;

/// The Go test that a test looks at.
pub(super) fn name(node: &Node<'_>) -> Option<Spanned<GoTestName>> {
    let text = node.filled_text()?;
    let problem = match text.value.as_str() {
        value if value.contains(char::is_control) => Some("a Go test's name is one line"),
        value if value.starts_with('/') || value.ends_with('/') => {
            Some("a `/` is between a test and its subtest")
        }
        value if !GoTestName::is_kind(value) && !value.starts_with('*') => {
            Some("a Go test's name begins with Test, Fuzz, Example or Benchmark")
        }
        _ => None,
    };
    match problem {
        Some(problem) => node.refuse(
            node.error(problem)
                .help("go-test = \"TestCheckout/free shipping\": the full name, as `go test -v` prints it; `*` stands for any part of an element"),
        ),
        None => Some(text.map(|text| GoTestName::new(&text))),
    }
}

/// What the test binary is given besides what `go test` gives it.
pub(super) fn binary(node: &Node<'_>) -> Option<Environment> {
    let mut table = node.table(&grammar::GO_TEST)?;
    let env = table.read("env", environment);
    table.finish();
    env
}

/// Whether a test of a file names a Go test, whatever else it says.
pub(super) fn is_named(file: &Node<'_>) -> bool {
    let DeValue::Table(file) = file.value else {
        return false;
    };
    let tests = match file.get("test").map(|tests| tests.get_ref()) {
        Some(DeValue::Array(tests)) => &tests[..],
        _ => &[],
    };
    let mut tests = tests.iter().map(|test| test.get_ref());
    tests.any(|test| matches!(test, DeValue::Table(test) if test.contains_key("go-test")))
}

/// The program of a spec whose tests are Go tests; none if they are not, or if it says both.
pub(super) fn program(
    top: &mut Table<'_>,
    tests: &[Test],
    env: Option<Environment>,
) -> Option<Program> {
    let own = tests.iter().find_map(|test| test.go_test.as_ref())?;
    let other = tests.iter().find(|test| test.go_test.is_none());
    if let Some(program) = top.span_of("program") {
        let message = "`go test` builds and starts the program of a Go test";
        let error = SpecError::at(own.span.clone(), message)
            .label("a Go test")
            .related(program, "a program of its own")
            .help("move the Go tests into a spec without [program], beside their _test.go files");
        return top.refuse(error);
    }
    if let Some(other) = other {
        let error = SpecError::at(other.name.span.clone(), "this test names no Go test")
            .label("which one?")
            .related(own.span.clone(), "this one does")
            .help("give it `go-test`, or move it into a spec with [program]");
        return top.refuse(error);
    }
    let span: Span = own.span.clone();
    Some(Program {
        env: env.unwrap_or_default(),
        ..Program::new(Origin::GoTest(span))
    })
}

/// What a test may leave behind.
pub(super) fn left(node: &Node<'_>) -> Option<Option<Spanned<Matcher>>> {
    let mut table = node.table(&grammar::LEFT)?;
    let left = table.required("left", |node| matcher::matcher(node, Subject::Count));
    table.finish();
    Some(left)
}

/// Notes what a test can't say that nothing begins whose goroutines are known.
pub(super) fn refuse_goroutines(table: &mut Table<'_>) {
    if let Some(span) = table.span_of("goroutines") {
        let message = "`goroutines` needs a request, or a Go test, that starts them";
        let error = SpecError::at(span, message);
        table.report(error.help("give the test a `request`"));
    }
}

/// Notes what a test can't say whose work is a Go test.
pub(super) fn refuse_work(table: &mut Table<'_>) {
    for (key, help) in [
        (
            "request",
            "the Go test sends its own requests: `count-per-request` looks at each of them",
        ),
        (
            "before",
            "the Go test sends its own requests, and prepares what it needs itself",
        ),
        ("cookies", "the Go test sends its own requests"),
        ("within", "`go test -timeout` bounds its time"),
        (
            "stubs",
            "Go tests share the stubs of their binary: set their answers in [stubs]",
        ),
    ] {
        if let Some(span) = table.span_of(key) {
            let message = format!("`{key}` is not for a Go test");
            table.report(SpecError::at(span, message).help(help));
        }
    }
}
