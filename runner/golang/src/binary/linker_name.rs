//! Names as the linker writes them.

use std::borrow::Cow;

/// Where the package's path ends in a symbol as the linker writes it: at the first dot after the last slash, for dots
/// in a path's last element are escaped (`cmd/internal/objabi/path.go`, `PathToPrefix`). 0 if it names no package.
pub(super) fn package_end(raw: &str) -> usize {
    let mut dot = None;
    for (at, byte) in raw.bytes().enumerate() {
        match byte {
            b'[' | b'(' | b'{' | b' ' => break,
            b'/' => dot = None,
            b'.' => dot = dot.or(Some(at)),
            _ => {}
        }
    }
    dot.unwrap_or(0)
}

/// A linker's name in Go's notation: bytes of an import path that would confuse the linker are written
/// as `%xx` (`cmd/internal/objabi/path.go`, `PathToPrefix`). What stands in quotes is a struct tag.
pub(super) fn go_name(name: &str) -> Cow<'_, str> {
    if !name.contains('%') {
        return Cow::Borrowed(name);
    }
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    let mut quoted = false;
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) if !quoted => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    rest = after;
                }
                _ => decoded.push(b'%'),
            },
            (b'\\', [escaped, after @ ..]) if quoted => {
                decoded.extend([b'\\', *escaped]);
                rest = after;
            }
            _ => {
                quoted ^= *byte == b'"';
                decoded.push(*byte);
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_in_paths_are_decoded_and_tags_left_alone() {
        for (name, expected) in [
            ("main.main", "main.main"),
            ("gopkg.in/yaml%2ev3.Marshal", "gopkg.in/yaml.v3.Marshal"),
            ("x/%e4%b8%96.F", "x/世.F"),
            ("100%", "100%"),
            ("a%zzb", "a%zzb"),
            (
                r#"main.F[struct { A string "json:\"%2e\"" }] y%2ez"#,
                r#"main.F[struct { A string "json:\"%2e\"" }] y.z"#,
            ),
        ] {
            assert_eq!(go_name(name), expected);
        }
    }
}
