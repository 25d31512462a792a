//! The Go files of a package at two times.

use std::{collections::BTreeSet, path::PathBuf};

use golang::declaration::{Outline, OutlinedFunction};

/// A Go file at one of the two times.
#[derive(Clone, Debug)]
pub(crate) struct OutlinedFile {
    /// Where it is, in full.
    pub(crate) path: PathBuf,
    /// What it says.
    pub(crate) outline: Outline,
}

/// The files of a package that may have changed: those that are compiled with it, or its test files.
#[derive(Clone, Debug, Default)]
pub(crate) struct PackageFiles {
    /// What the names of its functions begin with, the final dot left out.
    pub(crate) prefix: String,
    /// The files as they were.
    pub(crate) old: Vec<OutlinedFile>,
    /// The files as they are.
    pub(crate) new: Vec<OutlinedFile>,
    /// What the package's other files declare and import.
    pub(crate) others: Others,
}

/// What the files of a package that did not change declare and import.
#[derive(Clone, Debug, Default)]
pub(crate) struct Others {
    /// The names of functions, without the package.
    pub(crate) functions: BTreeSet<String>,
    /// The paths of imports.
    pub(crate) imports: BTreeSet<String>,
    /// The methods that any file of the package declares or lists in an interface, at either time.
    pub(crate) methods: BTreeSet<Method>,
}

/// A method of a type, or of some interface.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Method {
    /// The type; none for an interface.
    pub(crate) receiver: Option<String>,
    /// Its own name.
    pub(crate) name: String,
}

impl OutlinedFile {
    /// The methods that it declares or lists in an interface.
    pub(crate) fn methods(&self) -> impl Iterator<Item = Method> {
        let declared = self.outline.functions.iter().filter_map(|function| {
            Some(Method {
                receiver: Some(function.receiver.clone()?),
                name: own_name(function).to_owned(),
            })
        });
        let listed = self.outline.listed_methods.iter().map(|name| Method {
            receiver: None,
            name: name.clone(),
        });
        declared.chain(listed)
    }
}

/// `Total` for `(*Cart).Total`
pub(super) fn own_name(function: &OutlinedFunction) -> &str {
    let name = function.name.rsplit_once('.');
    name.map_or(&function.name, |(_, name)| name)
}
