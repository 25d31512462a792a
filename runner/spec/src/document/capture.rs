//! What an answer is looked into for: values that later requests carry on, and what its JSON must be.

use std::fmt;

use regex::Regex;
use serde_json::Value;

use super::Spanned;
use crate::matcher::Matcher;

/// A value of an answer that later requests of the test use by a name: `save = { id = "json.id" }`.
#[derive(Clone, Debug)]
pub struct Capture {
    /// The name: `${NAME}` in later requests.
    pub name: Spanned<String>,
    /// Where in the answer it is.
    pub source: Spanned<CaptureSource>,
}

/// Where in an answer a value is.
#[derive(Clone, Debug)]
pub enum CaptureSource {
    /// What a path leads to in the JSON of its body: `json.PATH`
    Json(JsonPath),
    /// The value of a cookie that it sets: `cookie.NAME`
    Cookie(String),
    /// A header: `header.NAME`
    Header(String),
    /// What the one group of a regular expression matches in its body: `{ body = "…" }`
    Body(Regex),
}

/// As it is written in a spec.
impl fmt::Display for CaptureSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(path) => write!(f, "json{}", path.steps()),
            Self::Cookie(name) => write!(f, "cookie.{name}"),
            Self::Header(name) => write!(f, "header.{name}"),
            Self::Body(regex) => write!(f, "body {:?}", regex.as_str()),
        }
    }
}

/// A path into JSON (RFC 9535), written without the `$` at its beginning and the dot behind that.
#[derive(Clone, Debug)]
pub struct JsonPath {
    text: String,
    path: serde_json_path::JsonPath,
}

/// A text that is no path into JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct JsonPathError {
    /// Where in the text, in bytes.
    pub at: usize,
    /// Why.
    pub reason: String,
}

impl JsonPath {
    /// Reads a path: `items[0].name`, `[0]`, `$.items`; none if the text is no path.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::read(text).ok()
    }

    /// The same, and why the text is no path.
    pub(crate) fn read(text: &str) -> Result<Self, JsonPathError> {
        let prefix = match text.chars().next() {
            Some('$') => "",
            Some('[' | '.') => "$",
            Some(_) => "$.",
            None => {
                return Err(JsonPathError {
                    at: 0,
                    reason: "it is empty".to_owned(),
                });
            }
        };
        let path = serde_json_path::JsonPath::parse(&format!("{prefix}{text}"));
        let path = path.map_err(|error| JsonPathError {
            at: error
                .position()
                .saturating_sub(prefix.len())
                .min(text.len()),
            reason: error.message().to_owned(),
        })?;
        Ok(Self {
            text: text.to_owned(),
            path,
        })
    }

    /// What it leads to, in the order of the document.
    #[must_use]
    pub fn select<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        self.path.query(value).all()
    }

    /// With what it begins behind `json`: a dot, unless it is a bracket.
    fn steps(&self) -> String {
        match self.text.strip_prefix('$') {
            Some(steps) => steps.to_owned(),
            None if self.text.starts_with(['[', '.']) => self.text.clone(),
            None => format!(".{}", self.text),
        }
    }
}

/// As it is written in a spec.
impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a part of a JSON body must be: `json = { "items[0].name" = "book" }`.
#[derive(Clone, Debug)]
pub struct JsonExpectation {
    /// Which part.
    pub path: Spanned<JsonPath>,
    /// What it must be.
    pub matcher: Spanned<Matcher>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::JsonPath;

    #[test]
    fn a_path_needs_no_dollar() {
        let value = json!({"items": [{"name": "book"}, {"name": "pen"}], "a b": 1});
        let select = |path: &str| {
            let path = JsonPath::parse(path).unwrap();
            let found = path.select(&value).into_iter();
            found.map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(select("items[0].name"), ["\"book\""]);
        assert_eq!(select("$.items[1].name"), ["\"pen\""]);
        assert_eq!(select("items[*].name"), ["\"book\"", "\"pen\""]);
        assert_eq!(select("..name"), ["\"book\"", "\"pen\""]);
        assert_eq!(select("['a b']"), ["1"]);
        assert!(select("missing").is_empty());
    }

    #[test]
    fn what_is_no_path_says_where() {
        assert_eq!(JsonPath::read("").unwrap_err().at, 0);
        let error = JsonPath::read("items[").unwrap_err();
        assert!(error.at <= 6 && !error.reason.is_empty(), "{error:?}");
        for wrong in ["a b", "items[x]", "a..", "-"] {
            assert!(JsonPath::read(wrong).is_err(), "{wrong}");
        }
    }
}
