//! Bounds on durations (`"< 50ms"`) and on their statistics (`"p99 < 500ms"`).

use std::time::Duration;

use crate::{
    Spanned,
    cursor::Node,
    document::{DurationBound, LatencyBound, Statistic},
    duration,
    matcher::Comparison,
};

/// A bound on a duration: `"< 50ms"`.
pub(super) fn bound(node: &Node<'_>) -> Option<Spanned<DurationBound>> {
    let text = node.text()?;
    match parse(&text.value) {
        Ok(bound) => Some(Spanned::new(bound, text.span)),
        Err(reason) => node.refuse(
            node.error(format!("{} is not a bound", node.name))
                .label(reason)
                .help("a bound is a comparison and a duration: \"< 50ms\", \">= 1.5s\""),
        ),
    }
}

/// A bound on a statistic: `"p99 < 500ms"`.
pub(super) fn latency(node: &Node<'_>) -> Option<Spanned<LatencyBound>> {
    let text = node.text()?;
    let (name, rest) = match text.value.find(['<', '>']) {
        Some(at) => text.value.split_at(at),
        None => ("", text.value.as_str()),
    };
    let bound = parse(rest).and_then(|bound| {
        Ok(LatencyBound {
            statistic: statistic(name.trim())?,
            bound,
        })
    });
    match bound {
        Ok(bound) => Some(Spanned::new(bound, text.span)),
        Err(reason) => {
            node.refuse(
                node.error(format!("{} is not a latency bound", node.name))
                    .label(reason)
                    .help("a latency bound is a statistic, a comparison and a duration: \"p99 < 500ms\", \"max < 2s\", \"mean >= 1ms\""),
            )
        }
    }
}

fn parse(text: &str) -> Result<DurationBound, String> {
    let text = text.trim();
    let comparisons = [
        ("<=", Comparison::Le),
        (">=", Comparison::Ge),
        ("<", Comparison::Lt),
        (">", Comparison::Gt),
    ];
    let (comparison, rest) = comparisons
        .into_iter()
        .find_map(|(sign, comparison)| Some((comparison, text.strip_prefix(sign)?)))
        .ok_or("a comparison is missing (<, <=, >, >=)")?;
    let duration = duration::parse(rest)?;
    match comparison {
        Comparison::Lt if duration == Duration::ZERO => {
            Err("nothing is shorter than 0s".to_owned())
        }
        Comparison::Ge if duration == Duration::ZERO => Err("this always holds".to_owned()),
        _ => Ok(DurationBound {
            comparison,
            duration,
        }),
    }
}

fn statistic(name: &str) -> Result<Statistic, String> {
    match name {
        "min" => return Ok(Statistic::Min),
        "mean" => return Ok(Statistic::Mean),
        "max" => return Ok(Statistic::Max),
        "" => return Err("a statistic is missing (min, mean, max, p50, p99.9)".to_owned()),
        _ => {}
    }
    let percent = name
        .strip_prefix('p')
        .filter(|digits| digits.chars().all(|c| c.is_ascii_digit() || c == '.'))
        .and_then(|digits| digits.parse::<f64>().ok())
        .ok_or_else(|| format!("`{name}` is none of min, mean, max, p50, p99.9"))?;
    if percent > 0.0 && percent < 100.0 {
        Ok(Statistic::Percentile(percent))
    } else {
        Err("percentiles lie between 0 and 100; use min or max for the ends".to_owned())
    }
}
