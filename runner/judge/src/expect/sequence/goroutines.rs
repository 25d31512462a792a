//! A sequence whose calls are all made by one goroutine: `{ gaps = […], goroutine = "same" }`.
//!
//! Each goroutine's calls are looked at by themselves, and one goroutine whose calls satisfy the sequence is enough. An exact
//! sequence wants more: that one goroutine made all calls of the names in it, and that they are these. What no
//! goroutine called, on a thread of the runtime, is on none.

use std::collections::BTreeMap;

use model::{Call, Goid, ProcessId};
use spec::{Span, document::SequenceMode};

use super::{
    explain::explain,
    matching::{Judging, Material, Solved},
};
use crate::expect::{Failure, FailureKind, truth::Truth};

/// The calls of each goroutine that made some which the sequence mentions.
pub(super) struct Goroutines<'a> {
    each: Vec<(Material<'a>, Solved)>,
    /// The place of `goroutine = "same"`.
    span: Span,
    mode: SequenceMode,
}

impl<'a> Goroutines<'a> {
    pub(super) fn of(judging: &Judging<'a>, calls: &[&'a Call], exchange: Option<usize>) -> Self {
        let all = judging.material(calls, exchange);
        let mut by_goroutine: BTreeMap<(ProcessId, Goid), Vec<&'a Call>> = BTreeMap::new();
        for call in &all.calls {
            let key = (call.process, call.goroutine);
            by_goroutine.entry(key).or_default().push(call);
        }
        let mut each: Vec<_> = by_goroutine
            .values()
            .map(|calls| judging.solved(calls, exchange))
            .collect();
        if each.is_empty() {
            each.push(judging.solved(&[], exchange));
        }
        let sequence = judging.sequence;
        Self {
            each,
            span: sequence
                .one_goroutine
                .clone()
                .unwrap_or_else(|| sequence.span.clone()),
            mode: sequence.mode,
        }
    }

    pub(super) fn judge(&self) -> Truth {
        Truth::any((0..self.each.len()).map(|index| self.one(index)))
    }

    /// Whether one goroutine's calls are as wanted.
    fn one(&self, index: usize) -> Truth {
        let Some((material, solved)) = self.each.get(index) else {
            return Truth::No;
        };
        let alone = match is_thread(material) {
            true => Truth::No,
            false => solved.truth(),
        };
        match self.mode {
            SequenceMode::Gaps | SequenceMode::Contiguous => alone,
            SequenceMode::Exact => alone.and(|| self.no_others(index)),
        }
    }

    /// Whether no other goroutine made any of these calls.
    fn no_others(&self, index: usize) -> Truth {
        let others = self.each.iter().enumerate();
        Truth::all(
            others
                .filter(|(other, _)| *other != index)
                .map(|(_, (material, _))| match material.doubt() {
                    _ if material.has_certain_call() => Truth::No,
                    Some(reason) => Truth::Unknown(reason),
                    None => Truth::Yes,
                }),
        )
    }

    /// The goroutine that came nearest, and why it does not do.
    pub(super) fn explain(&self) -> (Span, Failure) {
        let candidates = self
            .each
            .iter()
            .filter(|(material, _)| !is_thread(material));
        let nearest = candidates.max_by_key(|(material, solved)| {
            (solved.matched(), std::cmp::Reverse(first(material)))
        });
        let Some((material, solved)) = nearest.or(self.each.first()) else {
            return (
                self.span.clone(),
                Failure::new(FailureKind::Missing, "not called"),
            );
        };
        if let Solved::Stuck { .. } = solved {
            let (span, mut failure) = explain(material, solved);
            failure.notes.extend(self.elsewhere(material));
            return (span, failure);
        }
        (self.span.clone(), self.spread(material))
    }

    /// What other goroutines called of the names in the sequence.
    fn elsewhere(&self, nearest: &Material<'a>) -> Option<String> {
        let others = self.each.iter().map(|(material, _)| material);
        let others = others.filter(|material| first(material) != first(nearest));
        let called: Vec<String> = others.take(MAX_LISTED).filter_map(on).collect();
        (!called.is_empty()).then(|| format!("other goroutines called: {}", called.join("; ")))
    }

    /// One goroutine's calls are as wanted, but others made such calls too.
    fn spread(&self, nearest: &Material<'a>) -> Failure {
        let others = self.each.iter().map(|(material, _)| material);
        let mut others = others.filter(|material| first(material) != first(nearest));
        let other = others.find(|material| material.has_certain_call());
        let call = other.and_then(|material| material.calls.first());
        let name = other.map_or("?", |material| material.name(0));
        let goid = call.map_or_else(String::new, |call| format!(" on {} too", call.goroutine));
        Failure {
            want: Some("all of these calls on one goroutine".to_owned()),
            got: Some(
                [Some(nearest), other]
                    .into_iter()
                    .flatten()
                    .filter_map(on)
                    .collect::<Vec<_>>()
                    .join("; "),
            ),
            call: call.map(|call| call.id),
            exchange: nearest.exchange,
            ..Failure::new(FailureKind::Order, format!("{name} was called{goid}"))
        }
    }
}

/// The most goroutines, and calls of one, that are listed.
const MAX_LISTED: usize = 4;

fn first(material: &Material<'_>) -> Option<model::CallId> {
    material.calls.first().map(|call| call.id)
}

fn is_thread(material: &Material<'_>) -> bool {
    let first = material.calls.first();
    first.is_some_and(|call| call.goroutine == Goid(0))
}

/// `b, c on g36`
fn on(material: &Material<'_>) -> Option<String> {
    let goid = material.calls.first()?.goroutine;
    let names = 0..material.calls.len();
    let mut names: Vec<&str> = names
        .take(MAX_LISTED)
        .map(|call| material.name(call))
        .collect();
    if material.calls.len() > MAX_LISTED {
        names.push("…");
    }
    Some(format!("{} on {goid}", names.join(", ")))
}
