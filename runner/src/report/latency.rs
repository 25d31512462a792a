//! How long calls took on two sides, in words and as JSON.

use std::fmt::Write as _;

use compare::latency::{Comparison, Effect, Finding, FunctionLatency, Origin};
use serde_json::{Value as Json, json};

use super::palette::{Palette, paint};

/// So many functions of which nothing is known are named; more are counted.
const MAX_NAMED: usize = 6;

/// The functions of which a time changed, those in which the change begins first, and those of which it is not known.
///
/// ```text
/// SLOWER   main.total takes 1.31 times as long (1.28 to 1.35): 120µs → 157µs
///            so main.order does, too: 1.12 times
/// ```
pub(crate) fn latency_text(comparison: &Comparison, color: bool) -> String {
    let palette = Palette::new(color);
    let mut text = String::new();
    if comparison.has_too_few_rounds() {
        let _ = writeln!(
            text,
            "{}  to compare times takes {} rounds, and there were {}",
            paint(palette.doubtful, "UNKNOWN"),
            comparison.needed,
            comparison.rounds
        );
        return text;
    }
    for (name, function) in comparison
        .changed()
        .filter(|(_, function)| begins(function))
    {
        let Some((word, effect)) = changed(function) else {
            continue;
        };
        let _ = writeln!(
            text,
            "{}  {name} takes {}{}",
            paint(palette.bad, word),
            sizes(effect),
            remark(function)
        );
        for (caller, size) in consequences(comparison, name) {
            let _ = writeln!(text, "           so {caller} does, too: {size:.2} times");
        }
    }
    let unclear: Vec<&str> = comparison
        .functions
        .iter()
        .filter(|(_, function)| is_unclear(function))
        .map(|(name, _)| name.as_str())
        .collect();
    if !unclear.is_empty() {
        let named: Vec<&str> = unclear.iter().take(MAX_NAMED).copied().collect();
        let more = match unclear.len().saturating_sub(MAX_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let _ = writeln!(
            text,
            "{}  whether these take longer by 10 % is not clear from {} rounds: {}{more}",
            paint(palette.doubtful, "UNCLEAR"),
            comparison.rounds,
            named.join(", "),
        );
    }
    text
}

/// An object for each function of which a time changed.
pub(crate) fn latency_json(comparison: &Comparison, spec: &str) -> Vec<Json> {
    let changed = comparison.changed().filter_map(|(name, function)| {
        let (word, effect) = changed(function)?;
        Some(json!({
            "event": word.trim().to_lowercase(),
            "spec": spec,
            "function": name,
            "root": begins(function),
            "because_of": because(function),
            "ratio": effect.ratio,
            "low": effect.low,
            "high": effect.high,
            "before_ns": effect.typical.before.0,
            "after_ns": effect.typical.after.0,
            "p_value": effect.p_value,
            "rounds": comparison.rounds,
        }))
    });
    changed.collect()
}

/// How many functions have changed by themselves.
pub(crate) fn latency_roots(comparison: &Comparison) -> usize {
    let changed = comparison.changed();
    changed.filter(|(_, function)| begins(function)).count()
}

/// A line of Markdown for each function in which a change begins.
pub(crate) fn latency_markdown(comparison: &Comparison) -> String {
    let mut text = String::new();
    for (name, function) in comparison
        .changed()
        .filter(|(_, function)| begins(function))
    {
        if let Some((_, effect)) = changed(function) {
            let _ = writeln!(
                text,
                "- `{name}` takes **{}**{}",
                sizes(effect),
                remark(function)
            );
        }
    }
    text
}

/// Whether a change begins in a function: it follows from no other's.
const fn begins(function: &FunctionLatency) -> bool {
    !matches!(function.origin, None | Some(Origin::Consequence(_)))
}

/// What became of the time that changed: its own, or else its whole time.
const fn changed(function: &FunctionLatency) -> Option<(&'static str, &Effect)> {
    match (&function.own, &function.whole) {
        (Finding::Slower(effect), _) => Some(("SLOWER ", effect)),
        (Finding::Faster(effect), _) => Some(("FASTER ", effect)),
        (_, Finding::Slower(effect)) => Some(("SLOWER ", effect)),
        (_, Finding::Faster(effect)) => Some(("FASTER ", effect)),
        _ => None,
    }
}

/// The functions whose whole time changed because of this one's, with how much.
fn consequences<'c>(
    comparison: &'c Comparison,
    root: &'c str,
) -> impl Iterator<Item = (&'c str, f64)> {
    comparison.changed().filter_map(move |(name, function)| {
        let Some(Origin::Consequence(roots)) = &function.origin else {
            return None;
        };
        let is_of_root = roots.iter().any(|known| known == root);
        is_of_root
            .then(|| Some((name, function.whole.effect()?.ratio)))
            .flatten()
    })
}

/// `1.31 times as long (1.28 to 1.35): 120µs → 157µs`
fn sizes(effect: &Effect) -> String {
    format!(
        "{:.2} times as long ({:.2} to {:.2}): {} → {}",
        effect.ratio,
        effect.low,
        effect.high,
        effect.typical.before.precise(),
        effect.typical.after.precise()
    )
}

/// What else is known of why.
fn remark(function: &FunctionLatency) -> String {
    match &function.origin {
        Some(Origin::Waits(roots)) => format!(", or waits for {}", roots.join(", ")),
        Some(Origin::Calls(calls)) => {
            let calls = calls.iter().map(|call| {
                format!(
                    "{} calls {} {:.1} times, not {:.1}",
                    call.caller, call.callee, call.calls.after, call.calls.before
                )
            });
            format!(", since {}", calls.collect::<Vec<_>>().join(", "))
        }
        Some(Origin::Unexplained) => ", in what is not watched".to_owned(),
        _ => String::new(),
    }
}

fn because(function: &FunctionLatency) -> Vec<&str> {
    match &function.origin {
        Some(Origin::Waits(roots) | Origin::Consequence(roots)) => {
            roots.iter().map(String::as_str).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether it may have changed by what counts, and that is not known.
const fn is_unclear(function: &FunctionLatency) -> bool {
    function.origin.is_none()
        && matches!(
            function.whole,
            Finding::Unclear(_) | Finding::TooFewRounds { .. }
        )
}
