//! What came back, put together piece by piece.

use std::error::Error;

use hyper::http::response::Parts;
use model::Answer;

/// How many bytes of a response's body are kept.
const KEPT: usize = 1 << 20;

/// A response's body as it comes in: its first part is kept, all of it is counted.
#[derive(Debug, Default)]
pub(super) struct ResponseBody {
    kept: Vec<u8>,
    length: u64,
}

impl ResponseBody {
    pub(super) fn add(&mut self, data: &[u8]) {
        let room = KEPT - self.kept.len();
        self.kept
            .extend_from_slice(data.get(..room).unwrap_or(data));
        self.length = self.length.saturating_add(data.len() as u64);
    }

    /// How many bytes came in.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// The whole response.
    pub(super) fn answer(self, head: &Parts) -> Answer {
        let headers = head.headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        Answer::Response {
            status: head.status.as_u16(),
            headers: headers.collect(),
            truncated: self.length > self.kept.len() as u64,
            body: self.kept,
        }
    }
}

/// An error with its causes.
pub(super) fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
