//! What the entry and the `ret` of a call show of its values.

use model::{
    Call, Content, Function, Instance, InstanceId, List, Parameter, Pick, Root, Status, Value,
};

use super::{
    decode::{Decoder, Program, Saved},
    hit::Hit,
};

/// A decoder of a call's arguments or results, whose places are counted from the function's entry.
pub(super) fn decoder<'a>(program: &'a Program, hit: &'a Hit<'_>) -> Decoder<'a> {
    decoder_of_copies(program, hit).counted_from_entry(hit.site.below)
}

/// A decoder of copies of values, whose places are counted from the site.
pub(super) fn decoder_of_copies<'a>(program: &'a Program, hit: &'a Hit<'_>) -> Decoder<'a> {
    Decoder::new(program, hit.record, hit.load_bias())
}

/// What the entry of a call shows.
#[derive(Default)]
pub(super) struct Entered {
    pub(super) instance: Option<InstanceId>,
    pub(super) arguments: List<Value>,
    pub(super) picked: List<Value>,
}

pub(super) fn entered(function: &Function, decoder: &Decoder<'_>) -> Entered {
    let id = decoder.instance(function);
    let parameters: &[Parameter] = match instance(function, id) {
        Some(instance) => &instance.parameters,
        None => &function.parameters,
    };
    Entered {
        instance: id,
        arguments: decoder.parameters(parameters, function.limits),
        picked: picked(function, decoder),
    }
}

/// What the `ret` of a call shows.
pub(super) fn returned(
    call: &mut Call,
    function: &Function,
    decoder: &Decoder<'_>,
    saved: &[Option<Saved>],
) {
    let results = match instance(function, call.instance) {
        Some(instance) => &instance.results,
        None => &function.results,
    };
    call.results = decoder.parameters(results, function.limits);
    let picks = call.picked.iter_mut().zip(&function.picks);
    for (index, (value, pick)) in picks.enumerate() {
        if at_return(pick) {
            let saved = saved.get(index).and_then(Option::as_ref);
            *value = decoder.pick(function, pick, saved);
        }
    }
}

/// Whether the value of a pick is that at the call's return.
pub(super) const fn at_return(pick: &Pick) -> bool {
    !matches!(pick.path.root, Root::Argument(_))
}

/// The value of a pick at the return of a call that did not return.
pub(super) const fn not_read(pick: &Pick) -> Value {
    Value {
        ty: pick.ty,
        content: Content::Unread(Status::NotRead),
    }
}

pub(super) fn instance(function: &Function, id: Option<InstanceId>) -> Option<&Instance> {
    function.instances.get(id?.index())
}

/// The values of the picks at a call's entry.
fn picked(function: &Function, decoder: &Decoder<'_>) -> List<Value> {
    let picks = function.picks.iter();
    let values = picks.map(|pick| match at_return(pick) {
        true => not_read(pick),
        false => decoder.pick(function, pick, None),
    });
    values.collect()
}

/// What the picks at a call's return need of its entry.
pub(super) fn saved(function: &Function, decoder: &Decoder<'_>) -> Option<Box<[Option<Saved>]>> {
    let of = |pick: &Pick| match &pick.path.root {
        Root::Out(name) => {
            let mut parameters = function.parameters.iter();
            let parameter = parameters.find(|parameter| parameter.name == *name);
            parameter.map(|parameter| decoder.saved(parameter))
        }
        Root::Argument(_) | Root::Result(_) | Root::Variable(_) => None,
    };
    let mut picks = function.picks.iter();
    picks
        .any(|pick| matches!(pick.path.root, Root::Out(_)))
        .then(|| function.picks.iter().map(of).collect())
}
