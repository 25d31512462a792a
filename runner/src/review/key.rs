//! Keys, as terminals send them.

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// A character.
    Letter(char),
    /// The arrow up.
    Up,
    /// The arrow down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// Return.
    Enter,
    /// Anything else.
    Other,
}

/// Takes the keys out of what a terminal sent. What may be the beginning of a key stays, unless nothing more `is_to_come`.
pub(super) fn take(bytes: &mut Vec<u8>, is_to_come: bool) -> Vec<Key> {
    let mut keys = Vec::new();
    let mut rest = bytes.as_slice();
    while let Some((key, length)) = first(rest, is_to_come) {
        keys.push(key);
        rest = rest.get(length..).unwrap_or_default();
    }
    *bytes = rest.to_vec();
    keys
}

/// The first key, and how many bytes it is.
fn first(bytes: &[u8], is_to_come: bool) -> Option<(Key, usize)> {
    let whole = |key| Some((key, 1));
    match bytes {
        [] => None,
        [0x1b] | [0x1b, b'[' | b'O'] if is_to_come => None,
        [0x1b, b'[' | b'O', rest @ ..] => {
            sequence(rest, is_to_come).map(|(key, length)| (key, length + 2))
        }
        // Alt and a letter is not that letter.
        [0x1b, _, ..] => Some((Key::Other, 2)),
        [0x1b] => whole(Key::Other),
        [b'\r' | b'\n', ..] => whole(Key::Enter),
        // Ctrl-D and Ctrl-U, as `less` has them.
        [4, ..] => whole(Key::PageDown),
        [21, ..] => whole(Key::PageUp),
        [byte @ 0x20..=0x7e, ..] => whole(Key::Letter(char::from(*byte))),
        _ => whole(Key::Other),
    }
}

/// What follows `ESC [`: numbers, then a letter or `~`.
fn sequence(bytes: &[u8], is_to_come: bool) -> Option<(Key, usize)> {
    let end = bytes.iter().position(|byte| matches!(byte, 0x40..=0x7e));
    let Some(end) = end else {
        // Nobody sends as many numbers.
        let is_whole = !is_to_come || bytes.len() > 16;
        return is_whole.then_some((Key::Other, bytes.len()));
    };
    let key = match (bytes.get(..end), bytes.get(end)) {
        (_, Some(b'A')) => Key::Up,
        (_, Some(b'B')) => Key::Down,
        (_, Some(b'H')) | (Some(b"1" | b"7"), Some(b'~')) => Key::Home,
        (_, Some(b'F')) | (Some(b"4" | b"8"), Some(b'~')) => Key::End,
        (Some(b"5"), Some(b'~')) => Key::PageUp,
        (Some(b"6"), Some(b'~')) => Key::PageDown,
        _ => Key::Other,
    };
    Some((key, end + 1))
}

#[cfg(test)]
mod tests {
    use super::{Key, take};

    fn taken(bytes: &[u8], is_to_come: bool) -> (Vec<Key>, Vec<u8>) {
        let mut bytes = bytes.to_vec();
        (take(&mut bytes, is_to_come), bytes)
    }

    #[test]
    fn keys_that_come_at_once_are_all_taken() {
        use Key::{Down, Enter, Letter, PageDown, Up};
        assert_eq!(
            taken(b"a\x1b[A\x1bOB\x1b[6~\rq", true),
            (
                vec![Letter('a'), Up, Down, PageDown, Enter, Letter('q')],
                Vec::new()
            )
        );
    }

    #[test]
    fn half_a_key_waits_for_its_rest() {
        assert_eq!(
            taken(b"a\x1b", true),
            (vec![Key::Letter('a')], b"\x1b".to_vec())
        );
        assert_eq!(taken(b"\x1b[5", true), (Vec::new(), b"\x1b[5".to_vec()));
        assert_eq!(taken(b"\x1b", false).0, [Key::Other]);
        assert_eq!(taken(b"\x1b[5", false).0, [Key::Other]);
    }

    #[test]
    fn what_is_no_key_is_none_of_ours() {
        assert_eq!(taken("ä\x1b[1;5C\x1ba".as_bytes(), true).0, [Key::Other; 4]);
    }
}
