//! Lengths of time as people say them.

use super::Nanoseconds;

const MICROSECOND: u64 = 1_000;
const MILLISECOND: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;

impl Nanoseconds {
    /// With two or three digits, for a glance.
    ///
    /// ```
    /// use model::Nanoseconds;
    /// assert_eq!(Nanoseconds(3_140_000).brief(), "3.1ms");
    /// assert_eq!(Nanoseconds(612_400_000).brief(), "612ms");
    /// assert_eq!(Nanoseconds(125_000_000_000).brief(), "2m5s");
    /// ```
    #[must_use]
    pub fn brief(self) -> String {
        let seconds = self.0 / SECOND + u64::from(self.0 % SECOND >= SECOND / 2);
        if seconds < 60 {
            return self.digits(1);
        }
        format!("{}m{}s", seconds / 60, seconds % 60)
    }

    /// With four digits, to be compared.
    ///
    /// ```
    /// use model::Nanoseconds;
    /// assert_eq!(Nanoseconds(3_141_592).precise(), "3.142ms");
    /// assert_eq!(Nanoseconds(612_420_000).precise(), "612.4ms");
    /// ```
    #[must_use]
    pub fn precise(self) -> String {
        self.digits(3)
    }

    /// With a unit that suits it, and so many digits behind the point where one is before it; with fewer where there are
    /// more before it.
    fn digits(self, behind: u32) -> String {
        let ns = u128::from(self.0);
        if self.0 < 1_000 {
            return format!("{ns}ns");
        }
        let in_unit = |unit: u64| {
            let before = (self.0 / unit).max(1).ilog10();
            let scale = 10_u128.pow(behind.saturating_sub(before));
            (
                scale,
                (ns * scale + u128::from(unit) / 2) / u128::from(unit),
            )
        };
        let has_room = |unit: &u64| {
            let (scale, rounded) = in_unit(*unit);
            rounded < 1_000 * scale
        };
        let (unit, name) = match [MICROSECOND, MILLISECOND].into_iter().find(has_room) {
            Some(MICROSECOND) => (MICROSECOND, "µs"),
            Some(unit) => (unit, "ms"),
            None => (SECOND, "s"),
        };
        let (scale, rounded) = in_unit(unit);
        let (whole, fraction) = (rounded / scale, rounded % scale);
        let text = format!(
            "{whole}.{fraction:0width$}",
            width = scale.ilog10() as usize
        );
        format!("{}{name}", text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::Nanoseconds;

    #[test]
    fn units_suit_the_length() {
        for (ns, brief, precise) in [
            (0, "0ns", "0ns"),
            (999, "999ns", "999ns"),
            (1_000, "1µs", "1µs"),
            (9_040, "9µs", "9.04µs"),
            (9_960, "10µs", "9.96µs"),
            (27_400, "27µs", "27.4µs"),
            (999_499, "999µs", "999.5µs"),
            (999_999, "1ms", "1ms"),
            (2_700_000, "2.7ms", "2.7ms"),
            (71_234_567, "71ms", "71.23ms"),
            (612_449_999, "612ms", "612.4ms"),
            (610_000_000, "610ms", "610ms"),
            (999_600_000, "1s", "999.6ms"),
            (1_250_000_000, "1.3s", "1.25s"),
            (59_400_000_000, "59s", "59.4s"),
            (59_600_000_000, "1m0s", "59.6s"),
            (125_000_000_000, "2m5s", "125s"),
            (u64::MAX, "307445734m34s", "18446744074s"),
        ] {
            let time = Nanoseconds(ns);
            assert_eq!((&*time.brief(), &*time.precise()), (brief, precise), "{ns}");
        }
    }
}
