//! Conditions as text: `order.Item == "book" && (qty >= 3 || !gift)`.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::{
    brackets, fields,
    literal::{self, Subject},
    matcher,
};
use crate::{
    Source, Span, Spanned, SpecErrors,
    cases::Expansion,
    cursor::{Context, Node},
    document::{ArgumentExpectation, Expression},
    error::SpecError,
    matcher::{Comparison, Matcher},
    path, place,
};

/// How deep parentheses and `!` may be nested.
const MAX_DEPTH: usize = 64;

const HELP: &str = "for instance order.Item == \"book\" && (qty >= 3 || !gift); operators: == != < <= > >= ~ && || !";

/// Operators between a value and a literal; a longer one comes before those that it begins with.
const OPERATORS: [(&str, Operator); 7] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<=", Operator::Compare(Comparison::Le)),
    (">=", Operator::Compare(Comparison::Ge)),
    ("<", Operator::Compare(Comparison::Lt)),
    (">", Operator::Compare(Comparison::Gt)),
    ("~", Operator::Matches),
];

#[derive(Clone, Copy, Debug)]
enum Operator {
    Equal,
    NotEqual,
    Compare(Comparison),
    Matches,
}

/// Reads a condition that is not part of a spec: one of the command line. Its places are those of the text.
///
/// ```
/// use spec::{Source, expression};
///
/// let read = |text: &str| expression(&Source::new("--where", text));
/// let condition = read(r#"order.Item == "book" && qty >= 3"#)?;
/// assert_eq!(condition.values().len(), 2);
/// assert_eq!(
///     read("qty >= ").unwrap_err().to_string(),
///     "--where:1:6: `--where` ends too early"
/// );
/// # Ok::<(), spec::SpecErrors>(())
/// ```
///
/// # Errors
/// What is wrong, and where.
pub fn expression(source: &Source) -> Result<Expression, SpecErrors> {
    let (nothing, value) = (DeTable::default(), DeValue::String((&*source.text).into()));
    let context = Context::new(&source.text, &nothing, Expansion::default());
    let read = condition(&Node {
        context: &context,
        value: &value,
        span: 0..source.text.len(),
        name: format!("`{}`", source.path.display()),
    });
    read.ok_or_else(|| SpecErrors {
        source: source.clone(),
        errors: context.into_errors(),
    })
}

/// The condition that a string holds.
pub(super) fn condition(node: &Node<'_>) -> Option<Expression> {
    let text = node.filled_text()?.value;
    let raw = node.context.text.get(node.span.clone());
    let mut parser = Parser {
        node,
        places: raw.and_then(|raw| place::places(raw, &text)),
        text: &text,
        at: 0,
        depth: 0,
    };
    let read = parser.any()?;
    match parser.peek() {
        None => Some(read),
        Some(_) => parser.unexpected("expected `&&`, `||` or the end"),
    }
}

/// Reads from the left; the first thing that is wrong is reported, and ends it.
struct Parser<'n, 'a> {
    node: &'n Node<'a>,
    /// The place in the node of each byte of the text, if that is known.
    places: Option<Vec<usize>>,
    text: &'n str,
    at: usize,
    depth: usize,
}

impl<'n> Parser<'n, '_> {
    /// `a || b`
    fn any(&mut self) -> Option<Expression> {
        let mut parts = vec![self.all()?];
        while self.takes("||") {
            parts.push(self.all()?);
        }
        match parts.len() {
            1 => parts.pop(),
            _ => Some(Expression::Any(parts)),
        }
    }

    /// `a && b`
    fn all(&mut self) -> Option<Expression> {
        let mut parts = vec![self.operand()?];
        while self.takes("&&") {
            parts.push(self.operand()?);
        }
        Expression::all(parts)
    }

    /// `!a`, `(a)` or a comparison.
    fn operand(&mut self) -> Option<Expression> {
        let next = self.peek();
        let start = self.at;
        if next.is_some_and(|next| matches!(next, '!' | '(')) && self.depth == MAX_DEPTH {
            return self.unexpected("nested too deeply");
        }
        self.depth += 1;
        let read = if self.takes("!") {
            Expression::Not(Box::new(self.operand()?))
        } else if self.takes("(") {
            let read = self.any()?;
            if !self.takes(")") {
                let error = self.error("expected `&&`, `||` or `)`");
                let open = self.span(start..start + 1);
                return self.node.refuse(error.related(open, "opened here"));
            }
            read
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Some(read)
    }

    /// `path == literal`; a path alone is `path == true`.
    fn comparison(&mut self) -> Option<Expression> {
        let path = self.path()?;
        let operator = OPERATORS.iter().find(|(sign, _)| self.takes(sign));
        let Some((sign, operator)) = operator else {
            if self.peek() == Some('=') {
                return self.unexpected("write `==`");
            }
            let holds = Spanned::new(Matcher::TRUE, path.span.clone());
            return Some(leaf(path, holds));
        };
        let matcher = self.right_side(sign, *operator)?;
        let read = leaf(path, matcher);
        Some(match operator {
            Operator::NotEqual => Expression::Not(Box::new(read)),
            Operator::Equal | Operator::Compare(_) | Operator::Matches => read,
        })
    }

    fn path(&mut self) -> Option<Spanned<model::Path>> {
        match self.peek() {
            Some(c) if c.is_alphabetic() || c == '_' => {}
            Some(c) if c.is_ascii_digit() || matches!(c, '"' | '\'' | '-') => {
                return self.unexpected("expected a value; write the literal on the right");
            }
            _ => return self.unexpected("expected a value, `!` or `(`"),
        }
        let text = self.take(path::extent(self.rest()));
        let (span, text) = (self.span(text.clone()), self.text.get(text)?);
        if matches!(text, "true" | "false" | "nil") {
            self.at -= text.len();
            return self.unexpected("expected a value; write the literal on the right");
        }
        let text = Spanned::new(text.to_owned(), span);
        let path = fields::read(self.node.context, &text, path::part)?;
        Some(Spanned::new(path, text.span))
    }

    /// What a value is compared with.
    fn right_side(&mut self, sign: &str, operator: Operator) -> Option<Spanned<Matcher>> {
        let first = self.peek();
        let begin = self.at;
        let length = match first {
            Some(quote @ ('"' | '\'')) => match brackets::string(self.rest(), quote) {
                Some(length) => length,
                None => return self.unexpected("the closing quote is missing"),
            },
            _ => {
                let is_of_literal = |c: char| c.is_alphanumeric() || "_+-.:".contains(c);
                let rest = self.rest();
                rest.find(|c| !is_of_literal(c)).unwrap_or(rest.len())
            }
        };
        let place = self.take(length);
        let text: &'n str = self.text.get(place.clone())?;
        let span = self.span(place);
        if text == "nil" {
            return match operator {
                Operator::Equal | Operator::NotEqual => {
                    Some(Spanned::new(Matcher::Nil(true), span))
                }
                Operator::Compare(_) | Operator::Matches => {
                    let error = SpecError::at(span, "`nil` has no order and no text");
                    self.node.refuse(error.label("use it with `==` or `!=`"))
                }
            };
        }
        let value = match DeValue::parse(text) {
            Ok(value) => value,
            Err(error) if matches!(first, Some('"' | '\'')) => {
                self.at = begin;
                return self.unexpected(error.message());
            }
            Err(_) => {
                self.at = begin;
                let error = self.error("expected a literal: \"text\", 1, 1.5, true, nil");
                return self.node.refuse(match text {
                    "" => error,
                    "null" | "None" => error.help("write nil"),
                    _ => error.help(format!("text, durations and times have quotes: \"{text}\"")),
                });
            }
        };
        let node = Node {
            context: self.node.context,
            value: value.get_ref(),
            span: span.clone(),
            name: format!("the right side of `{sign}`"),
        };
        let matcher = match operator {
            Operator::Equal | Operator::NotEqual => {
                Matcher::Equal(literal::literal(&node, Subject::Value)?)
            }
            Operator::Compare(comparison) => {
                literal::comparison(&node, sign, comparison, Subject::Value)?
            }
            Operator::Matches => matcher::matches(&node)?,
        };
        Some(Spanned::new(matcher, span))
    }

    fn rest(&self) -> &'n str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next character that is no blank.
    fn peek(&mut self) -> Option<char> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        self.rest().chars().next()
    }

    /// Takes a sign if it comes next.
    fn takes(&mut self, sign: &str) -> bool {
        self.peek();
        let comes = self.rest().starts_with(sign);
        self.at += if comes { sign.len() } else { 0 };
        comes
    }

    /// A part of the text in the file; the whole text if its place is not known.
    fn span(&self, part: Range<usize>) -> Span {
        let places = self.places.as_ref();
        let place = |at: usize| Some(self.node.span.start + places?.get(at)?);
        match (place(part.start), place(part.end)) {
            (Some(start), Some(end)) => start..end,
            _ => self.node.span.clone(),
        }
    }

    fn take(&mut self, length: usize) -> Range<usize> {
        self.at += length;
        self.at - length..self.at
    }

    /// An error at what comes next, or at the last character where nothing does.
    fn error(&mut self, label: &str) -> SpecError {
        let message = match self.peek() {
            Some(_) => format!("{} is not a condition", self.node.name),
            None => format!("{} ends too early", self.node.name),
        };
        let rest = self.rest();
        let word = rest
            .find(|c: char| !c.is_alphanumeric())
            .unwrap_or(rest.len());
        let last = self.text.trim_end();
        let place = match rest.chars().next() {
            Some(next) => self.at..self.at + word.max(next.len_utf8()),
            None => last.char_indices().next_back().map_or(0, |(at, _)| at)..last.len(),
        };
        SpecError::at(self.span(place), message)
            .label(label)
            .help(HELP)
    }

    fn unexpected<T>(&mut self, label: &str) -> Option<T> {
        let error = self.error(label);
        self.node.refuse(error)
    }
}

fn leaf(path: Spanned<model::Path>, matcher: Spanned<Matcher>) -> Expression {
    Expression::Value(Box::new(ArgumentExpectation { path, matcher }))
}
