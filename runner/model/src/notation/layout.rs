//! How a value's text is laid out: on one line, on several, or in what room there is.

use std::borrow::Cow;

use super::text::elided;

/// A piece of text that may have parts, and can be laid out in several ways.
///
/// ```
/// use model::notation::Layout;
///
/// let call = Layout::group("f(", vec![Layout::leaf("1").labelled("x: ")], ")");
/// assert_eq!(call.line(), "f(x: 1)");
/// assert_eq!(call.block(4), ["f(", "  x: 1,", ")"]);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// What the piece is called where it is: `X: `.
    pub(super) label: String,
    /// The text, or what is before the parts.
    pub(super) open: String,
    /// The parts.
    pub(super) parts: Vec<Layout>,
    /// What is after them.
    pub(super) close: Cow<'static, str>,
    /// How many it counts as missing; 0 if it is no such count.
    pub(super) missing: u64,
    /// The pointer that it shows, where pointers that are the same are numbered.
    pub(super) pointer: Option<Pointer>,
}

/// Which pointer it is: the type that it points to, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pointer {
    /// The type's name.
    pub(super) ty: String,
    /// The address.
    pub(super) address: u64,
}

/// How far parts are to the right of what they are parts of.
const INDENT: usize = 2;
/// The least room that is worth beginning a part in.
const LEAST: usize = 6;

impl Layout {
    /// Text without parts.
    #[must_use]
    pub fn leaf(text: impl Into<String>) -> Self {
        Self {
            open: text.into(),
            ..Self::default()
        }
    }

    /// Parts between `open` and `close`.
    #[must_use]
    pub fn group(open: impl Into<String>, parts: Vec<Self>, close: &'static str) -> Self {
        Self {
            open: open.into(),
            parts,
            close: Cow::Borrowed(close),
            ..Self::default()
        }
    }

    /// What the piece is called where it is: `X: `; empty if it is not called anything.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The text before the parts; all of it where there are none.
    #[must_use]
    pub fn open(&self) -> &str {
        &self.open
    }

    /// The parts.
    #[must_use]
    pub fn parts(&self) -> &[Self] {
        &self.parts
    }

    /// The text after the parts.
    #[must_use]
    pub fn close(&self) -> &str {
        &self.close
    }

    /// The count of parts that are missing: `…3 more`, or `…3` if there are no others.
    pub(super) fn missing(missing: u64, is_all: bool) -> Self {
        let more = if is_all { "" } else { " more" };
        Self {
            missing,
            ..Self::leaf(format!("…{missing}{more}"))
        }
    }

    /// The same under a label.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The same behind a text.
    pub(super) fn behind(mut self, text: &str) -> Self {
        self.open.insert_str(0, text);
        self
    }

    /// Changes each text.
    pub fn rewrite(&mut self, change: &dyn Fn(&str) -> String) {
        self.label = change(&self.label);
        self.open = change(&self.open);
        for part in &mut self.parts {
            part.rewrite(change);
        }
    }

    /// All on one line.
    #[must_use]
    pub fn line(&self) -> String {
        let mut line = String::new();
        self.write(&mut line);
        line
    }

    fn write(&self, line: &mut String) {
        line.push_str(&self.label);
        line.push_str(&self.open);
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                line.push_str(", ");
            }
            part.write(line);
        }
        line.push_str(&self.close);
    }

    /// On one line if that takes at most `width` characters, else a part a line, without end where a part has no
    /// parts itself.
    #[must_use]
    pub fn block(&self, width: usize) -> Vec<String> {
        let line = self.line();
        if self.parts.is_empty() || line.chars().count() <= width {
            return vec![line];
        }
        let mut lines = vec![format!("{}{}", self.label, self.open)];
        for part in &self.parts {
            let mut block = part.block(width.saturating_sub(INDENT + 1));
            if let Some(last) = block.last_mut().filter(|_| part.missing == 0) {
                last.push(',');
            }
            let indent = " ".repeat(INDENT);
            lines.extend(block.into_iter().map(|line| format!("{indent}{line}")));
        }
        lines.push(self.close.clone().into_owned());
        lines
    }

    /// The count of parts that find no room.
    fn rest(parts: &[Self], is_all: bool) -> Self {
        let missing = parts.iter().map(|part| part.missing.max(1));
        Self::missing(missing.fold(0, u64::saturating_add), is_all)
    }

    /// The least room that it can be shown in.
    fn least(&self) -> usize {
        let [label, open, close] =
            [&*self.label, &*self.open, &*self.close].map(|text| text.chars().count());
        if self.parts.is_empty() {
            label + open.min(LEAST) + close
        } else {
            label + open + close + 1
        }
    }

    /// On one line of about `width` characters: parts that find no room are counted, texts lose their middle.
    #[must_use]
    pub(crate) fn fitted(&self, width: usize) -> String {
        let line = self.line();
        if line.chars().count() <= width {
            return line;
        }
        if self.parts.is_empty() {
            let around = self.label.chars().count() + self.close.chars().count();
            let open = elided(&self.open, width.saturating_sub(around).max(LEAST));
            return format!("{}{open}{}", self.label, self.close);
        }
        let mut fitted = format!("{}{}", self.label, self.open);
        let close = self.close.chars().count();
        for (index, part) in self.parts.iter().enumerate() {
            let left = self.parts.get(index..).unwrap_or_default();
            let after = left.get(1..).unwrap_or_default();
            let more = if after.is_empty() {
                0
            } else {
                ", ".len() + Self::rest(after, false).open.chars().count()
            };
            let separator = if index > 0 { ", " } else { "" };
            let taken = fitted.chars().count() + separator.len() + more + close;
            let room = width.saturating_sub(taken);
            if room < part.least() {
                fitted.push_str(separator);
                fitted.push_str(&Self::rest(left, index == 0).open);
                break;
            }
            fitted.push_str(separator);
            fitted.push_str(&part.fitted(room));
        }
        fitted.push_str(&self.close);
        fitted
    }
}
