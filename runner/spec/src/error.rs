//! What is wrong with a spec, and its rendering with carets into the user's own file.

use std::fmt;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode, ThemeStyles,
};
use textwrap::{WordSeparator, WordSplitter};

use super::{
    document::{Source, Span},
    excerpt::Excerpts,
};

/// How many errors are rendered; a file with more has one cause for most of them.
const SHOWN: usize = 20;

/// One thing that is wrong with a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Its place; none where the file as a whole is meant.
    pub span: Option<Span>,
    /// The words beside the carets; may be empty.
    pub label: String,
    /// What the user can do.
    pub help: Option<String>,
    /// Another place that belongs to it, and the words beside it: the first of two equal names, for instance.
    pub related: Option<(Span, String)>,
    /// The tests that can't be run for it, by their names; all, if none is said.
    pub tests: Option<Vec<String>>,
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
            tests: None,
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

    /// Of these tests alone.
    #[must_use]
    pub fn of_tests(mut self, tests: Vec<String>) -> Self {
        self.tests = Some(tests);
        self
    }

    /// Whether a test can't be run for it.
    #[must_use]
    pub(crate) fn is_of(&self, test: &str) -> bool {
        let tests = self.tests.as_ref();
        tests.is_none_or(|tests| tests.iter().any(|name| name == test))
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
    /// Those that a test can't be run for, if there are any.
    #[must_use]
    pub fn of_test(&self, test: &str) -> Option<Self> {
        self.only(|error| error.is_of(test))
    }

    /// Those that one of these tests can't be run for, and those of no test, if there are any.
    #[must_use]
    pub fn of_tests<'t>(&self, tests: impl Iterator<Item = &'t str> + Clone) -> Option<Self> {
        self.only(|error| {
            error.tests.as_ref().is_some_and(Vec::is_empty)
                || tests.clone().any(|test| error.is_of(test))
        })
    }

    fn only(&self, is_meant: impl Fn(&SpecError) -> bool) -> Option<Self> {
        let errors = self.errors.iter().filter(|error| is_meant(error));
        let errors: Vec<_> = errors.cloned().collect();
        (!errors.is_empty()).then(|| Self {
            source: self.source.clone(),
            errors,
        })
    }

    /// All errors as text, each with its place in the file and carets.
    ///
    /// `color` uses ANSI colours, `unicode` box drawing rather than ASCII, `width` is the terminal's, in columns.
    /// The text is the same for the same input, so that it can be compared.
    #[must_use]
    pub fn render(&self, color: bool, unicode: bool, width: usize) -> String {
        let handler = handler(color, unicode, width);
        let mut text = String::new();
        for error in self.errors.iter().take(SHOWN) {
            if !text.is_empty() {
                text.push('\n');
            }
            let report = Report::new(error, &self.source, width);
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
            match &error.span {
                Some(span) => {
                    let path = self.source.file_at(span.start).path.display();
                    let (line, column) = self.source.position(span.start);
                    write!(f, "{path}:{line}:{column}")?;
                }
                None => write!(f, "{}", self.source.path.display())?,
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
        // Names and paths stay whole, so that they can be copied.
        .with_break_words(false)
        .with_word_separator(WordSeparator::AsciiSpace)
        .with_word_splitter(WordSplitter::NoHyphenation)
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
    message: &'a str,
    help: Option<&'a str>,
    source: Excerpts,
    labels: Vec<LabeledSpan>,
    /// What belongs to it in another file.
    elsewhere: Option<Box<Self>>,
}

impl<'a> Report<'a> {
    fn new(error: &'a SpecError, source: &Source, width: usize) -> Self {
        let main = error.span.iter().map(|span| (span, &error.label));
        let related = error.related.iter().map(|(span, words)| (span, words));
        let path = |span: &Span| source.file_at(span.start).path;
        let (here, elsewhere): (Vec<_>, Vec<_>) = match &error.span {
            Some(main) => related.partition(|(span, _)| path(span) == path(main)),
            None => (related.collect(), Vec::new()),
        };
        let elsewhere = elsewhere.into_iter().next();
        let elsewhere = elsewhere.map(|(span, words)| {
            let nothing = String::new();
            Box::new(Self::of(words, &[(span, &nothing)], source, width))
        });
        let places: Vec<_> = main.chain(here).collect();
        Self {
            help: error.help.as_deref(),
            elsewhere,
            ..Self::of(&error.message, &places, source, width)
        }
    }

    /// Words about places of one file, with words beside each.
    fn of(message: &'a str, places: &[(&Span, &String)], source: &Source, width: usize) -> Self {
        let file = source.file_at(places.first().map_or(0, |(span, _)| span.start));
        let text = printable(source.text.get(file.range.clone()).unwrap_or_default());
        let lines = text.lines().count().max(1);
        // A line has its number before it, and ` │ ` around.
        let room = width.saturating_sub(lines.ilog10() as usize + 5);
        let begin = file.range.start;
        let (places, words): (Vec<Span>, Vec<&String>) = places
            .iter()
            .map(|(span, words)| {
                let span = span.start.saturating_sub(begin)..span.end.saturating_sub(begin);
                (clamp(&span, text.len()), *words)
            })
            .unzip();
        let name = printable(&file.path.to_string_lossy());
        let source = Excerpts::new(name, &text, &places, room);
        let labels = places.iter().zip(words).enumerate();
        let labels = labels.map(|(index, (place, words))| {
            let place = source.place(place);
            let words = Some(printable(words)).filter(|words| !words.is_empty());
            match index {
                0 => LabeledSpan::new_primary_with_span(words, place),
                _ => LabeledSpan::new_with_span(words, place),
            }
        });
        Self {
            message,
            help: None,
            labels: labels.collect(),
            source,
            elsewhere: None,
        }
    }
}

/// A span within a text of that length, whatever it was.
fn clamp(span: &Span, length: usize) -> Span {
    let start = span.start.min(length);
    start..span.end.clamp(start, length)
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(self.message))
    }
}

impl std::error::Error for Report<'_> {}

impl Diagnostic for Report<'_> {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(printable(self.help?)))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        let elsewhere = self.elsewhere.as_deref()? as &dyn Diagnostic;
        Some(Box::new(std::iter::once(elsewhere)))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.labels.is_empty()).then_some(&self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}
