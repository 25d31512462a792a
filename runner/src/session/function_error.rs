//! A function that can't be watched as it is named.

use plan::LabelError;

/// Functions that can't be watched as they are named.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct FunctionErrors(pub Vec<FunctionError>);

/// A function that can't be watched as it is named.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}{}", .help.iter().map(|help| format!("; {}", help.replace('\n', "\n  "))).collect::<String>())]
pub struct FunctionError {
    /// Its label.
    pub label: String,
    /// What names it.
    pub by: Named,
    /// What is wrong.
    pub message: String,
    /// What there is instead, or what to do.
    pub help: Option<String>,
}

/// What names a function, of which something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// Its name, or a glob.
    ByPattern,
    /// A text of a closure.
    ByText,
    /// A text of a closure of a function that has none.
    ByTextOfNone,
}

impl From<LabelError> for FunctionError {
    fn from(error: LabelError) -> Self {
        Self {
            label: error.label,
            by: Named::ByPattern,
            message: error.source.to_string(),
            help: error.source.help(),
        }
    }
}
