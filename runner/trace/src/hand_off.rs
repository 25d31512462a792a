//! Work that is handed from one goroutine to another: which request a call belongs to because of a value that it is
//! given.
//!
//! A call of a hand-off's `from` puts its value down together with the request that owns the call; a call of its `to` that
//! begins with the same value belongs to that request. What counts is the last call of `from` with that value. Where
//! several whose value nobody has taken yet are of different requests, it is not known whose turn it is: that is counted as
//! [unknown](HandOffs::take_unknown), and so is a value that could not be read.
//!
//! A value that was taken stays until the window of the observation ends, or its request was reported: what is done for a job may be
//! several calls.

use std::collections::{BTreeSet, HashMap, VecDeque};

use model::{
    Call, Content, FunctionId, Kind, ProcessId, Timestamp, TypeTable, Value, ValueIdentity,
    plan::{KeyPick, Plan},
};

use super::{
    decode::{Decoder, Program},
    hit::Hit,
    numbers::ScopeNumber,
    values::{at_return, decoder},
};

/// How many values of one hand-off are remembered; then those that were put down first are forgotten.
const MAX_VALUES: usize = 1 << 16;

/// How many calls are remembered that began with a value which had not been put down then.
const MAX_EARLY: usize = 1 << 12;

/// The hand-offs of a plan, and what is on its way.
#[derive(Debug, Default)]
pub(super) struct HandOffs {
    tables: Vec<Table>,
    /// By function: what its calls do, if anything.
    parts: HashMap<FunctionId, Parts>,
    unknown: u64,
}

/// What the calls of a function do, by the indices of the hand-offs.
#[derive(Debug, Default)]
struct Parts {
    /// They hand over an argument, at their entry.
    from_entry: Vec<(usize, KeyPick)>,
    /// They hand over a result, when they return.
    from_return: Vec<(usize, KeyPick)>,
    /// They take over.
    to: Vec<(usize, KeyPick)>,
}

/// The values of one hand-off.
#[derive(Debug, Default)]
struct Table {
    values: HashMap<(ProcessId, ValueIdentity), Handed>,
    /// The values in the order in which they were put down last, with the numbers of those times.
    order: VecDeque<(u64, (ProcessId, ValueIdentity))>,
    next: u64,
    /// Whether values were forgotten that a call may still begin with.
    forgotten: bool,
    /// Values that calls began with before they were put down, and when.
    early: VecDeque<(ProcessId, ValueIdentity, Timestamp)>,
    /// When the last of those was that was forgotten, if any was.
    early_until: Option<Timestamp>,
    /// Whether a value is put down only after others may have it.
    is_late: bool,
}

/// A value that was put down.
#[derive(Debug)]
struct Handed {
    /// Who put it down last.
    owner: Owner,
    /// How often nobody has taken it yet.
    waiting: u32,
    /// Which time it was put down last.
    time: u64,
}

/// Whose a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    /// A request's, or nobody's.
    Known(Option<ScopeNumber>),
    /// One of several.
    Unclear,
}

/// What a value is for a hand-off.
#[derive(Debug, PartialEq, Eq)]
enum Read {
    Value(ValueIdentity),
    /// It is nil: nothing is handed.
    Nil,
    Unknown,
}

impl HandOffs {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut all = Self::default();
        for (index, hand_off) in plan.hand_offs.iter().enumerate() {
            let mut table = Table::default();
            for key in &hand_off.from {
                let parts = all.parts.entry(key.function).or_default();
                if is_late(plan, *key) {
                    parts.from_return.push((index, *key));
                    table.is_late = true;
                } else {
                    parts.from_entry.push((index, *key));
                }
            }
            for key in &hand_off.to {
                let parts = all.parts.entry(key.function).or_default();
                parts.to.push((index, *key));
            }
            all.tables.push(table);
        }
        all
    }

    /// Takes in the entry of a call that `owner` owns so far. Gives the request that it belongs to from now on, if a value
    /// was handed to it.
    pub(super) fn enter(
        &mut self,
        plan: &Plan,
        program: &Program,
        function: FunctionId,
        hit: &Hit<'_>,
        owner: Option<ScopeNumber>,
    ) -> Option<ScopeNumber> {
        let parts = self.parts.get(&function)?;
        let decoder = decoder(program, hit);
        let mut handed = None;
        for (index, key) in &parts.to {
            if let Some(value) = value_of(plan, &decoder, hit, *key, &mut self.unknown)
                && let Some(table) = self.tables.get_mut(*index)
            {
                match table.take(hit.process, value, hit.time) {
                    Some(Owner::Known(owner)) => handed = owner.or(handed),
                    Some(Owner::Unclear) => self.unknown += 1,
                    None => {}
                }
            }
        }
        let owner = handed.or(owner);
        for (index, key) in &parts.from_entry {
            if let Some(value) = value_of(plan, &decoder, hit, *key, &mut self.unknown)
                && let Some(table) = self.tables.get_mut(*index)
            {
                self.unknown += table.put(hit.process, value, owner);
            }
        }
        handed
    }

    /// Takes in the return of a call.
    pub(super) fn leave(&mut self, plan: &Plan, program: &Program, call: &Call, hit: &Hit<'_>) {
        let parts = self.parts.get(&call.function);
        let Some(parts) = parts.filter(|parts| !parts.from_return.is_empty()) else {
            return;
        };
        let decoder = decoder(program, hit);
        let owner = call.scope.map(ScopeNumber::of);
        for (index, key) in &parts.from_return {
            if let Some(value) = value_of(plan, &decoder, hit, *key, &mut self.unknown)
                && let Some(table) = self.tables.get_mut(*index)
            {
                self.unknown += table.count_early(call, &value);
                self.unknown += table.put(call.process, value, owner);
            }
        }
    }

    /// The requests whose work waits to be taken, each as often as that.
    pub(super) fn waiting(&self) -> impl Iterator<Item = ScopeNumber> {
        let values = self.tables.iter().flat_map(|table| table.values.values());
        values.filter_map(|handed| match handed.owner {
            Owner::Known(owner) if handed.waiting > 0 => owner,
            Owner::Known(_) | Owner::Unclear => None,
        })
    }

    /// Whether the calls of a function must be seen to know to which requests calls belong.
    pub(super) fn depend_on(&self, function: FunctionId) -> bool {
        self.parts.contains_key(&function)
    }

    /// Forgets the values that were taken, but those of `held` requests, and gives how many calls there were since the last time of which it is not
    /// known to which request they belong, or what they handed over.
    pub(super) fn take_unknown(&mut self, held: &BTreeSet<ScopeNumber>) -> u64 {
        let is_held = |owner: &Owner| match owner {
            Owner::Known(Some(owner)) => held.contains(owner),
            Owner::Known(None) | Owner::Unclear => false,
        };
        for table in &mut self.tables {
            table
                .values
                .retain(|_, handed| handed.waiting > 0 || is_held(&handed.owner));
            table.tidy();
            table.early.clear();
            table.early_until = None;
            table.forgotten = false;
        }
        std::mem::take(&mut self.unknown)
    }

    /// Forgets what a process that ended had on its way.
    pub(super) fn end_process(&mut self, process: ProcessId) {
        for table in &mut self.tables {
            table.values.retain(|(of, _), _| *of != process);
            table.early.retain(|(of, _, _)| *of != process);
            table.tidy();
        }
    }
}

/// Whether a value is known only when the call returns.
fn is_late(plan: &Plan, key: KeyPick) -> bool {
    let function = plan.functions.get(key.function.0 as usize);
    let pick = function.and_then(|function| function.picks.get(key.pick as usize));
    pick.is_some_and(at_return)
}

impl Table {
    /// Puts a value down; gives how many waiting values had to be forgotten for it.
    fn put(&mut self, process: ProcessId, key: ValueIdentity, owner: Option<ScopeNumber>) -> u64 {
        let time = self.next;
        self.next += 1;
        let place = (process, key);
        let owner = Owner::Known(owner);
        self.values
            .entry(place.clone())
            .and_modify(|handed| {
                let contested = handed.waiting > 0 && handed.owner != owner;
                handed.owner = if contested { Owner::Unclear } else { owner };
                handed.waiting = handed.waiting.saturating_add(1);
                handed.time = time;
            })
            .or_insert(Handed {
                owner,
                waiting: 1,
                time,
            });
        self.order.push_back((time, place));
        let mut lost = 0;
        while self.values.len() > MAX_VALUES {
            lost += self.forget_first();
        }
        if self.order.len() > 2 * MAX_VALUES {
            self.tidy();
        }
        lost
    }

    /// Whose the value is; none if it was not put down.
    fn take(&mut self, process: ProcessId, key: ValueIdentity, time: Timestamp) -> Option<Owner> {
        let place = (process, key);
        if let Some(handed) = self.values.get_mut(&place) {
            handed.waiting = handed.waiting.saturating_sub(1);
            return Some(handed.owner);
        }
        if self.is_late {
            let (process, key) = place;
            self.early.push_back((process, key, time));
            if self.early.len() > MAX_EARLY {
                let first = self.early.pop_front();
                self.early_until = first.map(|(_, _, time)| time).or(self.early_until);
            }
        }
        self.forgotten.then_some(Owner::Unclear)
    }

    /// How many calls began with a value after the call that puts it down had begun, but before it did.
    fn count_early(&mut self, call: &Call, key: &ValueIdentity) -> u64 {
        let before = self.early.len();
        self.early.retain(|(process, early, time)| {
            (*process, early) != (call.process, key) || *time < call.entered
        });
        let may_be_more = self.early_until.is_some_and(|until| until >= call.entered);
        (before - self.early.len()) as u64 + u64::from(may_be_more)
    }

    fn forget_first(&mut self) -> u64 {
        let Some((time, place)) = self.order.pop_front() else {
            return 0;
        };
        let is_last = |handed: &Handed| handed.time == time;
        if !self.values.get(&place).is_some_and(is_last) {
            return 0;
        }
        self.forgotten = true;
        let waiting = self.values.remove(&place).map(|handed| handed.waiting);
        waiting.map_or(0, u64::from)
    }

    /// Drops the times at which a value was not put down last.
    fn tidy(&mut self) {
        let values = &self.values;
        self.order
            .retain(|(time, place)| values.get(place).is_some_and(|handed| handed.time == *time));
    }
}

/// The value that is handed over by a part of a call; none if it is nil, or not known, which is counted.
fn value_of(
    plan: &Plan,
    decoder: &Decoder<'_>,
    hit: &Hit<'_>,
    key: KeyPick,
    unknown: &mut u64,
) -> Option<ValueIdentity> {
    let function = plan.functions.get(key.function.0 as usize);
    let value = function.and_then(|function| {
        let pick = function.picks.get(key.pick as usize)?;
        Some(decoder.pick(function, pick, None))
    });
    let read = |value| read(&plan.types, hit.process, &value);
    match value.map_or(Read::Unknown, read) {
        Read::Value(value) => Some(value),
        Read::Nil => None,
        Read::Unknown => {
            *unknown += 1;
            None
        }
    }
}

fn read(types: &TypeTable, process: ProcessId, value: &Value) -> Read {
    match &value.held().content {
        Content::Nil => Read::Nil,
        _ if may_change(types, value) => Read::Unknown,
        _ => ValueIdentity::of(process, value).map_or(Read::Unknown, Read::Value),
    }
}

/// Whether a value may be the same and yet have other parts by the time that it is taken: slices and maps are no copies.
fn may_change(types: &TypeTable, value: &Value) -> bool {
    let value = value.held();
    let may_change = |part: &Value| may_change(types, part);
    let is_array = || {
        let ty = types.get(value.ty);
        ty.is_some_and(|ty| matches!(ty.kind, Kind::Array { .. }))
    };
    match &value.content {
        Content::Map(_) => true,
        Content::Bytes(_) => !is_array(),
        Content::Elements(elements) => !is_array() || elements.values.iter().any(may_change),
        Content::Struct(fields) => fields.iter().any(may_change),
        Content::Func(func) => func.captured.as_ref().is_some_and(may_change),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use model::{
        Address, Content, Elements, Entries, Float, Func, Kind, List, ProcessId, Text, Type,
        TypeId, TypeTable, Value, ValueIdentity,
    };

    use super::{Read, read};

    const OTHER: TypeId = TypeId(0);
    const ARRAY: TypeId = TypeId(1);
    const SLICE: TypeId = TypeId(2);

    fn types() -> TypeTable {
        let element = OTHER;
        let kinds = [
            Kind::Int,
            Kind::Array { element, count: 1 },
            Kind::Slice { element },
        ];
        let mut types = TypeTable::default();
        for kind in kinds {
            types.push(Type {
                name: String::new(),
                size: 8,
                kind,
            });
        }
        types
    }

    fn value(content: Content) -> Value {
        typed(OTHER, content)
    }

    const fn typed(ty: TypeId, content: Content) -> Value {
        Value { ty, content }
    }

    /// What a hand-off makes of a value that an interface holds.
    fn held(content: Content) -> Read {
        held_as(OTHER, content)
    }

    fn held_as(ty: TypeId, content: Content) -> Read {
        let interface = Content::Interface(Box::new(typed(ty, content)));
        read(&types(), ProcessId(1), &value(interface))
    }

    fn elements(of: Content) -> Content {
        Content::Elements(Box::new(Elements {
            values: List::from([value(of)]),
            full: 1,
        }))
    }

    fn of(fields: &[Content]) -> Content {
        Content::Struct(fields.iter().cloned().map(value).collect())
    }

    fn func(code: u64, captured: Content) -> Content {
        Content::Func(Box::new(Func {
            code: Address(code),
            name: None,
            captured: Some(value(captured)),
        }))
    }

    fn map() -> Content {
        let entries = [(value(Content::Int(1)), value(Content::Int(2)))];
        Content::Map(Box::new(Entries {
            full: 1,
            values: Box::new(entries),
        }))
    }

    #[test]
    fn nil_hands_nothing_over_but_within_a_value_it_is_a_part() {
        assert_eq!(held(Content::Nil), Read::Nil);
        let part = of(&[Content::Nil]);
        let identity = ValueIdentity::of(ProcessId(1), &value(part.clone()));
        assert_eq!(held(part), identity.map_or(Read::Unknown, Read::Value));
    }

    #[test]
    fn what_is_taken_is_what_was_handed_over() {
        let float = |number| held(Content::Float(Float::new(number)));
        assert_eq!(float(f64::NAN), float(-f64::NAN));
        assert_eq!(float(0.0), float(-0.0));
        assert_ne!(float(f64::NAN), Read::Unknown);
        let text = || Text::whole(&b"abc"[..]);
        assert_eq!(held(Content::Text(text())), held(Content::Text(text())));
        let array = held_as(ARRAY, Content::Bytes(text()));
        assert_ne!(array, Read::Unknown);
        assert_ne!(array, held(Content::Text(text())));
        let numbers = || held_as(ARRAY, elements(Content::Int(1)));
        assert_eq!(numbers(), numbers());
        assert_ne!(numbers(), Read::Unknown);
        let capturing = |number| held(func(8, of(&[Content::Int(number)])));
        assert_eq!(capturing(1), capturing(1));
        assert_ne!(capturing(1), capturing(2));
        assert_ne!(capturing(1), Read::Unknown);
    }

    #[test]
    fn what_may_change_on_the_way_is_not_known() {
        for content in [map(), of(&[map()]), func(8, of(&[map()]))] {
            assert_eq!(held(content.clone()), Read::Unknown, "{content:?}");
        }
        let bytes = Content::Bytes(Text::whole(&b"abc"[..]));
        for content in [bytes, elements(Content::Int(1))] {
            assert_eq!(
                held_as(SLICE, content.clone()),
                Read::Unknown,
                "{content:?}"
            );
        }
        assert_eq!(held_as(ARRAY, elements(map())), Read::Unknown);
    }
}
