//! The watched functions of a program, of which what is asked for need not make sense for all.

use std::collections::BTreeSet;

use model::{Function, FunctionId, Path, Root, TypeId, plan::Plan, suggestion};
use spec::{Source, Spanned, SpecError};

use super::validate::{Signature, Types};

/// The watched functions of a program, and the text that asks for parts of their calls.
#[derive(Clone, Copy)]
pub(super) struct Watched<'a> {
    pub(super) source: &'a Source,
    pub(super) types: Types<'a>,
    functions: &'a [Function],
}

impl<'a> Watched<'a> {
    pub(super) fn new(source: &'a Source, plan: &'a Plan, dynamic: &'a [TypeId]) -> Self {
        Self {
            source,
            types: Types {
                all: &plan.types,
                dynamic,
                redacted: &plan.redactions,
            },
            functions: &plan.functions,
        }
    }

    /// The functions for which what is asked of a path makes sense.
    ///
    /// # Errors
    /// There is none: what is wrong for the first that has what the path begins with.
    pub(super) fn functions_with(
        self,
        path: &Spanned<Path>,
        check: &dyn Fn(Signature<'_>) -> Result<(), Box<SpecError>>,
    ) -> Result<BTreeSet<FunctionId>, Box<SpecError>> {
        let mut functions = BTreeSet::new();
        let mut wrong = None;
        for function in self.functions {
            let mut signatures = Signature::all(function).into_iter();
            let checked = signatures.try_fold(None, |first, signature| match check(signature) {
                Ok(()) => Err(()),
                Err(error) => Ok(first.or(Some(error))),
            });
            match checked {
                Err(()) => {
                    functions.insert(function.id);
                }
                Ok(error) if has_root(function, &path.value.root) => wrong = wrong.or(error),
                Ok(_) => {}
            }
        }
        match functions.is_empty() {
            true => Err(wrong.unwrap_or_else(|| Box::new(self.unknown(path)))),
            false => Ok(functions),
        }
    }

    /// None of the functions has what a path begins with.
    fn unknown(self, path: &Spanned<Path>) -> SpecError {
        let root = match &path.value.root {
            Root::Argument(name) => name.as_str(),
            _ => "",
        };
        let message = match (self.functions, root) {
            ([function], "") => format!("{} has no such result", function.name),
            ([function], name) => format!("{} has no parameter `{name}`", function.name),
            (_, "") => "none of the watched functions has such a result".to_owned(),
            (_, name) => format!("none of the watched functions has a parameter `{name}`"),
        };
        let error = SpecError::at(path.span.clone(), message);
        if root.is_empty() {
            return error;
        }
        let functions = self.functions.iter();
        let known = functions.flat_map(|function| &function.parameters);
        let known: BTreeSet<&str> = known
            .map(|parameter| parameter.name.as_str())
            .filter(|name| !matches!(*name, "" | "_"))
            .collect();
        match suggestion::did_you_mean(root, known.iter().copied()) {
            Some(help) => error.help(help),
            None if known.is_empty() => error,
            None => {
                let known: Vec<&str> = known.into_iter().collect();
                error.help(format!("there are {}", known.join(", ")))
            }
        }
    }
}

fn has_root(function: &Function, root: &Root) -> bool {
    let mut signatures = Signature::all(function).into_iter();
    match root {
        Root::Argument(name) | Root::Out(name) => {
            signatures.any(|signature| signature.has_parameter(name))
        }
        Root::Result(index) => {
            signatures.any(|signature| signature.results.len() > *index as usize)
        }
        Root::Variable(_) => true,
    }
}
