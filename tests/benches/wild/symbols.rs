//! The functions of a program and where their code stands, by `go tool nm`.

use std::{
    collections::BTreeMap,
    ops::Range,
    path::Path,
    process::{Command, Stdio},
};

use golang::names;

use super::Outcome;

/// Code by name.
pub(crate) struct Symbols(BTreeMap<String, Vec<Range<u64>>>);

impl Symbols {
    /// Reads the table.
    pub(crate) fn read(binary: &Path) -> Outcome<Self> {
        let output = Command::new("go")
            .args(["tool", "nm", "-size", "-sort", "none"])
            .arg(binary)
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(format!("go tool nm: {said}").into());
        }
        let mut code: BTreeMap<String, Vec<Range<u64>>> = BTreeMap::new();
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            if let Some((name, range)) = symbol(line)
                && !is_wrapper(name)
            {
                let name = names::without_type_arguments(name).into_owned();
                code.entry(name).or_default().push(range);
            }
        }
        Ok(Self(code))
    }

    /// Whether a function has code of its own.
    pub(crate) fn has(&self, function: &str) -> bool {
        self.0.contains_key(function)
    }

    /// Whether an address is in the code of a function, rather than where it was inlined.
    pub(crate) fn holds(&self, function: &str, address: u64) -> bool {
        let code = self.0.get(function);
        code.is_some_and(|code| code.iter().any(|range| range.contains(&address)))
    }
}

/// `  8a4c20       1234 T main.f`
fn symbol(line: &str) -> Option<(&str, Range<u64>)> {
    let (address, rest) = line.trim_start().split_once(' ')?;
    let (size, rest) = rest.trim_start().split_once(' ')?;
    let (kind, name) = rest.trim_start().split_once(' ')?;
    let address = u64::from_str_radix(address, 16).ok()?;
    let size: u64 = size.parse().ok()?;
    matches!(kind, "T" | "t").then_some((name, address..address + size))
}

/// Whether it only hands a dictionary to the body that instances of one shape share.
fn is_wrapper(name: &str) -> bool {
    name.contains('[') && !name.contains("go.shape.")
}

/// The functions that a function's code may be a part of: itself, and those that a literal stands in.
pub(crate) fn holders(function: &str) -> impl Iterator<Item = &str> {
    let literals = function.match_indices(".func");
    let holders = literals.map(|(at, _)| &function[..at]);
    std::iter::once(function).chain(holders)
}
