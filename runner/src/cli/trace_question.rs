//! What `goproctor trace` is asked for beside the calls themselves: `--where`, and `--count`, `--sum`, `--avg` and `--hist`.

use std::ops::Range;

use clap::Args;
use judge::{
    aggregate::{Aggregate, Key, Measure, Quantity, Scale},
    expect::{Filter, Operand, Wanted},
};
use model::{Path, Root, plan::Plan};
use spec::{Source, Spanned, SpecError, SpecErrors, document::Expression, path};

use super::Failure;
use crate::report::AggregateOptions;

/// Which calls are meant, and what is worked out of them.
#[derive(Clone, Debug, Args)]
pub struct QuestionArguments {
    /// Show only calls for which this holds, such as 'qty >= 3 && item ~ "^p"'; in it are parameters, and results as returns.0
    #[arg(long = "where", value_name = "CONDITION")]
    condition: Option<String>,
    /// Count calls, e.g. 'by item' or 'by function, outcome', in place of showing them
    #[arg(long, value_name = "by KEYS", num_args = 0..=1, default_missing_value = "by function", group = "aggregate")]
    count: Option<String>,
    /// Add up a part of calls, or how long they took: 'qty by item', 'took by function'
    #[arg(long, value_name = "PART [by KEYS]", group = "aggregate")]
    sum: Option<String>,
    /// The mean of a part of calls, or of how long they took
    #[arg(long, value_name = "PART [by KEYS]", group = "aggregate")]
    avg: Option<String>,
    /// How a part of calls, or how long they took, is distributed, in powers of 2, or in steps: 'qty step 10 by item'
    #[arg(long, value_name = "PART [step N] [by KEYS]", group = "aggregate")]
    hist: Option<String>,
    /// Show so many groups, the largest first; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20, requires = "aggregate")]
    top: usize,
}

/// The same, understood.
pub(super) struct Question {
    condition: Option<(Source, Expression)>,
    aggregate: Option<Asked>,
}

/// What is to be worked out.
struct Asked {
    source: Source,
    /// Without its part, for which there is a text.
    measure: MeasureKind,
    part: Option<Spanned<String>>,
    scale: Scale,
    keys: Vec<Spanned<String>>,
    top: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MeasureKind {
    Count,
    Sum,
    Average,
    Histogram,
}

/// What answers a question, held against the functions of a program.
pub(super) struct Answering {
    pub(super) filter: Option<Filter>,
    pub(super) aggregate: Option<(Aggregate, AggregateOptions)>,
}

/// Words that mean something else than a parameter.
const TOOK: &str = "took";
const FUNCTION: &str = "function";
const GOROUTINE: &str = "goroutine";
const OUTCOME: &str = "outcome";

impl QuestionArguments {
    /// Understands what is asked.
    ///
    /// # Errors
    /// A text is not what it is to be, with its place.
    pub(super) fn understand(&self) -> Result<Question, Failure> {
        let condition = self.condition.as_ref().map(|text| {
            let source = Source::new("--where", text.as_str());
            spec::expression(&source).map(|condition| (source, condition))
        });
        let flags = [
            ("--count", MeasureKind::Count, &self.count),
            ("--sum", MeasureKind::Sum, &self.sum),
            ("--avg", MeasureKind::Average, &self.avg),
            ("--hist", MeasureKind::Histogram, &self.hist),
        ];
        let mut asked = flags.into_iter().filter_map(|(flag, measure, text)| {
            let source = Source::new(flag, text.as_ref()?.as_str());
            Some(Asked::read(source, measure, self.top))
        });
        Ok(Question {
            condition: condition.transpose()?,
            aggregate: asked.next().transpose()?,
        })
    }
}

impl Question {
    /// The parts of calls that must be read for it.
    ///
    /// # Errors
    /// A text is no path, with its place.
    pub(super) fn paths(&self) -> Result<Vec<Path>, Failure> {
        let condition = self.condition.iter();
        let values = condition.flat_map(|(_, condition)| condition.values());
        let mut paths: Vec<Path> = values.map(|value| value.path.value.clone()).collect();
        if let Some(asked) = &self.aggregate {
            let part = asked.part.iter().filter(|part| part.value != TOOK);
            let keys = asked
                .keys
                .iter()
                .filter(|key| special_key(&key.value).is_none());
            for text in part.chain(keys) {
                paths.push(path_of(&asked.source, text)?.value);
            }
        }
        Ok(paths)
    }

    /// What a call does not have when it begins, as it was asked for; none if nothing of that is.
    pub(super) fn late_path(&self) -> Option<&str> {
        let (source, condition) = self.condition.as_ref()?;
        let mut paths = condition.values().into_iter().map(|value| &value.path);
        let late = paths.find(|path| !matches!(path.value.root, Root::Argument(_)))?;
        source.text.get(late.span.clone())
    }

    /// Whether calls are worked out, and not shown.
    pub(super) const fn is_aggregate(&self) -> bool {
        self.aggregate.is_some()
    }

    /// Holds it against the functions of a plan.
    ///
    /// # Errors
    /// No function has what is asked for, or it is of another type.
    pub(super) fn against(&self, plan: &Plan) -> Result<Answering, Failure> {
        let filter = self.condition.as_ref();
        let filter = filter.map(|(source, condition)| Filter::new(source, condition, plan));
        let aggregate = self.aggregate.as_ref().map(|asked| asked.against(plan));
        Ok(Answering {
            filter: filter.transpose()?,
            aggregate: aggregate.transpose()?,
        })
    }
}

impl Asked {
    /// Reads `PART [step N] [by KEYS]`.
    fn read(source: Source, measure: MeasureKind, top: usize) -> Result<Self, SpecErrors> {
        let text = source.text.to_string();
        let (front, keys) = match by(&text) {
            Some(by) => (0..by.start, Some(by.end..text.len())),
            None => (0..text.len(), None),
        };
        let (part, scale) = step(&source, &text, front, measure)?;
        let part = trimmed(&text, part);
        let wrong = |place: Range<usize>, message: &str, help: &str| SpecErrors {
            source: source.clone(),
            errors: vec![SpecError::at(place, message).help(help)],
        };
        let part = match (measure, part) {
            (MeasureKind::Count, None) => None,
            (MeasureKind::Count, Some(part)) => {
                return Err(wrong(
                    part.span,
                    "calls are counted, not a part of them",
                    "for instance: --count 'by item'",
                ));
            }
            (_, Some(part)) => Some(part),
            (_, None) => {
                return Err(wrong(
                    0..text.len(),
                    "a part of calls is missing",
                    "for instance: 'qty by item', or 'took'",
                ));
            }
        };
        let keys = match keys {
            Some(keys) => listed(&text, keys),
            None => Vec::new(),
        };
        if let Some(blank) = keys.iter().find(|key| key.value.is_empty()) {
            return Err(wrong(
                blank.span.clone(),
                "a key is missing",
                "for instance: 'by item, function'",
            ));
        }
        Ok(Self {
            source,
            measure,
            part,
            scale,
            keys,
            top,
        })
    }

    fn against(&self, plan: &Plan) -> Result<(Aggregate, AggregateOptions), Failure> {
        let quantity = match &self.part {
            None => None,
            Some(part) if part.value == TOOK => Some(Quantity::Took),
            Some(part) => {
                let path = path_of(&self.source, part)?;
                let operand = Operand::new(&self.source, &path, Wanted::Number, plan)?;
                Some(Quantity::Part(operand))
            }
        };
        let measure = match (self.measure, quantity) {
            (MeasureKind::Sum, Some(quantity)) => Measure::Sum(quantity),
            (MeasureKind::Average, Some(quantity)) => Measure::Average(quantity),
            (MeasureKind::Histogram, Some(quantity)) => Measure::Histogram(quantity, self.scale),
            _ => Measure::Count,
        };
        let mut keys = Vec::new();
        for key in &self.keys {
            keys.push(match special_key(&key.value) {
                Some(key) => key,
                None => {
                    let path = path_of(&self.source, key)?;
                    Key::Part(Operand::new(&self.source, &path, Wanted::Key, plan)?)
                }
            });
        }
        let options = AggregateOptions {
            keys: self.keys.iter().map(|key| key.value.clone()).collect(),
            top: self.top,
        };
        Ok((Aggregate::new(measure, keys), options))
    }
}

fn special_key(word: &str) -> Option<Key> {
    match word {
        FUNCTION => Some(Key::Function),
        GOROUTINE => Some(Key::Goroutine),
        OUTCOME => Some(Key::Outcome),
        _ => None,
    }
}

/// The path that a part of the text is.
fn path_of(source: &Source, text: &Spanned<String>) -> Result<Spanned<Path>, SpecErrors> {
    match path::part(&text.value) {
        Ok(path) => Ok(Spanned::new(path, text.span.clone())),
        Err(error) => {
            let start = text.span.start;
            let place = start + error.place.start..start + error.place.end;
            Err(SpecErrors {
                source: source.clone(),
                errors: vec![SpecError::at(place, error.problem.to_string())],
            })
        }
    }
}

/// Where the word `by` is, outside of quotes.
fn by(text: &str) -> Option<Range<usize>> {
    let mut quote = None;
    let mut start = 0;
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate().chain([(text.len(), &b' ')]) {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            (None, b' ') => {
                if text.get(start..at) == Some("by") {
                    return Some(start..at);
                }
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// Reads `step N` at the end of a part of the text; gives what is in front of it.
fn step(
    source: &Source,
    text: &str,
    front: Range<usize>,
    measure: MeasureKind,
) -> Result<(Range<usize>, Scale), SpecErrors> {
    let part = text.get(front.clone()).unwrap_or_default();
    let Some((before, width)) = part.split_once(" step ") else {
        return Ok((front, Scale::Powers));
    };
    let place = front.start + before.len() + 1..front.start + part.trim_end().len();
    let wrong = |message: &str| SpecErrors {
        source: source.clone(),
        errors: vec![
            SpecError::at(place.clone(), message).help("for instance: --hist 'qty step 10'"),
        ],
    };
    if measure != MeasureKind::Histogram {
        return Err(wrong("only a histogram has steps"));
    }
    match width.trim().parse() {
        Ok(0) | Err(_) => Err(wrong("the step is an integer from 1 on")),
        Ok(width) => Ok((front.start..front.start + before.len(), Scale::Steps(width))),
    }
}

/// A part of the text without blanks around it; none if nothing is left.
fn trimmed(text: &str, place: Range<usize>) -> Option<Spanned<String>> {
    let part = text.get(place.clone())?;
    let start = place.start + part.len() - part.trim_start().len();
    let part = part.trim();
    (!part.is_empty()).then(|| Spanned::new(part.to_owned(), start..start + part.len()))
}

/// The parts between commas.
fn listed(text: &str, place: Range<usize>) -> Vec<Spanned<String>> {
    let mut start = place.start;
    let part = text.get(place).unwrap_or_default();
    let mut keys = Vec::new();
    for key in part.split(',') {
        let place = start..start + key.len();
        start = place.end + 1;
        let blank = Spanned::new(String::new(), place.clone());
        keys.push(trimmed(text, place).unwrap_or(blank));
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(measure: MeasureKind, text: &str) -> Result<Asked, String> {
        let asked = Asked::read(Source::new("--hist", text), measure, 20);
        asked.map_err(|errors| errors.to_string())
    }

    #[test]
    fn a_part_and_keys_are_read() {
        let asked = read(
            MeasureKind::Histogram,
            " qty step 10 by item, r.Header[\"a by b\"] ",
        )
        .unwrap();
        let part = asked.part.unwrap();
        assert_eq!((part.value.as_str(), part.span), ("qty", 1..4));
        assert_eq!(asked.scale, Scale::Steps(10));
        let keys: Vec<&str> = asked.keys.iter().map(|key| key.value.as_str()).collect();
        assert_eq!(keys, ["item", "r.Header[\"a by b\"]"]);
        let asked = read(MeasureKind::Sum, "r.Header[\"a by b\"].n").unwrap();
        assert!(asked.keys.is_empty());
        assert!(
            read(MeasureKind::Count, "by function")
                .unwrap()
                .part
                .is_none()
        );
        assert!(read(MeasureKind::Count, "").unwrap().keys.is_empty());
    }

    #[test]
    fn what_is_none_is_said_at_its_place() {
        for (measure, text, wanted) in [
            (
                MeasureKind::Count,
                "item",
                "--hist:1:1: calls are counted, not a part of them",
            ),
            (
                MeasureKind::Sum,
                "by item",
                "--hist:1:1: a part of calls is missing",
            ),
            (
                MeasureKind::Sum,
                "qty step 3",
                "--hist:1:5: only a histogram has steps",
            ),
            (
                MeasureKind::Histogram,
                "qty step 0",
                "--hist:1:5: the step is an integer from 1 on",
            ),
            (
                MeasureKind::Count,
                "by item,,qty",
                "--hist:1:9: a key is missing",
            ),
        ] {
            assert_eq!(read(measure, text).err().as_deref(), Some(wanted), "{text}");
        }
    }
}
