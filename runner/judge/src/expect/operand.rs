//! A part of calls that many functions may have, as a number or as what calls are grouped by.

use std::collections::BTreeSet;

use model::{
    Call, Content, FunctionId, Kind, Observation, Path, TypeId, TypeTable, Value,
    notation::{self, short_type},
    plan::Plan,
};
use spec::{Source, Spanned, SpecError, SpecErrors};

use super::{
    part::Part,
    validate::{Signature, resolved},
    watched::Watched,
};

/// What a part of calls is wanted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A number, to be added up or to be drawn as a histogram.
    Number,
    /// What calls are grouped by: a bool, a number or a text.
    Key,
}

/// A part of calls, of all functions that have it.
#[derive(Clone, Debug)]
pub struct Operand {
    path: Path,
    functions: BTreeSet<FunctionId>,
}

/// A number of Go's: an integer as it is, or a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer of any size.
    Integer(i128),
    /// A float of either size.
    Float(f64),
}

impl Operand {
    /// Holds a path, which is in the text of `source`, against the watched functions of a plan.
    ///
    /// # Errors
    /// No function has it, or it is no such thing.
    pub fn new(
        source: &Source,
        path: &Spanned<Path>,
        wanted: Wanted,
        plan: &Plan,
    ) -> Result<Self, SpecErrors> {
        let dynamic: Vec<TypeId> = plan.dynamic.iter().map(|dynamic| dynamic.ty).collect();
        let watched = Watched::new(source, plan, &dynamic);
        let check = |signature: Signature<'_>| {
            let ty = resolved(source, watched.types, signature, path)?;
            suits(wanted, ty, &plan.types).map_err(|message| {
                Box::new(SpecError::at(
                    path.span.clone(),
                    format!("`{}` {message}", path.value),
                ))
            })
        };
        let functions = watched.functions_with(path, &check);
        let functions = functions.map_err(|error| SpecErrors {
            source: source.clone(),
            errors: vec![*error],
        })?;
        Ok(Self {
            path: path.value.clone(),
            functions,
        })
    }

    /// What a call has there; none if its function has no such thing, or the path leads nowhere in it.
    ///
    /// # Errors
    /// It could not be read, in words.
    fn value<'a>(
        &self,
        observation: &'a Observation,
        call: &'a Call,
    ) -> Option<Result<&'a Value, String>> {
        if !self.functions.contains(&call.function) {
            return None;
        }
        let part = Part::of(observation, call, &self.path);
        match part {
            Part::Value(value) => match &value.content {
                Content::Unread(_) => Some(Err(notation::value(value, &observation.types))),
                _ => Some(Ok(value)),
            },
            Part::BehindNil(_) | Part::Absent(..) | Part::NoReturn => None,
            Part::NotRead => Some(Err(part.got(observation, call))),
        }
    }

    /// The number that a call has there; none if there is none.
    ///
    /// # Errors
    /// It could not be read, in words.
    #[must_use]
    pub fn number(&self, observation: &Observation, call: &Call) -> Option<Result<Number, String>> {
        let value = match self.value(observation, call)? {
            Ok(value) => value,
            Err(why) => return Some(Err(why)),
        };
        match held(value).content {
            Content::Int(number) => Some(Ok(Number::Integer(number.into()))),
            Content::Uint(number) => Some(Ok(Number::Integer(number.into()))),
            Content::Float(number) => Some(Ok(Number::Float(number.get()))),
            _ => None,
        }
    }

    /// The text that a call is grouped by; none if there is none.
    ///
    /// # Errors
    /// It could not be read as a whole, in words.
    #[must_use]
    pub fn key(&self, observation: &Observation, call: &Call) -> Option<Result<String, String>> {
        let value = match self.value(observation, call)? {
            Ok(value) => value,
            Err(why) => return Some(Err(why)),
        };
        if let Content::Text(text) | Content::Bytes(text) = &held(value).content
            && text.full > text.bytes.len() as u64
        {
            // Two texts that begin alike need not be equal.
            return Some(Err(format!(
                "a text of {} bytes, of which {} were read: use a larger --string",
                text.full,
                text.bytes.len()
            )));
        }
        Some(Ok(notation::value(value, &observation.types)))
    }
}

/// What an interface holds.
fn held(value: &Value) -> &Value {
    match &value.content {
        Content::Interface(inner) => held(inner),
        _ => value,
    }
}

/// Whether a type can be had as what is wanted; why not.
fn suits(wanted: Wanted, ty: TypeId, types: &TypeTable) -> Result<(), String> {
    let is_fit = match types.kind(ty) {
        Some(Kind::Int | Kind::Uint | Kind::Float) => true,
        Some(Kind::Bool | Kind::String) => wanted == Wanted::Key,
        // What it holds is known only when the program runs.
        Some(Kind::Interface { .. }) => true,
        _ => false,
    };
    if is_fit {
        return Ok(());
    }
    let name = short_type(ty, types);
    Err(match wanted {
        Wanted::Number => format!("is no number, but of type {name}"),
        Wanted::Key => format!(
            "is of type {name}: calls are grouped by bools, numbers and strings; ask for a part of it"
        ),
    })
}
