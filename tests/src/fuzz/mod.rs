//! What must hold of any bytes, one function a target. `tests/tests/fuzz.rs` runs each for a moment over the corpus in
//! `testdata/fuzz` and over mutations of it; `make fuzz` runs them under libFuzzer for as long as one likes.
//!
//! A target panics if its property does not hold.

mod binaries;
mod chunks;
mod paths;
mod records;
mod script;
mod snapshots;
mod specs;

/// A target: its name and its property.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its folder in the corpus.
    pub name: &'static str,
    /// What must hold of any bytes.
    pub holds: fn(&[u8]),
}

/// All targets.
pub const TARGETS: [Target; 7] = [
    Target {
        name: "binaries",
        holds: binaries::hold,
    },
    Target {
        name: "chunks",
        holds: chunks::hold,
    },
    Target {
        name: "paths",
        holds: paths::hold,
    },
    Target {
        name: "recordings",
        holds: records::hold_recorded,
    },
    Target {
        name: "records",
        holds: records::hold,
    },
    Target {
        name: "snapshots",
        holds: snapshots::hold,
    },
    Target {
        name: "specs",
        holds: specs::hold,
    },
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
