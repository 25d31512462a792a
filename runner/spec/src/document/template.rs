//! Strings with placeholders.

use std::{collections::BTreeSet, fmt, ops::Range};

/// Text with placeholders: `${port}`, `${port.NAME}`, `${stub.NAME}`, `${env.NAME}`, `${n}`, `${dir}`, and
/// `${NAME}` for what an earlier request saved; `$${` is a literal `${`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its parts in order.
    pub parts: Vec<TemplatePart>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// Text as it is.
    Literal(String),
    /// A free loopback port, by name; the empty name is `${port}`.
    Port(String),
    /// The URL of a stub, e.g. `http://127.0.0.1:40001`.
    Stub(String),
    /// The number of a repetition, from 0.
    Number,
    /// The target's temporary folder.
    Folder,
    /// A value that an earlier request of the test saved.
    Saved(String),
    /// A variable of goproctor's own environment.
    Environment(EnvironmentPart),
}

/// `${env.NAME}` or `${env.NAME:-default}`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentPart {
    /// The variable's name.
    pub name: String,
    /// Its value where it is not set.
    pub default: Option<String>,
}

/// As it is written in a spec.
impl fmt::Display for EnvironmentPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.default {
            None => write!(f, "${{env.{}}}", self.name),
            Some(default) => write!(f, "${{env.{}:-{default}}}", self.name),
        }
    }
}

impl Template {
    /// The names of the ports that it asks for; the empty one for `${port}`.
    #[must_use]
    pub fn ports(&self) -> BTreeSet<&str> {
        let ports = self.parts.iter().filter_map(|part| match part {
            TemplatePart::Port(name) => Some(name.as_str()),
            _ => None,
        });
        ports.collect()
    }
}

/// A placeholder that can't be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceholderError {
    /// No `}` follows.
    #[error("a placeholder is not closed")]
    Unclosed(Range<usize>),
    /// There is no placeholder of that name.
    #[error("unknown placeholder `${{{name}}}`")]
    Unknown {
        /// The name.
        name: String,
        /// Its bytes in the text.
        range: Range<usize>,
    },
}

impl std::str::FromStr for Template {
    type Err = PlaceholderError;

    fn from_str(text: &str) -> Result<Self, PlaceholderError> {
        let parts = located_parts(text)?.into_iter();
        let parts = parts.map(|(part, range)| match part {
            TemplatePart::Saved(name) => Err(PlaceholderError::Unknown { name, range }),
            part => Ok(part),
        });
        Ok(Self {
            parts: parts.collect::<Result<_, _>>()?,
        })
    }
}

/// The parts of a text, each with its bytes in the text.
pub(crate) fn located_parts(
    text: &str,
) -> Result<Vec<(TemplatePart, Range<usize>)>, PlaceholderError> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut begin = 0;
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, after) = rest.split_at(at);
        let position = text.len() - after.len();
        if let Some(before) = before.strip_suffix('$') {
            literal.push_str(before);
            literal.push_str("${");
            rest = after.get(2..).unwrap_or_default();
            continue;
        }
        literal.push_str(before);
        let Some(length) = after.find('}') else {
            return Err(PlaceholderError::Unclosed(position..text.len()));
        };
        let name = after.get(2..length).unwrap_or_default();
        let range = position..position + length + 1;
        let Some(part) = placeholder(name) else {
            let name = name.to_owned();
            return Err(PlaceholderError::Unknown { name, range });
        };
        if !literal.is_empty() {
            let literal = std::mem::take(&mut literal);
            parts.push((TemplatePart::Literal(literal), begin..position));
        }
        begin = range.end;
        parts.push((part, range));
        rest = after.get(length + 1..).unwrap_or_default();
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push((TemplatePart::Literal(literal), begin..text.len()));
    }
    Ok(parts)
}

/// What the placeholder of a name means.
fn placeholder(name: &str) -> Option<TemplatePart> {
    match name {
        "port" => return Some(TemplatePart::Port(String::new())),
        "dir" => return Some(TemplatePart::Folder),
        "n" => return Some(TemplatePart::Number),
        _ => {}
    }
    if let Some(port) = name.strip_prefix("port.").filter(|name| is_name(name)) {
        return Some(TemplatePart::Port(port.to_owned()));
    }
    if let Some(variable) = name.strip_prefix("env.") {
        let (name, default) = match variable.split_once(":-") {
            Some((name, default)) => (name, Some(default.to_owned())),
            None => (variable, None),
        };
        let name = name.to_owned();
        return is_variable(&name)
            .then_some(TemplatePart::Environment(EnvironmentPart { name, default }));
    }
    if is_name(name) {
        return Some(TemplatePart::Saved(name.to_owned()));
    }
    let stub = name.strip_prefix("stub.")?;
    Some(TemplatePart::Stub(stub.to_owned()))
}

/// Whether a variable of the environment can have this name, as shells have it.
fn is_variable(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Whether a placeholder can have a name.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
