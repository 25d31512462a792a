//! A value against what it must be.

use std::cmp::Ordering;

use super::{Inconclusive, truth::Truth};
use crate::{
    model::{Content, Status, Text},
    spec::matcher::{Comparison, Literal, Matcher, Number},
};

/// Bytes of which perhaps only the beginning was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Excerpt<'a> {
    /// What was read, from the beginning.
    pub(super) bytes: &'a [u8],
    /// The full length, if it is known.
    pub(super) full: Option<u64>,
    /// What would make all of it be read.
    pub(super) advice: &'static str,
}

impl<'a> Excerpt<'a> {
    /// A string of the program.
    pub(super) const fn of_text(text: &'a Text) -> Self {
        Self {
            bytes: &text.bytes,
            full: Some(text.full),
            advice: "raise limits.string",
        }
    }

    /// Bytes that are all there.
    pub(super) const fn whole(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            full: Some(bytes.len() as u64),
            advice: "",
        }
    }

    fn is_whole(&self) -> bool {
        self.full == Some(self.bytes.len() as u64)
    }

    /// Whether a string of that length could be all of it.
    fn may_have_length(&self, length: usize) -> bool {
        match self.full {
            Some(full) => full == length as u64,
            None => length > self.bytes.len(),
        }
    }

    /// Whether a string of that length could be a part of it.
    fn may_hold(&self, length: usize) -> bool {
        self.full.is_none_or(|full| full >= length as u64)
    }

    fn cut(&self) -> Truth {
        let read = self.bytes.len();
        let reason = match self.full {
            Some(full) => format!("truncated at {read} of {full} bytes"),
            None => format!("truncated at {read} bytes"),
        };
        Truth::Unknown(Inconclusive::because(reason).advise(self.advice))
    }

    fn equals(&self, text: &str) -> Truth {
        let wanted = text.as_bytes();
        if self.is_whole() {
            return (self.bytes == wanted).into();
        }
        if self.may_have_length(wanted.len()) && wanted.starts_with(self.bytes) {
            self.cut()
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
            self.cut()
        }
    }

    /// A regular expression looks at most one character ahead, so a match in the part that was read is a match
    /// in the whole if a character follows it there.
    fn matches(&self, pattern: &regex::Regex) -> Truth {
        let end = match std::str::from_utf8(self.bytes) {
            Ok(text) => pattern.shortest_match(text).map(|end| (end, text.len())),
            Err(error) if error.error_len().is_none() && !self.is_whole() => {
                // The cut went through a character: what stands before it is still text.
                let read = error.valid_up_to();
                let text = String::from_utf8_lossy(self.bytes.get(..read).unwrap_or_default());
                pattern.shortest_match(&text).map(|end| (end, read))
            }
            Err(_) => match regex::bytes::Regex::new(pattern.as_str()) {
                Ok(pattern) => pattern
                    .shortest_match(self.bytes)
                    .map(|end| (end, self.bytes.len())),
                Err(error) => return Truth::unknown(error.to_string()),
            },
        };
        match end {
            Some((end, length)) if self.is_whole() || end < length => Truth::Yes,
            None if self.is_whole() => Truth::No,
            _ => self.cut(),
        }
    }
}

/// Whether a value is what it must be.
pub(super) fn value_matches(matcher: &Matcher, content: &Content) -> Truth {
    match (matcher, content) {
        (Matcher::Any, _) => Truth::Yes,
        (Matcher::All(parts), _) => {
            Truth::all(parts.iter().map(|part| value_matches(part, content)))
        }
        (_, Content::Unread(Status::Absent)) => Truth::No,
        (_, Content::Unread(status)) => Truth::Unknown(unread(*status)),
        (_, Content::Text(text)) => text_matches(matcher, Excerpt::of_text(text)),
        (Matcher::Equal(Literal::Bool(wanted)), Content::Bool(seen)) => (wanted == seen).into(),
        (_, Content::Int(seen)) => integer_matches(matcher, i128::from(*seen)),
        (_, Content::Uint(seen)) => integer_matches(matcher, i128::from(*seen)),
        (_, Content::Bool(_)) => mismatch("a bool"),
        _ => mismatch("of another kind"),
    }
}

/// Whether text is what it must be.
pub(super) fn text_matches(matcher: &Matcher, text: Excerpt<'_>) -> Truth {
    match matcher {
        Matcher::Any => Truth::Yes,
        Matcher::All(parts) => Truth::all(parts.iter().map(|part| text_matches(part, text))),
        Matcher::Equal(Literal::Text(wanted)) => text.equals(wanted),
        Matcher::Contains(wanted) => text.contains(wanted),
        Matcher::Matches(pattern) => text.matches(pattern),
        _ => mismatch("a string"),
    }
}

/// Whether an integer is what it must be.
pub(super) fn integer_matches(matcher: &Matcher, seen: i128) -> Truth {
    match matcher {
        Matcher::Any => Truth::Yes,
        Matcher::All(parts) => Truth::all(parts.iter().map(|part| integer_matches(part, seen))),
        Matcher::Equal(Literal::Number(wanted)) => {
            (compare(seen, *wanted) == Some(Ordering::Equal)).into()
        }
        Matcher::Compare(comparison, wanted) => compare(seen, *wanted)
            .is_some_and(|order| holds(*comparison, order))
            .into(),
        _ => mismatch("an integer"),
    }
}

/// Whether `a comparison b` holds, given how a stands to b.
pub(super) const fn holds(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Lt => order.is_lt(),
        Comparison::Le => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::Ge => order.is_ge(),
    }
}

/// How an integer stands to a number, without rounding; none for NaN.
fn compare(seen: i128, wanted: Number) -> Option<Ordering> {
    match wanted {
        Number::Integer(wanted) => Some(seen.cmp(&wanted)),
        Number::Float(wanted) if wanted.is_nan() => None,
        Number::Float(wanted) => {
            // `as` saturates; Go's integers are far from the bounds of i128.
            let whole = seen.cmp(&(wanted.trunc() as i128));
            let rest = || 0.0.partial_cmp(&wanted.fract());
            match whole {
                Ordering::Equal => rest(),
                order => Some(order),
            }
        }
    }
}

fn mismatch(seen: &str) -> Truth {
    Truth::unknown(format!(
        "the value is {seen}, which this matcher can't judge"
    ))
}

/// Why a value is not known, as a reason.
pub(super) fn unread(status: Status) -> Inconclusive {
    match status {
        Status::DepthLimit => {
            Inconclusive::because("it lies past the depth limit").advise("raise limits.depth")
        }
        Status::Cut => Inconclusive::because("it stands behind what the limits let through")
            .advise("raise limits.elements"),
        Status::Cycle => {
            Inconclusive::because("the pointer leads back to a value that is shown further out")
        }
        Status::BeingWritten => Inconclusive::because("the map was being written at that moment"),
        Status::TypeUnknown => Inconclusive::because("the binary does not describe its type"),
        Status::NotDescribed => Inconclusive::because(
            "this release's binary does not tell where a closure keeps what it captured",
        ),
        Status::NotRead => Inconclusive::because("it was not read"),
        Status::Absent => Inconclusive::because("there is no such element, key or dynamic type"),
        Status::Unreadable { address, errno } => Inconclusive::because(format!(
            "the memory at {address} could not be read (error {errno})"
        )),
        Status::InVectorRegister => {
            Inconclusive::because("the value is in a vector register, which a uprobe does not see")
        }
        Status::LostChunk => Inconclusive::because("the record had no room for the value")
            .advise("lower the limits of this function, or watch fewer arguments"),
        Status::Malformed => {
            Inconclusive::because("the header that leads to the value makes no sense")
        }
        Status::NoLocation => {
            Inconclusive::because("the value has no place that can be read at this moment")
        }
    }
}
