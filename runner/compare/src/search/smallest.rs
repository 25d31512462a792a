//! A smallest set that makes a difference, within one that does.
//!
//! As long as more candidates never make a difference go away and each trial has an outcome, halving finds the set's candidates
//! one by one. Where a trial has none, *ddmin* goes on from what is left.

use super::{
    known::{Known, Missing, Subset},
    outcome::Outcome,
};

/// A set that makes a difference, no candidate of which can be left out.
#[derive(Debug)]
pub(super) struct Smallest {
    pub(super) candidates: Subset,
    /// Those of which it is not known whether they can be left out: without them a trial has no outcome.
    pub(super) unproven: Subset,
}

/// Within a set that makes a difference, where none makes none.
pub(super) fn smallest(known: &Known, within: &Subset) -> Result<Smallest, Missing> {
    let candidates = match halve(known, within)? {
        Halved::Found(candidates) => candidates,
        Halved::Stuck(left) => ddmin(known, left)?,
    };
    leave_out(known, candidates)
}

/// How far halving led: each is a set that makes a difference.
enum Halved {
    Found(Subset),
    /// A trial had no outcome.
    Stuck(Subset),
}

/// Finds the last candidate of a set, then the one before it among those that stand before it, and so on: each by halving.
fn halve(known: &Known, within: &Subset) -> Result<Halved, Missing> {
    let mut found = Subset::new();
    let mut pool: Vec<usize> = within.iter().copied().collect();
    // `found` and all of the pool make a difference.
    loop {
        match known.outcome(&found)? {
            Outcome::Different => return Ok(Halved::Found(found)),
            Outcome::Unresolved => return Ok(Halved::Stuck(with(&found, &pool))),
            Outcome::Same => {}
        }
        let (mut same, mut different) = (0, pool.len());
        while different - same > 1 {
            let middle = same.midpoint(different);
            match known.outcome(&with(&found, &pool[..middle]))? {
                Outcome::Different => different = middle,
                Outcome::Same => same = middle,
                Outcome::Unresolved => return Ok(Halved::Stuck(with(&found, &pool[..different]))),
            }
        }
        pool.truncate(different);
        // What makes no difference has room for one more: the pool is empty only where `found` makes one.
        found.extend(pool.pop());
    }
}

fn with(found: &Subset, more: &[usize]) -> Subset {
    found.iter().chain(more).copied().collect()
}

/// Zeller's and Hildebrandt's: tries parts, then complements of parts, and finer parts where none makes a difference.
fn ddmin(known: &Known, mut set: Subset) -> Result<Subset, Missing> {
    let mut parts = 2;
    while set.len() > 1 {
        parts = parts.min(set.len());
        if let Some(part) = first_different(known, split(&set, parts))? {
            set = part;
            parts = 2;
        } else if let Some(rest) = first_different(known, complements(&set, parts))? {
            set = rest;
            parts = (parts - 1).max(2);
        } else if parts == set.len() {
            break;
        } else {
            parts *= 2;
        }
    }
    Ok(set)
}

fn first_different(
    known: &Known,
    sets: impl IntoIterator<Item = Subset>,
) -> Result<Option<Subset>, Missing> {
    for set in sets {
        if known.is_different(&set)? {
            return Ok(Some(set));
        }
    }
    Ok(None)
}

/// Into so many parts, whose sizes differ by one at most.
fn split(set: &Subset, parts: usize) -> Vec<Subset> {
    let all: Vec<usize> = set.iter().copied().collect();
    let bound = |part: usize| part * all.len() / parts;
    (0..parts)
        .map(|part| all[bound(part)..bound(part + 1)].iter().copied().collect())
        .collect()
}

fn complements(set: &Subset, parts: usize) -> impl Iterator<Item = Subset> {
    split(set, parts).into_iter().map(move |part| set - &part)
}

/// Tries each candidate's absence, and leaves out what need not be there.
fn leave_out(known: &Known, mut candidates: Subset) -> Result<Smallest, Missing> {
    'again: loop {
        let mut unproven = Subset::new();
        for candidate in &candidates {
            let mut without = candidates.clone();
            without.remove(candidate);
            match known.outcome(&without)? {
                Outcome::Same => {}
                Outcome::Unresolved => {
                    unproven.insert(*candidate);
                }
                Outcome::Different => {
                    candidates = without;
                    continue 'again;
                }
            }
        }
        return Ok(Smallest {
            candidates,
            unproven,
        });
    }
}
