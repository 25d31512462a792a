//! What differs between two sides, in words: as text for people and as Markdown for a pull request.

use compare::{Change, Difference, Unstable, ValueChange, What, Wobble};
use model::{Outcome, SourcePosition, notation};

/// Values that are longer lose their middle.
const MOST: usize = 100;

/// What a change is, in a sentence without its end.
///
/// ```text
/// main.serve calls main.price with another n
/// ```
pub(crate) fn headline(change: &Change) -> String {
    let function = notation::suffix_name(&change.function);
    let caller = change
        .stack
        .last()
        .map(|caller| notation::suffix_name(caller));
    let caller = caller.unwrap_or_else(|| change.part.clone());
    match &change.what {
        What::Arguments(values) => match values.as_slice() {
            [one] => format!("{caller} calls {function} with another {}", one.path),
            _ => format!("{caller} calls {function} with other arguments"),
        },
        What::Results(_) => format!("{function} returns another result for the same arguments"),
        What::Outcome { before, after } => {
            format!(
                "{function} {}, and {} before",
                ends(after.0),
                ended(before.0)
            )
        }
        What::Calls {
            before: 0,
            after: 1,
            ..
        } => {
            format!("{caller} calls {function}, and did not before")
        }
        What::Calls {
            before, after: 0, ..
        } => {
            format!(
                "{caller} does not call {function}, and did{} before",
                more_than_once(*before)
            )
        }
        What::Calls {
            before: 0, after, ..
        } => {
            format!(
                "{caller} calls {function} {}, and did not before",
                times(*after)
            )
        }
        What::Calls { before, after, .. } => {
            format!(
                "{caller} calls {function} {}, not {}",
                times(*after),
                times(*before)
            )
        }
        What::Order {
            other,
            earlier: true,
        } => {
            let other = notation::suffix_name(other);
            format!("{caller} calls {function} before {other}, not after it")
        }
        What::Order {
            other,
            earlier: false,
        } => {
            let other = notation::suffix_name(other);
            format!("{caller} calls {function} after {other}, not before it")
        }
        What::Goroutine { own: true } => format!("{function} runs in a goroutine of its own"),
        What::Goroutine { own: false } => {
            format!("{function} no longer runs in a goroutine of its own")
        }
        What::Answer { before, after } => {
            format!("{} is answered {after}, not {before}", change.part)
        }
        What::Part { added: true } => format!("{} is handled, and was not before", change.part),
        What::Part { added: false } => format!("{} is not handled, and was before", change.part),
        What::Asked {
            request,
            before,
            after,
        } => {
            format!(
                "stub {request}: asked {}, not {}",
                times(*after),
                times(*before)
            )
        }
    }
}

/// What was there before and is there now, a line each.
///
/// ```text
/// n: 2 → 3
/// ```
pub(crate) fn details(change: &Change) -> Vec<String> {
    match &change.what {
        What::Arguments(values) | What::Results(values) => values.iter().map(value).collect(),
        What::Outcome { before, after } => {
            let results = |results: &[String]| match results {
                [] => "nothing".to_owned(),
                results => elided(&results.join(", ")),
            };
            match (before.1.is_empty(), after.1.is_empty()) {
                (true, true) => Vec::new(),
                _ => vec![format!(
                    "returned: {} → {}",
                    results(&before.1),
                    results(&after.1)
                )],
            }
        }
        What::Calls { arguments, .. } if !arguments.is_empty() => {
            let arguments = arguments.iter();
            let arguments = arguments.map(|(name, value)| format!("{name}: {value}"));
            vec![elided(&format!(
                "({})",
                arguments.collect::<Vec<_>>().join(", ")
            ))]
        }
        _ => Vec::new(),
    }
}

/// Where the function of a change begins: before, and after if that is another place.
pub(crate) fn places(change: &Change) -> String {
    let place = |place: &SourcePosition| {
        let file = place.file.rsplit('/').next().unwrap_or(&place.file);
        format!("{file}:{}", place.line)
    };
    match &change.places {
        [Some(before), Some(after)] if place(before) != place(after) => {
            format!("{} → {}", place(before), place(after))
        }
        [_, Some(one)] | [Some(one), None] => place(one),
        [None, None] => String::new(),
    }
}

/// The requests and Go tests that a difference begins in: the root's, and others of the test.
pub(crate) fn parts(root: &Change, also: &[String]) -> String {
    several(&root.part, also)
}

/// The tests in which a difference begins besides the one that tells it.
pub(crate) fn other_tests(difference: &Difference) -> String {
    match difference.tests.split_first() {
        Some((first, others)) => several(first, others),
        None => String::new(),
    }
}

fn several(first: &str, others: &[String]) -> String {
    match others {
        [] => first.to_owned(),
        [one] => format!("{first} and {one}"),
        more => format!("{first} and {} more", more.len()),
    }
}

/// Something that is not the same in all runs of one side.
pub(crate) fn unstable(unstable: &Unstable) -> String {
    let place = match unstable.function.as_str() {
        "" => unstable.part.clone(),
        function => format!("{} in {}", notation::suffix_name(function), unstable.part),
    };
    let what = match &unstable.what {
        Wobble::Value(change) => value(change),
        Wobble::Outcome => "how it ends".to_owned(),
        Wobble::Presence => "whether and how often it is there".to_owned(),
        Wobble::Goroutine => "whether it runs in a goroutine of its own".to_owned(),
        Wobble::Order => "the order of the calls in it".to_owned(),
        Wobble::Answer => "what it is answered with".to_owned(),
        Wobble::Stubs => return "what the stubs are asked".to_owned(),
    };
    format!("{place}: {what}")
}

fn value(change: &ValueChange) -> String {
    let side = |text: &Option<String>| match text {
        Some(text) => elided(text),
        None => "nothing".to_owned(),
    };
    format!(
        "{}: {} → {}",
        change.path,
        side(&change.before),
        side(&change.after)
    )
}

fn elided(text: &str) -> String {
    notation::elided(text, MOST)
}

/// `once`, `2 times`
fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}

fn more_than_once(count: usize) -> String {
    match count {
        1 => String::new(),
        count => format!(" {}", times(count)),
    }
}

/// `panics`
const fn ends(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Returned => "returns",
        Outcome::Running => "does not end",
        Outcome::Panicked => "panics",
        Outcome::Recovered => "recovers from a panic",
        Outcome::Goexit => "ends with runtime.Goexit",
        Outcome::Unwound => "is left without a return",
        Outcome::ProcessEnded => "runs when the process ends",
    }
}

/// `panicked`
const fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Returned => "returned",
        Outcome::Running => "did not end",
        Outcome::Panicked => "panicked",
        Outcome::Recovered => "recovered from a panic",
        Outcome::Goexit => "ended with runtime.Goexit",
        Outcome::Unwound => "was left without a return",
        Outcome::ProcessEnded => "ran when the process ended",
    }
}
