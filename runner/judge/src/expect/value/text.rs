//! Bytes against what they must be as text.

use model::{Text, notation::Message};
use spec::matcher::{Literal, Matcher, TextMatcher};

use super::super::{
    Reason,
    matchers::{of_elements, of_order, of_parts},
    truth::Truth,
};

/// The most that `limits.string` can be, in bytes; no string is read any further.
const MAX_TEXT: usize = 4096;

/// How long a text is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::expect) enum Length {
    /// So long.
    Is(u64),
    /// Longer than what was read.
    More,
    /// As long as what was read, or longer.
    AtLeast,
}

/// Bytes of which perhaps only the beginning was read.
#[derive(Clone, Copy, Debug)]
pub(in crate::expect) struct Excerpt<'a> {
    /// What was read, from the beginning.
    pub(in crate::expect) bytes: &'a [u8],
    /// The full length.
    pub(in crate::expect) full: Length,
    /// The limits that cut it, if a larger one would help.
    pub(in crate::expect) limits: Option<&'static str>,
}

impl<'a> Excerpt<'a> {
    /// A string of the program.
    pub(in crate::expect) fn of_text(text: &'a Text) -> Self {
        Self {
            bytes: &text.bytes,
            full: Length::Is(text.full),
            limits: (text.bytes.len() < MAX_TEXT).then_some("limits.string"),
        }
    }

    /// An error's message.
    pub(in crate::expect) fn of_message(message: &'a Message) -> Self {
        Self {
            bytes: message.bytes(),
            full: message.full().map_or(Length::AtLeast, Length::Is),
            limits: Some("limits.depth or limits.string"),
        }
    }

    /// Bytes that are all there.
    pub(in crate::expect) const fn whole(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            full: Length::Is(bytes.len() as u64),
            limits: None,
        }
    }

    fn is_whole(&self) -> bool {
        self.full == Length::Is(self.bytes.len() as u64)
    }

    /// Whether a string of that length could be all of it.
    fn may_have_length(&self, length: usize) -> bool {
        match self.full {
            Length::Is(full) => full == length as u64,
            Length::More => length > self.bytes.len(),
            Length::AtLeast => length >= self.bytes.len(),
        }
    }

    /// Whether a string of that length could be a part of it.
    fn may_hold(&self, length: usize) -> bool {
        match self.full {
            Length::Is(full) => full >= length as u64,
            Length::More | Length::AtLeast => true,
        }
    }

    /// That the rest is not known.
    pub(in crate::expect) const fn cut(&self) -> Reason {
        Reason::Truncated {
            read: self.bytes.len(),
            full: match self.full {
                Length::Is(full) => Some(full),
                Length::More | Length::AtLeast => None,
            },
            limits: self.limits,
        }
    }

    fn equals(&self, text: &str) -> Truth {
        let wanted = text.as_bytes();
        if self.is_whole() {
            return (self.bytes == wanted).into();
        }
        if self.may_have_length(wanted.len()) && wanted.starts_with(self.bytes) {
            Truth::Unknown(self.cut())
        } else {
            Truth::No
        }
    }

    fn contains(&self, text: &str) -> Truth {
        let wanted = text.as_bytes();
        if wanted.is_empty() || self.bytes.windows(wanted.len()).any(|part| part == wanted) {
            Truth::Yes
        } else if self.is_whole() || !self.may_hold(wanted.len()) {
            Truth::No
        } else {
            Truth::Unknown(self.cut())
        }
    }

    /// A regular expression looks at most one character ahead, so a match in the part that was read is a match
    /// in the whole if a character follows it there.
    fn matches(&self, pattern: &regex::Regex) -> Truth {
        let read = if self.is_whole() {
            self.bytes
        } else {
            whole_runes(self.bytes)
        };
        let end = match std::str::from_utf8(read) {
            Ok(text) => pattern.shortest_match(text),
            Err(_) => match regex::bytes::Regex::new(pattern.as_str()) {
                Ok(pattern) => pattern.shortest_match(read),
                Err(error) => return Truth::Unknown(Reason::Pattern(error.to_string())),
            },
        };
        match end {
            Some(end) if self.is_whole() || end < read.len() => Truth::Yes,
            None if self.is_whole() => Truth::No,
            _ => Truth::Unknown(self.cut()),
        }
    }
}

/// The bytes without a character that a cut left incomplete at their end.
fn whole_runes(bytes: &[u8]) -> &[u8] {
    let incomplete =
        bytes
            .utf8_chunks()
            .last()
            .map_or(0, |last| match std::str::from_utf8(last.invalid()) {
                Err(error) if error.error_len().is_none() => last.invalid().len(),
                _ => 0,
            });
    bytes
        .get(..bytes.len().saturating_sub(incomplete))
        .unwrap_or(bytes)
}

/// Whether text is what it must be.
pub(in crate::expect) fn text_matches(matcher: &Matcher, text: Excerpt<'_>) -> Truth {
    match matcher {
        Matcher::Any => Truth::Yes,
        Matcher::All(parts) => Truth::all(parts.iter().map(|part| text_matches(part, text))),
        Matcher::Equal(Literal::Text(wanted)) => text.equals(wanted),
        Matcher::Text(wanted) => match wanted {
            TextMatcher::Contains(wanted) => text.contains(wanted),
            TextMatcher::Matches(pattern) => text.matches(pattern),
        },
        Matcher::Equal(_) | Matcher::Nil(_) | Matcher::Type(_) => Truth::No,
        of_order!() | of_parts!() => Truth::No,
    }
}
