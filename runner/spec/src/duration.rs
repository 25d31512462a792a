//! Durations as people write them: `50ms`, `1.5s`, `2m`, `10µs`, `1m30s`; the notation of Go's `time.ParseDuration`.

use std::time::Duration;

/// Reads a duration that is not negative.
///
/// # Errors
/// What is wrong with the text, in a few words.
pub fn parse(text: &str) -> Result<Duration, &'static str> {
    let nanoseconds = model::duration(text.trim())?;
    u64::try_from(nanoseconds)
        .map(Duration::from_nanos)
        .map_err(|_| "negative")
}

/// Writes a duration exactly: `50ms`, `1.5s`, `120s`.
pub(crate) fn text(duration: Duration) -> String {
    match duration {
        Duration::ZERO => "0s".to_owned(),
        _ => format!("{duration:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, text};

    #[test]
    fn what_is_no_duration_says_why() {
        for (input, why) in [
            ("", "empty"),
            ("5", "a unit is missing (ns, us, ms, s, m, h)"),
            ("ms", "a number is missing"),
            ("5d", "the unit is none of ns, us, ms, s, m, h"),
            ("-5ms", "negative"),
            ("999999999999999999h", "too long"),
        ] {
            assert_eq!(parse(input), Err(why), "{input}");
        }
        assert_eq!(parse(" 1m30s "), Ok(Duration::from_secs(90)));
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
