//! A test with the values of one of its cases.

use toml::de::{DeArray, DeTable, DeValue};

use super::{
    case::{Case, NAME, Value},
    placeholder::{holes, inside},
};
use crate::{document::Span, error::SpecError};

/// The filling in of one case.
pub(super) struct Filling<'c, 'i> {
    case: &'c Case<'i>,
    text: &'c str,
    /// The places of strings that were filled in, and of the values that stand there.
    pub(super) filled: Vec<(Span, Span)>,
    /// The places of strings that could not be.
    pub(super) unfilled: Vec<Span>,
    /// Why not.
    pub(super) errors: Vec<SpecError>,
}

impl<'c, 'i> Filling<'c, 'i> {
    /// With the values of that case; `text` is the file's.
    pub(super) const fn of(case: &'c Case<'i>, text: &'c str) -> Self {
        Self {
            case,
            text,
            filled: Vec::new(),
            unfilled: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// A table with this case's values.
    pub(super) fn table(&mut self, table: &DeTable<'i>) -> DeTable<'i> {
        let mut filled = DeTable::default();
        for (key, value) in table {
            let name = match self.string(key.get_ref(), &key.span()) {
                Some(name) => toml::Spanned::new(key.span(), name.into()),
                None => key.clone(),
            };
            if let Some((first, _)) = filled.get_key_value(name.get_ref().as_ref()) {
                let message = format!("`{}` is there twice", name.get_ref());
                let error = SpecError::twice(message, first.span(), name.span());
                self.errors.push(error);
                continue;
            }
            let value = self.value(value);
            filled.insert(name, value);
        }
        filled
    }

    fn value(&mut self, value: &Value<'i>) -> Value<'i> {
        let span = value.span();
        let filled = match value.get_ref() {
            DeValue::String(content) => match self.alone(content, &span) {
                Some(value) => value,
                None => match self.string(content, &span) {
                    Some(text) => DeValue::String(text.into()),
                    None => value.get_ref().clone(),
                },
            },
            DeValue::Array(array) => {
                let elements = array.iter().map(|element| self.value(element));
                DeValue::Array(elements.collect::<DeArray<'i>>())
            }
            DeValue::Table(table) => DeValue::Table(self.table(table)),
            other => other.clone(),
        };
        toml::Spanned::new(span, filled)
    }

    /// The value that stands for the whole of a string.
    fn alone(&mut self, content: &str, span: &Span) -> Option<DeValue<'i>> {
        let (key, range) = holes(content).into_iter().next()?;
        if range != (0..content.len()) {
            return None;
        }
        let (value, place) = self.known(key)?;
        self.filled.push((span.clone(), place));
        Some(value)
    }

    /// The text of a string with the texts of values in it; none if it stays as it is.
    fn string(&mut self, content: &str, span: &Span) -> Option<String> {
        let mut text = String::new();
        let mut from = 0;
        for (key, range) in holes(content) {
            let (value, place) = self.known(key)?;
            let Some(shown) = plain(&value) else {
                let message = format!("`{key}` of case `{}` has no text", self.case.name.get_ref());
                let error = SpecError::at(inside(self.text, span, content, range), message)
                    .label(format!("only \"${{case.{key}}}\" alone can become it"))
                    .related(place, "a list or a table");
                self.errors.push(error);
                self.unfilled.push(span.clone());
                return None;
            };
            text.push_str(content.get(from..range.start)?);
            text.push_str(&shown);
            from = range.end;
            self.filled.push((span.clone(), place));
        }
        if from == 0 {
            return None;
        }
        text.push_str(content.get(from..)?);
        Some(text)
    }

    /// A value of the case, and its place.
    fn known(&self, key: &str) -> Option<(DeValue<'i>, Span)> {
        if key == NAME {
            let name = &self.case.name;
            return Some((DeValue::String(name.get_ref().clone().into()), name.span()));
        }
        let (_, value) = self.case.values.get(key)?;
        Some((value.get_ref().clone(), value.span()))
    }
}

/// A value as text.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(integer) => {
            let number = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
            Some(number.map_or_else(|| integer.to_string(), |number| number.to_string()))
        }
        DeValue::Float(float) => Some(float.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Datetime(time) => Some(time.to_string()),
        DeValue::Array(_) | DeValue::Table(_) => None,
    }
}
