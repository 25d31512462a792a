//! Files that a spec uses.

use std::fs;

use crate::{Source, parse, read};

const SPEC: &str = "use = [\"a.toml\"]\n[program]\npackage = \".\"\nargs = [\"${port}\"]\n[[test]]\nname = \"a\"\nrequest = { get = \"/\" }\ncount = { one = 1 }\n";

/// The spec with these files, by name.
fn with(files: &[(&str, &str)]) -> Result<crate::Spec, crate::SpecErrors> {
    spec_with(SPEC, files)
}

/// A spec of that text with these files.
fn spec_with(text: &str, files: &[(&str, &str)]) -> Result<crate::Spec, crate::SpecErrors> {
    let files = files.iter().map(|(name, text)| ((*name).into(), *text));
    parse(Source::with_used("specs/x.proctor.toml", text, files))
}

#[test]
fn places_in_used_files_are_their_own() {
    let two = "\n\n[functions]\none = \"main.one\"\ntwo = { func = \"main.two\", flots = true }\n";
    let errors = with(&[("a.toml", "use = [\"deep/b.toml\"]"), ("deep/b.toml", two)]).unwrap_err();
    assert_eq!(
        errors.to_string(),
        "specs/deep/b.toml:5:28: unknown key `flots`"
    );
    let shown = errors.render(false, false, 100);
    assert!(
        shown.contains("[specs/deep/b.toml:5:28]") && shown.contains("did you mean `floats`?"),
        "{shown}"
    );
    assert!(
        !shown.contains("package"),
        "only the file itself is shown: {shown}"
    );
}

#[test]
fn what_belongs_to_an_error_in_another_file_is_shown_with_that_file() {
    let errors = with(&[
        (
            "a.toml",
            "use = [\"b.toml\"]\n[functions]\none = \"main.one\"\n",
        ),
        ("b.toml", "[functions]\nother = \"x\"\none = \"main.two\"\n"),
    ])
    .unwrap_err();
    let shown = errors.render(false, false, 100);
    assert!(
        shown.contains("[specs/b.toml:3:1]") && shown.contains("[specs/a.toml:3:1]"),
        "{shown}"
    );
}

#[test]
fn tables_come_together() {
    let text = SPEC.replace("\"${port}\"", "\"${port}\", \"${stub.site}\"");
    let spec = spec_with(&text, &[
        ("a.toml", "use = [\"b.toml\", \"./b.toml\"]\n[functions]\none = \"main.one\"\n[redact]\npatterns = [\"a+\", \"b+\"]\n[limits]\ndepth = 2\n"),
        ("b.toml", "\u{feff}[functions]\none = \"main.one\"\nthree = \"main.three\"\n[stubs.site]\n[redact]\npatterns = [\"b+\", \"c+\"]\n[limits]\nstring = 9\n"),
    ])
    .unwrap_or_else(|errors| panic!("{errors}"));
    let labels: Vec<_> = spec
        .functions
        .iter()
        .map(|one| one.label.value.as_str())
        .collect();
    assert_eq!(labels, ["one", "three"]);
    assert_eq!((spec.limits.depth, spec.limits.string), (2, 9));
    let patterns: Vec<_> = spec
        .redactions
        .patterns
        .iter()
        .map(|one| one.value.as_str())
        .collect();
    assert_eq!(patterns, ["a+", "b+", "c+"]);
    assert_eq!(spec.stubs.len(), 1);
}

/// What a recording keeps is enough, wherever it is read again.
#[test]
fn a_source_has_all_that_it_needs_to_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    fs::create_dir(place("specs")).unwrap();
    fs::write(
        place("specs/x.proctor.toml"),
        SPEC.replace("a.toml", "../a.toml"),
    )
    .unwrap();
    fs::write(place("a.toml"), "use = [\"specs/b.toml\"]").unwrap();
    fs::write(place("specs/b.toml"), "[functions]\none = \"main.one\"").unwrap();
    let spec = read(&place("specs/x.proctor.toml")).unwrap_or_else(|errors| panic!("{errors}"));
    let used: Vec<_> = spec
        .source
        .used
        .iter()
        .map(|used| used.path.clone())
        .collect();
    assert_eq!(used, [place("a.toml"), place("specs/b.toml")]);
    let texts: Vec<_> = spec.source.used_texts().collect();
    let elsewhere = Source::with_used(
        "other/x.proctor.toml",
        spec.source.own_text(),
        texts.iter().map(|(name, text)| ((*name).to_owned(), *text)),
    );
    let again = parse(elsewhere).unwrap_or_else(|errors| panic!("{errors}"));
    let function = &again.functions[0];
    assert_eq!(&again.source.text[function.label.span.clone()], "one");
    let file = again.source.file_at(function.label.span.start);
    assert_eq!(file.path.to_string_lossy(), "specs/b.toml");
    assert_eq!(again.source.position(function.label.span.start), (2, 1));
}
