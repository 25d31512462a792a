//! What can't be true together: errors between parts that are each well formed.

mod circle;
mod counts;
mod flows;
mod names;
mod order;
mod outcomes;
mod program;
mod scopes;
mod standpoints;

use std::collections::HashMap;

use super::{
    cursor::Context,
    document::{
        CallExpectation, FunctionSpec, Scope, SequenceElement, Span, Spanned, Spec, Step, Test,
    },
    error::SpecError,
};

/// Notes all contradictions of a spec.
pub(crate) fn report(spec: &Spec, context: &Context<'_>) {
    let functions = spec.functions.iter();
    let functions: Functions<'_> = functions
        .map(|function| (function.label.value.as_str(), function))
        .collect();
    program::report(spec, context);
    names::report(spec, context);
    flows::report_hand_offs(spec, &functions, context);
    for test in &spec.tests {
        let case = Case::new(spec, &functions, test, context);
        scopes::report(&case);
        counts::report(&case);
        standpoints::report(&case);
        order::report(&case);
        outcomes::report(&case);
        flows::report(&case);
    }
}

/// The functions of a spec, by their names there.
type Functions<'a> = HashMap<&'a str, &'a FunctionSpec>;

/// A test with what it is to be understood by.
struct Case<'a> {
    spec: &'a Spec,
    functions: &'a Functions<'a>,
    test: &'a Test,
    context: &'a Context<'a>,
    calls: HashMap<&'a str, &'a CallExpectation>,
}

/// Where a call must or must not be, from the narrowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Region {
    /// Among the calls of the test's requests.
    Requests,
    /// Among all calls that begin during the test.
    Test,
    /// Among all calls that are open during the test.
    Program,
}

impl<'a> Case<'a> {
    fn new(
        spec: &'a Spec,
        functions: &'a Functions<'a>,
        test: &'a Test,
        context: &'a Context<'a>,
    ) -> Self {
        let calls = test.calls.iter();
        let calls = calls
            .map(|call| (call.label.value.as_str(), call))
            .collect();
        Self {
            spec,
            functions,
            test,
            context,
            calls,
        }
    }

    fn report(&self, error: SpecError) {
        self.context.report(error);
    }

    /// How many requests are sent; none if not all of them could be read.
    fn requests(&self) -> Option<i128> {
        let unread = self.context.unread_requests.borrow();
        let requests = self.test.requests.iter();
        let requests = requests.map(|request| i128::from(request.repeat));
        (!unread.contains(&self.test.span.start)).then(|| requests.sum())
    }

    /// Where the test's expectations look.
    fn region(&self) -> Region {
        match self.test.from.as_ref().map(|from| from.value) {
            _ if self.requests() == Some(0) => Region::Test,
            None | Some(Scope::Requests) => Region::Requests,
            Some(Scope::Anywhere) => Region::Test,
        }
    }

    /// Where what is asked of a function's calls looks.
    fn region_of(&self, call: &CallExpectation) -> Region {
        match call.from.as_ref().map(|from| from.value) {
            None => self.region(),
            Some(Scope::Requests) => Region::Requests,
            Some(Scope::Anywhere) => Region::Test,
        }
    }

    /// What is asked of every call of a function that the test's expectations look at.
    fn of_every(&self, label: &str) -> Option<&'a CallExpectation> {
        let call = self.calls.get(label).copied();
        call.filter(|call| self.region() <= self.region_of(call))
    }

    /// The calls of the test's sequence.
    fn steps(&self) -> impl Iterator<Item = &'a Step> {
        self.elements().flat_map(SequenceElement::steps)
    }

    /// The elements of the test's sequence.
    fn elements(&self) -> impl Iterator<Item = &'a SequenceElement> {
        let sequence = self.test.sequence.iter();
        sequence.flat_map(|sequence| &sequence.elements)
    }

    /// Whether a name stands for a single function.
    fn is_one_function(&self, label: &str) -> bool {
        let function = self.functions.get(label);
        function.is_some_and(|function| !function.is_glob())
    }
}

/// Something that is there twice.
fn twice(message: &str, first: Span, second: Span) -> SpecError {
    SpecError::at(second, message)
        .label("the second")
        .related(first, "the first")
}

/// A function of which some calls alone are meant, where all have to be looked at.
fn filtered(label: &Spanned<String>, function: &FunctionSpec, who: &str) -> Option<SpecError> {
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
