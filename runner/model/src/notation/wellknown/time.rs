//! `time.Time`, `time.Duration`, `time.Month`, `time.Weekday`.

use super::Form;
use crate::notation::subject::Subject;

const SECOND: u64 = 1_000_000_000;

/// Go, `time/time.go`, `Duration.String`.
pub(super) fn duration(subject: Subject<'_>) -> Option<Form<'_>> {
    Some(Form::plain(duration_text(subject.int()?)))
}

fn duration_text(duration: i64) -> String {
    let sign = if duration < 0 { "-" } else { "" };
    let all = duration.unsigned_abs();
    if all < SECOND {
        let (unit, name) = match all {
            0 => return "0s".to_owned(),
            1..1_000 => (1, "ns"),
            1_000..1_000_000 => (1_000, "µs"),
            _ => (1_000_000, "ms"),
        };
        return format!("{sign}{}{name}", decimal(all, unit));
    }
    let (hours, minutes) = (all / SECOND / 3600, all / SECOND / 60 % 60);
    let seconds = decimal(all % (60 * SECOND), SECOND);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}s"),
        (_, _) => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

/// `number` / `unit` with as many digits as it has; `unit` is a power of ten.
fn decimal(number: u64, unit: u64) -> String {
    let (whole, fraction) = (number / unit, number % unit);
    if fraction == 0 {
        return whole.to_string();
    }
    let digits = unit.ilog10() as usize;
    let fraction = format!("{fraction:0digits$}");
    format!("{whole}.{}", fraction.trim_end_matches('0'))
}

/// Go, `time/time.go`, `longMonthNames`.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Go, `time/time.go`, `longDayNames`.
pub(super) const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

pub(super) fn month(subject: Subject<'_>) -> Option<Form<'_>> {
    let index = usize::try_from(subject.int()?.checked_sub(1)?).ok()?;
    Some(Form::plain(*MONTHS.get(index)?))
}

pub(super) fn weekday(subject: Subject<'_>) -> Option<Form<'_>> {
    let index = usize::try_from(subject.int()?).ok()?;
    Some(Form::plain(*DAYS.get(index)?))
}

/// Bit of `wall` that says that the seconds since 1885 are in it too (Go, `time/time.go`).
const HAS_MONOTONIC: u64 = 1 << 63;
const NANOSECOND_BITS: u32 = 30;
/// Seconds from year 1 to 1885 and to 1970.
const TO_1885: i64 = days_before(1885) * DAY;
const TO_1970: i64 = days_before(1970) * DAY;
const DAY: i64 = 86_400;

/// Days from year 1 to the beginning of a year.
const fn days_before(year: i64) -> i64 {
    let years = year - 1;
    years * 365 + years / 4 - years / 100 + years / 400
}

/// The moment as RFC 3339 in UTC, and the location by its name if that was read and is another one. The local one has no
/// name before it was first used, so that is left out. (Go, `time/time.go`, `Time`.)
pub(super) fn time(subject: Subject<'_>) -> Option<Form<'_>> {
    let (wall, ext) = (subject.field("wall")?.uint()?, subject.field("ext")?.int()?);
    if (wall, ext) == (0, 0) {
        return Some(Form::whole("time.Time{}"));
    }
    let seconds = if wall & HAS_MONOTONIC == 0 {
        ext
    } else {
        let since_1885 = i64::try_from((wall & !HAS_MONOTONIC) >> NANOSECOND_BITS).ok()?;
        TO_1885 + since_1885
    };
    let nanoseconds = wall & ((1 << NANOSECOND_BITS) - 1);
    let moment = rfc3339(seconds.checked_sub(TO_1970)?, nanoseconds)?;
    let location = subject.field("loc").and_then(Subject::target);
    let name = location
        .and_then(|location| location.field("name")?.string())
        .filter(|name| !matches!(*name, "" | "UTC" | "Local"));
    Some(Form::plain(match name {
        Some(name) => format!("{moment} ({name})"),
        None => moment,
    }))
}

/// Years 0 to 9999 alone, as RFC 3339 has them.
fn rfc3339(unix: i64, nanoseconds: u64) -> Option<String> {
    let (days, second) = (unix.div_euclid(DAY), unix.rem_euclid(DAY));
    let (year, month, day) = civil(days)?;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let fraction = match nanoseconds {
        0 => String::new(),
        1..SECOND => format!(".{nanoseconds:09}")
            .trim_end_matches('0')
            .to_owned(),
        _ => return None,
    };
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z"
    ))
}

/// Year, month and day of a day counted from 1970 in the proleptic Gregorian calendar. Years count from March here, so
/// that the leap day is a year's last.
fn civil(days: i64) -> Option<(i64, i64, i64)> {
    const ERA: i64 = 146_097;
    let since_march_0 = days.checked_add(719_468)?;
    let (era, day) = (since_march_0.div_euclid(ERA), since_march_0.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + i64::from(month <= 2);
    (0..=9999).contains(&year).then_some((year, month, day))
}

/// A `time.Time` as text.
pub(super) fn moment(subject: Subject<'_>) -> Option<String> {
    match time(subject)? {
        Form::Plain(layout) | Form::Whole(layout) => Some(layout.line()),
        Form::Named(_) | Form::Holds(_) => None,
    }
}
