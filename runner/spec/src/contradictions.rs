//! What can't be true together: errors between parts that are each well formed.

mod case;
mod circle;
mod counts;
mod execution;
mod flows;
mod names;
mod order;
mod program;
mod scopes;
mod standpoints;

use case::{Case, Functions};

use super::{cursor::Context, document::Spec};

/// Notes all contradictions of a spec.
pub(crate) fn report(spec: &Spec, context: &Context<'_>) {
    let functions = spec.functions.iter();
    let functions: Functions<'_> = functions
        .map(|function| (function.label.value.as_str(), function))
        .collect();
    let is_read = context.error_count() == 0;
    program::report(spec, context);
    names::report(spec, context);
    flows::report_hand_offs(spec, &functions, context);
    for test in &spec.tests {
        context.look_at_test_named(&test.name.span);
        let case = Case::new(spec, &functions, test, context);
        execution::report(&case, is_read);
        scopes::report(&case);
        counts::report(&case);
        standpoints::report(&case);
        order::report(&case);
        flows::report(&case);
    }
}
