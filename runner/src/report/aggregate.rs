//! Calls as numbers: tables and histograms for people, lines for machines.
//!
//! ```text
//!      sum  calls  item
//!       42     12  "pen"
//!        7      3  "book"
//! ```

use std::fmt::Write as _;

use judge::aggregate::{Aggregate, Bucket, Group, Measure, Quantity};
use model::Nanoseconds;
use serde_json::{Number, Value as Json, json};
use unicode_width::UnicodeWidthStr as _;

/// How wide the bars of a histogram are.
const BAR: usize = 40;

/// How an aggregate is shown.
#[derive(Clone, Debug)]
pub(crate) struct AggregateOptions {
    /// What the groups are by, as it was asked for.
    pub(crate) keys: Vec<String>,
    /// How many groups are shown; 0 for all.
    pub(crate) top: usize,
}

/// The groups, largest first; nothing if there are none.
pub(crate) fn aggregate_text(aggregate: &Aggregate, options: &AggregateOptions) -> String {
    let groups = aggregate.groups();
    let shown = match options.top {
        0 => groups.len(),
        top => top.min(groups.len()),
    };
    let mut text = match aggregate.measure() {
        Measure::Histogram(quantity, _) => {
            let mut text = String::new();
            for (key, group) in &groups[..shown] {
                histogram(&mut text, &name(options, key), group, quantity);
            }
            text
        }
        measure => table(measure, &groups[..shown], options),
    };
    if shown < groups.len() {
        let more = groups.len() - shown;
        let _ = writeln!(text, "… and {more} more; --top 0 shows all");
    }
    if let Some(others) = aggregate.others() {
        let _ = writeln!(
            text,
            "{} calls of further groups are not shown",
            others.count
        );
    }
    text
}

/// `item "pen", function sell`
fn name(options: &AggregateOptions, key: &[String]) -> String {
    let parts = options.keys.iter().zip(key);
    let parts: Vec<String> = parts.map(|(name, key)| format!("{name} {key}")).collect();
    parts.join(", ")
}

fn table(measure: &Measure, groups: &[(&[String], &Group)], options: &AggregateOptions) -> String {
    let heading = match measure {
        Measure::Count | Measure::Histogram(..) => None,
        Measure::Sum(_) => Some("sum"),
        Measure::Average(_) => Some("average"),
    };
    let mut rows = vec![
        heading
            .map(str::to_owned)
            .into_iter()
            .chain(["calls".to_owned()])
            .chain(options.keys.iter().cloned())
            .collect::<Vec<_>>(),
    ];
    rows.extend(groups.iter().map(|(key, group)| {
        let number = match measure {
            Measure::Count | Measure::Histogram(..) => None,
            Measure::Sum(quantity) => Some(sum(group, quantity)),
            Measure::Average(quantity) => Some(mean(group, quantity)),
        };
        let count = group.count.to_string();
        let number = number.into_iter().chain([count]);
        number.chain(key.iter().cloned()).collect()
    }));
    if groups.is_empty() {
        return String::new();
    }
    let numbers = 1 + usize::from(heading.is_some());
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].width())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let room = " ".repeat(widths[column] - cell.width());
            let _ = match column < numbers {
                true => write!(line, "  {room}{cell}"),
                false => write!(line, "  {cell}{room}"),
            };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn histogram(text: &mut String, name: &str, group: &Group, quantity: &Quantity) {
    let calls = match group.count {
        1 => "1 call".to_owned(),
        count => format!("{count} calls"),
    };
    let separator = if name.is_empty() { "" } else { ": " };
    let _ = writeln!(text, "{name}{separator}{calls}");
    let ranges: Vec<(String, u64)> = group
        .buckets
        .iter()
        .map(|(bucket, count)| (range(*bucket, quantity), *count))
        .collect();
    let width = ranges.iter().map(|(range, _)| range.width()).max();
    let width = width.unwrap_or(0);
    let most = ranges.iter().map(|(_, count)| *count).max().unwrap_or(1);
    let digits = most.to_string().len();
    for (range, count) in ranges {
        let bar = usize::try_from(count.saturating_mul(BAR as u64) / most).unwrap_or(BAR);
        let room = " ".repeat(width - range.width());
        let _ = writeln!(
            text,
            "  {range}{room}  {count:>digits$} |{:<BAR$}|",
            "@".repeat(bar)
        );
    }
}

/// `[4, 8)`, `[4us, 8us)`, `[0]`
fn range(bucket: Bucket, quantity: &Quantity) -> String {
    if bucket.to - bucket.from == 1 {
        return format!("[{}]", bound(bucket.from, quantity));
    }
    let (from, to) = (bound(bucket.from, quantity), bound(bucket.to, quantity));
    format!("[{from}, {to})")
}

fn bound(number: i128, quantity: &Quantity) -> String {
    match (quantity, u64::try_from(number)) {
        (Quantity::Took, Ok(ns)) => Nanoseconds(ns).brief(),
        _ => number.to_string(),
    }
}

fn sum(group: &Group, quantity: &Quantity) -> String {
    match group.has_floats {
        true => group.total().to_string(),
        false => bound(group.sum, quantity),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a time is shown in few digits"
)]
fn mean(group: &Group, quantity: &Quantity) -> String {
    match quantity {
        Quantity::Took => bound(group.mean() as i128, quantity),
        Quantity::Part(_) => {
            let mean = format!("{:.3}", group.mean());
            mean.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    }
}

/// The groups, largest first, an object each with `event` `group`; then one with `event` `aggregate` that says what else there is.
pub(crate) fn aggregate_json(
    aggregate: &Aggregate,
    options: &AggregateOptions,
) -> impl Iterator<Item = Json> {
    let groups = aggregate.groups().into_iter();
    let groups = groups.map(|(key, group)| {
        let by = options.keys.iter().cloned().zip(key.iter().map(|key| json!(key)));
        let mut line = json!({
            "event": "group",
            "by": by.collect::<serde_json::Map<_, _>>(),
            "calls": group.count,
        });
        match aggregate.measure() {
            Measure::Count => {}
            Measure::Sum(_) => line["sum"] = total(group),
            Measure::Average(_) => line["average"] = json!(group.mean()),
            Measure::Histogram(..) => {
                let buckets = group.buckets.iter().map(|(bucket, count)| {
                    json!({ "from": integer(bucket.from), "to": integer(bucket.to), "calls": count })
                });
                line["buckets"] = buckets.collect();
            }
        }
        line
    });
    let groups: Vec<Json> = groups.collect();
    let end = json!({
        "event": "aggregate",
        "groups": groups.len(),
        "unread": aggregate.unread().map_or(0, |(count, _)| count),
        "without": aggregate.without(),
        "running": aggregate.running(),
        "others": aggregate.others().map_or(0, |others| others.count),
    });
    groups.into_iter().chain([end])
}

fn total(group: &Group) -> Json {
    match group.has_floats {
        true => json!(group.total()),
        false => integer(group.sum),
    }
}

/// A number; beyond 64 bits as text, so that nothing of it is lost.
fn integer(number: i128) -> Json {
    Number::from_i128(number).map_or_else(|| json!(number.to_string()), Json::Number)
}
