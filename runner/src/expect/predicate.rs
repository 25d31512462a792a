//! What may be demanded of a single call: an argument, a result, its time, its end.

use super::{
    FailureKind,
    duration::{Measured, end_is_certain},
    truth::Truth,
    value::value_matches,
    wording,
};
use crate::{
    model::{Call, Observation, Outcome, Parameter, Value},
    spec::{
        Span, Spanned,
        document::{ArgumentExpectation, CallExpectation, DurationBound, ExpectedOutcome, Step},
        matcher::Matcher,
    },
};

/// One demand on a call, with its place in the spec.
#[derive(Clone, Debug)]
pub(super) struct Predicate<'a> {
    /// Where it stands.
    pub(super) span: &'a Span,
    /// What is demanded.
    pub(super) demand: Demand<'a>,
}

/// What is demanded of a call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Demand<'a> {
    /// Of the argument of that name.
    Argument(&'a str, &'a Matcher),
    /// Of the result at that position.
    Result(usize, &'a Matcher),
    /// Of its time.
    Took(&'a DurationBound),
    /// Of its end.
    Outcome(ExpectedOutcome),
}

impl<'a> Predicate<'a> {
    /// What an argument must be.
    pub(super) fn of_argument(argument: &'a ArgumentExpectation) -> Self {
        Self {
            span: &argument.matcher.span,
            demand: Demand::Argument(argument.path.value.parameter(), &argument.matcher.value),
        }
    }

    fn of_values(
        args: &'a [ArgumentExpectation],
        returns: &'a [Spanned<Matcher>],
        took: Option<&'a Spanned<DurationBound>>,
    ) -> Vec<Self> {
        let results = returns.iter().enumerate().map(|(index, matcher)| Self {
            span: &matcher.span,
            demand: Demand::Result(index, &matcher.value),
        });
        let took = took.map(|bound| Self {
            span: &bound.span,
            demand: Demand::Took(&bound.value),
        });
        let arguments = args.iter().map(Self::of_argument);
        arguments.chain(results).chain(took).collect()
    }

    /// What a step of a sequence demands of its call, its place in time apart.
    pub(super) fn of_step(step: &'a Step) -> Vec<Self> {
        Self::of_values(&step.args, &step.returns, step.took.as_ref())
    }

    /// What `[test.calls.NAME]` demands of each call.
    pub(super) fn of_calls(calls: &'a CallExpectation) -> Vec<Self> {
        let mut all = Self::of_values(&calls.args, &calls.returns, calls.took.as_ref());
        all.extend(calls.outcome.as_ref().map(|outcome| Self {
            span: &outcome.span,
            demand: Demand::Outcome(outcome.value),
        }));
        all
    }

    /// Whether a call is as demanded.
    pub(super) fn judge(&self, observation: &Observation, call: &Call) -> Truth {
        match self.demand {
            Demand::Argument(_, Matcher::Any) | Demand::Result(_, Matcher::Any) => Truth::Yes,
            Demand::Argument(name, matcher) => match argument(observation, call, name) {
                Some((_, value)) => value_matches(matcher, value, &observation.types),
                None => Truth::unknown(format!(
                    "{} has no argument {name:?} that was read",
                    wording::function(observation, call)
                )),
            },
            Demand::Result(index, matcher) => match call.results.get(index) {
                Some(value) => value_matches(matcher, value, &observation.types),
                None => no_result(observation, call),
            },
            Demand::Took(bound) => Measured::of(observation, call).keeps(bound),
            Demand::Outcome(wanted) => outcome(observation, call, wanted),
        }
    }

    /// The text beside the carets: `name of prepareAnswer`.
    pub(super) fn label(&self, function: &str) -> String {
        match self.demand {
            Demand::Argument(name, _) => format!("{name} of {function}"),
            Demand::Result(0, _) => format!("result of {function}"),
            Demand::Result(index, _) => format!("result {} of {function}", index + 1),
            Demand::Took(_) => format!("time of {function}"),
            Demand::Outcome(_) => format!("outcome of {function}"),
        }
    }

    /// The expectation in few words: `args.name of prepareAnswer = "x"`.
    pub(super) fn subject(&self, function: &str) -> String {
        match self.demand {
            Demand::Argument(name, matcher) => {
                format!("args.{name} of {function} {}", matcher)
            }
            Demand::Result(index, matcher) => format!("returns[{index}] of {function} {}", matcher),
            Demand::Took(bound) => format!("took of {function} {}", bound),
            Demand::Outcome(wanted) => format!("outcome of {function} = {}", wanted),
        }
    }

    /// What is wanted.
    pub(super) fn want(&self) -> String {
        match self.demand {
            Demand::Argument(_, matcher) | Demand::Result(_, matcher) => matcher.describe(),
            Demand::Took(bound) => bound.to_string(),
            Demand::Outcome(wanted) => wanted.to_string(),
        }
    }

    /// What was seen of a call instead.
    pub(super) fn got(&self, observation: &Observation, call: &Call) -> String {
        match self.demand {
            Demand::Argument(name, _) => argument(observation, call, name)
                .map_or_else(String::new, |(_, value)| wording::value(observation, value)),
            Demand::Result(index, _) => match call.results.get(index) {
                Some(value) => wording::value(observation, value),
                None => format!("no results: {}", ending(call.outcome)),
            },
            Demand::Took(_) => Measured::of(observation, call).show(),
            Demand::Outcome(_) => ending(call.outcome).to_owned(),
        }
    }

    /// The Go type of what it looks at; none for times and ends.
    pub(super) fn type_name<'o>(
        &self,
        observation: &'o Observation,
        call: &Call,
    ) -> Option<&'o str> {
        let ty = match self.demand {
            Demand::Argument(name, _) => argument(observation, call, name)?.1.ty,
            Demand::Result(index, _) => call.results.get(index)?.ty,
            Demand::Took(_) | Demand::Outcome(_) => return None,
        };
        Some(observation.types.name(ty))
    }

    /// In which way a call that is not as demanded fails.
    pub(super) const fn failure_kind(&self) -> FailureKind {
        match self.demand {
            Demand::Took(_) => FailureKind::Latency,
            _ => FailureKind::Value,
        }
    }

    /// Whether it is about an argument.
    pub(super) const fn is_argument(&self) -> bool {
        matches!(self.demand, Demand::Argument(..))
    }
}

/// The parameter of that name and its value in a call.
fn argument<'o, 'c>(
    observation: &'o Observation,
    call: &'c Call,
    name: &str,
) -> Option<(&'o Parameter, &'c Value)> {
    let parameters = &observation.function(call.function)?.parameters;
    let index = parameters.iter().position(|p| p.name == name)?;
    Some((parameters.get(index)?, call.arguments.get(index)?))
}

fn no_result(observation: &Observation, call: &Call) -> Truth {
    match call.outcome {
        Outcome::Running => Truth::unknown("it had not returned when the test ended"),
        Outcome::Unwound | Outcome::ProcessEnded if end_is_certain(observation, call) => Truth::No,
        Outcome::Unwound | Outcome::ProcessEnded => Truth::unknown("its end may have been lost"),
        Outcome::Returned => Truth::unknown("that result was not read"),
    }
}

fn outcome(observation: &Observation, call: &Call, wanted: ExpectedOutcome) -> Truth {
    let is_as_wanted = match wanted {
        ExpectedOutcome::Returned => call.outcome == Outcome::Returned,
        ExpectedOutcome::Running => call.outcome == Outcome::Running,
    };
    if end_is_certain(observation, call) {
        is_as_wanted.into()
    } else {
        Truth::unknown("its end may have been lost")
    }
}

const fn ending(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Returned => "returned",
        Outcome::Running => "running when the test ended",
        Outcome::Unwound => "left without a return, by a panic or runtime.Goexit",
        Outcome::ProcessEnded => "the process ended first",
    }
}
