//! Which calls are calls of a step, and what that makes of the sequence.

use model::{Call, Elapsed, Nanoseconds};
use spec::{
    Span,
    document::{DurationBound, Sequence, SequenceElement, SequenceMode, Step},
};

use super::{
    hits::Hits,
    search::{Assigned, Candidates, Obstacles, Problem, Solution, search},
};
use crate::expect::{Reason, duration::keeps, predicate::Predicate, scope::Case, truth::Truth};

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
    /// It is not known.
    Unknown(Reason),
    /// There is none.
    Stuck {
        /// The longest beginning that was found.
        matched: Vec<Assigned>,
        /// The element that comes next.
        element: usize,
    },
}

impl Solved {
    /// Whether it was found.
    pub(super) fn truth(&self) -> Truth {
        match self {
            Self::Holds => Truth::Yes,
            Self::Unknown(reason) => Truth::Unknown(reason.clone()),
            Self::Stuck { .. } => Truth::No,
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
    /// Its place in the file.
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

/// A sequence that is judged.
pub(super) struct Judging<'a> {
    /// The test.
    pub(super) case: &'a Case<'a>,
    /// The sequence.
    pub(super) sequence: &'a Sequence,
    /// What the probes' hits cost.
    pub(super) hits: &'a Hits<'a>,
}

impl<'a> Judging<'a> {
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

    /// The sequence and those of some calls that it mentions.
    pub(super) fn material(&self, calls: &[&'a Call], exchange: Option<usize>) -> Material<'a> {
        let Self {
            case,
            sequence,
            hits,
        } = *self;
        let labels = labels(sequence);
        let is_mentioned = |call: &&Call| {
            let mut labels = labels.iter();
            labels.any(|label| case.membership(label, call).is_possible())
        };
        let calls: Vec<&Call> = calls.iter().copied().filter(is_mentioned).collect();
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
        Material {
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
}

impl<'a> Material<'a> {
    /// Whether the sequence holds: first with all that is unknown against it, then with all in its favour.
    pub(super) fn solve(&self) -> Solved {
        match search(&self.problem(View::Adverse)) {
            Solution::TooMuch => return Solved::Unknown(Reason::TooManyCalls(self.calls.len())),
            Solution::Found(_) => {
                return self
                    .could_be_in_the_way()
                    .map_or(Solved::Holds, Solved::Unknown);
            }
            Solution::Stuck { .. } => {}
        }
        match search(&self.problem(View::Favourable)) {
            Solution::TooMuch => Solved::Unknown(Reason::TooManyCalls(self.calls.len())),
            Solution::Found(path) => {
                let used = path.iter().find_map(|assigned| {
                    let step = self.elements.get(assigned.element)?.get(assigned.step)?;
                    reason(step.calls.get(assigned.call)?)
                });
                let doubt = used.or_else(|| self.doubt());
                Solved::Unknown(doubt.unwrap_or(Reason::NearGap))
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
    pub(super) fn doubt(&self) -> Option<Reason> {
        let mut memberships = self.mentioned.iter().flat_map(|m| &m.calls);
        memberships.find_map(reason)
    }

    /// Whether any of its calls is certainly one of a name that the sequence mentions.
    pub(super) fn has_certain_call(&self) -> bool {
        (0..self.calls.len()).any(|call| self.is_mentioned(call, View::Favourable))
    }

    /// What was lost could only be in the way of a sequence that was found.
    fn could_be_in_the_way(&self) -> Option<Reason> {
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
    pub(super) fn gap(&self, from: usize, to: usize) -> Elapsed {
        match (self.calls.get(from), self.calls.get(to)) {
            (Some(from), Some(to)) => self.hits.between(from, to),
            _ => Elapsed::with_cost(0, Nanoseconds(0)),
        }
    }

    fn keeps_gap(&self, from: usize, to: usize, bound: &DurationBound) -> Truth {
        keeps(&self.gap(from, to), bound)
    }
}

fn reason(truth: &Truth) -> Option<Reason> {
    match truth {
        Truth::Unknown(reason) => Some(reason.clone()),
        Truth::Yes | Truth::No => None,
    }
}

/// All names that a sequence mentions, each once.
fn labels(sequence: &Sequence) -> Vec<&str> {
    let forbidden = sequence
        .elements
        .iter()
        .filter_map(|element| match element {
            SequenceElement::Forbidden(name) => Some(name),
            SequenceElement::Step(_) | SequenceElement::AnyOrder(..) => None,
        });
    let called = sequence.steps().map(|step| &step.label);
    let names = called.chain(forbidden);
    let mut labels: Vec<&str> = names.map(|name| name.value.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    labels
}
