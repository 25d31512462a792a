//! Lengths of time as people say them.

use model::Nanoseconds;

/// A length of time with a unit that suits it, to two or three digits.
///
/// ```
/// use model::Nanoseconds;
/// use goproctor::report::durations::duration;
/// assert_eq!(duration(Nanoseconds(3_140_000)), "3.1ms");
/// assert_eq!(duration(Nanoseconds(612_400_000)), "612ms");
/// ```
#[must_use]
pub fn duration(time: Nanoseconds) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000, "µs"), (1_000_000, "ms"), (1_000_000_000, "s")];
    let ns = time.0;
    if ns < 1_000 {
        return format!("{ns}ns");
    }
    for (unit, name) in UNITS {
        let tenths = (u128::from(ns) * 10 + u128::from(unit) / 2) / u128::from(unit);
        if tenths < 100 {
            let (whole, tenth) = (tenths / 10, tenths % 10);
            return match tenth {
                0 => format!("{whole}{name}"),
                _ => format!("{whole}.{tenth}{name}"),
            };
        }
        let whole = (u128::from(ns) + u128::from(unit) / 2) / u128::from(unit);
        if whole < 1_000 && name != "s" || whole < 60 {
            return format!("{whole}{name}");
        }
    }
    let seconds = ns / 1_000_000_000 + u64::from(ns % 1_000_000_000 >= 500_000_000);
    format!("{}m{}s", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use model::Nanoseconds;

    use super::duration;

    #[test]
    fn units_suit_the_length() {
        for (ns, text) in [
            (0, "0ns"),
            (999, "999ns"),
            (1_000, "1µs"),
            (9_040, "9µs"),
            (9_960, "10µs"),
            (27_400, "27µs"),
            (999_499, "999µs"),
            (999_999, "1ms"),
            (2_700_000, "2.7ms"),
            (71_200_000, "71ms"),
            (999_600_000, "1s"),
            (1_250_000_000, "1.3s"),
            (59_400_000_000, "59s"),
            (59_600_000_000, "1m0s"),
            (125_000_000_000, "2m5s"),
            (u64::MAX, "307445734m34s"),
        ] {
            assert_eq!(duration(Nanoseconds(ns)), text, "{ns}");
        }
    }
}
