//! Which function literal a package-level literal's name means.

use std::collections::BTreeMap;

use super::{SelectError, Selector};
use crate::golang::{FunctionSymbol, names::PackageLiteral};

impl<'b> Selector<'b, '_> {
    /// The symbol of a package-level literal: its number is its place in the source. To Go 1.21 the symbols'
    /// numbers are just that; since then they tell the order of initialisation, so positions decide.
    pub(super) fn package_literal(
        &self,
        written: &str,
        name: &str,
    ) -> Result<Option<&'b str>, SelectError> {
        const NUMBERED_BY_INITIALISATION: u32 = 22;
        let Some(wanted) = PackageLiteral::parse(name) else {
            return Ok(None);
        };
        let mut literals: BTreeMap<u32, &'b FunctionSymbol> = BTreeMap::new();
        let mut deepest = Vec::new();
        for function in self.binary.functions() {
            match PackageLiteral::parse(&function.name) {
                Some(found) if found.package == wanted.package && !function.wrapper => {
                    if found.rest.is_empty() {
                        literals.insert(found.number, function);
                    }
                    deepest.push((found, function));
                }
                _ => {}
            }
        }
        let number = if self.binary.release().minor() < NUMBERED_BY_INITIALISATION {
            Some(wanted.number)
        } else {
            let unsure = || SelectError::PackageLiteral {
                name: written.to_owned(),
                package: wanted.package.to_owned(),
            };
            let complete = literals.keys().copied().eq((1..).take(literals.len()));
            if !literals.is_empty()
                && !(complete && self.are_all_literals(wanted.package, literals.len())?)
            {
                return Err(unsure());
            }
            let mut in_source = literals
                .iter()
                .map(|(number, function)| {
                    let position = self.binary.position(function).ok_or_else(unsure)?;
                    Ok((position.file, position.line, *number))
                })
                .collect::<Result<Vec<_>, SelectError>>()?;
            in_source.sort();
            let index = wanted.number.checked_sub(1).map(|index| index as usize);
            index
                .and_then(|index| in_source.get(index))
                .map(|(_, _, number)| *number)
        };
        Ok(deepest
            .into_iter()
            .find(|(found, _)| Some(found.number) == number && found.rest == wanted.rest)
            .map(|(_, function)| function.name.as_str()))
    }

    /// Whether a package has no literals beyond the first so many that were inlined away.
    fn are_all_literals(&self, package: &str, count: usize) -> Result<bool, SelectError> {
        const FURTHER: usize = 8;
        let names: Vec<_> = (count + 1..=count + FURTHER)
            .map(|number| format!("{package}.init.func{number}"))
            .collect();
        let copies = self
            .binary
            .inlined_copies(&names.iter().map(String::as_str).collect())?;
        Ok(copies.values().all(|copies| copies.count == 0))
    }
}
