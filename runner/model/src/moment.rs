//! Lengths and points of time as Go writes them.

/// A point of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Seconds since 1970, UTC.
    pub seconds: i64,
    /// Nanoseconds of the next second.
    pub nanoseconds: u32,
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Moment {
    /// The zero `time.Time`: the begin of year 1.
    pub const ZERO: Self = Self {
        seconds: -62_135_596_800,
        nanoseconds: 0,
    };

    /// Reads RFC 3339, in whatever zone.
    ///
    /// ```
    /// use model::Moment;
    /// let moment = Moment { seconds: 1_577_934_245, nanoseconds: 500_000_000 };
    /// assert_eq!(Moment::parse("2020-01-02T03:04:05.5Z"), Some(moment));
    /// assert_eq!(Moment::parse("2020-01-02T05:04:05.5+02:00"), Some(moment));
    /// assert_eq!(Moment::parse("2020-01-02"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once('T')?;
        let (year, rest) = digits(date, 4)?;
        let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
        let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
        if !rest.is_empty() || day < 1 || day > days_of(year, month)? {
            return None;
        }
        let (hour, rest) = digits(time, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let (second, rest) = digits(rest.strip_prefix(':')?, 2)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (nanoseconds, zone) = match rest.strip_prefix('.') {
            Some(rest) => fraction(rest)?,
            None => (0, rest),
        };
        let since_midnight = hour * HOUR + minute * MINUTE + second;
        let seconds = days_before(year, month, day) * DAY + since_midnight - offset(zone)?;
        Some(Self {
            seconds,
            nanoseconds,
        })
    }
}

/// Reads so many digits.
fn digits(text: &str, count: usize) -> Option<(i64, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    Some((number.parse().ok().filter(|_| is_number)?, rest))
}

/// Reads the digits of a fraction as nanoseconds.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    if !(1..=9).contains(&digits.len()) {
        return None;
    }
    Some((format!("{digits:0<9}").parse().ok()?, rest))
}

/// How far a zone is ahead of UTC, in seconds.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = match zone.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, zone.strip_prefix('+')?),
    };
    let (hours, rest) = digits(rest, 2)?;
    let (minutes, rest) = digits(rest.strip_prefix(':')?, 2)?;
    let is_zone = hours <= 23 && minutes <= 59 && rest.is_empty();
    is_zone.then_some(sign * (hours * HOUR + minutes * MINUTE))
}

fn days_of(year: i64, month: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    Some(match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    })
}

/// Days from 1970 to a day of the proleptic Gregorian calendar. Years count from March here, so that the leap day is a
/// year's last.
const fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    let of_year = (153 * since_march + 2) / 5 + day - 1;
    let of_years = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    of_years + of_year - 719_468
}

/// Reads a `time.Duration` as Go's `time.ParseDuration` does, in nanoseconds.
///
/// ```
/// use model::duration;
/// assert_eq!(duration("1.5s"), Ok(1_500_000_000));
/// assert_eq!(duration("1500ms"), duration("1.5s"));
/// assert_eq!(duration("-1h2m"), Ok(-3_720_000_000_000));
/// assert!(duration("5").is_err());
/// ```
///
/// # Errors
/// What is wrong with the text, in a few words.
pub fn duration(text: &str) -> Result<i64, &'static str> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err("empty");
    }
    let mut all: i128 = 0;
    while !rest.is_empty() {
        let (nanoseconds, after) = term(rest)?;
        all = all.checked_add(nanoseconds).ok_or(TOO_LONG)?;
        rest = after;
    }
    i64::try_from(if negative { -all } else { all }).map_err(|_| TOO_LONG)
}

const TOO_LONG: &str = "too long";

/// One number with its unit, in ns, and what follows.
fn term(text: &str) -> Result<(i128, &str), &'static str> {
    /// More digits are less than a nanosecond of every unit.
    const MAX_DIGITS: usize = 15;
    let (whole, after) = leading_digits(text);
    let (part, after) = match after.strip_prefix('.') {
        Some(after) => leading_digits(after),
        None => ("", after),
    };
    if whole.is_empty() && part.is_empty() {
        return Err("a number is missing");
    }
    let end = after.find(|c: char| c.is_ascii_digit() || c == '.');
    let (unit, after) = after.split_at(end.unwrap_or(after.len()));
    let unit: i128 = match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "" => return Err("a unit is missing (ns, us, ms, s, m, h)"),
        _ => return Err("the unit is none of ns, us, ms, s, m, h"),
    };
    let part = part.get(..MAX_DIGITS).unwrap_or(part);
    let number = |digits: &str| match digits {
        "" => Some(0),
        _ => digits.parse::<i128>().ok()?.checked_mul(unit),
    };
    let scale = 10_i128.pow(u32::try_from(part.len()).map_err(|_| TOO_LONG)?);
    let fraction = number(part).ok_or(TOO_LONG)? / scale;
    let all = number(whole).and_then(|whole| whole.checked_add(fraction));
    Ok((all.ok_or(TOO_LONG)?, after))
}

fn leading_digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::{Moment, duration};

    #[test]
    fn moments_are_read_as_rfc_3339_says() {
        let seconds = |text: &str| Moment::parse(text).map(|moment| moment.seconds);
        for (text, unix) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("2026-11-29T01:00:00+01:00", 1_795_910_400),
            ("2026-11-28T20:30:00-03:30", 1_795_910_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
            ("0000-01-01T00:00:00Z", -62_167_219_200),
        ] {
            assert_eq!(seconds(text), Some(unix), "{text}");
        }
        assert_eq!(Moment::parse("0001-01-01T00:00:00Z"), Some(Moment::ZERO));
        for text in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00",
            "2026-01-01 00:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00+1:00",
            "2026-01-01T00:00:00+01:00 ",
            "+026-01-01T00:00:00Z",
        ] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    /// As Go's `time.ParseDuration` reads them.
    #[test]
    fn durations_are_read_as_go_reads_them() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("0s", 0),
            ("1ns", 1),
            ("1.5µs", 1_500),
            ("1.5us", 1_500),
            ("1.5μs", 1_500),
            (".5ms", 500_000),
            ("5.s", 5_000_000_000),
            ("1h1m1.000000001s", 3_661_000_000_001),
            ("+1m", 60_000_000_000),
            ("-2562047h47m16.854775808s", i64::MIN),
            ("0.3333333333333333333h", 1_199_999_999_999),
        ] {
            assert_eq!(duration(text), Ok(nanoseconds), "{text}");
        }
        for text in [
            "", "-", "s", "1", ".s", "1d", "1 s", "1s ", "3000000h", "--1s", "1S",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
