//! Paths into values as text: `request.URL.Path`, `items[2].Price`, `headers["Accept"][0]`, `err.(*net.OpError).Op`.
//!
//! ```
//! use model::{Path, Root, Segment};
//! use spec::path;
//!
//! let read = path::argument("items[2].Price")?;
//! assert_eq!(read.root, Root::Argument("items".into()));
//! assert_eq!(read.segments, [Segment::Index(2), Segment::Name("Price".into())]);
//! assert_eq!(read.to_string(), "items[2].Price");
//!
//! let error = path::argument("items[2.Price").unwrap_err();
//! assert_eq!(error.place, 5..13, "what is not closed");
//! # Ok::<(), spec::path::PathError>(())
//! ```

use std::ops::Range;

use model::{Path, Root, Segment};
use thiserror::Error;

use super::{
    document::Spanned,
    names::{is_identifier, is_type},
};

/// How many steps a path may have.
pub(crate) const MAX_SEGMENTS: usize = 64;

/// What a part of a call begins with if it is one of a result.
const RETURNS: &str = "returns";

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{problem}")]
pub struct PathError {
    /// Where in the text, in bytes.
    pub place: Range<usize>,
    /// What is wrong there.
    pub problem: PathProblem,
}

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PathProblem {
    /// There is nothing, or it does not begin with a parameter.
    #[error("a path begins with a parameter's name")]
    NoRoot,
    /// Nothing that can be a name, where one must be.
    #[error("a name is missing")]
    NoName,
    /// A name that is no Go identifier.
    #[error("not a Go identifier")]
    NotAName,
    /// `_`, which many fields may be called.
    #[error("`_` names no single field")]
    Blank,
    /// Something between two steps.
    #[error("expected `.`, `[` or the end")]
    Stray,
    /// A `[` with no `]`.
    #[error("`]` is missing")]
    OpenBracket,
    /// A `(` with no `)`.
    #[error("`)` is missing")]
    OpenParenthesis,
    /// A key whose quotes do not end.
    #[error("the closing quote is missing")]
    OpenQuote,
    /// Something in brackets that is neither a number nor a text in quotes.
    #[error("an index is a number, a key is in quotes")]
    NotAnIndex,
    /// A number beyond 64 bits.
    #[error("beyond 64 bits")]
    LargeIndex,
    /// A backslash with something behind it that it can't escape.
    #[error("no such escape")]
    BadEscape,
    /// `.( … )` around something that is no type.
    #[error("not a type")]
    NotAType,
    /// `returns` without the position of a result.
    #[error("name results by position: `returns.0` is the first")]
    NotAResult,
    /// More steps than a path may have.
    #[error("too many steps")]
    TooLong,
}

/// Reads the path of an argument: the parameter's name and what leads on.
///
/// # Errors
/// What is wrong, and where in the text.
pub fn argument(text: &str) -> Result<Path, PathError> {
    let mut segments = segments(text)?.into_iter().map(|segment| segment.value);
    match segments.next() {
        Some(Segment::Name(name)) if !text.starts_with('.') => Ok(Path {
            root: Root::Argument(name),
            segments: segments.collect(),
        }),
        _ => Err(PathError {
            place: 0..text.chars().next().map_or(0, char::len_utf8),
            problem: PathProblem::NoRoot,
        }),
    }
}

/// Reads a part of a call: the path of an argument, or `returns.0` and what leads on from that result.
///
/// ```
/// use model::{Root, Segment};
/// use spec::path;
///
/// let part = path::part("returns.0.Item")?;
/// assert_eq!(part.root, Root::Result(0));
/// assert_eq!(part.segments, [Segment::Name("Item".into())]);
/// assert_eq!(path::part("job")?.root, Root::Argument("job".into()));
/// # Ok::<(), spec::path::PathError>(())
/// ```
///
/// # Errors
/// What is wrong, and where in the text.
pub fn part(text: &str) -> Result<Path, PathError> {
    let behind = text.strip_prefix(RETURNS);
    let Some(behind) = behind.filter(|rest| rest.is_empty() || rest.starts_with(['.', '['])) else {
        return argument(text);
    };
    let Some((index, rest)) = position(behind) else {
        return Err(PathError {
            place: 0..text.len(),
            problem: PathProblem::NotAResult,
        });
    };
    let start = text.len() - rest.len();
    let shifted = |error: PathError| PathError {
        place: error.place.start + start..error.place.end + start,
        problem: error.problem,
    };
    let steps = match rest {
        "" => Vec::new(),
        _ if rest.starts_with(['.', '[']) => segments(rest).map_err(shifted)?,
        _ => {
            return Err(shifted(PathError {
                place: 0..rest.chars().next().map_or(0, char::len_utf8),
                problem: PathProblem::Stray,
            }));
        }
    };
    Ok(Path {
        root: Root::Result(index),
        segments: steps.into_iter().map(|step| step.value).collect(),
    })
}

/// The number in `.0` or `[0]`, and what follows.
fn position(text: &str) -> Option<(u32, &str)> {
    let digits = text.strip_prefix(['.', '['])?;
    let length = digits
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(length);
    let rest = match text.starts_with('[') {
        true => rest.strip_prefix(']')?,
        false => rest,
    };
    Some((digits.parse().ok()?, rest))
}

/// Reads what leads on from a value: `URL.Path`, `[2].Price`, `.(*net.OpError).Op`. The first name needs no dot.
/// Each step comes with its place in the text, in bytes.
///
/// # Errors
/// What is wrong, and where in the text.
pub fn segments(text: &str) -> Result<Vec<Spanned<Segment>>, PathError> {
    let mut cursor = Cursor { text, at: 0 };
    let mut segments = Vec::new();
    if !text.starts_with(['.', '[']) {
        segments.push(cursor.name()?);
    }
    while let Some(next) = cursor.peek() {
        let start = cursor.at;
        let mut segment = match next {
            '.' if cursor.rest().starts_with(".(") => cursor.assertion()?,
            '.' => {
                cursor.at += 1;
                cursor.name()?
            }
            '[' => cursor.index()?,
            _ => return Err(cursor.error(PathProblem::Stray)),
        };
        segment.span.start = start;
        segments.push(segment);
        if segments.len() > MAX_SEGMENTS {
            return Err(PathError {
                place: start..text.len(),
                problem: PathProblem::TooLong,
            });
        }
    }
    Ok(segments)
}

/// How long the path is that a text begins with, in bytes.
pub(crate) fn extent(text: &str) -> usize {
    let mut cursor = Cursor { text, at: 0 };
    while let Some(next) = cursor.peek() {
        let read = match next {
            '[' => cursor.index().map(|_| ()),
            '.' if cursor.rest().starts_with(".(") => cursor.assertion().map(|_| ()),
            _ if next.is_alphanumeric() || matches!(next, '_' | '.') => {
                cursor.at += next.len_utf8();
                Ok(())
            }
            _ => break,
        };
        // Reading the path reports what is wrong.
        if read.is_err() {
            break;
        }
    }
    cursor.at
}

/// A place in the text of a path.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// An error at the next character, or at the end.
    fn error(&self, problem: PathProblem) -> PathError {
        let length = self.peek().map_or(0, char::len_utf8);
        PathError {
            place: self.at..self.at + length,
            problem,
        }
    }

    /// An error from a place up to the next character.
    const fn since(&self, start: usize, problem: PathProblem) -> PathError {
        PathError {
            place: start..self.at,
            problem,
        }
    }

    fn name(&mut self) -> Result<Spanned<Segment>, PathError> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find(['.', '[', ']', '(', ')']).unwrap_or(rest.len());
        let name = rest.get(..length).unwrap_or_default();
        if name.is_empty() {
            return Err(self.error(PathProblem::NoName));
        }
        self.at += length;
        match name {
            "_" => Err(self.since(start, PathProblem::Blank)),
            _ if !is_identifier(name) => Err(self.since(start, PathProblem::NotAName)),
            _ => Ok(self.segment(start, Segment::Name(name.to_owned()))),
        }
    }

    const fn segment(&self, start: usize, segment: Segment) -> Spanned<Segment> {
        Spanned::new(segment, start..self.at)
    }

    /// `[2]`, `["key"]` or ``[`key`]``.
    fn index(&mut self) -> Result<Spanned<Segment>, PathError> {
        let start = self.at;
        self.at += 1;
        let segment = match self.peek() {
            Some('"') => Segment::Key(self.quoted()?),
            Some('`') => Segment::Key(self.raw()?),
            _ => Segment::Index(self.number()?),
        };
        if self.next() != Some(']') {
            self.at = self.text.len();
            return Err(self.since(start, PathProblem::OpenBracket));
        }
        Ok(self.segment(start, segment))
    }

    fn number(&mut self) -> Result<i128, PathError> {
        let start = self.at;
        let rest = self.rest();
        let length = rest.find([']', '.', '[']).unwrap_or(rest.len());
        let text = rest.get(..length).unwrap_or_default();
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
            self.at += length;
            return Err(self.since(start, PathProblem::NotAnIndex));
        }
        self.at += length;
        let number = text.parse::<i128>().ok();
        number
            .filter(|number| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(number))
            .ok_or_else(|| self.since(start, PathProblem::LargeIndex))
    }

    /// A text in double quotes, with the escapes that Go has for characters.
    fn quoted(&mut self) -> Result<String, PathError> {
        let start = self.at;
        self.at += 1;
        let mut key = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(key),
                Some('\\') => key.push(self.escape()?),
                Some(other) => key.push(other),
                None => return Err(self.since(start, PathProblem::OpenQuote)),
            }
        }
    }

    fn raw(&mut self) -> Result<String, PathError> {
        let start = self.at;
        self.at += 1;
        let rest = self.rest();
        let Some(length) = rest.find('`') else {
            self.at = self.text.len();
            return Err(self.since(start, PathProblem::OpenQuote));
        };
        self.at += length + 1;
        Ok(rest.get(..length).unwrap_or_default().to_owned())
    }

    /// What follows a backslash: Go's own, and `\u{…}` as [`Segment`] is displayed.
    fn escape(&mut self) -> Result<char, PathError> {
        let start = self.at - 1;
        let character = match self.next() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('0') => Some('\0'),
            Some(quote @ ('"' | '\\' | '\'')) => Some(quote),
            Some('u') if self.peek() == Some('{') => {
                self.at += 1;
                let length = self.rest().find('}').filter(|length| *length <= 6);
                let code = length.and_then(|length| self.hexadecimal(length));
                self.next();
                code
            }
            Some('u') => self.hexadecimal(4),
            Some('U') => self.hexadecimal(8),
            _ => None,
        };
        character.ok_or_else(|| self.since(start, PathProblem::BadEscape))
    }

    fn hexadecimal(&mut self, length: usize) -> Option<char> {
        let digits = self.rest().get(..length)?;
        self.at += length;
        if !digits.chars().all(|c| c.is_ascii_hexdigit()) {
            return None;
        }
        char::from_u32(u32::from_str_radix(digits, 16).ok()?)
    }

    /// `.(*net.OpError)`
    fn assertion(&mut self) -> Result<Spanned<Segment>, PathError> {
        let start = self.at;
        self.at += 2;
        let inside = self.at;
        let mut depth = 1_usize;
        while depth > 0 {
            match self.next() {
                Some('(') => depth += 1,
                Some(')') => depth -= 1,
                Some(_) => {}
                None => return Err(self.since(start, PathProblem::OpenParenthesis)),
            }
        }
        let ty = self.text.get(inside..self.at - 1).unwrap_or_default();
        if is_type(ty) {
            Ok(self.segment(start, Segment::Assert(ty.to_owned())))
        } else {
            Err(self.since(start + 1, PathProblem::NotAType))
        }
    }
}

#[cfg(test)]
mod tests;
