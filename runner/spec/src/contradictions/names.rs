//! Names that are there twice.

use std::collections::HashMap;

use crate::{
    cursor::Context,
    document::{Spec, Test},
    error::SpecError,
    slug::slug,
};

/// Notes names that must differ and don't.
pub(super) fn report(spec: &Spec, context: &Context<'_>) {
    context.unique(
        &spec.tests,
        |test| (&test.name.value, &test.name.span),
        |_| "two tests have the same name".to_owned(),
    );
    equal_files(spec, context);
    for test in &spec.tests {
        context.once(&test.never);
        context.once(&test.tags);
    }
}

/// Two tests with one file for their snapshots. Those of Go tests are named after the tests that ran.
fn equal_files(spec: &Spec, context: &Context<'_>) {
    if spec.is_of_go_tests() {
        return;
    }
    let mut slugs: HashMap<String, &Test> = HashMap::new();
    for test in spec.tests.iter().filter(|test| test.is_held()) {
        let name = &test.name;
        let first = &slugs.entry(slug(&name.value)).or_insert(test).name;
        if first.value != name.value {
            let message = "two tests would share one snapshot file";
            let error = SpecError::twice(message, first.span.clone(), name.span.clone());
            context.report(error.help("change a letter or a digit in one of the names"));
        }
    }
}
