//! Finds testing's own lines in a stream, wherever it is cut.

use super::line::{ESCAPE, Line, Look, MARK, look, look_framed};
use super::mode::Mode;

/// A part of the output.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes that are no line of testing, or not one that matters in this mode.
    Text(Vec<u8>),
    /// A line of testing, and its bytes, including the newline.
    Line(Line, Vec<u8>),
}

/// Holds back only what may be the beginning of a line of testing.
#[derive(Debug)]
pub(super) struct Scanner {
    mode: Mode,
    has_escapes: bool,
    buffer: Vec<u8>,
    /// How much of the buffer has been given.
    given: usize,
    place: Place,
    escaped: bool,
}

/// A place in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Start,
    /// After nothing but spaces.
    Blank,
    /// After other bytes.
    Middle,
}

impl Scanner {
    pub(super) fn new(mode: Mode, release_minor: u32) -> Self {
        Self {
            mode,
            has_escapes: release_minor >= 27,
            buffer: Vec::new(),
            given: 0,
            place: Place::Start,
            escaped: false,
        }
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.given);
        self.given = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next piece. Indented lines matter below a report whose subtests are not decided yet.
    pub(super) fn next(&mut self, indented: bool) -> Option<Piece> {
        let bytes = self.buffer.get(self.given..).unwrap_or_default();
        let mut length = 0;
        while let Some(&byte) = bytes.get(length) {
            let found = match bytes.get(length..) {
                Some(rest) if self.may_begin(byte, indented) => self.look(rest),
                _ => Look::Other,
            };
            match found {
                Look::Other => {}
                Look::Whole(line, end) if length == 0 => {
                    let bytes = bytes.get(..end).unwrap_or_default().to_vec();
                    self.given += bytes.len();
                    (self.place, self.escaped) = (Place::Start, false);
                    return Some(Piece::Line(line, bytes));
                }
                Look::Undecided | Look::Whole(..) => break,
            }
            self.escaped = self.has_escapes && !self.escaped && byte == ESCAPE;
            self.place = match (self.place, byte) {
                (_, b'\n') => Place::Start,
                (Place::Start | Place::Blank, b' ' | b'\t') => Place::Blank,
                _ => Place::Middle,
            };
            length += 1;
        }
        let text = bytes.get(..length).unwrap_or_default().to_vec();
        self.given += length;
        (length > 0).then_some(Piece::Text(text))
    }

    /// What is still held back when the stream ends: no whole line.
    pub(super) fn end(&mut self) -> Vec<u8> {
        self.buffer.drain(..self.given);
        self.given = 0;
        std::mem::take(&mut self.buffer)
    }

    fn may_begin(&self, byte: u8, indented: bool) -> bool {
        match (self.mode, self.place) {
            // A mark ends the line before it (test2json.lineBuffer.indexEOL).
            (Mode::Json, Place::Start) => byte == MARK,
            (Mode::Json, _) => byte == MARK && !self.escaped,
            (Mode::Verbose, Place::Start) => {
                matches!(byte, b'-' | b'P' | b'F' | b'=') || indented && byte == b' '
            }
            (Mode::Plain, Place::Start) => {
                matches!(byte, b'-' | b'P' | b'F') || indented && byte == b' '
            }
            // After indentation it is what a test logs, such as the output of another `go test`.
            (_, Place::Blank) => false,
            // A test may print no newline at its end.
            (_, Place::Middle) => byte == b'-',
        }
    }

    fn look(&self, bytes: &[u8]) -> Look {
        match self.mode {
            Mode::Json => look_framed(bytes),
            Mode::Plain | Mode::Verbose => look(bytes),
        }
    }
}
