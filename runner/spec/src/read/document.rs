//! A whole file: its bytes, its TOML, its tables.

use std::{fs::File, io::Read as _, path::Path, sync::Arc};

use toml::de::{DeTable, DeValue};

use super::{
    functions::{self, General},
    go_test, part, program, redact, request, stubs, syntax, test,
};
use crate::{
    contradictions,
    cursor::{Context, Node},
    document::{Source, Spec},
    error::{SpecError, SpecErrors},
    grammar,
};

/// How large a spec may be, in bytes.
pub(crate) const MAX_SIZE: usize = 1 << 20;

/// Reads a spec file.
///
/// # Errors
/// All that is wrong with the file, or why it can't be read.
pub fn read(path: &Path) -> Result<Spec, SpecErrors> {
    parse(read_source(path, "spec")?)
}

/// Reads the text of a file; messages call it `what`.
pub(super) fn read_source(path: &Path, what: &str) -> Result<Source, SpecErrors> {
    let bytes = contents(path, what).map_err(|message| SpecErrors {
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
/// let source = Source { path: "site.proctor.toml".into(), text: text.into() };
/// let spec = parse(source)?;
/// assert_eq!(spec.tests[0].name.value, "a visitor reaches the handler");
/// # Ok::<(), spec::SpecErrors>(())
/// ```
///
/// # Errors
/// All that is wrong with it.
pub fn parse(source: Source) -> Result<Spec, SpecErrors> {
    let text = Arc::clone(&source.text);
    match understand(&source, &text) {
        Ok(spec) => Ok(spec),
        Err(errors) => Err(SpecErrors { source, errors }),
    }
}

fn understand(source: &Source, text: &str) -> Result<Spec, Vec<SpecError>> {
    if text.len() > MAX_SIZE {
        return Err(vec![SpecError::of_file(too_large("spec"))]);
    }
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(syntax::errors(text, root.get_ref(), &errors));
    }
    let root = DeValue::Table(root.into_inner());
    let DeValue::Table(table) = &root else {
        return Err(Vec::new());
    };
    let context = Context::new(text, table);
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

fn contents(path: &Path, what: &str) -> Result<Vec<u8>, String> {
    let unreadable = |error: std::io::Error| format!("the {what} can't be read: {error}");
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(format!("the {what} is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_SIZE as u64 + 1).read_to_end(&mut bytes))
        .map_err(unreadable)?;
    if bytes.len() > MAX_SIZE {
        return Err(too_large(what));
    }
    Ok(bytes)
}

fn too_large(what: &str) -> String {
    format!("the {what} is larger than {} MiB", MAX_SIZE >> 20)
}

fn source(path: &Path, text: &str) -> Source {
    Source {
        path: path.to_path_buf(),
        text: text.into(),
    }
}
