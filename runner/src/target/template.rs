//! Templates filled in: the values that are known only once ports and folders are.

use std::{collections::BTreeMap, path::Path};

use spec::document::{EnvironmentPart, Template, TemplatePart};

/// The values of placeholders.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TemplateVars<'a> {
    /// `${port}` (the empty name) and `${port.NAME}`.
    pub ports: Option<&'a BTreeMap<String, u16>>,
    /// `${stub.NAME}`, as URLs.
    pub stubs: Option<&'a BTreeMap<String, String>>,
    /// `${dir}`.
    pub folder: Option<&'a Path>,
    /// `${n}`.
    pub number: Option<u32>,
    /// What earlier requests saved, by name.
    pub saved: Option<&'a BTreeMap<String, String>>,
}

/// A placeholder that has no value here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No such port.
    #[error("there is no port for ${{port{}}} here", dotted(.0))]
    Port(String),
    /// No such stub.
    #[error("there is no stub {0:?}, as ${{stub.{0}}} asks for: declare [stubs.{0}]")]
    Stub(String),
    /// Not in a request.
    #[error("${{n}}, the number of a repetition, has a value only in a request")]
    Number,
    /// Not saved.
    #[error("`${{{0}}}` has no value: no earlier request saved it")]
    Saved(String),
    /// No folder.
    #[error("there is no temporary folder for ${{dir}} here")]
    Folder,
    /// No such variable of the environment, and no default.
    #[error("the environment variable {0} is not set, or is no UTF-8")]
    Environment(String),
    /// The folder's path is not UTF-8.
    #[error(
        "the temporary folder's path is not UTF-8, so ${{dir}} has no text; set TMPDIR to another"
    )]
    FolderText,
}

/// What follows `port` in the placeholder for the port of that name.
pub(super) fn dotted(name: &str) -> String {
    match name {
        "" => String::new(),
        name => format!(".{name}"),
    }
}

impl<'a> TemplateVars<'a> {
    /// The template's text.
    ///
    /// # Errors
    /// [`TemplateError`] for the first placeholder without a value.
    pub(crate) fn fill(&self, template: &Template) -> Result<String, TemplateError> {
        let parts = template.parts.iter();
        parts.map(|part| self.value(part)).collect()
    }

    /// The text of a template that is JSON: its placeholders stand within strings.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    pub(crate) fn fill_json(&self, template: &Template) -> Result<String, TemplateError> {
        let parts = template.parts.iter().map(|part| match part {
            TemplatePart::Literal(literal) => Ok(literal.clone()),
            placeholder => {
                let quoted = serde_json::Value::String(self.value(placeholder)?).to_string();
                let inner = quoted.get(1..quoted.len().saturating_sub(1));
                Ok(inner.unwrap_or_default().to_owned())
            }
        });
        parts.collect()
    }

    fn value(&self, part: &TemplatePart) -> Result<String, TemplateError> {
        match part {
            TemplatePart::Literal(literal) => Ok(literal.clone()),
            TemplatePart::Port(name) => Ok(self.port(name)?.to_string()),
            TemplatePart::Stub(name) => Ok(self.stub(name)?.to_owned()),
            TemplatePart::Number => {
                let number = self.number.ok_or(TemplateError::Number)?;
                Ok(number.to_string())
            }
            TemplatePart::Saved(name) => {
                let value = self.saved.and_then(|saved| saved.get(name));
                let value = value.cloned();
                value.ok_or_else(|| TemplateError::Saved(name.clone()))
            }
            TemplatePart::Environment(part) => variable(part),
            TemplatePart::Folder => {
                let folder = self.folder.ok_or(TemplateError::Folder)?;
                let text = folder.to_str().ok_or(TemplateError::FolderText)?;
                Ok(text.to_owned())
            }
        }
    }

    fn port(&self, name: &str) -> Result<u16, TemplateError> {
        let port = self.ports.and_then(|ports| ports.get(name).copied());
        port.ok_or_else(|| TemplateError::Port(name.to_owned()))
    }

    fn stub(&self, name: &str) -> Result<&'a str, TemplateError> {
        let url = self.stubs.and_then(|stubs| stubs.get(name));
        url.map(String::as_str)
            .ok_or_else(|| TemplateError::Stub(name.to_owned()))
    }
}

/// The value of a variable of our own environment, or its default.
///
/// # Errors
/// [`TemplateError::Environment`]: there is neither.
pub(crate) fn variable(part: &EnvironmentPart) -> Result<String, TemplateError> {
    let value = std::env::var(&part.name).ok();
    value
        .or_else(|| part.default.clone())
        .ok_or_else(|| TemplateError::Environment(part.name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(parts: impl IntoIterator<Item = TemplatePart>) -> Template {
        Template {
            parts: parts.into_iter().collect(),
        }
    }

    #[test]
    fn every_placeholder_gets_its_value() {
        let ports = BTreeMap::from([(String::new(), 4000), ("admin".into(), 4001)]);
        let stubs = BTreeMap::from([("site".into(), "http://127.0.0.1:5000".into())]);
        let vars = TemplateVars {
            ports: Some(&ports),
            stubs: Some(&stubs),
            folder: Some(Path::new("/tmp/x")),
            number: None,
            saved: None,
        };
        let text = template([
            TemplatePart::Literal("a=".into()),
            TemplatePart::Port(String::new()),
            TemplatePart::Port("admin".into()),
            TemplatePart::Stub("site".into()),
            TemplatePart::Folder,
            TemplatePart::Number,
        ]);
        assert_eq!(text.ports(), ["", "admin"].into());
        assert_eq!(
            TemplateVars {
                number: Some(7),
                ..vars
            }
            .fill(&text)
            .unwrap(),
            "a=40004001http://127.0.0.1:5000/tmp/x7"
        );
        assert_eq!(vars.fill(&text), Err(TemplateError::Number));
    }

    #[test]
    fn saved_values_stay_within_the_strings_of_json() {
        let saved = BTreeMap::from([("id".into(), "a\"b\nc".into())]);
        let vars = TemplateVars {
            saved: Some(&saved),
            ..TemplateVars::default()
        };
        let text = template([
            TemplatePart::Literal("{\"id\":\"".into()),
            TemplatePart::Saved("id".into()),
            TemplatePart::Literal("\"}".into()),
        ]);
        assert_eq!(vars.fill_json(&text).unwrap(), r#"{"id":"a\"b\nc"}"#);
        let plain = template([TemplatePart::Saved("id".into())]);
        assert_eq!(vars.fill(&plain).unwrap(), "a\"b\nc");
    }

    #[test]
    fn what_has_no_value_is_an_error_that_names_it() {
        let none = TemplateVars::default();
        let said = |part| none.fill(&template([part])).unwrap_err().to_string();
        assert!(said(TemplatePart::Port("admin".into())).contains("${port.admin}"));
        assert!(said(TemplatePart::Port(String::new())).contains("${port}"));
        assert!(said(TemplatePart::Stub("site".into())).contains("[stubs.site]"));
        assert!(said(TemplatePart::Folder).contains("${dir}"));
        assert!(said(TemplatePart::Saved("id".into())).contains("${id}"));
        let unset = |default: Option<&str>| {
            TemplatePart::Environment(EnvironmentPart {
                name: "GOPROCTOR_UNSET".to_owned(),
                default: default.map(str::to_owned),
            })
        };
        assert!(said(unset(None)).contains("GOPROCTOR_UNSET is not set"));
        assert_eq!(none.fill(&template([unset(Some("a"))])).unwrap(), "a");
    }
}
