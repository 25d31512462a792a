//! The tables of a `goproctor.toml`.

use super::shape::{Section, Shape, keys};

/// All sections of a config file, in the order of the documentation.
pub(crate) static CONFIG_SECTIONS: [&Section; 2] = [&CONFIG, &SETTINGS];

/// How many specs may be run at the same time.
pub(crate) const MAX_JOBS: u32 = 64;
/// How often a test may be run again.
pub(crate) const MAX_RETRIES: u32 = 100;
/// How often each test may be run.
pub(crate) const MAX_COUNT: u32 = 10_000;
/// How large the ring may be, in MiB.
pub(crate) const MAX_RING: u32 = 1024;

pub(crate) static CONFIG: Section = Section {
    name: "config",
    about: "The whole file.",
    keys: keys! {
        "run": Shape::Table(&SETTINGS), "none", "what holds for `goproctor run` where the command line says nothing";
        "profile": Shape::Map(&Shape::Table(&SETTINGS)), "none",
            "what holds instead of `[run]` under a name: `[profile.ci]` with `--profile ci`";
    },
};

pub(crate) static SETTINGS: Section = Section {
    name: "settings",
    about: "The settings of `[run]` and of each profile. Each stands for the flag of that name.",
    keys: keys! {
        "paths": Shape::List(&Shape::Text), "the current folder",
            "specs, and folders in which to find them, relative to this file";
        "skip": Shape::Text, "none", "skip tests whose names match this regular expression";
        "count": Shape::Integer(1, MAX_COUNT), "`1`", "run each test this many times";
        "jobs": Shape::Integer(1, MAX_JOBS), "`1`", "run this many specs at the same time";
        "retries": Shape::Integer(0, MAX_RETRIES), "`0`", "run a test that does not pass again, up to this many times";
        "failfast": Shape::Flag, "`false`", "stop at the first test that does not pass";
        "go": Shape::Text, "the spec's", "the Go release to build with, e.g. `go1.26.8`";
        "env": Shape::Map(&Shape::Text), "none",
            "environment variables of the program, over those of the spec; `--env` wins by name";
        "junit": Shape::Text, "none", "write a JUnit report to this file besides, relative to this one";
        "ring": Shape::Integer(1, MAX_RING), "`32`", "the size of the ring of records, in MiB";
        "user": Shape::Text, "the owner of the files", "who `go` and the program run as";
    },
};
