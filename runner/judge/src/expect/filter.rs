//! A condition that picks calls out of those of many functions, whose parameters differ: `goproctor trace --where`.

use std::collections::BTreeSet;

use model::{Call, FunctionId, Observation, TypeId, plan::Plan};
use spec::{
    Source, SpecError, SpecErrors,
    document::{ArgumentExpectation, Expression},
};

use super::{
    Reason,
    part::Part,
    truth::Truth,
    validate::{Signature, argument},
    watched::Watched,
};

/// A condition on calls. What it says of a parameter holds for no call of a function that does not have that parameter.
#[derive(Clone, Debug)]
pub struct Filter(Condition);

/// What a condition says of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Selection {
    /// It is one of those that are meant.
    Selected,
    /// It is none of them.
    Rejected,
    /// That can't be said: a value could not be read, or its call has not ended.
    Undecided(Reason),
}

/// The condition, held against the functions.
#[derive(Clone, Debug)]
enum Condition {
    /// A value, and the functions that have it.
    Value(Box<ArgumentExpectation>, BTreeSet<FunctionId>),
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Filter {
    /// Holds a condition, which is the text of `source`, against the watched functions of a plan.
    ///
    /// # Errors
    /// It says something of a value that none of the functions has, or that its type can't be.
    pub fn new(source: &Source, condition: &Expression, plan: &Plan) -> Result<Self, SpecErrors> {
        let dynamic: Vec<TypeId> = plan.dynamic.iter().map(|dynamic| dynamic.ty).collect();
        let mut reader = Reader {
            program: Watched::new(source, plan, &dynamic),
            errors: Vec::new(),
        };
        let condition = reader.condition(condition);
        match reader.errors {
            errors if errors.is_empty() => Ok(Self(condition)),
            errors => Err(SpecErrors {
                source: source.clone(),
                errors,
            }),
        }
    }

    /// Whether a call of one of the plan's functions is meant.
    #[must_use]
    pub fn select(&self, observation: &Observation, call: &Call) -> Selection {
        match self.0.holds(observation, call) {
            Some(Truth::Yes) => Selection::Selected,
            Some(Truth::Unknown(reason)) => Selection::Undecided(reason),
            Some(Truth::No) | None => Selection::Rejected,
        }
    }
}

impl Condition {
    /// None: it says something that makes no sense for the call's function.
    fn holds(&self, observation: &Observation, call: &Call) -> Option<Truth> {
        let of_part = |part: &Self| part.holds(observation, call);
        match self {
            Self::Value(value, functions) => functions.contains(&call.function).then(|| {
                Part::of(observation, call, &value.path.value).matches(
                    &value.matcher.value,
                    observation,
                    call,
                )
            }),
            Self::All(parts) => {
                let parts: Option<Vec<Truth>> = parts.iter().map(of_part).collect();
                parts.map(Truth::all)
            }
            Self::Any(parts) => {
                let parts: Vec<Truth> = parts.iter().filter_map(of_part).collect();
                (!parts.is_empty()).then(|| Truth::any(parts))
            }
            Self::Not(inner) => of_part(inner).map(Truth::not),
        }
    }
}

struct Reader<'a> {
    program: Watched<'a>,
    errors: Vec<SpecError>,
}

impl Reader<'_> {
    fn condition(&mut self, expression: &Expression) -> Condition {
        match expression {
            Expression::Value(value) => {
                let functions = self.functions_with(value);
                Condition::Value(value.clone(), functions)
            }
            Expression::All(parts) => {
                Condition::All(parts.iter().map(|part| self.condition(part)).collect())
            }
            Expression::Any(parts) => {
                Condition::Any(parts.iter().map(|part| self.condition(part)).collect())
            }
            Expression::Not(inner) => Condition::Not(Box::new(self.condition(inner))),
        }
    }

    fn functions_with(&mut self, value: &ArgumentExpectation) -> BTreeSet<FunctionId> {
        let Watched { source, types, .. } = self.program;
        let check = |signature: Signature<'_>| argument(source, types, signature, value);
        self.program
            .functions_with(&value.path, &check)
            .unwrap_or_else(|error| {
                self.errors.push(*error);
                BTreeSet::new()
            })
    }
}

#[cfg(test)]
mod tests {
    use model::Content;
    use spec::Source;

    use super::*;
    use crate::expect::testing::{Scene, lost, text};

    /// `sell(item string, qty int)` and `log(line string)`, with a call of each.
    fn scene() -> Scene {
        let mut scene = Scene::new();
        scene.watch("sell", &["item string", "qty int"], &[]);
        scene.watch("log", &["line string"], &[]);
        scene.call(None, "sell", 1, vec![text("pen"), Content::Int(3)]);
        scene.call(None, "log", 1, vec![text("sold")]);
        scene
    }

    fn filter(scene: &Scene, text: &str) -> Result<Filter, SpecErrors> {
        let source = Source::new("--where", text);
        let observation = &scene.evidence.observation;
        let plan = Plan {
            functions: observation.functions.clone(),
            types: observation.types.clone(),
            ..Plan::default()
        };
        Filter::new(&source, &spec::expression(&source).unwrap(), &plan)
    }

    /// How each call comes out: `+`, `-` or `?`.
    fn selected(scene: &Scene, text: &str) -> String {
        let filter = filter(scene, text).unwrap();
        let observation = &scene.evidence.observation;
        let calls = observation.calls.iter();
        let signs = calls.map(|call| match filter.select(observation, call) {
            Selection::Selected => '+',
            Selection::Rejected => '-',
            Selection::Undecided(_) => '?',
        });
        signs.collect()
    }

    #[test]
    fn what_a_function_does_not_have_holds_for_none_of_its_calls() {
        let scene = scene();
        for (text, wanted) in [
            ("qty >= 3", "+-"),
            ("qty > 3", "--"),
            ("!(qty > 3)", "+-"),
            ("qty != 4 && item == \"pen\"", "+-"),
            ("qty == 3 && line == \"sold\"", "--"),
            ("qty == 3 || line == \"sold\"", "++"),
            ("line ~ \"^s\"", "-+"),
        ] {
            assert_eq!(selected(&scene, text), wanted, "{text}");
        }
    }

    #[test]
    fn what_can_not_be_read_is_undecided() {
        let mut scene = scene();
        let call = &mut scene.evidence.observation.calls[0];
        let mut values = call.arguments.to_vec();
        values[1].content = lost();
        call.arguments = values.into();
        for (text, wanted) in [
            ("qty >= 3", "?-"),
            ("qty >= 3 || item == \"pen\"", "+-"),
            ("qty >= 3 && item == \"ink\"", "--"),
        ] {
            assert_eq!(selected(&scene, text), wanted, "{text}");
        }
    }

    #[test]
    fn what_no_function_has_is_an_error() {
        let wrong = |text: &str| {
            let errors = filter(&scene(), text).unwrap_err();
            assert_eq!(errors.errors.len(), 1);
            let error = &errors.errors[0];
            format!(
                "{}; {}",
                error.message,
                error.help.as_deref().unwrap_or_default()
            )
        };
        assert_eq!(
            wrong("qti == 3"),
            "none of the watched functions has a parameter `qti`; did you mean `qty`?"
        );
        let typed = wrong("qty == \"three\"");
        assert!(typed.contains("int"), "{typed}");
        let result = wrong("returns.0 == 1");
        assert!(result.contains("no"), "{result}");
    }
}
