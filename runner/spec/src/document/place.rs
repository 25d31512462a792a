//! Places in a spec's file.

use std::{ops::Range, path::PathBuf, sync::Arc};

/// A place in a spec file: a range of bytes.
pub type Span = Range<usize>;

/// Something with its place in the file.
#[derive(Clone, Debug)]
pub struct Spanned<T> {
    /// The thing.
    pub value: T,
    /// Its place in the file.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Puts a thing and its place together.
    pub const fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }

    /// The same place with another thing.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned {
            value: change(self.value),
            span: self.span,
        }
    }
}

/// A spec file's name and text; what spans point into.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user gave it.
    pub path: PathBuf,
    /// The text.
    pub text: Arc<str>,
}

impl Source {
    /// Line and column of a place, both from 1; the column counts characters.
    #[must_use]
    pub fn position(&self, place: usize) -> (usize, usize) {
        let mut end = place.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.matches('\n').count() + 1;
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

impl Source {
    /// The spec's name: its file without folder and `.proctor.toml`.
    #[must_use]
    pub fn stem(&self) -> String {
        let file = self.path.file_name().unwrap_or_default().to_string_lossy();
        file.strip_suffix(".proctor.toml")
            .unwrap_or(&file)
            .to_owned()
    }
}
