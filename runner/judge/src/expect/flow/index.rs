//! When which values were had first.

use std::collections::HashMap;

use model::ValueIdentity;

use super::sketch::Sketch;

/// Values that may be the same as far as a sketch goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Slot {
    Everything,
    Nil,
    Unread,
    Other,
    /// Texts of that length.
    Length(u64),
    /// Those of which less than a beginning was read.
    Short(u64),
    /// Those with that beginning.
    Beginning(u64, [u8; 16]),
}

/// The earliest moment, in ns, at which a value was had, by group.
#[derive(Debug)]
pub(super) struct Earliest<G> {
    known: HashMap<(G, ValueIdentity), u64>,
    /// Of all values.
    all: HashMap<(G, Slot), u64>,
    /// Of those that are not known, or not for certain.
    vague: HashMap<(G, Slot), u64>,
}

impl<G> Default for Earliest<G> {
    fn default() -> Self {
        Self {
            known: HashMap::new(),
            all: HashMap::new(),
            vague: HashMap::new(),
        }
    }
}

impl<G: Copy + Eq + std::hash::Hash> Earliest<G> {
    /// A value that was had; without a key it is vague.
    pub(super) fn add(
        &mut self,
        group: G,
        moment: u64,
        key: Option<ValueIdentity>,
        sketch: Sketch,
    ) {
        for slot in slots(sketch) {
            note(&mut self.all, (group, slot), moment);
            if key.is_none() {
                note(&mut self.vague, (group, slot), moment);
            }
        }
        if let Some(key) = key {
            note(&mut self.known, (group, key), moment);
        }
    }

    /// Whether that value was had before.
    pub(super) fn had(&self, group: G, key: ValueIdentity, before: u64) -> bool {
        self.known
            .get(&(group, key))
            .is_some_and(|moment| *moment < before)
    }

    /// Whether a value that may be the same was had before, of which not all is known.
    pub(super) fn may_have_had_vague(&self, group: G, sketch: Sketch, before: u64) -> bool {
        any(&self.vague, group, sketch, before)
    }

    /// Whether any value that may be the same was had before.
    pub(super) fn may_have_had(&self, group: G, sketch: Sketch, before: u64) -> bool {
        any(&self.all, group, sketch, before)
    }
}

fn note<K: Eq + std::hash::Hash>(moments: &mut HashMap<K, u64>, key: K, moment: u64) {
    let earliest = moments.entry(key).or_insert(moment);
    *earliest = moment.min(*earliest);
}

fn any<G: Copy + Eq + std::hash::Hash>(
    moments: &HashMap<(G, Slot), u64>,
    group: G,
    sketch: Sketch,
    before: u64,
) -> bool {
    like(sketch)
        .into_iter()
        .filter_map(|slot| moments.get(&(group, slot)))
        .any(|moment| *moment < before)
}

/// Where a value is found again.
fn slots(sketch: Sketch) -> Vec<Slot> {
    let mut slots = vec![Slot::Everything];
    match sketch {
        Sketch::Nil => slots.push(Slot::Nil),
        Sketch::Unread => slots.push(Slot::Unread),
        Sketch::Other => slots.push(Slot::Other),
        Sketch::Text(length, None) => slots.extend([Slot::Length(length), Slot::Short(length)]),
        Sketch::Text(length, Some(beginning)) => {
            slots.extend([Slot::Length(length), Slot::Beginning(length, beginning)]);
        }
    }
    slots
}

/// Where those are that may be the same as a value.
fn like(sketch: Sketch) -> Vec<Slot> {
    match sketch {
        Sketch::Unread => vec![Slot::Everything],
        Sketch::Nil => vec![Slot::Unread, Slot::Nil],
        Sketch::Other => vec![Slot::Unread, Slot::Other],
        Sketch::Text(length, None) => vec![Slot::Unread, Slot::Length(length)],
        Sketch::Text(length, Some(beginning)) => vec![
            Slot::Unread,
            Slot::Short(length),
            Slot::Beginning(length, beginning),
        ],
    }
}
