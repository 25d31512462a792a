//! What `go build` wrote into the program about itself: the release, the main package, the settings.
//!
//! The formats are Go's own `debug/buildinfo/buildinfo.go`.

use std::str::Chars;

use model::Address;

use super::{BinaryError, elf::Image};
use crate::GoRelease;

const MAGIC: &[u8] = b"\xff Go buildinf:";
const SECTION: &str = ".go.buildinfo";
/// What the module text stands between, at each end (`cmd/go/internal/modload/build.go`).
const SENTINEL: usize = 16;

/// What `go build` wrote into the program about itself.
#[derive(Clone, Debug)]
pub(super) struct BuildInfo {
    /// The release that built it.
    pub(super) release: GoRelease,
    /// The path of the main package.
    pub(super) package: Option<String>,
    /// The path of the main module.
    pub(super) module: Option<String>,
    /// The build settings in their order.
    pub(super) settings: Vec<(String, String)>,
}

impl BuildInfo {
    /// Finds and reads it.
    pub(super) fn read(image: &Image) -> Result<Self, BinaryError> {
        let start = image.section_address(SECTION).ok_or(BinaryError::NotGo)?;
        let bytes = image.section(SECTION).ok_or(BinaryError::NotGo)?;
        if !bytes.starts_with(MAGIC) {
            return Err(BinaryError::NotGo);
        }
        let (release, modules) = texts(image, start, bytes)
            .ok_or_else(|| BinaryError::malformed(SECTION, "its strings are not in the file"))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut info = Self {
            release: text(release).parse()?,
            package: None,
            module: None,
            settings: Vec::new(),
        };
        info.read_modules(&text(module_text(modules)));
        Ok(info)
    }

    fn read_modules(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split('\t');
            match (words.next(), words.next()) {
                (Some("path"), Some(path)) => self.package = Some(path.to_owned()),
                (Some("mod"), Some(path)) => self.module = Some(path.to_owned()),
                (Some("build"), Some(_)) => {
                    let setting = line.strip_prefix("build\t").unwrap_or_default();
                    self.settings.extend(build_setting(setting));
                }
                _ => {}
            }
        }
    }
}

/// The release and the modules' text, in either format: inline from Go 1.18 on, two pointers to string
/// headers before.
fn texts<'a>(image: &'a Image, start: Address, bytes: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
    let [pointer_size, flags] = *bytes.get(14..)?.first_chunk()?;
    if flags & 2 != 0 {
        let (release, rest) = counted(bytes.get(32..)?)?;
        let modules = counted(rest).map_or(&[][..], |(modules, _)| modules);
        return Some((release, modules));
    }
    if pointer_size != 8 || flags & 1 != 0 {
        return None;
    }
    let string = |place: Address| -> Option<&'a [u8]> {
        let header = image.pointer_at(place)?;
        let length = u64::from_le_bytes(*image.bytes_at(header.offset(8), 8)?.first_chunk()?);
        if length == 0 {
            return Some(&[]);
        }
        image.bytes_at(image.pointer_at(header)?, usize::try_from(length).ok()?)
    };
    let modules = string(start.offset(24)).unwrap_or_default();
    Some((string(start.offset(16))?, modules))
}

/// Bytes after their length as a varint, and what follows them.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_u64;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let rest = bytes.get(index + 1..)?;
            return rest.split_at_checked(usize::try_from(length).ok()?);
        }
    }
    None
}

/// The text between the sentinels, if they are there.
fn module_text(bytes: &[u8]) -> &[u8] {
    let end = bytes.len().saturating_sub(SENTINEL);
    match bytes.get(SENTINEL..end) {
        Some(text) if text.ends_with(b"\n") => text,
        _ => &[],
    }
}

/// `key=value`, each of them quoted as Go does where it has to be (`runtime/debug/mod.go`).
fn build_setting(text: &str) -> Option<(String, String)> {
    let (key, value) = if text.starts_with('"') {
        let end = closing_quote(text)?;
        (unquoted(&text[..=end])?, text[end + 1..].strip_prefix('=')?)
    } else {
        let (key, value) = text.split_once('=')?;
        (key.to_owned(), value)
    };
    Some((key, unquoted(value).unwrap_or_else(|| value.to_owned())))
}

/// Where the string literal that `text` begins with ends.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(index, c)| {
        let end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        end.then_some(index)
    })
}

/// A Go string literal's text; none if it is none. Escapes as `strconv.Quote` writes them.
fn unquoted(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('`') {
        return raw.strip_suffix('`').map(str::to_owned);
    }
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut text = String::new();
    while let Some(c) = rest.next() {
        text.push(if c == '\\' { escaped(&mut rest)? } else { c });
    }
    Some(text)
}

/// The character that an escape means, of which the backslash is already read.
fn escaped(rest: &mut Chars<'_>) -> Option<char> {
    Some(match rest.next()? {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => hex(rest, 2)?,
        'u' => hex(rest, 4)?,
        'U' => hex(rest, 8)?,
        other => other,
    })
}

fn hex(rest: &mut Chars<'_>, digits: usize) -> Option<char> {
    let digits: String = rest.take(digits).collect();
    u32::from_str_radix(&digits, 16)
        .ok()
        .and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_go_writes_them() {
        let setting = |text| build_setting(text).unwrap();
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(setting("-race=true"), pair("-race", "true"));
        assert_eq!(setting("CGO_CFLAGS="), pair("CGO_CFLAGS", ""));
        assert_eq!(
            setting(r#"-ldflags="-X main.v=1 -X 'main.w=a\t\u00e9\x41'""#),
            pair("-ldflags", "-X main.v=1 -X 'main.w=a\t\u{e9}A'"),
        );
        assert_eq!(setting(r#""a=\"b"=c"#), pair("a=\"b", "c"));
        assert_eq!(build_setting("nothing"), None);
    }

    #[test]
    fn a_length_is_not_believed() {
        assert_eq!(counted(b"\x03abcd"), Some((&b"abc"[..], &b"d"[..])));
        assert_eq!(counted(b"\x05abcd"), None);
        assert_eq!(counted(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), None);
        assert_eq!(counted(b""), None);
    }
}
