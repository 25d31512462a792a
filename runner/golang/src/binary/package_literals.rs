//! Function literals of a package's variables: `main.init.func2` is the second one in the source.
//!
//! Up to Go 1.21 the compiler numbers them so. Since then it numbers them in the order in which the variables are
//! initialised, and their positions show which is which.

use std::collections::{BTreeMap, BTreeSet};

use super::{Binary, FunctionSymbol};
use crate::names::PackageLiteral;

/// The first release that numbers them by initialisation.
const NUMBERED_BY_INITIALISATION: u32 = 22;

/// The numbers by source of a package's literals, by those that the compiler gives them.
type Numbers = BTreeMap<u32, u32>;

/// The literals of all packages' variables, looked at when the first is asked for.
#[derive(Debug, Default)]
pub struct PackageLiterals {
    /// Of the packages where they are known.
    packages: Option<BTreeMap<String, Numbers>>,
}

impl PackageLiterals {
    /// The name by source of a literal of a package's variables, and of a literal within one. None for anything else, and
    /// where it is unknown: if literals of the package are not in the program, the numbers have gaps.
    pub fn source_name(&mut self, binary: &Binary, function: &FunctionSymbol) -> Option<String> {
        let PackageLiteral {
            package,
            number,
            rest,
        } = PackageLiteral::parse(&function.name)?;
        let number = match binary.release().minor() {
            ..NUMBERED_BY_INITIALISATION => number,
            _ => *self.numbers(binary, package)?.get(&number)?,
        };
        Some(format!("{package}.init.func{number}{rest}"))
    }

    fn numbers(&mut self, binary: &Binary, package: &str) -> Option<&Numbers> {
        self.packages
            .get_or_insert_with(|| all(binary))
            .get(package)
    }
}

/// A package's literals, by the numbers that the compiler gives them.
type Literals<'b> = BTreeMap<u32, &'b FunctionSymbol>;

fn all(binary: &Binary) -> BTreeMap<String, Numbers> {
    let mut packages: BTreeMap<&str, Literals<'_>> = BTreeMap::new();
    for function in binary
        .functions()
        .iter()
        .filter(|function| !function.is_wrapper())
    {
        if let Some(found) = PackageLiteral::parse(&function.name)
            && found.rest.is_empty()
        {
            let literals = packages.entry(found.package).or_default();
            literals.insert(found.number, function);
        }
    }
    packages.retain(|_, literals| literals.keys().copied().eq((1..).take(literals.len())));
    let lack = with_inlined(binary, &packages);
    packages.retain(|package, _| !lack.contains(*package));
    let packages = packages.into_iter();
    packages
        .filter_map(|(package, literals)| Some((package.to_owned(), by_source(binary, &literals)?)))
        .collect()
}

/// The packages that have literals beyond those, which were inlined away.
fn with_inlined<'b>(
    binary: &Binary,
    packages: &BTreeMap<&'b str, Literals<'_>>,
) -> BTreeSet<&'b str> {
    const FURTHER: usize = 8;
    let names: BTreeMap<String, &str> = packages
        .iter()
        .flat_map(|(package, literals)| {
            let further = literals.len() + 1..=literals.len() + FURTHER;
            further.map(move |number| (format!("{package}.init.func{number}"), *package))
        })
        .collect();
    let copies = binary.inlined_copies(&names.keys().map(String::as_str).collect());
    let inlined = copies.iter().filter(|(_, copies)| copies.count > 0);
    inlined
        .filter_map(|(name, _)| names.get(name).copied())
        .collect()
}

/// The numbers by source; none if a literal's place in the source is not known.
fn by_source(binary: &Binary, literals: &Literals<'_>) -> Option<Numbers> {
    let mut in_source = Vec::new();
    for (number, function) in literals {
        let position = binary.position(function)?;
        in_source.push((position.file, position.line, *number));
    }
    in_source.sort();
    let numbers = in_source.into_iter().map(|(_, _, number)| number);
    Some(numbers.zip(1..).collect())
}
