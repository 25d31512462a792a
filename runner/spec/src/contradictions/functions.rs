//! The functions of a spec, and those of which not all calls are meant.

use std::collections::HashMap;

use crate::{
    document::{FunctionSpec, Spanned},
    error::SpecError,
};

/// The functions of a spec, by their names there.
pub(super) type Functions<'a> = HashMap<&'a str, &'a FunctionSpec>;

/// A function of which some calls alone are meant, where all have to be looked at.
pub(super) fn filtered(
    label: &Spanned<String>,
    function: &FunctionSpec,
    who: &str,
) -> Option<SpecError> {
    let filter = function.filter.first()?;
    let message = format!("{who} looks at all calls of a function");
    let error = SpecError::at(label.span.clone(), message)
        .label(format!("`{}` means some of them", label.value))
        .related(filter.path.span.clone(), "those with these arguments");
    Some(error.help(format!(
        "declare \"{}\" under another name, without `args`",
        function.pattern.value
    )))
}
