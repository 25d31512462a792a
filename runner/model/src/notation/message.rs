//! The text of an error.

use super::{
    layout::Layout,
    literal,
    text::{quoted, whole_runes},
};
use crate::Text;

/// What an error's `Error` method says, of which perhaps only the beginning is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// What is known, from the beginning.
    bytes: Vec<u8>,
    /// Where a part of it is missing: how long that was, if that is known.
    missing: Option<Missing>,
}

/// What is missing at the end of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Missing {
    /// So many bytes.
    Bytes(u64),
    /// Nobody knows how much.
    Unknown,
}

impl Message {
    /// What is known, from the beginning.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The length of all of it, in bytes; none if that is not known.
    #[must_use]
    pub fn full(&self) -> Option<u64> {
        let known = self.bytes.len() as u64;
        match self.missing {
            None => Some(known),
            Some(Missing::Bytes(missing)) => Some(known.saturating_add(missing)),
            Some(Missing::Unknown) => None,
        }
    }

    /// Whether all of it is known.
    #[must_use]
    pub const fn is_whole(&self) -> bool {
        self.missing.is_none()
    }

    /// A message that says just this.
    pub(super) fn says(text: &str) -> Self {
        Self::default().then(text)
    }

    /// The message with a text behind it.
    pub(super) fn then(self, text: &str) -> Self {
        self.then_bytes(text.as_bytes())
    }

    fn then_bytes(mut self, bytes: &[u8]) -> Self {
        match &mut self.missing {
            None => self.bytes.extend_from_slice(bytes),
            Some(Missing::Bytes(missing)) => *missing = missing.saturating_add(bytes.len() as u64),
            Some(Missing::Unknown) => {}
        }
        self
    }

    /// The same with a string of the program behind it; none for one that was not read.
    pub(super) fn then_text(self, text: Option<&Text>) -> Self {
        let Some(text) = text else {
            return self.then_unknown();
        };
        let mut message = self.then_bytes(&text.bytes);
        let cut = text.full.saturating_sub(text.bytes.len() as u64);
        if cut > 0 {
            message.missing = match message.missing {
                None => Some(Missing::Bytes(cut)),
                Some(Missing::Bytes(missing)) => Some(Missing::Bytes(missing.saturating_add(cut))),
                Some(Missing::Unknown) => Some(Missing::Unknown),
            };
        }
        message
    }

    /// The same with a string of the program behind it as `strconv.Quote` writes it.
    pub(super) fn then_quoted(self, text: Option<&Text>) -> Self {
        let Some(text) = text else {
            return self.then_unknown();
        };
        let known = quoted(whole_runes(&text.bytes));
        if text.is_whole() {
            return self.then(&quoted(&text.bytes));
        }
        self.then(known.strip_suffix('"').unwrap_or(&known))
            .then_unknown()
    }

    /// The same with another message behind it; none for one that is not known.
    pub(super) fn then_message(self, other: Option<Self>) -> Self {
        let Some(other) = other else {
            return self.then_unknown();
        };
        let mut message = self.then_bytes(&other.bytes);
        message.missing = match (message.missing, other.missing) {
            (missing, None) | (None, missing) => missing,
            (Some(Missing::Bytes(a)), Some(Missing::Bytes(b))) => {
                Some(Missing::Bytes(a.saturating_add(b)))
            }
            _ => Some(Missing::Unknown),
        };
        message
    }

    /// The same with something unknown behind it.
    pub(super) const fn then_unknown(mut self) -> Self {
        self.missing = Some(Missing::Unknown);
        self
    }

    /// It as a string literal; what is missing is counted, or `…`.
    pub(super) fn layout(&self) -> Layout {
        let text = Text::new(self.bytes.clone(), self.full().unwrap_or(u64::MAX));
        match self.missing {
            None | Some(Missing::Bytes(_)) => literal::text(&text),
            Some(Missing::Unknown) => Layout {
                close: "…".into(),
                ..Layout::leaf(quoted(whole_runes(&self.bytes)))
            },
        }
    }
}
