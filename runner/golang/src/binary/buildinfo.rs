//! What `go build` wrote into the program about itself: the release, the main package and its module.
//!
//! The formats are Go's own `debug/buildinfo/buildinfo.go`.

use model::Address;

use super::{BinaryError, elf::Image};
use crate::GoRelease;

const MAGIC: &[u8] = b"\xff Go buildinf:";
const SECTION: &str = ".go.buildinfo";
/// The bytes before and after the module text (`cmd/go/internal/modload/build.go`).
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
    /// Whether it was built to verify the code of its cryptography when it starts, whatever its environment says.
    pub(super) verifies_code: bool,
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
            verifies_code: false,
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
                (Some("build"), Some(setting)) => self.verifies_code |= turns_on_fips(setting),
                _ => {}
            }
        }
    }
}

/// Whether a setting of the build turns FIPS 140 on (`GOFIPS140` and `DefaultGODEBUG`, go.dev/doc/security/fips140).
fn turns_on_fips(setting: &str) -> bool {
    match setting.split_once('=') {
        Some(("GOFIPS140", version)) => version != "off",
        Some(("DefaultGODEBUG", settings)) => settings
            .split(',')
            .any(|setting| setting.starts_with("fips140=") && setting != "fips140=off"),
        _ => false,
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
        let length = image.u64_at(header.offset(8))?;
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

#[cfg(test)]
mod tests {
    use super::{counted, turns_on_fips};

    #[test]
    fn the_build_says_whether_code_is_verified() {
        for (setting, turns_on) in [
            ("GOFIPS140=v1.0.0", true),
            ("GOFIPS140=off", false),
            ("DefaultGODEBUG=asynctimerchan=1,fips140=only", true),
            ("DefaultGODEBUG=fips140=off", false),
            ("DefaultGODEBUG=tlsfips140=1", false),
            ("CGO_ENABLED=0", false),
        ] {
            assert_eq!(turns_on_fips(setting), turns_on, "{setting}");
        }
    }

    #[test]
    fn a_length_is_not_believed() {
        assert_eq!(counted(b"\x03abcd"), Some((&b"abc"[..], &b"d"[..])));
        assert_eq!(counted(b"\x05abcd"), None);
        assert_eq!(counted(b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), None);
        assert_eq!(counted(b""), None);
    }
}
