//! A whole file: its bytes, its TOML, its tables.

use std::{collections::BTreeMap, path::Path};

use toml::de::DeValue;

use super::{
    file::{self, MAX_SIZE},
    functions::{self, General},
    go_test, part, program, redact, request, stubs, test,
    used::{self, Gathered},
};
use crate::{
    cases, contradictions,
    cursor::{Context, Node},
    document::{Source, Spec},
    error::{SpecError, SpecErrors},
    grammar,
};

/// Reads a spec file.
///
/// # Errors
/// All that is wrong with the file, or why it can't be read.
pub fn read(path: &Path) -> Result<Spec, SpecErrors> {
    understood(&read_source(path, "the spec")?, &used::from_disk)
}

/// Reads the text of a file; messages call it `what`.
pub(super) fn read_source(path: &Path, what: &str) -> Result<Source, SpecErrors> {
    let bytes = file::bytes(path, what).map_err(|message| SpecErrors {
        source: source(path, ""),
        errors: vec![SpecError::of_file(message)],
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(source(path, &text)),
        Err(error) => {
            let start = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let error = SpecError::at(
                start..start + '\u{fffd}'.len_utf8(),
                "the file is not UTF-8",
            )
            .label("this byte begins no character")
            .help("TOML is UTF-8: save the file in that encoding");
            Err(SpecErrors {
                source: source(path, &text),
                errors: vec![error],
            })
        }
    }
}

/// Understands a spec that has been read.
///
/// ```
/// use spec::{Source, parse};
///
/// let text = r#"
/// [program]
/// package = "./server"
/// args    = ["-listen=127.0.0.1:${port}"]
///
/// [functions]
/// handler = "main.handler"
///
/// [[test]]
/// name     = "a visitor reaches the handler"
/// request  = { get = "/" }
/// sequence = ["handler"]
/// "#;
/// let source = Source::new("site.proctor.toml", text);
/// let spec = parse(source)?;
/// assert_eq!(spec.tests[0].name.value, "a visitor reaches the handler");
/// # Ok::<(), spec::SpecErrors>(())
/// ```
///
/// # Errors
/// All that is wrong with it.
pub fn parse(source: Source) -> Result<Spec, SpecErrors> {
    let texts: BTreeMap<&Path, &str> = source.used_texts().collect();
    let own = Source::new(source.path.clone(), source.own_text());
    understood(&own, &|name, _| match texts.get(name) {
        Some(text) => Ok((*text).to_owned()),
        None => Err("it is not here".to_owned()),
    })
}

/// Understands a spec; `read` gives the texts of files that it uses.
fn understood(source: &Source, read: &used::Read<'_>) -> Result<Spec, SpecErrors> {
    if source.text.len() > MAX_SIZE {
        return Err(SpecErrors {
            source: source.clone(),
            errors: vec![SpecError::of_file(file::too_large("the spec"))],
        });
    }
    let Gathered { source, errors } = used::gather(source, read);
    match understand(&source, errors) {
        Ok(spec) => Ok(spec),
        Err(errors) => Err(SpecErrors { source, errors }),
    }
}

fn understand(source: &Source, errors: Vec<SpecError>) -> Result<Spec, Vec<SpecError>> {
    let texts = used::texts(source);
    let mut all = errors;
    // Without a file, what it has would be missing everywhere.
    let is_whole = all.is_empty();
    let mut root = used::merged(&texts, &mut all)?;
    if !is_whole {
        return Err(all);
    }
    let (cases, mut wrong) = cases::expand(&source.text, &mut root);
    all.append(&mut wrong);
    let root = DeValue::Table(root);
    let DeValue::Table(table) = &root else {
        return Err(Vec::new());
    };
    let context = Context::new(&source.text, table, cases);
    context.report_all(all);
    let spec = tables(&Node::root(&context, &root), source);
    let errors = context.into_errors();
    match spec {
        Some(spec) if errors.is_empty() => Ok(spec),
        _ => Err(errors),
    }
}

/// Reads all tables; none if one that a spec can't be without is missing or wrong.
fn tables(root: &Node<'_>, source: &Source) -> Option<Spec> {
    let mut top = root.table(&grammar::SPEC)?;
    // They have been read.
    top.take(used::KEY);
    let is_of_go_tests = top.span_of("program").is_none() && go_test::is_named(root);
    let program = match is_of_go_tests {
        true => None,
        false => top.required("program", program::program),
    };
    let env = top.read("go-test", go_test::binary);
    let stubs = top.read("stubs", stubs::stubs).unwrap_or_default();
    let limits = top.read("limits", |node| functions::limits(node, None));
    let general = General {
        limits: limits.unwrap_or_default(),
        floats: program.as_ref().is_some_and(|program| program.floats),
    };
    let redactions = top.read("redact", redact::redactions);
    let functions = top.read("functions", |node| functions::functions(node, general));
    let hand_offs = top.read("hand-off", part::hand_offs);
    let server = top.read("server", part::server);
    let before_at = top.span_of("before");
    let before = top.read("before", request::requests).unwrap_or_default();
    root.context.report_captures();
    root.context.captures.share();
    if let Some(span) = before_at.filter(|_| is_of_go_tests) {
        let message = "`before` is not for Go tests, which send their own requests";
        top.report(SpecError::at(span, message));
    }
    let tests = top.required("test", test::tests).unwrap_or_default();
    let program = program.map(|program| program.program);
    let program = program.or_else(|| go_test::program(&mut top, &tests, env));
    top.finish();
    let spec = Spec {
        source: source.clone(),
        program: program?,
        stubs,
        functions: functions.unwrap_or_default(),
        limits: general.limits,
        redactions: redactions.unwrap_or_default(),
        hand_offs: hand_offs.unwrap_or_default(),
        server,
        before,
        tests,
    };
    contradictions::report(&spec, root.context);
    Some(spec)
}

fn source(path: &Path, text: &str) -> Source {
    Source::new(path, text)
}
