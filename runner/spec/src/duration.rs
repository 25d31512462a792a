//! Durations as people write them: `50ms`, `1.5s`, `2m`, `10µs`, `1m30s`; the notation of Go's `time.ParseDuration`.

use std::time::Duration;

/// Nanoseconds of each unit, largest first; both micro signs of Unicode are known.
const UNITS: [(&str, u128); 8] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ns", 1),
];

/// Reads a duration; exact, no floating point.
///
/// # Errors
/// What is wrong with the text, in a few words.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err("empty");
    }
    let mut total: u128 = 0;
    while !rest.is_empty() {
        let (nanoseconds, after) = term(rest)?;
        total = total.saturating_add(nanoseconds);
        rest = after;
    }
    u64::try_from(total)
        .map(Duration::from_nanos)
        .map_err(|_| "too long")
}

/// One number with its unit, in ns, and what follows.
fn term(text: &str) -> Result<(u128, &str), &'static str> {
    let digits_end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .ok_or("a unit is missing (ns, us, ms, s, m, h)")?;
    let (number, rest) = text.split_at(digits_end);
    let unit_end = rest
        .find(|c: char| c.is_ascii_digit() || c == '.')
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let scale = UNITS
        .iter()
        .find(|(name, _)| *name == unit)
        .map(|(_, scale)| *scale)
        .ok_or("the unit is none of ns, us, ms, s, m, h")?;
    Ok((scaled(number, scale)?, rest))
}

/// A decimal number times a scale, in whole ns.
fn scaled(number: &str, scale: u128) -> Result<u128, &'static str> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err("a number is missing");
    }
    if fraction.contains('.') || whole.len() > 18 || fraction.len() > 18 {
        return Err("no such number");
    }
    let digits = |text: &str| -> Result<u128, &'static str> {
        if text.is_empty() {
            Ok(0)
        } else {
            text.parse().map_err(|_| "no such number")
        }
    };
    let parts = digits(fraction)? * scale;
    let denominator = 10_u128.pow(u32::try_from(fraction.len()).map_err(|_| "no such number")?);
    if !parts.is_multiple_of(denominator) {
        return Err("finer than 1ns");
    }
    Ok(digits(whole)? * scale + parts / denominator)
}

/// Writes a duration exactly, in the largest of ns, µs, ms and s of which it has at least one: `50ms`, `1.5s`, `120s`.
pub(crate) fn text(duration: Duration) -> String {
    let total = duration.as_nanos();
    let (unit, scale) = match total {
        0 => return "0s".to_owned(),
        1..1_000 => ("ns", 1),
        1_000..1_000_000 => ("µs", 1_000),
        1_000_000..1_000_000_000 => ("ms", 1_000_000),
        _ => ("s", 1_000_000_000),
    };
    let fraction = format!("{:0width$}", total % scale, width = scale.ilog10() as usize);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        format!("{}{unit}", total / scale)
    } else {
        format!("{}.{fraction}{unit}", total / scale)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, text};

    #[test]
    fn every_unit_is_read() {
        for (input, nanoseconds) in [
            ("50ms", 50_000_000),
            ("1.5s", 1_500_000_000),
            ("2m", 120_000_000_000),
            ("10us", 10_000),
            ("10µs", 10_000),
            ("10μs", 10_000),
            ("7ns", 7),
            ("1h", 3_600_000_000_000),
            ("1m30s", 90_000_000_000),
            (".5s", 500_000_000),
            ("0s", 0),
        ] {
            assert_eq!(
                parse(input),
                Ok(Duration::from_nanos(nanoseconds)),
                "{input}"
            );
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for input in [
            "",
            "5",
            "ms",
            "5 ms",
            "-5ms",
            "1.2.3s",
            "1.5ns",
            ".s",
            "5m s",
            "5d",
            "1e3s",
            "99999999999999999999h",
            "999999999999999999h",
        ] {
            assert!(parse(input).is_err(), "{input}");
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (nanoseconds, written) in [
            (0, "0s"),
            (7, "7ns"),
            (1_500, "1.5µs"),
            (50_000_000, "50ms"),
            (1_500_000_000, "1.5s"),
            (120_000_000_000, "120s"),
            (1_000_000_001, "1.000000001s"),
        ] {
            let duration = Duration::from_nanos(nanoseconds);
            assert_eq!(text(duration), written);
            assert_eq!(parse(written), Ok(duration));
        }
    }
}
