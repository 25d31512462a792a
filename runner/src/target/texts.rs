//! What the target writes to each of its streams, as far as it may be judged.

use model::Written;

use super::stream::Stream;

/// How many bytes are kept of each stream.
const KEPT: usize = 1 << 18;

/// What the target has written to each stream since a moment: the first 256 KiB.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts {
    stdout: Written,
    stderr: Written,
}

impl Texts {
    /// Takes what was written.
    pub(super) fn push(&mut self, stream: Stream, bytes: &[u8]) {
        let text = match stream {
            Stream::Stdout => &mut self.stdout,
            Stream::Stderr => &mut self.stderr,
        };
        let room = KEPT - text.bytes.len();
        let kept = bytes.get(..room).unwrap_or(bytes);
        text.bytes.extend_from_slice(kept);
        text.truncated |= kept.len() < bytes.len();
    }

    /// The texts; `more` may have been written that was not read.
    pub(super) fn written(&self, more: bool) -> model::Output {
        let of = |text: &Written| Written {
            truncated: text.truncated || more,
            ..text.clone()
        };
        model::Output {
            stdout: of(&self.stdout),
            stderr: of(&self.stderr),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_apart_and_bounded() {
        let mut texts = Texts::default();
        texts.push(Stream::Stdout, b"one\n");
        texts.push(Stream::Stderr, b"oops\n");
        texts.push(Stream::Stdout, b"two\n");
        let all = texts.written(false);
        assert_eq!(all.stdout.bytes, b"one\ntwo\n");
        assert_eq!(all.stderr.bytes, b"oops\n");
        assert!(!all.stdout.truncated && !all.stderr.truncated);
        texts.push(Stream::Stdout, &vec![b'x'; KEPT]);
        let all = texts.written(false);
        assert_eq!((all.stdout.bytes.len(), all.stdout.truncated), (KEPT, true));
        texts.push(Stream::Stdout, b"more");
        assert_eq!(texts.written(false).stdout.bytes.len(), KEPT);
        assert!(texts.written(true).stderr.truncated, "not all was read");
    }
}
