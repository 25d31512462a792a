//! What comes of a trial, and what to do next.

/// What came of a trial, against the side that everything is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It behaves otherwise.
    Different,
    /// It behaves the same.
    Same,
    /// It cannot be said: it did not build, did not start, or was not the same each time.
    Unresolved,
}

/// What a search wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step<Trial, Conclusion> {
    /// Make this trial, and tell what came of it.
    Try(Trial),
    /// Nothing more is needed.
    Done(Conclusion),
}
