//! What kind of value it is that is another in each run.

use std::fmt;

/// A kind of value that is another in each run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueKind {
    /// A moment: a `time.Time`, a text in RFC 3339, seconds since 1970.
    Time,
    /// A UUID.
    Uuid,
    /// The name of a temporary file or folder.
    Temporary,
    /// A port, or an address with one.
    Port,
    /// The number of a process.
    Process,
    /// Something else.
    Other,
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "a time",
            Self::Uuid => "a UUID",
            Self::Temporary => "a temporary name",
            Self::Port => "a port",
            Self::Process => "the number of a process",
            Self::Other => "another value each time",
        })
    }
}

impl ValueKind {
    /// What is written in its place.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Time => "[time]",
            Self::Uuid => "[uuid]",
            Self::Temporary => "[temp]",
            Self::Port => "[port]",
            Self::Process => "[pid]",
            Self::Other => "[varies]",
        }
    }

    /// The kind of a value that was `before` in one run and `after` in another; `path` is where it stands.
    #[must_use]
    pub fn of(path: &str, before: &str, after: &str) -> Self {
        let both = |is: fn(&str) -> bool| is(before) && is(after);
        let name = last_name(path).to_lowercase();
        if both(has_uuid) {
            Self::Uuid
        } else if both(has_moment) || both(is_unix_time) {
            Self::Time
        } else if is_temporary(before, after) {
            Self::Temporary
        } else if both(is_port_number) && name.contains("port") || have_ports(before, after) {
            Self::Port
        } else if both(is_number) && (name == "pid" || name.ends_with("pid")) {
            Self::Process
        } else {
            Self::Other
        }
    }
}

/// The last name of a path, whatever element it is: `CreatedAt` of `order.Items[0].CreatedAt`.
fn last_name(path: &str) -> String {
    let mut depth = 0_usize;
    let names = path.chars().filter(|character| {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    });
    let names: String = names.collect();
    names.rsplit('.').next().unwrap_or_default().to_owned()
}

/// Whether a UUID of the form that is drawn at random, or of one that has a time in it, stands in a text.
fn has_uuid(text: &str) -> bool {
    windows(text, 36).any(|window| {
        window.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => matches!(byte, b'1'..=b'8'),
            19 => matches!(byte, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
            _ => byte.is_ascii_hexdigit(),
        })
    }) || is_uuid_of_bytes(text)
}

/// `uuid.UUID{0x1f, …}`, which has 16 bytes.
fn is_uuid_of_bytes(text: &str) -> bool {
    text.split(['{', '('])
        .next()
        .is_some_and(|ty| ty.ends_with("uuid.UUID"))
}

/// Whether a moment in RFC 3339 or in the form of HTTP stands in a text.
fn has_moment(text: &str) -> bool {
    let digits = |window: &str, form: &str| {
        let mut pairs = window.bytes().zip(form.bytes());
        pairs.all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            b'T' => matches!(byte, b'T' | b' '),
            b'a' => byte.is_ascii_alphabetic(),
            form => byte == form,
        })
    };
    let form = "0000-00-00T00:00:00";
    let of_http = "aaa, 00 aaa 0000 00:00:00";
    windows(text, form.len()).any(|window| digits(window, form))
        || windows(text, of_http.len()).any(|window| digits(window, of_http))
}

/// Whether it is a number of seconds, or of thousandths, millionths or billionths of them, from 2001 to 2100.
fn is_unix_time(text: &str) -> bool {
    let Ok(number) = bare(text).parse::<i128>() else {
        return false;
    };
    let mut scale = 1;
    (0..4).any(|_| {
        let is_moment = (1_000_000_000 * scale..4_102_444_800 * scale).contains(&number);
        scale *= 1000;
        is_moment
    })
}

/// Whether two texts are paths that differ only in the digits that end one of their names, as `os.MkdirTemp` makes them, or in what
/// follows `/tmp/`.
fn is_temporary(before: &str, after: &str) -> bool {
    let (before, after) = (bare(before), bare(after));
    if !before.contains('/') || !after.contains('/') {
        return false;
    }
    let is_below_tmp = |text: &str| text.contains("/tmp/") || text.contains("/T/");
    if is_below_tmp(before) && is_below_tmp(after) {
        return true;
    }
    let (first, second): (Vec<_>, Vec<_>) =
        (before.split('/').collect(), after.split('/').collect());
    let mut differing = first.iter().zip(&second).filter(|(a, b)| a != b).peekable();
    first.len() == second.len()
        && differing.peek().is_some()
        && differing
            .all(|(a, b)| without_random(a).is_some() && without_random(a) == without_random(b))
}

/// A name without the digits that were drawn at random: the longest run of digits in it, of six at least.
fn without_random(name: &str) -> Option<(&str, &str)> {
    let mut longest = (0, 0);
    let mut from = None;
    for (at, byte) in name.bytes().chain(*b"/").enumerate() {
        match (byte.is_ascii_digit(), from) {
            (true, None) => from = Some(at),
            (false, Some(begin)) => {
                if at - begin > longest.1 - longest.0 {
                    longest = (begin, at);
                }
                from = None;
            }
            _ => {}
        }
    }
    let (begin, end) = longest;
    (end - begin >= 6).then(|| {
        (
            name.get(..begin).unwrap_or_default(),
            name.get(end..).unwrap_or_default(),
        )
    })
}

fn is_port_number(text: &str) -> bool {
    bare(text).parse::<u16>().is_ok_and(|port| port >= 1024)
}

/// Whether two texts differ in a port behind an address alone.
fn have_ports(before: &str, after: &str) -> bool {
    let (Some((host, port, rest)), Some((other, other_port, other_rest))) =
        (address(bare(before)), address(bare(after)))
    else {
        return false;
    };
    host == other && rest == other_rest && port != other_port
}

/// What is before a port, the port, and what is behind it.
fn address(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices(':').find_map(|(at, _)| {
        let behind = text.get(at + 1..)?;
        let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
        let port = behind.get(..digits)?;
        let is_port = digits >= 4 && is_port_number(port);
        is_port.then(|| {
            (
                text.get(..at).unwrap_or_default(),
                port,
                behind.get(digits..).unwrap_or_default(),
            )
        })
    })
}

fn is_number(text: &str) -> bool {
    bare(text).parse::<i64>().is_ok()
}

/// A text without its quotes, or a number without its conversion: `int64(7)`.
fn bare(text: &str) -> &str {
    let inside = text.strip_suffix(')').and_then(|text| text.split_once('('));
    let text = inside.map_or(text, |(_, inside)| inside);
    text.trim_matches('"')
}

/// The pieces of a text of that many bytes, where they begin and end between characters.
fn windows(text: &str, length: usize) -> impl Iterator<Item = &str> {
    (0..text.len()).filter_map(move |at| text.get(at..at + length))
}

#[cfg(test)]
mod tests {
    use super::ValueKind;

    #[test]
    fn a_kind_is_told_by_both_values() {
        use ValueKind::{Other, Port, Process, Temporary, Time, Uuid};
        for (kind, path, before, after) in [
            (
                Time,
                "o.At",
                "2026-11-30T19:00:01.5Z",
                "2026-11-30T19:00:02Z",
            ),
            (
                Time,
                "o.At",
                r#""Mon, 30 Nov 2026 19:00:01 GMT""#,
                r#""Mon, 30 Nov 2026 19:00:02 GMT""#,
            ),
            (Time, "n", "1796065200", "1796065201"),
            (
                Time,
                "n",
                "1796065200123456789",
                "int64(1796065201123456789)",
            ),
            (Other, "n", "7", "1796065201"),
            (
                Uuid,
                "id",
                r#""7f9c24e5-2f1b-4c3d-9a8e-0123456789ab""#,
                r#""0f9c24e5-2f1b-4c3d-8a8e-0123456789ab""#,
            ),
            (Uuid, "id", "uuid.UUID{1, 2}", "uuid.UUID{1, 3}"),
            (Other, "id", r#""7f9c24e5""#, r#""7f9c24e6""#),
            (Temporary, "dir", r#""/tmp/a1""#, r#""/tmp/b2/c""#),
            (
                Temporary,
                "dir",
                r#""/home/x/shop-123456789/f""#,
                r#""/home/x/shop-987654321/f""#,
            ),
            (Other, "dir", r#""/orders/1""#, r#""/orders/2""#),
            (Other, "dir", r#""/a/shop-123456""#, r#""/a/site-123457""#),
            (Port, "addr", r#""127.0.0.1:40001""#, r#""127.0.0.1:40002""#),
            (
                Port,
                "u",
                r#""http://[::1]:40001/a""#,
                r#""http://[::1]:40002/a""#,
            ),
            (Other, "u", r#""http://a:40001/a""#, r#""http://b:40002/a""#),
            (Port, "o.Port", "40001", "40002"),
            (Other, "o.Qty", "40001", "40002"),
            (Process, "o.Pid", "123", "124"),
            (Process, "returns[0].PID", "123", "124"),
        ] {
            assert_eq!(
                ValueKind::of(path, before, after),
                kind,
                "{path}: {before} → {after}"
            );
        }
    }
}
