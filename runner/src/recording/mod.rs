//! A versioned, self-contained file of a session, and its replay.
