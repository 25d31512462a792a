//! From names in a spec to functions of a binary.
//!
//! A name means the same function whatever release built the program: what the compiler made to call it (method
//! values, `go` and `defer` wrappers, ABI twins) is resolved to it, and instances of a generic function are all
//! meant. What can't be watched as written is an error that says why.

mod alike;
mod error;
mod literal;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use golang::{
    Binary, FunctionSymbol, InlinedCopies, Packages, Pattern, SymbolKind, names,
    wrapper::{self, Target},
};

use super::Declared;

pub use error::{InlinedInto, SelectError};

/// How names are selected.
#[derive(Clone, Copy, Debug)]
pub struct SelectOptions<'a> {
    /// What the program's source declares, where that is known: it distinguishes a function that the linker dropped
    /// as unreachable from one that does not exist.
    pub declared: Option<&'a Declared>,
    /// How many functions a glob may match.
    pub limit: usize,
    /// By pattern: whether a name is accepted whose function was inlined in places. What is not here is not.
    pub accepted: &'a [bool],
}

impl Default for SelectOptions<'_> {
    fn default() -> Self {
        Self {
            declared: None,
            limit: 500,
            accepted: &[],
        }
    }
}

/// What a name or a glob selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selected<'b> {
    /// The functions, in the order of the binary, each once.
    pub functions: Vec<&'b FunctionSymbol>,
    /// Which of them were inlined in places too, so that calls there are not seen. For a name it is
    /// [an error](SelectError::PartlyInlined) unless that is [accepted](SelectOptions::accepted).
    pub partly_inlined: Vec<(String, InlinedInto)>,
    /// The functions that a glob matches and that have no body, since all calls of them were inlined.
    pub inlined_away: Vec<String>,
    /// The literals that a glob matches and that have the [name of a function that only holds
    /// them](SelectError::HoldersName).
    pub with_holders_name: Vec<String>,
}

/// Selects the functions that each pattern means: a name or a glob, the answers in the patterns' order.
/// An error is in the place of its pattern.
#[must_use]
pub fn select<'b>(
    binary: &'b Binary,
    patterns: &[&str],
    options: SelectOptions<'_>,
) -> Vec<Result<Selected<'b>, SelectError>> {
    let selector = Selector {
        binary,
        options,
        packages: binary.packages(),
    };
    let found: Vec<_> = patterns
        .iter()
        .map(|pattern| selector.find(pattern))
        .collect();
    let names = found
        .iter()
        .flatten()
        .flat_map(Found::names)
        .collect::<BTreeSet<_>>();
    let copies = binary.inlined_copies(&names);
    found
        .into_iter()
        .enumerate()
        .map(|(index, found)| {
            let accepted = options.accepted.get(index) == Some(&true);
            selector.judge(found?, &copies, accepted)
        })
        .collect()
}

/// How far the program has what a pattern may mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Presence {
    Absent,
    /// In its source alone.
    Declared,
    Present,
}

/// What symbols alone show of a pattern.
enum Found<'b> {
    Named(Vec<&'b FunctionSymbol>),
    Matched {
        functions: Vec<&'b FunctionSymbol>,
        inlined_away: Vec<String>,
        with_holders_name: Vec<String>,
    },
    /// The glob matches nothing.
    Nothing {
        pattern: String,
    },
    /// No body of its own has that name.
    Missing {
        written: String,
        name: String,
        /// A literal's names in the instances of the generic function that it is written in.
        instances: Vec<String>,
    },
}

impl Found<'_> {
    /// The names of which it matters whether they were inlined. A literal is copied with the function that it
    /// is written in.
    fn names(&self) -> Vec<&str> {
        match self {
            Self::Named(functions) | Self::Matched { functions, .. } => functions
                .iter()
                .flat_map(|function| names_with_enclosing(&function.name))
                .collect(),
            Self::Nothing { .. } => Vec::new(),
            Self::Missing {
                name, instances, ..
            } => std::iter::once(name)
                .chain(instances)
                .map(String::as_str)
                .collect(),
        }
    }
}

fn names_with_enclosing(name: &str) -> impl Iterator<Item = &str> {
    [Some(name), names::enclosing(name)].into_iter().flatten()
}

struct Selector<'b, 'o> {
    binary: &'b Binary,
    options: SelectOptions<'o>,
    packages: Packages,
}

impl<'b> Selector<'b, '_> {
    /// What a pattern means in full; if there is no such thing, the one that it is short for.
    fn find(&self, written: &str) -> Result<Found<'b>, SelectError> {
        let meanings = self.packages.meanings(written)?;
        let full = self.find_in_full(&meanings.full, written);
        if self.presence(&full) > Presence::Absent {
            return full;
        }
        let candidates = meanings.short_for.iter().map(|pattern| {
            let found = self.find_in_full(pattern, pattern.text());
            (self.presence(&found), pattern, found)
        });
        let candidates: Vec<_> = candidates.collect();
        let best = candidates.iter().map(|(presence, ..)| *presence).max();
        let mut best: Vec<_> = candidates
            .into_iter()
            .filter(|(presence, ..)| *presence > Presence::Absent && Some(*presence) == best)
            .collect();
        if best.len() > 1 {
            return Err(SelectError::Ambiguous {
                pattern: written.to_owned(),
                candidates: best
                    .iter()
                    .map(|(_, pattern, _)| pattern.text().to_owned())
                    .collect(),
            });
        }
        best.pop().map_or(full, |(.., found)| found)
    }

    fn find_in_full(&self, pattern: &Pattern, written: &str) -> Result<Found<'b>, SelectError> {
        if pattern.is_glob() {
            self.glob(pattern, written)
        } else {
            self.name(pattern.text(), written)
        }
    }

    fn presence(&self, found: &Result<Found<'b>, SelectError>) -> Presence {
        match found {
            Ok(Found::Nothing { .. }) => Presence::Absent,
            Ok(Found::Missing {
                name, instances, ..
            }) => {
                let mut inlined = self.binary.inlined_names();
                if inlined.any(|known| known == name || instances.iter().any(|i| i == known)) {
                    Presence::Present
                } else if self.is_declared(name) {
                    Presence::Declared
                } else {
                    Presence::Absent
                }
            }
            _ => Presence::Present,
        }
    }

    fn judge(
        &self,
        found: Found<'b>,
        copies: &BTreeMap<String, InlinedCopies>,
        accepted: bool,
    ) -> Result<Selected<'b>, SelectError> {
        let partly_inlined = |functions: &[&'b FunctionSymbol]| {
            let mut inlined: Vec<_> = functions
                .iter()
                .flat_map(|function| names_with_enclosing(&function.name))
                .filter_map(|name| Some((name.to_owned(), inlined_into(copies.get(name)?)?)))
                .collect();
            inlined.dedup();
            inlined
        };
        match found {
            Found::Matched {
                functions,
                inlined_away,
                with_holders_name,
            } => Ok(Selected {
                partly_inlined: partly_inlined(&functions),
                inlined_away,
                with_holders_name,
                functions,
            }),
            Found::Named(functions) => {
                let partly_inlined = partly_inlined(&functions);
                match partly_inlined.first() {
                    Some((name, into)) if !accepted => Err(SelectError::PartlyInlined {
                        name: name.clone(),
                        into: into.clone(),
                    }),
                    _ => Ok(Selected {
                        functions,
                        partly_inlined,
                        ..Selected::default()
                    }),
                }
            }
            Found::Nothing { pattern } => Err(SelectError::NoMatch {
                candidates: self.candidates(&pattern),
                pattern,
            }),
            Found::Missing {
                written,
                name,
                instances,
            } => {
                let into = std::iter::once(&name)
                    .chain(&instances)
                    .find_map(|name| inlined_into(copies.get(name)?));
                Err(match into {
                    Some(into) => SelectError::InlinedAway { name, into },
                    None => self.absent(written, name),
                })
            }
        }
    }

    fn absent(&self, written: String, name: String) -> SelectError {
        if self.is_declared(&name) {
            SelectError::Unreachable { name }
        } else {
            SelectError::Unknown {
                candidates: self.candidates(&name),
                name: written,
            }
        }
    }

    fn is_declared(&self, name: &str) -> bool {
        let plain = names::without_type_arguments(name);
        let declared = self.options.declared;
        declared.is_some_and(|declared| declared.contains_key(&*names::canonical(&plain)))
    }

    fn glob(&self, pattern: &Pattern, written: &str) -> Result<Found<'b>, SelectError> {
        let matches = |name: &str| pattern.matches_symbol(name);
        let matched: Vec<_> = self
            .binary
            .functions()
            .iter()
            .filter(|function| function.kind == SymbolKind::Source && matches(&function.name))
            .collect();
        match matched.len() {
            0 => match self.without_body(matches) {
                inlined if !inlined.is_empty() => Err(SelectError::AllInlinedAway {
                    pattern: written.to_owned(),
                    functions: inlined,
                }),
                _ => Ok(Found::Nothing {
                    pattern: written.to_owned(),
                }),
            },
            count if count > self.options.limit => Err(SelectError::TooMany {
                pattern: written.to_owned(),
                matched: count,
                limit: self.options.limit,
            }),
            _ => {
                let mut functions = Vec::new();
                let mut with_holders_name = Vec::new();
                for function in matched {
                    match self.binary.has_holders_name(function)? {
                        true => with_holders_name.push(function.name.clone()),
                        false => functions.push(function),
                    }
                }
                Ok(Found::Matched {
                    functions,
                    inlined_away: self.without_body(matches),
                    with_holders_name,
                })
            }
        }
    }

    /// The names of functions that were inlined wherever they are called.
    fn without_body(&self, matches: impl Fn(&str) -> bool) -> Vec<String> {
        let matched: BTreeSet<&str> = self
            .binary
            .inlined_names()
            .filter(|name| matches(name))
            .collect();
        if matched.is_empty() {
            return Vec::new();
        }
        let bodies = self.binary.functions().iter();
        let bodies: BTreeSet<&str> = bodies.map(|function| function.name.as_str()).collect();
        let without = matched.difference(&bodies);
        without
            .map(|name| names::canonical(name).into_owned())
            .collect()
    }

    fn name(&self, name: &str, written: &str) -> Result<Found<'b>, SelectError> {
        let name = self.package_literal(written, name)?.unwrap_or(name);
        let mut bodies = self.bodies(name);
        if bodies.is_empty()
            && let Some(method) = names::value_method(name)
        {
            // The compiler makes a pointer's method of a value's, and the linker drops it if nothing needs it.
            bodies = self.bodies(&method);
        }
        if bodies.is_empty() {
            return Ok(Found::Missing {
                written: written.to_owned(),
                instances: self.literals_of_instances(name),
                name: name.to_owned(),
            });
        }
        let mut found = Vec::new();
        for body in bodies {
            if self.binary.has_holders_name(body)? {
                return Err(SelectError::HoldersName {
                    name: written.to_owned(),
                    release: self.binary.release().to_string(),
                });
            }
            match wrapper::target(self.binary, body)? {
                Target::Body(function) => found.push(function),
                Target::Unknown(_) => {
                    return Err(SelectError::Wrapper {
                        name: body.name.clone(),
                    });
                }
                Target::Inlined(name) => {
                    let mut own = self.bodies(&name);
                    own.retain(|function| !function.is_wrapper());
                    if own.is_empty() {
                        return Ok(Found::Missing {
                            written: written.to_owned(),
                            instances: Vec::new(),
                            name,
                        });
                    }
                    found.extend(own);
                }
            }
        }
        found.sort_unstable_by_key(|function| function.start);
        found.dedup_by_key(|function| function.start);
        Ok(Found::Named(found))
    }

    fn literals_of_instances(&self, name: &str) -> Vec<String> {
        let Some(outer) = names::enclosing(name) else {
            return Vec::new();
        };
        let literal = &name[outer.len()..];
        self.bodies(outer)
            .into_iter()
            .filter(|body| body.name != outer)
            .map(|body| format!("{}{literal}", body.name))
            .collect()
    }

    /// The bodies that a name means, by their full names; wrappers only if there is nothing else.
    fn bodies(&self, name: &str) -> Vec<&'b FunctionSymbol> {
        let functions = self.binary.functions().iter();
        let mut bodies: Vec<_> = functions
            .filter(|function| {
                names::matches_exactly(name, &function.name)
                    || function.linker_name.as_deref() == Some(name)
            })
            .collect();
        // Go 1.18 to 1.21 number the wrappers of `go` and `defer` statements as if they were literals.
        let is_literal = names::enclosing(name).is_some();
        if is_literal || bodies.iter().any(|function| !function.is_wrapper()) {
            bodies.retain(|function| !function.is_wrapper());
        }
        bodies.sort_by_key(|function| &function.name);
        bodies
    }
}

fn inlined_into(copies: &InlinedCopies) -> Option<InlinedInto> {
    const NAMED: usize = 3;
    (copies.count > 0 || copies.without_trace).then(|| InlinedInto {
        count: copies.count,
        callers: copies.callers.iter().take(NAMED).cloned().collect(),
    })
}
