//! What is wrong with a spec, and its rendering with carets into the user's own file.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode,
    ThemeStyles,
};

use super::document::{Source, Span};

/// How many errors are rendered; a file with more has one cause for most of them.
const SHOWN: usize = 20;

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where it stands; none where the file as a whole is meant.
    pub span: Option<Span>,
    /// The words beside the carets; may be empty.
    pub label: String,
    /// What the user can do.
    pub help: Option<String>,
    /// Another place that belongs to it, and the words beside it: the first of two equal names, for instance.
    pub related: Option<(Span, String)>,
}

impl SpecError {
    /// An error at a place.
    #[must_use]
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self {
            span: Some(span),
            ..Self::of_file(message)
        }
    }

    /// Something that is there twice.
    pub(crate) fn twice(message: impl Into<String>, first: Span, second: Span) -> Self {
        Self::at(second, message)
            .label("the second")
            .related(first, "the first")
    }

    /// An error of the file as a whole.
    #[must_use]
    pub fn of_file(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span: None,
            label: String::new(),
            help: None,
            related: None,
        }
    }

    /// With the words beside the carets.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With what the user can do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With another place that belongs to it.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related = Some((span, label.into()));
        self
    }
}

/// Everything that is wrong with a spec, in the order of the file.
#[derive(Clone, Debug)]
pub struct SpecErrors {
    /// The file; empty text if it could not be read.
    pub source: Source,
    /// What is wrong; never empty.
    pub errors: Vec<SpecError>,
}

impl SpecErrors {
    /// All errors as text, each with its place in the file and carets.
    ///
    /// `color` uses ANSI colours, `unicode` box drawing rather than ASCII, `width` is the terminal's, in columns.
    /// The text is the same for the same input, so that it can be compared.
    #[must_use]
    pub fn render(&self, color: bool, unicode: bool, width: usize) -> String {
        let handler = handler(color, unicode, width);
        let source = NamedSource::new(
            printable(&self.source.path.to_string_lossy()),
            printable(&self.source.text),
        );
        let mut text = String::new();
        for error in self.errors.iter().take(SHOWN) {
            if !text.is_empty() {
                text.push('\n');
            }
            let report = Report {
                error,
                source: &source,
                length: self.source.text.len(),
            };
            if handler.render_report(&mut text, &report).is_err() {
                text.push_str(&error.message);
                text.push('\n');
            }
        }
        if let Some(more) = self.errors.len().checked_sub(SHOWN).filter(|n| *n > 0) {
            text.push_str(&format!("\n  and {more} more\n"));
        }
        without_trailing_blanks(&text)
    }
}

impl fmt::Display for SpecErrors {
    /// A line an error: `path:line:column: message`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.errors.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{}", self.source.path.display())?;
            if let Some(span) = &error.span {
                let (line, column) = self.source.position(span.start);
                write!(f, ":{line}:{column}")?;
            }
            write!(f, ": {}", error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecErrors {}

fn handler(color: bool, unicode: bool, width: usize) -> GraphicalReportHandler {
    let mut theme = if unicode {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::ascii()
    };
    if !color {
        theme.styles = ThemeStyles::none();
    }
    GraphicalReportHandler::new_themed(theme)
        .with_width(width.max(40))
        .with_context_lines(1)
        .with_links(false)
        .without_cause_chain()
}

/// Text that can't change the terminal it is printed on: control and direction characters become `?`, as many of
/// them as they have bytes, so that spans still fit.
fn printable(text: &str) -> String {
    text.chars()
        .fold(String::with_capacity(text.len()), |mut clean, character| {
            match character {
                '\n' | '\t' => clean.push(character),
                // A carriage return ends a line only before a line feed; elsewhere it would overwrite the line.
                '\r' => clean.push(' '),
                '\u{feff}' => clean.push_str("   "),
                '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    clean.push_str("???");
                }
                _ if character.is_control() => {
                    clean.extend(std::iter::repeat_n('?', character.len_utf8()));
                }
                _ => clean.push(character),
            }
            clean
        })
}

fn without_trailing_blanks(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for line in text.lines() {
        clean.push_str(line.trim_end());
        clean.push('\n');
    }
    clean
}

/// An error as miette renders it.
#[derive(Debug)]
struct Report<'a> {
    error: &'a SpecError,
    source: &'a NamedSource<String>,
    length: usize,
}

impl Report<'_> {
    /// A span within the text, whatever it was.
    fn clamp(&self, span: &Span) -> Span {
        let start = span.start.min(self.length);
        start..span.end.clamp(start, self.length)
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.error.message))
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.error.help.as_deref()?;
        Some(Box::new(printable(help)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.error
            .span
            .as_ref()
            .map(|_| self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let main = self.error.span.as_ref()?;
        let words = Some(printable(&self.error.label)).filter(|words| !words.is_empty());
        let main = LabeledSpan::new_primary_with_span(words, self.clamp(main));
        let related = self.error.related.as_ref().map(|(span, words)| {
            LabeledSpan::new_with_span(Some(printable(words)), self.clamp(span))
        });
        Some(Box::new(std::iter::once(main).chain(related)))
    }
}
