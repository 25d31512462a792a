//! `goproctor test --print-flags`: what plain `go test` needs so that goproctor judges its tests.

use std::{ffi::OsString, io::Write as _, os::unix::ffi::OsStrExt as _, path::Path};

use golang::toolchain::{TestBuildRequest, TestPackages, prepare_test};

use super::{
    Failure,
    arguments::FlagsForm,
    test_setup::{Found, found, own_exec, world},
};
use crate::go_test;

/// The first release (`go1.N`) whose GOFLAGS takes quotes (cmd/go/internal/base/goflags.go).
const QUOTES_SINCE: u32 = 20;

/// Prints the flags for these packages on standard output, and what to know of them on standard error.
///
/// # Errors
/// The packages can't be listed, or a flag can't be written so that a shell and GOFLAGS read it alike.
pub(super) fn print(
    listed: &TestPackages,
    form: FlagsForm,
    progress: &mut dyn FnMut(&str),
) -> Result<u8, Failure> {
    if let Some(problem) = &listed.problem {
        return Err(Failure::world(problem));
    }
    let found = found(listed)?;
    for specs in found.iter().map(Found::specs) {
        specs.map_err(Failure::usage)?;
    }
    let exec = own_exec()?;
    let request = TestBuildRequest {
        packages: listed,
        watched: found.iter().map(Found::watched).collect(),
        exec: exec.clone(),
        lasting: true,
    };
    let build = prepare_test(&request, progress).map_err(world)?;
    if let Some(problem) = &build.problem {
        return Err(Failure::world(problem));
    }
    let words = build.flags.iter().map(word);
    let words = words.collect::<Result<Vec<_>, Failure>>()?;
    let line = match form {
        FlagsForm::Words => {
            let quoted = words.iter().map(|word| quoted(word));
            quoted.collect::<Result<Vec<_>, Failure>>()?.join(" ")
        }
        FlagsForm::Json => serde_json::to_string(&words).map_err(std::io::Error::from)?,
    };
    writeln!(std::io::stdout(), "{line}")?;
    for note in notes(listed, form, &exec, found.is_empty()) {
        eprintln!("goproctor: {note}");
    }
    Ok(0)
}

/// What to know of the flags where it is not as usual.
fn notes(
    listed: &TestPackages,
    form: FlagsForm,
    exec: &[OsString],
    is_without_specs: bool,
) -> Vec<String> {
    let mut notes = Vec::new();
    if is_without_specs {
        notes.push(
            "no *.proctor.toml with `go-test` beside these tests; print the flags again when there is one, as they depend on \
             the functions that it names"
                .to_owned(),
        );
    }
    let own = exec.first().map(Path::new).unwrap_or_else(|| Path::new(""));
    if own.as_os_str().as_bytes().contains(&b' ') {
        notes.push(format!(
            "the path of goproctor has a space: {}; some editors split it there: install goproctor at a path without spaces",
            own.display()
        ));
    }
    if form == FlagsForm::Words && listed.release.minor() < QUOTES_SINCE {
        notes.push(format!(
            "GOFLAGS of {} takes no quotes, which the flags need: run eval \"go test $(goproctor test --print-flags ./...) ./...\" instead",
            listed.release.as_str()
        ));
    }
    if listed
        .command
        .exec()
        .is_some_and(|own| !go_test::is_own_exec(&own))
    {
        notes.push("your own -exec is not kept: `goproctor test` keeps it".to_owned());
    }
    notes
}

fn word(flag: &OsString) -> Result<String, Failure> {
    let text = flag.to_str().map(str::to_owned);
    text.ok_or_else(|| Failure::world(format!("not UTF-8: {}", flag.to_string_lossy())))
}

/// A word so that a shell and GOFLAGS take it for one (cmd/internal/quoted): neither knows an escape within quotes that the other
/// knows, too.
fn quoted(word: &str) -> Result<String, Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:@%+".contains(c);
    let quote = match word {
        "" => "'",
        _ if word.chars().all(is_plain) => "",
        _ if !word.contains('\'') => "'",
        _ if !word.contains(['"', '$', '`', '\\', '!']) => "\"",
        _ => {
            return Err(Failure::world(format!(
                "no quotes that a shell and GOFLAGS both understand fit this flag: {word}"
            )));
        }
    };
    Ok(format!("{quote}{word}{quote}"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_are_quoted_for_a_shell_and_for_goflags() {
        for (word, wanted) in [
            ("-gcflags=a.test/shop=-l", "-gcflags=a.test/shop=-l"),
            ("-exec=/bin/goproctor exec", "'-exec=/bin/goproctor exec'"),
            (
                "-exec='/my bin/goproctor' exec",
                "\"-exec='/my bin/goproctor' exec\"",
            ),
            ("-gcflags=a.test/~shop=-l", "'-gcflags=a.test/~shop=-l'"),
        ] {
            assert_eq!(quoted(word).unwrap(), wanted);
        }
        let error = quoted("-ldflags=-X 'a.b=$HOME'").unwrap_err();
        assert!(error.to_string().contains("$HOME"), "{error}");
    }
}
