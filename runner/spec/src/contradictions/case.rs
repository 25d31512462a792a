//! A test, where its expectations look, and the functions that they mean.

use std::collections::HashMap;

use crate::{
    cursor::Context,
    document::{
        CallExpectation, FunctionSpec, Scope, Sequence, SequenceElement, Spanned, Spec, Step, Test,
    },
    error::SpecError,
};

/// A test with what it is to be understood by.
pub(super) struct Case<'a> {
    /// The test's spec.
    pub(super) spec: &'a Spec,
    functions: &'a Functions<'a>,
    /// The test.
    pub(super) test: &'a Test,
    /// What the file's values share.
    pub(super) context: &'a Context<'a>,
    /// What is asked of every call of a function, by its name.
    pub(super) calls: HashMap<&'a str, &'a CallExpectation>,
}

/// Where a call must or must not be, from the narrowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Region {
    /// Among the calls of the test's requests.
    Requests,
    /// Among all calls that begin during the test.
    Test,
    /// Among all calls that are open during the test.
    Program,
}

impl<'a> Case<'a> {
    /// Puts a test and its spec together.
    pub(super) fn new(
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

    /// Notes an error.
    pub(super) fn report(&self, error: SpecError) {
        self.context.report(error);
    }

    /// How many requests are sent; none if not all of them could be read.
    pub(super) fn requests(&self) -> Option<i128> {
        let unread = self.context.unread_requests.borrow();
        let requests = self.test.requests.iter();
        let requests = requests.map(|request| i128::from(request.repeat));
        (!unread.contains(&self.test.span.start)).then(|| requests.sum())
    }

    /// Where the test's expectations look.
    pub(super) fn region(&self) -> Region {
        match self.test.from.as_ref().map(|from| from.value) {
            _ if self.requests() == Some(0) && self.test.go_test.is_none() => Region::Test,
            None | Some(Scope::Requests) => Region::Requests,
            Some(Scope::Anywhere) => Region::Test,
        }
    }

    /// Where what is asked of a function's calls looks.
    pub(super) fn region_of(&self, call: &CallExpectation) -> Region {
        match call.from.as_ref().map(|from| from.value) {
            None => self.region(),
            Some(Scope::Requests) => Region::Requests,
            Some(Scope::Anywhere) => Region::Test,
        }
    }

    /// What is asked of every call of a function that the test's expectations look at.
    pub(super) fn of_every(&self, label: &str) -> Option<&'a CallExpectation> {
        let call = self.calls.get(label).copied();
        call.filter(|call| self.region() <= self.region_of(call))
    }

    /// The calls of the test's sequence.
    pub(super) fn steps(&self) -> impl Iterator<Item = &'a Step> {
        self.test.sequence.iter().flat_map(Sequence::steps)
    }

    /// The elements of the test's sequence.
    pub(super) fn elements(&self) -> impl Iterator<Item = &'a SequenceElement> {
        let sequence = self.test.sequence.iter();
        sequence.flat_map(|sequence| &sequence.elements)
    }

    /// Whether a name means a single function.
    pub(super) fn is_one_function(&self, label: &str) -> bool {
        let function = self.functions.get(label);
        function.is_some_and(|function| !function.is_glob())
    }
}

/// The functions of a spec, by their names there.
pub(super) type Functions<'a> = HashMap<&'a str, &'a FunctionSpec>;

/// A function of which some calls alone are meant, where all have to be looked at.
pub(super) fn filtered(
    label: &Spanned<String>,
    function: &FunctionSpec,
    who: &str,
) -> Option<SpecError> {
    let filter = function.filter.as_ref()?.values().into_iter().next()?;
    let message = format!("{who} looks at all calls of a function");
    let error = SpecError::at(label.span.clone(), message)
        .label(format!("`{}` means some of them", label.value))
        .related(filter.path.span.clone(), "those for which this holds");
    Some(error.help(format!(
        "declare \"{}\" under another name, without `args` and `where`",
        function.pattern.value
    )))
}
