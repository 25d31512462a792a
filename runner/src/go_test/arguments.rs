//! The arguments that `go test` gives a test binary.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
};

use gotest::flags;

/// Whether these are the arguments of a test binary that runs tests: not of another program, of a list, or of the fuzzer.
pub(super) fn runs_tests(arguments: &[OsString]) -> bool {
    let flags = arguments.iter().filter_map(|argument| test_flag(argument));
    let mut is_test = false;
    for (name, value) in flags {
        is_test = true;
        let is_given = value.is_some_and(|value| !value.is_empty());
        if matches!(name, "list" | "fuzz") && is_given || name == "fuzzworker" {
            return false;
        }
    }
    is_test
}

/// Whether the arguments leave some tests out.
pub(super) fn leaves_tests_out(arguments: &[OsString]) -> bool {
    let mut flags = arguments.iter().filter_map(|argument| test_flag(argument));
    flags.any(|(name, _)| matches!(name, "run" | "skip" | "short" | "failfast"))
}

/// The folder of all artifacts, if tests that run in `folder` are to leave some.
pub(super) fn artifacts_folder(arguments: &[OsString], folder: &Path) -> Option<PathBuf> {
    let words = arguments.iter().filter_map(|argument| argument.to_str());
    let (mut is_asked, mut output) = (false, "");
    for flag in flags(words) {
        match flag.name {
            "test.artifacts" => is_asked = flag.is_on().unwrap_or(is_asked),
            "test.outputdir" => output = flag.value.unwrap_or(output),
            _ => {}
        }
    }
    is_asked.then(|| {
        // testing.toOutputDir and filepath.Abs. go makes the path absolute, unless it stands behind -args.
        let path = folder.join(output).join("_artifacts");
        path.components().collect()
    })
}

/// Name and value of a flag of package `testing`: `-test.run=^TestShop$`.
pub(super) fn test_flag(argument: &OsStr) -> Option<(&str, Option<&str>)> {
    let argument = argument.to_str()?;
    let flag = argument.strip_prefix('-')?;
    let flag = flag
        .strip_prefix('-')
        .unwrap_or(flag)
        .strip_prefix("test.")?;
    Some(match flag.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (flag, None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_runs_tests_is_judged() {
        let judged = |arguments: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            runs_tests(&arguments)
        };
        assert!(judged(&["-test.paniconexit0", "-test.timeout=10m0s"]));
        assert!(judged(&["--test.v=test2json", "-test.fuzz=", "x"]));
        assert!(!judged(&["-test.timeout=10m0s", "-test.list=.*"]));
        assert!(!judged(&["-test.fuzz=FuzzShop", "-test.run=^$"]));
        assert!(!judged(&["-test.fuzzworker"]));
        assert!(!judged(&["-listen=127.0.0.1:0"]), "a program of go run");
        assert!(!judged(&[]));
    }

    #[test]
    fn artifacts_are_in_the_output_folder() {
        let folder = |arguments: &[&str]| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            let folder = artifacts_folder(&arguments, Path::new("/src/shop"));
            folder.map(|folder| folder.to_string_lossy().into_owned())
        };
        let is = |path: &str| Some(path.to_owned());
        assert_eq!(folder(&["-test.outputdir=/out"]), None);
        assert_eq!(
            folder(&["-test.outputdir=/out", "-test.artifacts=true"]),
            is("/out/_artifacts")
        );
        assert_eq!(
            folder(&["-test.artifacts"]),
            is("/src/shop/_artifacts"),
            "without -test.outputdir, as testing does"
        );
        assert_eq!(
            folder(&["-test.artifacts", "-test.outputdir", "./out/"]),
            is("/src/shop/out/_artifacts")
        );
        assert_eq!(folder(&["-test.artifacts=true", "-test.artifacts=0"]), None);
        assert_eq!(
            folder(&["-test.v=true", "x", "-test.artifacts=true"]),
            None,
            "an argument of the test's own"
        );
    }
}
