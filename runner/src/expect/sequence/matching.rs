//! Which calls are calls of a step, and what that makes of the sequence.

use std::collections::HashMap;

use super::{
    explain, goroutines,
    search::{Assigned, Candidates, Obstacles, Problem, Solution, search},
};
use crate::{
    expect::{
        Failure, Finding, Inconclusive, Verdict, predicate::Predicate, scope::Case, truth::Truth,
        wording,
    },
    model::{Call, Observation, ProbeHit, RequestId, Timestamp, Took},
    spec::{
        Span,
        document::{DurationBound, Sequence, SequenceElement, SequenceMode, Step},
    },
};

/// Judges a sequence for each of the test's requests, or over all calls where there is none.
pub(in crate::expect) fn judge(case: &Case<'_>, sequence: &Sequence) -> Verdict {
    let subject = format!("sequence {}", explain::outline(sequence));
    let hits = Hits::of(case.observation(), sequence);
    let judging = Judging {
        case,
        sequence,
        hits: &hits,
    };
    let judged = if case.is_by_request() {
        judging.by_request()
    } else {
        let calls: Vec<&Call> = case.calls().collect();
        match judging.group(&calls, None) {
            Judged::Holds => {
                let basis = "over the whole test".to_owned();
                (sequence.span.clone(), Finding::Passed { basis })
            }
            Judged::Unknown(reason) => (sequence.span.clone(), Finding::Inconclusive(reason)),
            Judged::Fails => judging.explain(&calls, None),
        }
    };
    let (span, finding) = judged;
    Verdict::new(span, subject, finding)
}

/// What was concluded of some calls.
pub(super) enum Judged {
    Holds,
    Unknown(Inconclusive),
    Fails,
}

/// A sequence that is judged.
pub(super) struct Judging<'a> {
    case: &'a Case<'a>,
    /// The sequence.
    pub(super) sequence: &'a Sequence,
    hits: &'a Hits<'a>,
}

impl<'a> Judging<'a> {
    fn by_request(&self) -> (Span, Finding) {
        let case = self.case;
        let place = || self.sequence.span.clone();
        if let Some(reason) = case.lost_causality() {
            return (place(), Finding::Inconclusive(reason));
        }
        let total = case.evidence.exchanges.len();
        let mut owned: HashMap<RequestId, Vec<&Call>> = HashMap::new();
        for call in &case.observation().calls {
            if let Some(request) = call.request {
                owned.entry(request).or_default().push(call);
            }
        }
        let of = |request| owned.get(&request).map_or(&[][..], Vec::as_slice);
        let mut failed: Option<(usize, RequestId)> = None;
        let mut failures = 0;
        let mut unknown = case.unsent();
        for exchange in 0..total {
            let Some(request) = case.request(exchange) else {
                unknown.get_or_insert_with(|| case.unmatched(exchange));
                continue;
            };
            match self.group(of(request), Some(exchange)) {
                Judged::Holds => {}
                Judged::Unknown(reason) => {
                    unknown.get_or_insert(reason);
                }
                Judged::Fails => {
                    failures += 1;
                    failed.get_or_insert((exchange, request));
                }
            }
        }
        let Some((exchange, request)) = failed else {
            let basis = wording::plural(total, "request");
            let finding = unknown.map_or(Finding::Passed { basis }, Finding::Inconclusive);
            return (place(), finding);
        };
        let (span, mut finding) = self.explain(of(request), Some(exchange));
        if let (Finding::Failed(failure), true) = (&mut finding, failures > 1) {
            failure.notes.push(format!(
                "{failures} of {total} requests fail; this is the first"
            ));
        }
        (span, finding)
    }

    /// Judges calls that are taken together: those of a request, or all.
    fn group(&self, calls: &[&'a Call], exchange: Option<usize>) -> Judged {
        if self.sequence.one_goroutine.is_some() {
            return goroutines::Goroutines::of(self, calls, exchange).judge();
        }
        match self.material(calls, exchange).solve() {
            Solved::Holds => Judged::Holds,
            Solved::Unknown(reason) => Judged::Unknown(reason),
            Solved::Stuck { .. } => Judged::Fails,
        }
    }

    /// Says why calls fail that were found to.
    fn explain(&self, calls: &[&'a Call], exchange: Option<usize>) -> (Span, Finding) {
        let (span, failure) = if self.sequence.one_goroutine.is_some() {
            goroutines::Goroutines::of(self, calls, exchange).explain()
        } else {
            let material = self.material(calls, exchange);
            material.solve().explain(&material)
        };
        (span, Finding::Failed(failure))
    }

    /// The sequence and some calls.
    pub(super) fn material(&self, calls: &[&'a Call], exchange: Option<usize>) -> Material<'a> {
        let calls = calls.iter().copied();
        Material::new(self.case, self.sequence, self.hits, calls, exchange)
    }

    /// The same, and how the search went.
    pub(super) fn solved(
        &self,
        calls: &[&'a Call],
        exchange: Option<usize>,
    ) -> (Material<'a>, Solved) {
        let material = self.material(calls, exchange);
        let solved = material.solve();
        (material, solved)
    }
}

/// In whose favour that is decided which is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum View {
    /// Unknown calls match steps and are not in the way.
    Favourable,
    /// Unknown calls match nothing and are in the way.
    Adverse,
}

impl View {
    const fn takes(self, truth: &Truth) -> bool {
        match self {
            Self::Favourable => truth.is_possible(),
            Self::Adverse => truth.is_certain(),
        }
    }

    const fn forbids(self, membership: &Truth) -> bool {
        match self {
            Self::Favourable => membership.is_certain(),
            Self::Adverse => membership.is_possible(),
        }
    }
}

/// How the search for a sequence went.
pub(super) enum Solved {
    /// It was found.
    Holds,
    /// It can't be told.
    Unknown(Inconclusive),
    /// There is none.
    Stuck {
        /// The longest beginning that was found.
        matched: Vec<Assigned>,
        /// The element that comes next.
        element: usize,
    },
}

impl Solved {
    /// Why there is none, and the narrowest place.
    pub(super) fn explain(&self, material: &Material<'_>) -> (Span, Failure) {
        match self {
            Self::Stuck { matched, element } => explain::explain(material, matched, *element),
            Self::Holds | Self::Unknown(_) => explain::explain(material, &[], 0),
        }
    }

    /// How many of its steps were found.
    pub(super) fn matched(&self) -> usize {
        match self {
            Self::Stuck { matched, .. } => matched.len(),
            Self::Holds | Self::Unknown(_) => usize::MAX,
        }
    }
}

/// A name that a sequence mentions, and which of the calls it means.
struct Mentioned<'a> {
    label: &'a str,
    calls: Vec<Truth>,
}

/// A step, and which of the calls are as it demands; its gap apart.
pub(super) struct StepFacts<'a> {
    /// The step.
    pub(super) step: &'a Step,
    /// What it demands of its call.
    pub(super) predicates: Vec<Predicate<'a>>,
    /// For each call, whether it is one.
    pub(super) calls: Vec<Truth>,
}

/// A forbidden name at a place between steps.
pub(super) struct Ban<'a> {
    /// The name.
    pub(super) label: &'a str,
    /// Where it stands.
    pub(super) span: &'a Span,
}

/// A sequence and the calls that it is judged on.
pub(super) struct Material<'a> {
    /// The test.
    pub(super) case: &'a Case<'a>,
    /// The sequence.
    pub(super) sequence: &'a Sequence,
    /// The exchange whose calls these are.
    pub(super) exchange: Option<usize>,
    /// The calls of the names that the sequence mentions, by entry.
    pub(super) calls: Vec<&'a Call>,
    mentioned: Vec<Mentioned<'a>>,
    /// The steps of each element.
    pub(super) elements: Vec<Vec<StepFacts<'a>>>,
    /// What is forbidden before each element, and after the last.
    pub(super) bans: Vec<Vec<Ban<'a>>>,
    hits: &'a Hits<'a>,
}

impl<'a> Material<'a> {
    fn new(
        case: &'a Case<'a>,
        sequence: &'a Sequence,
        hits: &'a Hits<'a>,
        calls: impl Iterator<Item = &'a Call>,
        exchange: Option<usize>,
    ) -> Self {
        let labels = labels(sequence);
        let is_mentioned = |call: &&Call| {
            let mut labels = labels.iter();
            labels.any(|label| case.membership(label, call).is_possible())
        };
        let calls: Vec<&Call> = calls.filter(is_mentioned).collect();
        let mentioned: Vec<_> = labels
            .iter()
            .map(|label| Mentioned {
                label,
                calls: calls
                    .iter()
                    .map(|call| case.membership(label, call))
                    .collect(),
            })
            .collect();
        let facts = |step: &'a Step| {
            let predicates = Predicate::of_step(step);
            let label = step.label.value.as_str();
            let demanded = |call: &Call| {
                let truths = predicates.iter().map(|p| p.judge(case, call));
                case.membership(label, call).and(|| Truth::all(truths))
            };
            StepFacts {
                step,
                calls: calls.iter().map(|call| demanded(call)).collect(),
                predicates,
            }
        };
        let mut elements = Vec::new();
        let mut bans = vec![Vec::new()];
        for element in &sequence.elements {
            match element {
                SequenceElement::Step(step) => elements.push(vec![facts(step)]),
                SequenceElement::AnyOrder(steps, _) => {
                    elements.push(steps.iter().map(facts).collect());
                }
                SequenceElement::Forbidden(name) => {
                    let ban = Ban {
                        label: &name.value,
                        span: &name.span,
                    };
                    if let Some(last) = bans.last_mut() {
                        last.push(ban);
                    }
                    continue;
                }
            }
            bans.push(Vec::new());
        }
        Self {
            case,
            sequence,
            exchange,
            calls,
            mentioned,
            elements,
            bans,
            hits,
        }
    }

    /// Whether the sequence holds: first with all that is unknown against it, then with all in its favour.
    pub(super) fn solve(&self) -> Solved {
        match search(&self.problem(View::Adverse)) {
            Solution::TooMuch => return Solved::Unknown(self.too_much()),
            Solution::Found(_) => {
                return self
                    .could_be_in_the_way()
                    .map_or(Solved::Holds, Solved::Unknown);
            }
            Solution::Stuck { .. } => {}
        }
        match search(&self.problem(View::Favourable)) {
            Solution::TooMuch => Solved::Unknown(self.too_much()),
            Solution::Found(path) => {
                let used = path.iter().find_map(|assigned| {
                    let step = self.elements.get(assigned.element)?.get(assigned.step)?;
                    reason(step.calls.get(assigned.call)?)
                });
                let gap = || Inconclusive::because("a gap lies within our own cost of its bound");
                let doubt = used.or_else(|| self.doubt());
                Solved::Unknown(doubt.unwrap_or_else(gap))
            }
            Solution::Stuck { matched, element } => {
                let lost = self.mentioned.iter().find_map(|m| self.case.lost(m.label));
                match lost {
                    Some(reason) if !self.has_more_calls_than_steps() => Solved::Unknown(reason),
                    _ => Solved::Stuck { matched, element },
                }
            }
        }
    }

    /// Why it is not known of some call whether it is one of a name that the sequence mentions.
    pub(super) fn doubt(&self) -> Option<Inconclusive> {
        let mut memberships = self.mentioned.iter().flat_map(|m| &m.calls);
        memberships.find_map(reason)
    }

    /// Whether any of its calls is certainly one of a name that the sequence mentions.
    pub(super) fn has_certain_call(&self) -> bool {
        (0..self.calls.len()).any(|call| self.is_mentioned(call, View::Favourable))
    }

    /// What was lost could only be in the way of a sequence that was found.
    fn could_be_in_the_way(&self) -> Option<Inconclusive> {
        match self.sequence.mode {
            SequenceMode::Gaps => {
                let mut bans = self.bans.iter().flatten();
                bans.find_map(|ban| self.case.lost(ban.label))
            }
            SequenceMode::Exact | SequenceMode::Contiguous => {
                let mut mentioned = self.mentioned.iter();
                mentioned.find_map(|mentioned| self.case.lost(mentioned.label))
            }
        }
    }

    /// Then an exact sequence fails, whatever was lost.
    fn has_more_calls_than_steps(&self) -> bool {
        let steps: usize = self.elements.iter().map(Vec::len).sum();
        let certain =
            (0..self.calls.len()).filter(|call| self.is_mentioned(*call, View::Favourable));
        self.sequence.mode == SequenceMode::Exact && certain.count() > steps
    }

    fn too_much(&self) -> Inconclusive {
        Inconclusive::because(format!(
            "deciding it over {} would take too long",
            wording::plural(self.calls.len(), "call")
        ))
        .advise("have the sequence mention functions that are called less often")
    }

    fn problem(&self, view: View) -> Problem<'_> {
        let elements = self.elements.iter().map(|steps| {
            let candidates = steps.iter().map(|facts| Candidates {
                matches: facts.calls.iter().map(|truth| view.takes(truth)).collect(),
                gap: facts.step.gap.as_ref().map(|bound| {
                    let bound = &bound.value;
                    let keeps = move |from, to| view.takes(&self.keeps_gap(from, to, bound));
                    Box::new(keeps) as Box<dyn Fn(usize, usize) -> bool>
                }),
            });
            candidates.collect()
        });
        Problem {
            calls: self.calls.len(),
            elements: elements.collect(),
            gaps: (0..self.bans.len())
                .map(|place| self.obstacles(place, view))
                .collect(),
            inner: Obstacles::new(
                (0..self.calls.len()).map(|call| self.is_between_steps_of_one(call, view)),
            ),
        }
    }

    fn obstacles(&self, place: usize, view: View) -> Obstacles {
        let calls = 0..self.calls.len();
        Obstacles::new(calls.map(|call| self.is_in_the_way(call, place, view)))
    }

    /// Whether a call must not be at a place: before that element, or after the last.
    pub(super) fn is_in_the_way(&self, call: usize, place: usize, view: View) -> bool {
        let is_between = place > 0 && place < self.elements.len();
        let no_others = match self.sequence.mode {
            SequenceMode::Gaps => false,
            SequenceMode::Exact => true,
            SequenceMode::Contiguous => is_between,
        };
        (no_others && self.is_mentioned(call, view)) || self.ban(call, place, view).is_some()
    }

    /// Whether a call must not come between the steps of one inner list.
    pub(super) fn is_between_steps_of_one(&self, call: usize, view: View) -> bool {
        self.sequence.mode != SequenceMode::Gaps && self.is_mentioned(call, view)
    }

    /// The ban at a place that a call breaks.
    pub(super) fn ban(&self, call: usize, place: usize, view: View) -> Option<&Ban<'a>> {
        let mut bans = self.bans.get(place)?.iter();
        bans.find(|ban| view.forbids(self.membership(ban.label, call)))
    }

    fn membership(&self, label: &str, call: usize) -> &Truth {
        let mentioned = self.mentioned.iter().find(|m| m.label == label);
        mentioned
            .and_then(|m| m.calls.get(call))
            .unwrap_or(&Truth::No)
    }

    fn is_mentioned(&self, call: usize, view: View) -> bool {
        let mut mentioned = self.mentioned.iter();
        mentioned.any(|m| m.calls.get(call).is_some_and(|truth| view.forbids(truth)))
    }

    /// Whether a call may be one of a name.
    pub(super) fn may_be(&self, label: &str, call: usize) -> bool {
        self.membership(label, call).is_possible()
    }

    /// The name that the sequence knows a call by.
    pub(super) fn name(&self, call: usize) -> &'a str {
        let mut mentioned = self.mentioned.iter();
        let named = mentioned.find(|m| m.calls.get(call).is_some_and(Truth::is_possible));
        named.map_or("?", |m| m.label)
    }

    /// The time between the entries of two calls.
    pub(super) fn gap(&self, from: usize, to: usize) -> Took {
        match (self.calls.get(from), self.calls.get(to)) {
            (Some(from), Some(to)) => self.hits.between(from, to),
            _ => Took::with_cost(0, 0),
        }
    }

    fn keeps_gap(&self, from: usize, to: usize, bound: &DurationBound) -> Truth {
        self.gap(from, to).keeps(bound)
    }
}

fn reason(truth: &Truth) -> Option<Inconclusive> {
    match truth {
        Truth::Unknown(reason) => Some(reason.clone()),
        Truth::Yes | Truth::No => None,
    }
}

/// All names that a sequence mentions, each once.
fn labels(sequence: &Sequence) -> Vec<&str> {
    let mut labels: Vec<&str> = Vec::new();
    for element in &sequence.elements {
        match element {
            SequenceElement::Step(step) => labels.push(&step.label.value),
            SequenceElement::Forbidden(name) => labels.push(&name.value),
            SequenceElement::AnyOrder(steps, _) => {
                labels.extend(steps.iter().map(|step| step.label.value.as_str()));
            }
        }
    }
    labels.sort_unstable();
    labels.dedup();
    labels
}

/// The cost of our own that may lie between two moments. Which of the hits between them delayed the second one is not
/// known, so a gap is only known to lie between all of that cost and none of it.
pub(super) struct Hits<'a> {
    hits: &'a [ProbeHit],
    /// What the hits before each one cost together, in ns; one more than there are hits.
    before: Vec<u64>,
}

impl<'a> Hits<'a> {
    fn of(observation: &'a Observation, sequence: &Sequence) -> Self {
        let has_gap = |step: &Step| step.gap.is_some();
        let is_needed = sequence.elements.iter().any(|element| match element {
            SequenceElement::Step(step) => has_gap(step),
            SequenceElement::AnyOrder(steps, _) => steps.iter().any(has_gap),
            SequenceElement::Forbidden(_) => false,
        });
        let hits: &[ProbeHit] = if is_needed { &observation.hits } else { &[] };
        let mut cost = 0_u64;
        let sums = hits.iter().map(|hit| {
            cost = cost.saturating_add(hit.cost.0);
            cost
        });
        Self {
            hits,
            before: std::iter::once(0).chain(sums).collect(),
        }
    }

    /// What was hit before a moment cost.
    fn cost_before(&self, moment: Timestamp) -> u64 {
        let count = self.hits.partition_point(|hit| hit.time < moment);
        self.before.get(count).copied().unwrap_or_default()
    }

    fn between(&self, from: &Call, to: &Call) -> Took {
        let cost = self
            .cost_before(to.entered)
            .saturating_sub(self.cost_before(from.entered));
        let raw = to.entered.since(from.entered).0;
        Took {
            raw,
            corrected: raw,
            low: Took::with_cost(raw, cost).low,
            high: raw,
        }
    }
}
