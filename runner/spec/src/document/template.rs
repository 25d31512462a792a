//! Strings with placeholders.

use std::collections::BTreeSet;

/// Text with placeholders: `${port}`, `${port.NAME}`, `${stub.NAME}`, `${n}`, `${dir}`; `$${` is a literal `${`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its parts in order.
    pub parts: Vec<TemplatePart>,
}

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplatePart {
    /// As it stands.
    Literal(String),
    /// A free loopback port, by name; the empty name is `${port}`.
    Port(String),
    /// The URL of a stub, e.g. `http://127.0.0.1:40001`.
    Stub(String),
    /// The number of a repetition, from 0.
    Number,
    /// The target's temporary folder.
    Folder,
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
