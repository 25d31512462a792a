//! Names that stand twice.

use std::collections::HashMap;

use crate::{
    cursor::Context,
    document::{Spanned, Spec, Test},
    error::SpecError,
    slug::slug,
};

/// Notes names that must differ and don't.
pub(super) fn report(spec: &Spec, context: &Context<'_>) {
    equal_names(spec, context);
    for test in &spec.tests {
        twice_never(test, context);
    }
}

/// Two tests with one name, or with one file for their snapshots.
fn equal_names(spec: &Spec, context: &Context<'_>) {
    let mut names: HashMap<&str, &Test> = HashMap::new();
    let mut slugs: HashMap<String, &Test> = HashMap::new();
    for test in &spec.tests {
        let second = &test.name;
        if let Some(first) = names.get(second.value.as_str()) {
            context.report(SpecError::twice(
                "two tests have the same name",
                first.name.span.clone(),
                second.span.clone(),
            ));
            continue;
        }
        names.insert(&second.value, test);
        if !test.is_held() {
            continue;
        }
        let slug = slug(&second.value);
        if let Some(first) = slugs.get(&slug) {
            let message = "two tests would share one snapshot file";
            let error = SpecError::twice(message, first.name.span.clone(), second.span.clone());
            context.report(error.help("change a letter or a digit in one of the names"));
            continue;
        }
        slugs.insert(slug, test);
    }
}

/// A name that stands in `never` twice.
fn twice_never(test: &Test, context: &Context<'_>) {
    let mut names: HashMap<&str, &Spanned<String>> = HashMap::new();
    for second in &test.never {
        match names.get(second.value.as_str()) {
            Some(first) => context.report(SpecError::twice(
                format!("`{}` is there twice", second.value),
                first.span.clone(),
                second.span.clone(),
            )),
            None => {
                names.insert(&second.value, second);
            }
        }
    }
}
