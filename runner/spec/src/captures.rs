//! The names of values that requests carry on, while a file is read: which are made so far, and which are used.

use std::cell::RefCell;

use model::suggestion::nearest;

use super::{document::Spanned, error::SpecError};

/// The placeholders that every request knows, in words.
pub(crate) const PLACEHOLDERS: &str = "there are ${port}, ${port.NAME}, ${stub.NAME}, ${env.NAME}, ${n}, ${dir}, and ${NAME} for what an earlier request saves; $${ is a literal ${";

/// Names that are made and used by the requests that are read.
#[derive(Debug, Default)]
pub(crate) struct Captures(RefCell<Names>);

#[derive(Debug, Default)]
struct Names {
    made: Vec<Spanned<String>>,
    /// How many of them the requests at the top of the file make, which all tests know.
    shared: usize,
    /// Those that were not made yet when they were used.
    early: Vec<Spanned<String>>,
}

impl Captures {
    /// The requests of a test follow: they know what those at the top of the file make.
    pub(crate) fn begin_test(&self) {
        let mut names = self.0.borrow_mut();
        let shared = names.shared;
        names.made.truncate(shared);
        names.early.clear();
    }

    /// All that is made so far is known to every test.
    pub(crate) fn share(&self) {
        let mut names = self.0.borrow_mut();
        names.shared = names.made.len();
    }

    /// A request uses a name.
    pub(crate) fn used(&self, name: Spanned<String>) {
        let mut names = self.0.borrow_mut();
        if !names.made.iter().any(|made| made.value == name.value) {
            names.early.push(name);
        }
    }

    /// A request makes a name; the one that made it before, if one did.
    pub(crate) fn made(&self, name: Spanned<String>) -> Option<Spanned<String>> {
        let mut names = self.0.borrow_mut();
        let first = names.made.iter().find(|made| made.value == name.value);
        let first = first.cloned();
        if first.is_none() {
            names.made.push(name);
        }
        first
    }

    /// What is wrong with each name that was used before it was made, or is never made.
    pub(crate) fn errors(&self) -> Vec<SpecError> {
        let names = self.0.borrow();
        names.early.iter().map(|used| names.error(used)).collect()
    }
}

impl Names {
    fn error(&self, used: &Spanned<String>) -> SpecError {
        let name = &used.value;
        if let Some(later) = self.made.iter().find(|made| made.value == *name) {
            let message = format!("`${{{name}}}` is used before it is saved");
            return SpecError::at(used.span.clone(), message)
                .label("not known yet")
                .related(later.span.clone(), "saved here")
                .help("what a request saves is known to the requests behind it");
        }
        let message = format!("unknown placeholder `${{{name}}}`");
        let error = SpecError::at(used.span.clone(), message);
        let made = self.made.iter().map(|made| made.value.as_str());
        match nearest(name, made.chain(["port", "dir"])) {
            Some(meant) => error.help(format!("did you mean `${{{meant}}}`?")),
            None => error.help(PLACEHOLDERS),
        }
    }
}
