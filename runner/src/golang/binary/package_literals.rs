//! Function literals of a package's variables: `main.init.func2` is the second one in the source.
//!
//! Up to Go 1.21 the compiler numbers them so. Since then it numbers them in the order in which the variables are
//! initialised, and their positions tell which is which.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use super::{Binary, BinaryError, FunctionSymbol};
use crate::golang::names::PackageLiteral;

/// The first release that numbers them by initialisation.
const NUMBERED_BY_INITIALISATION: u32 = 22;

/// The numbers by source of a package's literals, by those that the compiler gives them; none where they can't be told.
type Numbers = Option<BTreeMap<u32, u32>>;

/// What is known of packages' literals, each looked at when it is asked for.
#[derive(Debug, Default)]
pub struct PackageLiterals {
    known: BTreeMap<String, Numbers>,
}

impl PackageLiterals {
    /// The name by source of a literal of a package's variables, and of what stands in one. None for what is no such literal,
    /// and for one of which it can't be told: where literals of its package are not in the program, the numbers have gaps.
    ///
    /// # Errors
    /// If the DWARF of the package's literals is malformed.
    pub fn source_name(
        &mut self,
        binary: &Binary,
        function: &FunctionSymbol,
    ) -> Result<Option<String>, BinaryError> {
        let Some(literal) = PackageLiteral::parse(&function.name) else {
            return Ok(None);
        };
        let number = match binary.release().minor() {
            ..NUMBERED_BY_INITIALISATION => Some(literal.number),
            _ => match self.numbers(binary, literal.package)? {
                Some(numbers) => numbers.get(&literal.number).copied(),
                None => None,
            },
        };
        Ok(number.map(|number| {
            let PackageLiteral { package, rest, .. } = literal;
            format!("{package}.init.func{number}{rest}")
        }))
    }

    fn numbers(&mut self, binary: &Binary, package: &str) -> Result<&Numbers, BinaryError> {
        Ok(match self.known.entry(package.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(numbers(binary, package)?),
        })
    }
}

fn numbers(binary: &Binary, package: &str) -> Result<Numbers, BinaryError> {
    let mut literals: BTreeMap<u32, &FunctionSymbol> = BTreeMap::new();
    for function in binary
        .functions()
        .iter()
        .filter(|function| !function.is_wrapper())
    {
        if let Some(found) = PackageLiteral::parse(&function.name)
            && found.package == package
            && found.rest.is_empty()
        {
            literals.insert(found.number, function);
        }
    }
    let complete = literals.keys().copied().eq((1..).take(literals.len()));
    if !complete || any_inlined(binary, package, literals.len())? {
        return Ok(None);
    }
    let mut in_source = Vec::new();
    for (number, function) in literals {
        let Some(position) = binary.position(function) else {
            return Ok(None);
        };
        in_source.push((position.file, position.line, number));
    }
    in_source.sort();
    let numbers = in_source.into_iter().map(|(_, _, number)| number);
    Ok(Some(numbers.zip(1..).collect()))
}

/// Whether a package has literals beyond the first so many, which were inlined away.
fn any_inlined(binary: &Binary, package: &str, count: usize) -> Result<bool, BinaryError> {
    const FURTHER: usize = 8;
    let names: Vec<_> = (count + 1..=count + FURTHER)
        .map(|number| format!("{package}.init.func{number}"))
        .collect();
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let copies = binary.inlined_copies(&names)?;
    Ok(copies.values().any(|copies| copies.count > 0))
}
