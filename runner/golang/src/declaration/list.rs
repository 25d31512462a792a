//! A parameter list, and what it takes to know its types.

use std::fmt;

use super::TypeText;

/// A function's parameter list as its source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The receiver, if there is one, and the parameters.
    pub(crate) parameters: Vec<Declared>,
    /// The results.
    pub(crate) results: Vec<Declared>,
    /// The package that it is in, as its symbols write it.
    pub(crate) package: String,
    /// What its file imports.
    pub(crate) imports: Vec<Import>,
}

/// A parameter or result as the source has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Declared {
    /// Its name; none if it has none or `_`.
    pub(crate) name: Option<String>,
    /// Its type.
    pub(crate) ty: TypeText,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// The name that the file gives it; none if it keeps its own.
    pub(crate) name: Option<String>,
    /// Its path.
    pub(crate) path: String,
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |list: &[Declared]| {
            list.iter()
                .map(|one| match &one.name {
                    Some(name) => format!("{name} {}", one.ty),
                    None => one.ty.to_string(),
                })
                .collect::<Vec<_>>()
                .join(", ")
        };
        write!(f, "({})", list(&self.parameters))?;
        match self.results.as_slice() {
            [] => Ok(()),
            [Declared { name: None, ty }] => write!(f, " {ty}"),
            results => write!(f, " ({})", list(results)),
        }
    }
}
