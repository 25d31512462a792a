//! Compares what goproctor saw of a program's values with the program's own account of them: a line of JSON for each
//! call, in goproctor's notation of values, without limits.
//!
//! Each leaf that was seen is equal to the account's, or a status that is true: what it says must follow from the
//! account, the types and the limits. There is no list of exceptions.

mod compare;
mod count;
mod float;
#[cfg(test)]
mod tests;

use std::{fs, path::Path};

use serde_json::Value as Json;

pub use compare::{Comparison, Reading, Vectors};
pub use count::Count;

/// A call as the program tells it.
#[derive(Clone, Debug)]
pub struct Told {
    /// The function, with its full package path and without type arguments.
    pub function: String,
    /// The arguments, receiver first.
    pub arguments: Vec<Variable>,
    /// The results.
    pub results: Vec<Variable>,
}

/// An argument or a result as the program tells it.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name in the source; empty or `_` if it has none.
    pub name: String,
    /// Its type, with full package paths.
    pub ty: String,
    /// Its value.
    pub value: Json,
}

/// Reads an account.
///
/// # Errors
/// What can't be read or understood, with its line.
pub fn read(path: &Path) -> Result<Vec<Told>, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().enumerate();
    lines
        .map(|(number, line)| {
            Told::parse(line).map_err(|error| format!("{}:{}: {error}", path.display(), number + 1))
        })
        .collect()
}

impl Variable {
    /// Whether it has no name that code could use.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        matches!(self.name.as_str(), "" | "_")
    }
}

impl Told {
    fn parse(line: &str) -> Result<Self, String> {
        let record: Json = serde_json::from_str(line).map_err(|error| error.to_string())?;
        Ok(Self {
            function: string(&record, "function")?,
            arguments: variables(&record, "arguments")?,
            results: variables(&record, "results")?,
        })
    }
}

fn variables(record: &Json, key: &str) -> Result<Vec<Variable>, String> {
    let list = record[key]
        .as_array()
        .ok_or_else(|| format!("no list of {key}"))?;
    list.iter()
        .map(|one| {
            Ok(Variable {
                name: string(one, "name")?,
                ty: string(one, "type")?,
                value: one
                    .get("value")
                    .cloned()
                    .ok_or_else(|| "no value".to_owned())?,
            })
        })
        .collect()
}

fn string(record: &Json, key: &str) -> Result<String, String> {
    let text = record[key].as_str();
    text.map(str::to_owned)
        .ok_or_else(|| format!("no text under {key}"))
}
