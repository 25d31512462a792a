//! Which functions are compared: those that the requests reach, of as many types of arguments as can be had.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    ours::Told,
    symbols::{Symbols, holders},
};

/// What is called more often would only take the room of the rest.
const MAX_CALLS: u64 = 300;

/// So many functions, always the same of the same calls.
pub(crate) fn choose(told: &Told, symbols: &Symbols, wanted: usize) -> Vec<String> {
    let mut candidates: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for ((function, _), calls) in &told.calls {
        let often = told.counts.get(function).copied().unwrap_or_default();
        let is_inlined = holders(function).any(|holder| told.inlined.contains(holder));
        if often > MAX_CALLS || is_inlined || !symbols.has(function) {
            continue;
        }
        let named = calls.values().flatten();
        let named = named.filter(|argument| !matches!(argument.name.as_str(), "" | "_"));
        let types: BTreeSet<&str> = named.map(|argument| argument.ty.as_str()).collect();
        if !types.is_empty() {
            candidates.entry(function).or_default().extend(types);
        }
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut chosen = Vec::new();
    while chosen.len() < wanted {
        // The first by name of those with the most types that no other has.
        let best = candidates.iter().rev().max_by_key(|(_, types)| {
            let new = types.iter().filter(|ty| !seen.contains(**ty));
            new.count()
        });
        let Some(function) = best.map(|(function, _)| *function) else {
            break;
        };
        if let Some(types) = candidates.remove(function) {
            seen.extend(types);
        }
        chosen.push(function.to_owned());
    }
    chosen
}
