//! Why a sequence fails: the longest beginning that was found, and what happened to the step after it.

use model::{Call, Nanoseconds};
use spec::{
    Span,
    document::{Sequence, SequenceElement, SequenceMode},
};

use super::{
    matching::{Material, Solved, StepFacts, View},
    search::Assigned,
};
use crate::expect::{Failure, FailureKind, duration, wording};

/// The most calls that a report lists.
const MAX_LISTED: usize = 12;

/// A sequence as a line: `handler → !lookup → (a, b) → c`.
pub(super) fn outline(sequence: &Sequence) -> String {
    let elements: Vec<String> = sequence
        .elements
        .iter()
        .map(|element| match element {
            SequenceElement::Step(step) => step.label.value.clone(),
            SequenceElement::Forbidden(name) => format!("!{}", name.value),
            SequenceElement::AnyOrder(steps, _) => {
                let names: Vec<&str> = steps.iter().map(|s| s.label.value.as_str()).collect();
                format!("({})", names.join(", "))
            }
        })
        .collect();
    let mode = match sequence.mode {
        SequenceMode::Gaps => "",
        SequenceMode::Exact => "exactly ",
        SequenceMode::Contiguous => "contiguously ",
    };
    let goroutine = match sequence.one_goroutine {
        Some(_) => " on one goroutine",
        None => "",
    };
    format!("{mode}{}{goroutine}", elements.join(" → "))
}

/// Says why there is no assignment: the narrowest place in the spec, and what was seen.
pub(super) fn explain(material: &Material<'_>, solved: &Solved) -> (Span, Failure) {
    let (matched, element) = match solved {
        Solved::Stuck { matched, element } => (matched.as_slice(), *element),
        Solved::Holds | Solved::Unknown(_) => (&[][..], 0),
    };
    let stuck = Stuck {
        material,
        matched,
        element,
        last: matched.last().copied(),
    };
    let (span, mut failure) = match stuck.missing_step() {
        Some(facts) => stuck.at_step(facts),
        None => stuck.at_end(),
    };
    failure.exchange = material.exchange;
    (span, failure)
}

/// A sequence that could be matched up to a step.
struct Stuck<'s, 'a> {
    material: &'s Material<'a>,
    matched: &'s [Assigned],
    /// The element that could not be matched.
    element: usize,
    /// The last step that was matched.
    last: Option<Assigned>,
}

impl<'s, 'a> Stuck<'s, 'a> {
    /// The first step of the element that no call was found for.
    fn missing_step(&self) -> Option<&'s StepFacts<'a>> {
        let steps = self.material.elements.get(self.element)?.iter().enumerate();
        let is_matched = |step: usize| {
            let mut matched = self.matched.iter();
            matched.any(|assigned| assigned.element == self.element && assigned.step == step)
        };
        steps
            .filter(|(step, _)| !is_matched(*step))
            .map(|(_, facts)| facts)
            .next()
    }

    fn at_step(&self, facts: &StepFacts<'a>) -> (Span, Failure) {
        let fits = |call: &usize| facts.calls.get(*call).is_some_and(|t| t.is_possible());
        if let Some(call) = self.after().filter(fits).find(|call| self.is_free(*call)) {
            return self.blocked(facts, call);
        }
        let mut before = self
            .before()
            .filter(fits)
            .filter(|call| self.is_free(*call));
        if let Some(call) = before.next_back() {
            return self.too_early(facts, call);
        }
        match self.nearly(facts) {
            Some(call) => self.otherwise(facts, call),
            None => self.missing(facts),
        }
    }

    /// Whether a call was not assigned to a step.
    fn is_free(&self, call: usize) -> bool {
        !self.matched.iter().any(|assigned| assigned.call == call)
    }

    /// The last step of the elements before this one; it must come before this element's.
    fn reference(&self) -> Option<Assigned> {
        let mut matched = self.matched.iter();
        matched
            .rfind(|assigned| assigned.element < self.element)
            .copied()
    }

    /// The calls after the elements before this one.
    fn after(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.reference().map_or(0, |last| last.call + 1)..self.material.calls.len()
    }

    /// The calls before the last one of the elements before this one.
    fn before(&self) -> impl DoubleEndedIterator<Item = usize> {
        0..self.reference().map_or(0, |last| last.call)
    }

    /// A call fits, but something is in the way or the gap is wrong.
    fn blocked(&self, facts: &StepFacts<'a>, call: usize) -> (Span, Failure) {
        let first = self.last.map_or(0, |last| last.call + 1);
        let obstacle = (first..call).find(|between| self.is_obstacle(*between));
        match (obstacle, &facts.step.gap, self.last) {
            (Some(obstacle), _, _) => self.obstructed(facts, obstacle),
            (None, Some(gap), Some(last)) if last.call < call => {
                let measured = self.material.gap(last.call, call);
                let label = format!("gap from {} to {}", self.name(last), facts.step.label.value);
                let failure = Failure {
                    want: Some(gap.value.to_string()),
                    got: Some(duration::show(&measured)),
                    ..self.about(call, FailureKind::Latency, label)
                };
                (gap.span.clone(), failure)
            }
            _ => self.misplaced(facts, call),
        }
    }

    /// A call fits, but not together with the others.
    fn misplaced(&self, facts: &StepFacts<'a>, call: usize) -> (Span, Failure) {
        let failure = self.about(call, FailureKind::Order, "not in this place".to_owned());
        (facts.step.label.span.clone(), self.seen(failure, &[call]))
    }

    /// Whether steps of the element itself are matched, so that the next place is between two of them.
    fn is_within_element(&self) -> bool {
        self.last.is_some_and(|last| last.element == self.element)
    }

    /// Whether a call must not come next.
    fn is_obstacle(&self, call: usize) -> bool {
        if self.is_within_element() {
            self.material
                .is_between_steps_of_one(call, View::Favourable)
        } else {
            self.material
                .is_in_the_way(call, self.element, View::Favourable)
        }
    }

    /// Where the spec has the ban that a call breaks.
    fn ban(&self, call: usize) -> Option<&'s Span> {
        if self.is_within_element() {
            return None;
        }
        let ban = self.material.ban(call, self.element, View::Favourable);
        ban.map(|ban| ban.span)
    }

    /// A call that is forbidden, or one too many, came before the step.
    fn obstructed(&self, facts: &StepFacts<'a>, obstacle: usize) -> (Span, Failure) {
        let next = &facts.step.label;
        let place = match self.last {
            Some(last) => format!("between {} and {}", self.name(last), next.value),
            None => format!("before {}", next.value),
        };
        let span = self.ban(obstacle).unwrap_or(&next.span);
        (span.clone(), self.one_too_many(obstacle, &place))
    }

    /// All steps are matched, but something comes after the last.
    fn at_end(&self) -> (Span, Failure) {
        let sequence = &self.material.sequence.span;
        let Some(obstacle) = self.after().find(|call| self.is_obstacle(*call)) else {
            let failure = Failure::new(FailureKind::Order, "not in this order");
            return (sequence.clone(), self.seen(failure, &[]));
        };
        let place = match self.last {
            Some(last) => format!("after {}", self.name(last)),
            None => String::new(),
        };
        let span = self.ban(obstacle).unwrap_or(sequence);
        (span.clone(), self.one_too_many(obstacle, &place))
    }

    fn one_too_many(&self, obstacle: usize, place: &str) -> Failure {
        let label = format!("{} was called {place}", self.material.name(obstacle));
        let failure = self.about(obstacle, FailureKind::Order, label.trim_end().to_owned());
        self.seen(failure, &[obstacle])
    }

    /// A call fits, but the step before it came later.
    fn too_early(&self, facts: &StepFacts<'a>, call: usize) -> (Span, Failure) {
        let reference = self.reference();
        let Some((last, step)) = reference.and_then(|last| Some((last, self.step(last)?))) else {
            return self.misplaced(facts, call);
        };
        let distance = self.material.gap(call, last.call).raw;
        let label = format!(
            "began {} after {}",
            Nanoseconds(distance).precise(),
            facts.step.label.value
        );
        let failure = self.about(call, FailureKind::Order, label);
        (step.step.label.span.clone(), self.seen(failure, &[call]))
    }

    /// The call of the step's name that comes nearest to what it demands: after the last one that was matched if
    /// there is one, else before it.
    fn nearly(&self, facts: &StepFacts<'a>) -> Option<usize> {
        let named = |call: &usize| self.material.may_be(&facts.step.label.value, *call);
        let free = |call: &usize| self.is_free(*call);
        let misses = |call: &usize| {
            let call = self.material.calls.get(*call);
            let predicates = facts.predicates.iter();
            predicates
                .filter(|p| {
                    call.is_none_or(|call| !p.judge(self.material.case, call).is_possible())
                })
                .count()
        };
        let after = self.after().filter(named).filter(free).min_by_key(misses);
        let before = || self.before().filter(named).filter(free).min_by_key(misses);
        after.or_else(before)
    }

    /// The step's function was called, but otherwise than it demands.
    fn otherwise(&self, facts: &StepFacts<'a>, index: usize) -> (Span, Failure) {
        let observation = self.material.case.observation();
        let call = self.material.calls.get(index).copied();
        let differs = |call: &Call| {
            let mut predicates = facts.predicates.iter();
            predicates.find(|p| !p.judge(self.material.case, call).is_possible())
        };
        let Some((call, predicate)) = call.and_then(|call| Some((call, differs(call)?))) else {
            return self.misplaced(facts, index);
        };
        let label = facts.step.label.value.as_str();
        let calls = (0..self.material.calls.len())
            .filter(|call| self.material.may_be(label, *call))
            .count();
        let calls = match calls {
            1 => "the only call".to_owned(),
            _ => format!("the nearest of {}", wording::plural(calls, "call")),
        };
        let remark = match predicate.type_name(observation, call) {
            Some(ty) => format!("{ty}; {calls}"),
            None => calls,
        };
        let failure = Failure {
            want: Some(predicate.want(self.material.case)),
            got: Some(predicate.got(self.material.case, call)),
            remark: Some(remark),
            notes: predicate.notes(self.material.case, call),
            ..self.about(index, predicate.failure_kind(), predicate.label(label))
        };
        (predicate.span.clone(), failure)
    }

    /// The step's function was not called.
    fn missing(&self, facts: &StepFacts<'a>) -> (Span, Failure) {
        let name = &facts.step.label;
        let label = match self.last {
            Some(last) => format!("not called after {}", self.name(last)),
            None => "not called".to_owned(),
        };
        let nearest = self
            .material
            .case
            .elsewhere(&name.value, self.material.exchange);
        let failure = Failure {
            notes: nearest.into_iter().collect(),
            call: self
                .last
                .and_then(|last| Some(self.material.calls.get(last.call)?.id)),
            ..Failure::new(FailureKind::Missing, label)
        };
        // Of many requests, the tree shows one.
        let failure = match self.material.case.is_by_request() {
            true => failure,
            false => self.seen(failure, &[]),
        };
        (name.span.clone(), failure)
    }

    fn about(&self, call: usize, kind: FailureKind, label: String) -> Failure {
        Failure {
            call: self.material.calls.get(call).map(|call| call.id),
            ..Failure::new(kind, label)
        }
    }

    fn step(&self, assigned: Assigned) -> Option<&'s StepFacts<'a>> {
        let elements = &self.material.elements;
        elements.get(assigned.element)?.get(assigned.step)
    }

    fn name(&self, assigned: Assigned) -> &'s str {
        self.step(assigned)
            .map_or("?", |facts| facts.step.label.value.as_str())
    }

    /// Adds what was wanted and the calls that were seen: `✓` as wanted, `✗` the first that is not.
    fn seen(&self, failure: Failure, wrong: &[usize]) -> Failure {
        let observation = self.material.case.observation();
        let listed = |(index, call): (usize, &&Call)| {
            let name = self.material.name(index);
            let place = observation
                .function(call.function)
                .and_then(|function| function.position.as_ref())
                .map_or_else(String::new, |at| format!(" {}", wording::place(at)));
            let is_before = wrong.first().is_none_or(|wrong| index < *wrong);
            let is_matched = self.matched.iter().any(|assigned| assigned.call == index);
            if wrong.contains(&index) {
                format!("{name} ✗{place}")
            } else if is_before && is_matched {
                format!("{name} ✓")
            } else {
                format!("{name}{place}")
            }
        };
        let calls = &self.material.calls;
        // Of many calls those around the first wrong one are shown.
        let around = wrong.first().copied().unwrap_or(0);
        let start = around
            .saturating_sub(MAX_LISTED / 2)
            .min(calls.len().saturating_sub(MAX_LISTED));
        let mut seen: Vec<String> = calls
            .iter()
            .enumerate()
            .skip(start)
            .take(MAX_LISTED)
            .map(listed)
            .collect();
        if start > 0 {
            seen.insert(0, "…".to_owned());
        }
        if start + MAX_LISTED < calls.len() {
            seen.push("…".to_owned());
        }
        let first = calls.first().map(|call| call.goroutine);
        let on_one = first.filter(|goid| calls.iter().all(|call| call.goroutine == *goid));
        Failure {
            want: Some(outline(self.material.sequence)),
            got: Some(seen.join("  ")),
            remark: on_one.map(|goid| format!("all on {goid}")),
            ..failure
        }
    }
}
