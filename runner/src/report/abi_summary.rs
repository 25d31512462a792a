//! What differs between two sides' calling of functions, in numbers.

use std::{fmt::Write as _, time::Duration};

use compare::abi::ComparedFunction;
use model::Nanoseconds;
use serde_json::{Value as Json, json};

use super::ExitCode;

/// How many functions differ.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AbiSummary {
    functions: usize,
    differing: usize,
    /// Specs that could not be built or read on a side.
    pub(crate) refused: usize,
}

impl AbiSummary {
    /// Counts a function.
    pub(crate) fn add(&mut self, function: &ComparedFunction) {
        self.functions += 1;
        self.differing += usize::from(function.differs());
    }

    /// What to say to the shell: 1 where something differs.
    pub(crate) const fn exit(&self) -> ExitCode {
        match (self.differing, self.refused) {
            (0, 0) => ExitCode::Passed,
            (0, _) => ExitCode::CouldNotRun,
            _ => ExitCode::Failed,
        }
    }

    /// `2 of 5 functions differ (4.2s)`
    pub(crate) fn line(&self, took: Option<Duration>) -> String {
        let mut line = match (self.differing, self.functions) {
            (0, 1) => "1 function: no difference".to_owned(),
            (0, functions) => format!("{functions} functions: no difference"),
            (1, functions) => format!("1 of {functions} functions differs"),
            (differing, functions) => format!("{differing} of {functions} functions differ"),
        };
        match self.refused {
            0 => {}
            1 => line.push_str(", 1 spec not built on both sides"),
            count => {
                let _ = write!(line, ", {count} specs not built on both sides");
            }
        }
        if let Some(took) = took {
            let _ = write!(line, "  ({})", Nanoseconds::from(took).brief());
        }
        line
    }

    /// The last object of a report.
    pub(crate) fn json(&self, took: Duration, exit: ExitCode) -> Json {
        json!({
            "event": "abi_end",
            "functions": self.functions,
            "differing": self.differing,
            "specs_not_built": self.refused,
            "seconds": took.as_secs_f64(),
            "exit_code": exit.code(),
        })
    }
}
