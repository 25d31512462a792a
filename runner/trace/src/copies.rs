//! Floats that were in vector registers at a call's entry or return, and of which its frame had copies at another hit.

use model::{
    Address, Call, Content, Function, Parameter, Root, SiteId, Status, Value,
    plan::{Copied, Moment, Site},
};

use super::{decode::Decoder, values};

/// What hits show of a call's floats: values in which only those are known.
#[derive(Debug, Default)]
pub(super) struct Copies(Vec<SeenCopy>);

/// What one hit shows of one value.
#[derive(Debug)]
struct SeenCopy {
    site: SiteId,
    moment: Moment,
    place: Place,
    value: Value,
}

/// Where a call has a value.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// The parameter, or result, of that index.
    Whole(usize),
    /// The pick of that index.
    Picked(usize),
}

impl Copies {
    /// Reads the copies of a call's parameters and results that its frame has at a site.
    pub(super) fn read(
        call: &Call,
        function: &Function,
        site: &Site,
        decoder: &Decoder<'_>,
    ) -> Self {
        let instance = values::instance(function, call.instance);
        let mut read = Vec::new();
        for copied in &site.copies {
            let parameters: &[Parameter] = match (copied.moment, instance) {
                (Moment::Entry, Some(instance)) => &instance.parameters,
                (Moment::Entry, None) => &function.parameters,
                (Moment::Return(_), Some(instance)) => &instance.results,
                (Moment::Return(_), None) => &function.results,
            };
            let index = copied.index as usize;
            let Some(parameter) = parameters.get(index) else {
                continue;
            };
            let copy = |place, value| SeenCopy {
                site: site.id,
                moment: copied.moment,
                place,
                value,
            };
            let there = Parameter {
                location: copied.location.clone(),
                ..parameter.clone()
            };
            let whole = decoder.parameters(std::slice::from_ref(&there), function.limits);
            read.extend(
                whole
                    .into_vec()
                    .into_iter()
                    .map(|value| copy(Place::Whole(index), value)),
            );
            let picks = (0..).zip(&function.picks);
            let picks = picks.filter(|(_, pick)| leads_to(&pick.path.root, copied, parameter));
            read.extend(picks.map(|(number, pick)| {
                let value = decoder.pick_from(pick, parameter.ty, &copied.location);
                copy(Place::Picked(number), value)
            }));
        }
        Self(read)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in the copies of a later hit: they replace those that the same site had before.
    pub(super) fn renew(&mut self, later: Self) {
        for copy in &later.0 {
            self.0.retain(|known| known.site != copy.site);
        }
        self.0.extend(later.0);
    }

    /// Puts the copies of a call's arguments in their places, and keeps those of results.
    pub(super) fn complete_arguments(&mut self, call: &mut Call) {
        let (arguments, results) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|copy| copy.moment == Moment::Entry);
        self.0 = results;
        complete(&mut call.arguments, &mut call.picked, arguments);
    }

    /// Puts the copies of the results of a call that returned by that `ret` in their places.
    pub(super) fn complete_results(mut self, call: &mut Call, ret: Address) {
        self.0.retain(|copy| copy.moment == Moment::Return(ret));
        complete(&mut call.results, &mut call.picked, self.0);
    }
}

/// Whether a path begins with that parameter or result.
fn leads_to(root: &Root, copied: &Copied, parameter: &Parameter) -> bool {
    match (root, copied.moment) {
        (Root::Argument(name), Moment::Entry) => *name == parameter.name,
        (Root::Result(result), Moment::Return(_)) => *result == copied.index,
        _ => false,
    }
}

fn complete(values: &mut [Value], picked: &mut [Value], copies: Vec<SeenCopy>) {
    for SeenCopy { place, value, .. } in copies {
        let there = match place {
            Place::Whole(index) => values.get_mut(index),
            Place::Picked(index) => picked.get_mut(index),
        };
        if let Some(there) = there {
            fill(there, value);
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
            for (field, copy) in fields.iter_mut().zip(copies.into_vec()) {
                fill(field, copy);
            }
        }
        (Content::Elements(elements), Content::Elements(copies)) => {
            for (element, copy) in elements.values.iter_mut().zip(copies.values.into_vec()) {
                fill(element, copy);
            }
        }
        _ => {}
    }
}
