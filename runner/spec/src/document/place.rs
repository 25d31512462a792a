//! Places in a spec's file.

use std::{
    ops::Range,
    path::{Component, Path, PathBuf},
    sync::Arc,
};

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

/// A spec file's name and text; what spans point into. The texts of the files that it uses follow its own, so that a place
/// in any of them is one number.
#[derive(Clone, Debug)]
pub struct Source {
    /// The path as the user gave it.
    pub path: PathBuf,
    /// The text, and those of the files that it uses.
    pub text: Arc<str>,
    /// The files that it uses, in the order of their texts.
    pub used: Arc<[UsedFile]>,
}

/// A file that a spec uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedFile {
    /// Its path, relative to the spec's folder.
    pub name: PathBuf,
    /// Its path as the spec's own.
    pub path: PathBuf,
    /// Where its text begins.
    pub start: usize,
}

/// A file that a place is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileAt<'s> {
    /// Its path.
    pub path: &'s Path,
    /// Its part of the text.
    pub range: Span,
}

impl Source {
    /// A file that uses no other, or whose others are still to be read.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
            used: Arc::default(),
        }
    }

    /// A file with the texts of those that it uses, by their names.
    #[must_use]
    pub fn with_used<'t>(
        path: impl Into<PathBuf>,
        text: &str,
        used: impl IntoIterator<Item = (PathBuf, &'t str)>,
    ) -> Self {
        let path = path.into();
        let mut whole = text.to_owned();
        let mut files = Vec::new();
        for (name, text) in used {
            end_line(&mut whole);
            let path = name_beside(&path, &name);
            let start = whole.len();
            files.push(UsedFile { name, path, start });
            whole.push_str(text);
        }
        Self {
            path,
            text: whole.into(),
            used: files.into(),
        }
    }

    /// The spec's own text.
    #[must_use]
    pub fn own_text(&self) -> &str {
        let end = self.used.first().map_or(self.text.len(), |used| used.start);
        self.text.get(..end).unwrap_or_default()
    }

    /// The files that it uses, by name, with their texts.
    pub fn used_texts(&self) -> impl Iterator<Item = (&Path, &str)> {
        let starts = self.used.iter().map(|used| used.start);
        let ends = starts.skip(1).chain([self.text.len()]);
        self.used.iter().zip(ends).map(|(used, end)| {
            let text = self.text.get(used.start..end).unwrap_or_default();
            (used.name.as_path(), text)
        })
    }

    /// The file that a place is in.
    #[must_use]
    pub fn file_at(&self, place: usize) -> FileAt<'_> {
        let after = self.used.partition_point(|used| used.start <= place);
        let file = after.checked_sub(1).and_then(|index| self.used.get(index));
        let end = self
            .used
            .get(after)
            .map_or(self.text.len(), |used| used.start);
        FileAt {
            path: file.map_or(&self.path, |used| &used.path),
            range: file.map_or(0, |used| used.start)..end,
        }
    }

    /// Line and column of a place in its file, both from 1; the column counts characters.
    #[must_use]
    pub fn position(&self, place: usize) -> (usize, usize) {
        let file = self.file_at(place);
        let mut end = place.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(file.range.start..end).unwrap_or_default();
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

/// Ends the last line of a text, if it has not ended.
pub(crate) fn end_line(text: &mut String) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

/// The path of a file that is named relative to the folder of another.
pub(crate) fn name_beside(file: &Path, name: &Path) -> PathBuf {
    normal(&file.parent().unwrap_or_else(|| Path::new("")).join(name))
}

/// A path without `.`, and without `..` behind a name.
pub(crate) fn normal(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        let last = plain.components().next_back();
        match (component, last) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                plain.pop();
            }
            (other, _) => plain.push(other),
        }
    }
    plain
}
