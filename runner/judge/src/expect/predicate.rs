//! What may be demanded of a single call: an argument, a result, its time, its end.

use model::{Call, Observation, Outcome, Path, Root, Status, Value};
use spec::{
    Span, Spanned,
    document::{
        ArgumentExpectation, CallExpectation, DurationBound, ErrorExpectation, ExpectedOutcome,
        GoroutineRelation, Standpoint, Step,
    },
    matcher::{Literal, Matcher},
};

use super::{
    FailureKind, Reason,
    duration::{elapsed, keeps, show},
    error::ErrorDemand,
    outcome::outcome,
    part::Part,
    reason::cut_note,
    scope::Case,
    standpoint,
    truth::Truth,
    value::constant_name,
    wording,
};

/// One demand on a call, with its place in the spec.
#[derive(Clone, Debug)]
pub(super) struct Predicate<'a> {
    /// Its place in the file.
    pub(super) span: &'a Span,
    /// What is demanded.
    pub(super) demand: Demand<'a>,
}

/// What is demanded of a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Demand<'a> {
    /// Of an argument, a result, or a part of one.
    Value(&'a Path, &'a Matcher),
    /// Of the result at that position.
    Result(u32, &'a Matcher),
    /// Of its last result, which is an error.
    Error(ErrorDemand<'a>),
    /// Of its time.
    Elapsed(&'a DurationBound),
    /// Of its end.
    Outcome(ExpectedOutcome),
    /// Of the calls above it: one of that name.
    Under(&'a str),
    /// Of the nearest watched call above it: one of that name.
    ChildOf(&'a str),
    /// Of the goroutine that makes it.
    Goroutine(GoroutineRelation),
}

impl<'a> Predicate<'a> {
    /// What a value must be.
    fn of_argument(argument: &'a ArgumentExpectation) -> Self {
        Self {
            span: &argument.matcher.span,
            demand: Demand::Value(&argument.path.value, &argument.matcher.value),
        }
    }

    fn of_values(
        args: &'a [ArgumentExpectation],
        returns: &'a [Spanned<Matcher>],
        error: Option<&'a Spanned<ErrorExpectation>>,
        took: Option<&'a Spanned<DurationBound>>,
    ) -> Vec<Self> {
        // One whose parts alone are asked for is anything as a whole.
        let has_parts = |index: u32| {
            let mut roots = args.iter().map(|part| &part.path.value.root);
            roots.any(|root| *root == Root::Result(index))
        };
        let results = (0..)
            .zip(returns)
            .filter(|(index, matcher)| {
                !(matches!(matcher.value, Matcher::Any) && has_parts(*index))
            })
            .map(|(index, matcher)| Self {
                span: &matcher.span,
                demand: Demand::Result(index, &matcher.value),
            });
        let errors = error.into_iter().flat_map(ErrorDemand::all);
        let errors = errors.map(|(span, demand)| Self {
            span,
            demand: Demand::Error(demand),
        });
        let took = took.map(|bound| Self {
            span: &bound.span,
            demand: Demand::Elapsed(&bound.value),
        });
        let arguments = args.iter().map(Self::of_argument);
        arguments.chain(results).chain(errors).chain(took).collect()
    }

    /// What a step of a sequence demands of its call, its place in time apart.
    pub(super) fn of_step(step: &'a Step) -> Vec<Self> {
        let error = step.error.as_deref();
        let mut all = Self::of_values(&step.args, &step.returns, error, step.took.as_ref());
        all.extend(Self::of_outcome(step.outcome.as_ref()));
        all.extend(Self::of_standpoint(&step.standpoint));
        all
    }

    fn of_outcome(outcome: Option<&'a Spanned<ExpectedOutcome>>) -> Option<Self> {
        outcome.map(|outcome| Self {
            span: &outcome.span,
            demand: Demand::Outcome(outcome.value),
        })
    }

    fn of_standpoint(standpoint: &'a Standpoint) -> impl Iterator<Item = Self> {
        let under = standpoint.under.as_ref().map(|name| Self {
            span: &name.span,
            demand: Demand::Under(&name.value),
        });
        let child_of = standpoint.child_of.as_ref().map(|name| Self {
            span: &name.span,
            demand: Demand::ChildOf(&name.value),
        });
        let goroutine = standpoint.goroutine.as_ref().map(|relation| Self {
            span: &relation.span,
            demand: Demand::Goroutine(relation.value),
        });
        [under, child_of, goroutine].into_iter().flatten()
    }

    /// What `[test.calls.NAME]` demands of each call.
    pub(super) fn of_calls(calls: &'a CallExpectation) -> Vec<Self> {
        let error = calls.error.as_deref();
        let mut all = Self::of_values(&calls.args, &calls.returns, error, calls.took.as_ref());
        all.extend(calls.out.iter().map(Self::of_argument));
        all.extend(Self::of_outcome(calls.outcome.as_ref()));
        all.extend(Self::of_standpoint(&calls.standpoint));
        all
    }

    /// Whether a call is as demanded.
    pub(super) fn judge(&self, case: &Case<'_>, call: &Call) -> Truth {
        let observation = case.observation();
        match (self.part(observation, call), self.demand) {
            (Some(part), Demand::Value(_, matcher) | Demand::Result(_, matcher)) => {
                part.matches(matcher, observation, call)
            }
            (Some(Part::Value(error)), Demand::Error(demand)) => {
                let variable = demand.variable();
                let variable = variable.map(|path| Part::of(observation, call, &path));
                let variable = variable.and_then(Part::value);
                demand.judge(error, variable, &observation.types)
            }
            // Every matcher but one for anything at all says the same of what is no value.
            (Some(part), Demand::Error(_)) => part.matches(&Matcher::Nil(false), observation, call),
            (_, Demand::Elapsed(bound)) => keeps(&elapsed(observation, call), bound),
            (_, Demand::Outcome(wanted)) => outcome(observation, call, wanted),
            (_, Demand::Under(label)) => standpoint::under(case, call, label),
            (_, Demand::ChildOf(label)) => standpoint::child_of(case, call, label),
            (_, Demand::Goroutine(wanted)) => standpoint::goroutine(case, call, wanted),
            (None, _) => Truth::Unknown(Reason::Unread(Status::NotRead)),
        }
    }

    /// The value that it looks at; none for times and ends.
    fn part<'c>(&self, observation: &'c Observation, call: &'c Call) -> Option<Part<'c>> {
        let result = |index| Path {
            root: Root::Result(index),
            segments: Vec::new(),
        };
        match self.demand {
            Demand::Value(path, _) => Some(Part::of(observation, call, path)),
            Demand::Result(index, _) => Some(Part::of(observation, call, &result(index))),
            Demand::Error(_) => {
                let results = observation.function(call.function)?.results.len();
                let last = u32::try_from(results).ok()?.checked_sub(1)?;
                Some(Part::of(observation, call, &result(last)))
            }
            Demand::Elapsed(_)
            | Demand::Outcome(_)
            | Demand::Under(_)
            | Demand::ChildOf(_)
            | Demand::Goroutine(_) => None,
        }
    }

    /// The text beside the carets: `name of prepareAnswer`.
    pub(super) fn label(&self, function: &str) -> String {
        match self.demand {
            Demand::Value(path, _) => match path.root {
                Root::Out(_) => format!("{path} of {function} at its return"),
                _ => format!("{path} of {function}"),
            },
            Demand::Result(0, _) => format!("result of {function}"),
            Demand::Result(index, _) => format!("result {} of {function}", index + 1),
            Demand::Error(_) => format!("error of {function}"),
            Demand::Elapsed(_) => format!("time of {function}"),
            Demand::Outcome(_) => format!("outcome of {function}"),
            Demand::Under(label) => format!("{function} is not under {label}"),
            Demand::ChildOf(label) => format!("{function} is not a child of {label}"),
            Demand::Goroutine(_) => format!("goroutine of {function}"),
        }
    }

    /// The expectation in few words: `args.name of prepareAnswer = "x"`.
    pub(super) fn subject(&self, function: &str) -> String {
        match self.demand {
            Demand::Value(path, matcher) => {
                let table = match path.root {
                    Root::Argument(_) => "args.",
                    Root::Out(_) => "out.",
                    Root::Result(_) | Root::Variable(_) => "",
                };
                format!("{table}{path} of {function} {matcher}")
            }
            Demand::Result(index, matcher) => format!("returns[{index}] of {function} {}", matcher),
            Demand::Error(ErrorDemand::Nil(nil)) => format!("error of {function} = {}", !nil),
            Demand::Error(ErrorDemand::Message(matcher)) => {
                format!("error of {function} {matcher}")
            }
            Demand::Error(demand) => format!("error of {function} {}", demand.want()),
            Demand::Elapsed(bound) => format!("took of {function} {}", bound),
            Demand::Outcome(wanted) => format!("outcome of {function} = {}", wanted),
            Demand::Under(label) => format!("{function} under {label}"),
            Demand::ChildOf(label) => format!("{function} child of {label}"),
            Demand::Goroutine(wanted) => format!("goroutine of {function} = {wanted}"),
        }
    }

    /// What is wanted.
    pub(super) fn want(&self, case: &Case<'_>) -> String {
        match self.demand {
            Demand::Value(_, matcher) | Demand::Result(_, matcher) => matcher.describe(),
            Demand::Error(demand) => demand.want(),
            Demand::Elapsed(bound) => bound.to_string(),
            Demand::Outcome(wanted) => wanted.to_string(),
            Demand::Under(label) => format!("under {label}"),
            Demand::ChildOf(label) => format!("child of {label}"),
            Demand::Goroutine(wanted) => standpoint::wanted(case, wanted),
        }
    }

    /// What was seen of a call instead.
    pub(super) fn got(&self, case: &Case<'_>, call: &Call) -> String {
        let observation = case.observation();
        match (self.part(observation, call), self.demand) {
            (_, Demand::Elapsed(_)) => show(&elapsed(observation, call)),
            (_, Demand::Outcome(_)) => wording::ending(call.outcome).to_owned(),
            (_, Demand::Under(_)) => standpoint::above(case, call),
            (_, Demand::ChildOf(_)) => standpoint::parent(case, call),
            (_, Demand::Goroutine(_)) => standpoint::place(case, call),
            (Some(Part::Value(error)), Demand::Error(demand)) => {
                demand.got(error, &observation.types)
            }
            (Some(Part::Value(value)), Demand::Value(_, matcher) | Demand::Result(_, matcher)) => {
                got_value(matcher, value, observation)
            }
            (Some(part), _) => part.got(observation, call),
            (None, _) => String::new(),
        }
    }

    /// Further facts about a call that is not as demanded, a line each.
    pub(super) fn notes(&self, case: &Case<'_>, call: &Call) -> Vec<String> {
        match self.demand {
            Demand::Outcome(_) if call.outcome == Outcome::Running => {
                case.cut().map(cut_note).into_iter().collect()
            }
            Demand::Under(_) | Demand::ChildOf(_) => vec![standpoint::place(case, call)],
            Demand::Goroutine(_) => vec![standpoint::above(case, call)],
            _ => Vec::new(),
        }
    }

    /// The Go type of what it looks at; none for times and ends.
    pub(super) fn type_name<'o>(
        &self,
        observation: &'o Observation,
        call: &'o Call,
    ) -> Option<&'o str> {
        match self.part(observation, call)? {
            Part::Value(value) => Some(observation.types.name(value.ty)),
            _ => None,
        }
    }

    /// In which way a call that is not as demanded fails.
    pub(super) const fn failure_kind(&self) -> FailureKind {
        match self.demand {
            Demand::Elapsed(_) => FailureKind::Latency,
            _ => FailureKind::Value,
        }
    }

    /// Whether it is about an argument.
    pub(super) const fn is_argument(&self) -> bool {
        matches!(self.demand, Demand::Value(path, _) if matches!(path.root, Root::Argument(_)))
    }
}

/// What was seen of a value; an integer that must be a constant of its type, as the constant that it is.
fn got_value(matcher: &Matcher, value: &Value, observation: &Observation) -> String {
    let got = wording::value(observation, value);
    let constant = match matcher {
        Matcher::Equal(Literal::Text(_)) => constant_name(&observation.types, value),
        _ => None,
    };
    constant.map_or_else(|| got.clone(), |name| format!("\"{name}\" ({got})"))
}
