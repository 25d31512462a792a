//! The arguments that `go test` gives a test binary.

use std::ffi::{OsStr, OsString};

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
}
