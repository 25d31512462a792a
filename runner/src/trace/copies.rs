//! Floats that were in vector registers at a call's entry or return, and of which its frame had copies at another hit.

use super::{decode::Decoder, values};
use crate::{
    model::{Call, Content, Function, Parameter, Root, Status, Value},
    plan::{Copied, Moment},
};

/// What a hit tells of a call's floats: values in which only those are known.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// By the index of the parameter or result.
    values: Vec<(usize, Value)>,
    /// By the index of the pick.
    picked: Vec<(usize, Value)>,
}

impl Copies {
    /// Reads the copies of a call's parameters, or of its results.
    pub(super) fn read(
        call: &Call,
        function: &Function,
        moment: Moment,
        copies: &[Copied],
        decoder: &Decoder<'_>,
    ) -> Self {
        let instance = values::instance(function, call.instance);
        let parameters: &[Parameter] = match (moment, instance) {
            (Moment::Entry, Some(instance)) => &instance.parameters,
            (Moment::Entry, None) => &function.parameters,
            (Moment::Return, Some(instance)) => &instance.results,
            (Moment::Return, None) => &function.results,
        };
        let mut read = Self::default();
        for copy in copies {
            let index = copy.index as usize;
            let Some(parameter) = parameters.get(index) else {
                continue;
            };
            let copied = Parameter {
                location: copy.location.clone(),
                ..parameter.clone()
            };
            let value = decoder.parameters(std::slice::from_ref(&copied), function.limits);
            read.values
                .extend(value.into_iter().map(|value| (index, value)));
            for (number, pick) in function.picks.iter().enumerate() {
                let leads_here = match &pick.path.root {
                    Root::Argument(name) => moment == Moment::Entry && *name == parameter.name,
                    Root::Result(result) => moment == Moment::Return && *result == copy.index,
                    Root::Out(_) | Root::Variable(_) => false,
                };
                if leads_here {
                    let value = decoder.pick_from(pick, parameter.ty, &copy.location);
                    read.picked.push((number, value));
                }
            }
        }
        read
    }

    /// Puts the copies of a call's arguments in their places.
    pub(super) fn complete_arguments(self, call: &mut Call) {
        complete(&mut call.arguments, self.values);
        complete(&mut call.picked, self.picked);
    }

    /// Puts the copies of a call's results in their places.
    pub(super) fn complete_results(self, call: &mut Call) {
        complete(&mut call.results, self.values);
        complete(&mut call.picked, self.picked);
    }
}

fn complete(values: &mut [Value], copies: Vec<(usize, Value)>) {
    for (index, copy) in copies {
        if let Some(value) = values.get_mut(index) {
            fill(value, copy);
        }
    }
}

/// Puts what a copy knows where a value has nothing but a vector register. Values that hold others inline have the
/// same shape in both.
fn fill(value: &mut Value, copy: Value) {
    match (&mut value.content, copy.content) {
        (Content::Unread(Status::InVectorRegister), content)
            if !matches!(content, Content::Unread(_)) =>
        {
            value.content = content;
        }
        (Content::Struct(fields), Content::Struct(copies)) => {
            for (field, copy) in fields.iter_mut().zip(copies) {
                fill(field, copy);
            }
        }
        (Content::Elements(elements), Content::Elements(copies)) => {
            for (element, copy) in elements.values.iter_mut().zip(copies.values) {
                fill(element, copy);
            }
        }
        _ => {}
    }
}
