//! The target's output streams.

/// One of the target's output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// Gets what the target writes while it writes it.
pub type Echo = Box<dyn FnMut(Stream, &[u8]) + Send>;
