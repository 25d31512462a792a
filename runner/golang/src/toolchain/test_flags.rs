//! The flags of `go test`, as cmd/go/internal/test/testflag.go and cmd/go/internal/work/build.go register them.

use super::flags;
use crate::GoRelease;

/// Whether a flag takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is true or false: its value is part of the argument or left out.
    Boolean,
    /// Its value is part of the argument, or the next one.
    Value,
}

/// Flags for go that are true or false.
const BOOLEAN: &[&str] = &[
    "a",
    "asan",
    "buildvcs",
    "c",
    "cover",
    "i",
    "json",
    "linkshared",
    "modcacherw",
    "msan",
    "n",
    "race",
    "trimpath",
    "work",
    "x",
];

/// Flags for go with a value.
const WITH_VALUE: &[&str] = &[
    "C",
    "asmflags",
    "buildmode",
    "compiler",
    "covermode",
    "coverpkg",
    "debug-actiongraph",
    "debug-runtime-trace",
    "debug-trace",
    "exec",
    "gccgoflags",
    "gcflags",
    "installsuffix",
    "ldflags",
    "mod",
    "modfile",
    "o",
    "overlay",
    "p",
    "pgo",
    "pkgdir",
    "tags",
    "toolexec",
    "vet",
];

/// Flags for the test binary that go knows and that are true or false; go takes them as `-test.x`, too.
const TEST_BOOLEAN: &[&str] = &[
    "artifacts",
    "benchmem",
    "failfast",
    "fullpath",
    "short",
    "v",
];

/// Flags for the test binary that go knows, with a value (passFlagToTest in flagdefs.go).
const TEST_WITH_VALUE: &[&str] = &[
    "bench",
    "benchtime",
    "blockprofile",
    "blockprofilerate",
    "count",
    "coverprofile",
    "cpu",
    "cpuprofile",
    "fuzz",
    "fuzzminimizetime",
    "fuzztime",
    "list",
    "memprofile",
    "memprofilerate",
    "mutexprofile",
    "mutexprofilefraction",
    "outputdir",
    "parallel",
    "run",
    "shuffle",
    "skip",
    "timeout",
    "trace",
];

/// One of the flags that are known to a release, by its name or `test.` and its name: its name and its kind.
pub(super) fn find(name: &str, is_known: impl Fn(&str) -> bool) -> Option<(&str, Kind)> {
    let of_test = name.strip_prefix("test.").unwrap_or(name);
    let (found, kind) = if TEST_BOOLEAN.contains(&of_test) {
        (of_test, Kind::Boolean)
    } else if TEST_WITH_VALUE.contains(&of_test) {
        (of_test, Kind::Value)
    } else if BOOLEAN.contains(&name) {
        (name, Kind::Boolean)
    } else if WITH_VALUE.contains(&name) {
        (name, Kind::Value)
    } else {
        return None;
    };
    is_known(found).then_some((found, kind))
}

/// Whether `go test` of a release has the flag.
pub(super) fn is_known(name: &str, release: &GoRelease) -> bool {
    match name {
        // Go 1.20 took it away.
        "i" => release.minor() < 20,
        // go switches folders before it looks which release is wanted, whichever that is (cmd/go/main.go, handleChdirFlag).
        "C" => true,
        _ => flags::is_known(name, release),
    }
}
