//! A value together with the types, taken apart by the names of fields: what the tables of well-known types and errors
//! work on. Everything is optional: releases lay types out differently, and not all of a value may have been read.

use crate::{Content, Kind, Text, TypeTable, Value};

/// A value with the types.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) value: &'a Value,
    pub(super) types: &'a TypeTable,
    /// Whether what is not the same on every run may be shown.
    pub(super) is_exact: bool,
}

impl<'a> Subject<'a> {
    pub(super) const fn new(value: &'a Value, types: &'a TypeTable) -> Self {
        Self {
            value,
            types,
            is_exact: true,
        }
    }

    /// The same, shown as it is on every run.
    pub(super) const fn stable(mut self) -> Self {
        self.is_exact = false;
        self
    }

    const fn of(self, value: &'a Value) -> Self {
        Self {
            value,
            types: self.types,
            is_exact: self.is_exact,
        }
    }

    /// The name of its type, with the full package path.
    pub(super) fn type_name(self) -> &'a str {
        self.types.name(self.value.ty)
    }

    pub(super) fn is_nil(self) -> bool {
        self.value.content == Content::Nil
    }

    /// The field of that name, if it is a struct that has one.
    pub(super) fn field(self, name: &str) -> Option<Self> {
        let Content::Struct(values) = &self.value.content else {
            return None;
        };
        let Kind::Struct { fields } = &self.types.get(self.value.ty)?.kind else {
            return None;
        };
        let index = fields.iter().position(|field| field.name == name)?;
        values.get(index).map(|value| self.of(value))
    }

    /// What it points to.
    pub(super) fn target(self) -> Option<Self> {
        match &self.value.content {
            Content::Pointer(pointer) => Some(self.of(&pointer.target)),
            _ => None,
        }
    }

    /// What it holds as an interface; itself if it is none.
    pub(super) fn dynamic(self) -> Self {
        match &self.value.content {
            Content::Interface(dynamic) => self.of(dynamic),
            _ => self,
        }
    }

    pub(super) fn boolean(self) -> Option<bool> {
        match self.value.content {
            Content::Bool(seen) => Some(seen),
            _ => None,
        }
    }

    pub(super) fn int(self) -> Option<i64> {
        match self.value.content {
            Content::Int(seen) => Some(seen),
            _ => None,
        }
    }

    pub(super) fn uint(self) -> Option<u64> {
        match self.value.content {
            Content::Uint(seen) => Some(seen),
            _ => None,
        }
    }

    /// Its bytes as a string, of which perhaps only the beginning was read.
    pub(super) fn text(self) -> Option<&'a Text> {
        match &self.value.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The string that it is, if it is whole and UTF-8.
    pub(super) fn string(self) -> Option<&'a str> {
        let text = self.text().filter(|text| text.is_whole())?;
        std::str::from_utf8(&text.bytes).ok()
    }

    /// The bytes that it is, if they are whole; those of a nil slice are none.
    pub(super) fn bytes(self) -> Option<&'a [u8]> {
        match &self.value.content {
            Content::Bytes(text) if text.is_whole() => Some(&text.bytes),
            Content::Nil => Some(&[]),
            _ => None,
        }
    }

    /// Its elements, if they are whole; those of a nil slice are none.
    pub(super) fn elements(self) -> Option<impl Iterator<Item = Self>> {
        let values: &[Value] = match &self.value.content {
            Content::Elements(elements) if elements.values.len() as u64 == elements.full => {
                &elements.values
            }
            Content::Nil => &[],
            _ => return None,
        };
        Some(values.iter().map(move |value| self.of(value)))
    }
}
