//! Values and names as a Go developer reads them.

use std::fmt::Write;

use crate::model::{Content, Status, Text, TypeTable, Value};

/// A value in Go's notation; one that is not known as its type in angle brackets, with the reason.
///
/// ```
/// use goproctor::{model::{Content, Kind, Type, TypeTable, Value}, notation};
///
/// let mut types = TypeTable::default();
/// let ty = types.push(Type { name: "int".into(), size: 8, kind: Kind::Int });
/// let value = Value { ty, content: Content::Int(2020) };
/// assert_eq!(notation::value(&value, &types), "2020");
/// ```
#[must_use]
pub fn value(value: &Value, types: &TypeTable) -> String {
    let address = |status: &Status| match status {
        Status::Unreadable { address, .. } => format!(" at {address}"),
        _ => String::new(),
    };
    written(value, types, usize::MAX, &address)
}

/// The same, but the same on every run: without addresses.
#[must_use]
pub fn stable_value(value: &Value, types: &TypeTable) -> String {
    written(value, types, usize::MAX, &|_| String::new())
}

/// The same as [`value`], but strings longer than `width` characters lose their middle. For terminals alone.
#[must_use]
pub fn elided_value(value: &Value, types: &TypeTable, width: usize) -> String {
    match &value.content {
        Content::Text(_) => written(value, types, width, &|_| String::new()),
        _ => self::value(value, types),
    }
}

fn written(
    value: &Value,
    types: &TypeTable,
    width: usize,
    address: &dyn Fn(&Status) -> String,
) -> String {
    match &value.content {
        Content::Bool(value) => value.to_string(),
        Content::Int(value) => value.to_string(),
        Content::Uint(value) => value.to_string(),
        Content::Text(value) => text(value, width),
        Content::Unread(status) => {
            let ty = short_name(types.name(value.ty));
            match reason(status) {
                Some(reason) => format!("<{ty}: {reason}{}>", address(status)),
                None => format!("<{ty}>"),
            }
        }
        _ => format!("<{}>", short_name(types.name(value.ty))),
    }
}

/// Why a value is not known, in a few words; none where its kind is not read at all.
const fn reason(status: &Status) -> Option<&'static str> {
    match status {
        Status::DepthLimit => Some("past the depth limit"),
        Status::Cut => Some("cut"),
        Status::Cycle => Some("cycle"),
        Status::BeingWritten => Some("being written"),
        Status::TypeUnknown => None,
        Status::NotDescribed => Some("not described"),
        Status::NotRead => Some("not read"),
        Status::Absent => Some("no such element, key or dynamic type"),
        Status::Unreadable { .. } => Some("unreadable"),
        Status::InVectorRegister => Some("in a vector register"),
        Status::LostChunk => Some("no room in the record"),
        Status::Malformed => Some("malformed"),
        Status::NoLocation => Some("no location"),
    }
}

/// A string, quoted; one that was cut tells how many bytes are missing: `"abc"…(+120 bytes)`.
fn text(text: &Text, width: usize) -> String {
    if text.is_whole() {
        return elided(&quoted(&text.bytes), width);
    }
    let shown = whole_runes(&text.bytes);
    let missing = text.full.saturating_sub(shown.len() as u64);
    format!("{}…(+{missing} bytes)", elided(&quoted(shown), width))
}

/// The bytes without a UTF-8 sequence that a cut left incomplete at their end.
fn whole_runes(bytes: &[u8]) -> &[u8] {
    let incomplete = bytes.utf8_chunks().last().map_or(0, |last| {
        let invalid = last.invalid();
        // A sequence is incomplete, not wrong, if only the end is missing.
        match std::str::from_utf8(invalid) {
            Err(error) if error.error_len().is_none() => invalid.len(),
            _ => 0,
        }
    });
    bytes.get(..bytes.len() - incomplete).unwrap_or(bytes)
}

/// Bytes as a Go string literal, as `strconv.Quote` writes it (Go, `strconv/quote.go`).
///
/// ```
/// assert_eq!(goproctor::notation::quoted(b"a\tb\xff"), r#""a\tb\xff""#);
/// ```
#[must_use]
pub fn quoted(bytes: &[u8]) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for chunk in bytes.utf8_chunks() {
        chunk
            .valid()
            .chars()
            .for_each(|c| push_rune(&mut quoted, c));
        for byte in chunk.invalid() {
            push_escape(&mut quoted, 'x', u32::from(*byte), 2);
        }
    }
    quoted.push('"');
    quoted
}

fn push_rune(quoted: &mut String, c: char) {
    let short = match c {
        '\x07' => Some('a'),
        '\x08' => Some('b'),
        '\x0c' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\x0b' => Some('v'),
        '"' | '\\' => Some(c),
        _ => None,
    };
    match (short, u32::from(c)) {
        (Some(short), _) => quoted.extend(['\\', short]),
        (None, _) if is_printable(c) => quoted.push(c),
        (None, code) if code < 0x20 || code == 0x7f => push_escape(quoted, 'x', code, 2),
        (None, code) if code < 0x1_0000 => push_escape(quoted, 'u', code, 4),
        (None, code) => push_escape(quoted, 'U', code, 8),
    }
}

fn push_escape(quoted: &mut String, letter: char, code: u32, digits: usize) {
    // Writing to a string can't fail.
    let _ = write!(quoted, "\\{letter}{code:0digits$x}");
}

/// Whether Go's `unicode.IsPrint` holds: letters, marks, numbers, punctuation, symbols and the ASCII space.
/// Rust's own escaping knows the same categories; behind another character it leaves combining marks alone.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return c == ' ' || c.is_ascii_graphic();
    }
    let pair: String = ['a', c].into_iter().collect();
    pair.escape_debug().eq(pair.chars())
}

/// A text of at most `width` characters: if it is longer, its middle becomes `…`.
///
/// ```
/// assert_eq!(goproctor::notation::elided("abcdefghij", 5), "ab…ij");
/// ```
#[must_use]
pub fn elided(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let end = kept / 2;
    let mut elided: String = text.chars().take(kept - end).collect();
    elided.push('…');
    elided.extend(text.chars().skip(length - end));
    elided
}

/// A type's or a function's name with the last element of each package path only.
///
/// ```
/// use goproctor::notation::short_name;
/// assert_eq!(short_name("map[string]*net/http.Request"), "map[string]*http.Request");
/// assert_eq!(short_name("example.com/shop/cart.(*Cart).Add"), "cart.(*Cart).Add");
/// ```
#[must_use]
pub fn short_name(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let end = rest.find(|c| !is_of_path(c)).unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        if path.is_empty() {
            short.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            let last = path.rfind('/').map_or(path, |slash| &path[slash + 1..]);
            // The linker writes the dots of a path's last element so.
            short.push_str(&last.replace("%2e", "."));
            rest = after;
        }
    }
    short
}

/// A function's name as short as it can be told: without package `main`, else with the last element of its path.
///
/// ```
/// use goproctor::notation::short_function;
/// assert_eq!(short_function("main.checkSite.func1"), "checkSite.func1");
/// assert_eq!(short_function("net.(*Resolver).lookupIP"), "net.(*Resolver).lookupIP");
/// ```
#[must_use]
pub fn short_function(name: &str) -> String {
    short_name(name.strip_prefix("main.").unwrap_or(name))
}

fn is_of_path(c: char) -> bool {
    c.is_alphanumeric() || "_./-~%$@+!·".contains(c)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail loudly"
)]
mod tests {
    use super::{elided, elided_value, quoted, short_name, stable_value, value};
    use crate::model::{Address, Content, Kind, Status, Text, Type, TypeTable, Value};

    fn of(type_name: &str, content: Content) -> (Value, TypeTable) {
        let mut types = TypeTable::default();
        let ty = types.push(Type {
            name: type_name.to_owned(),
            size: 8,
            kind: Kind::Unknown,
        });
        (Value { ty, content }, types)
    }

    fn shown(type_name: &str, content: Content) -> String {
        let (seen, types) = of(type_name, content);
        value(&seen, &types)
    }

    fn cut(bytes: &[u8], full: u64) -> Content {
        Content::Text(Text {
            bytes: bytes.into(),
            full,
        })
    }

    #[test]
    fn scalars_are_plain() {
        assert_eq!(shown("bool", Content::Bool(true)), "true");
        assert_eq!(shown("int8", Content::Int(-128)), "-128");
        assert_eq!(
            shown("uint64", Content::Uint(u64::MAX)),
            "18446744073709551615"
        );
        assert_eq!(shown("string", cut(b"", 0)), r#""""#);
    }

    #[test]
    fn strings_are_quoted_as_go_does() {
        // Each pair was printed by strconv.Quote.
        for (bytes, go) in [
            (&b"plain"[..], r#""plain""#),
            (b"say \"hi\"\\", r#""say \"hi\"\\""#),
            (
                b"\x07\x08\x0c\n\r\t\x0b\x00\x1b\x7f",
                r#""\a\b\f\n\r\t\v\x00\x1b\x7f""#,
            ),
            ("Füße 世界 🐹".as_bytes(), r#""Füße 世界 🐹""#),
            (b"\xff\xe4\xb8z\xe4\xb8\x96", r#""\xff\xe4\xb8z世""#),
            (
                "\u{a0}\u{200b}\u{2028}\u{feff}".as_bytes(),
                r#""\u00a0\u200b\u2028\ufeff""#,
            ),
            ("e\u{301} \u{301}".as_bytes(), "\"e\u{301} \u{301}\""),
            ("\u{fffd}".as_bytes(), "\"\u{fffd}\""),
            ("\u{e000}\u{10ffff}".as_bytes(), r#""\ue000\U0010ffff""#),
            (b"it's", r#""it's""#),
        ] {
            assert_eq!(quoted(bytes), go);
        }
    }

    #[test]
    fn a_cut_string_tells_what_is_missing() {
        assert_eq!(shown("string", cut(b"abc", 123)), r#""abc"…(+120 bytes)"#);
        let half_a_rune = shown("string", cut("ab世".as_bytes().get(..4).unwrap(), 10));
        assert_eq!(half_a_rune, r#""ab"…(+8 bytes)"#);
        let wrong_bytes = shown("string", cut(b"ab\xff", 10));
        assert_eq!(wrong_bytes, r#""ab\xff"…(+7 bytes)"#);
    }

    #[test]
    fn what_is_not_known_is_its_type_and_the_reason() {
        let unread = |status| shown("net/http.ResponseWriter", Content::Unread(status));
        assert_eq!(unread(Status::TypeUnknown), "<http.ResponseWriter>");
        assert_eq!(
            unread(Status::InVectorRegister),
            "<http.ResponseWriter: in a vector register>"
        );
        let unreadable = Content::Unread(Status::Unreadable {
            address: Address(0xc000),
            errno: 14,
        });
        let (seen, types) = of("string", unreadable);
        assert_eq!(value(&seen, &types), "<string: unreadable at 0xc000>");
        assert_eq!(stable_value(&seen, &types), "<string: unreadable>");
    }

    #[test]
    fn long_strings_lose_their_middle_for_terminals() {
        let (seen, types) = of("string", cut(b"GopherCon Russia 2020", 21));
        assert_eq!(elided_value(&seen, &types, 12), r#""Gophe…2020""#);
        assert_eq!(
            elided_value(&seen, &types, 23),
            r#""GopherCon Russia 2020""#
        );
        assert_eq!(elided("abc", 0), "…");
    }

    #[test]
    fn paths_are_shortened_wherever_they_stand() {
        for (long, short) in [
            (
                "func(net/http.ResponseWriter, *net/http.Request)",
                "func(http.ResponseWriter, *http.Request)",
            ),
            (
                "main.Pair[github.com/a/b.K,[]net/url.URL]",
                "main.Pair[b.K,[]url.URL]",
            ),
            (
                "gopkg.in/yaml%2ev3.(*Node).Decode",
                "yaml.v3.(*Node).Decode",
            ),
            ("<-chan example.com/x-y/z.T", "<-chan z.T"),
            ("struct { URL *net/url.URL }", "struct { URL *url.URL }"),
            ("", ""),
        ] {
            assert_eq!(short_name(long), short);
        }
    }
}
