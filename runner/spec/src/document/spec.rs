//! A spec as a whole.

use std::path::PathBuf;

use super::{FunctionSpec, HandOff, Limits, Program, Redactions, Server, Source, Stub, Test};

/// A whole spec.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The file.
    pub source: Source,
    /// The program under test.
    pub program: Program,
    /// The services that the program calls.
    pub stubs: Vec<Stub>,
    /// The functions to watch.
    pub functions: Vec<FunctionSpec>,
    /// The limits for all functions that set none of their own.
    pub limits: Limits,
    /// What must not be seen.
    pub redactions: Redactions,
    /// How work is handed from one goroutine to another: `[hand-off]`.
    pub hand_offs: Vec<HandOff>,
    /// How a request is told in a program without `net/http`: `[server]`.
    pub server: Option<Server>,
    /// The tests, in the order of the file.
    pub tests: Vec<Test>,
}

impl Spec {
    /// The function entry of that name.
    #[must_use]
    pub fn function(&self, label: &str) -> Option<&FunctionSpec> {
        self.functions.iter().find(|f| f.label.value == label)
    }

    /// The folder that relative paths in the spec start from.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        match self.source.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        }
    }
}
