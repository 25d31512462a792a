//! Verdicts → terminal, JSON. Knows nothing of how they were reached.

pub mod values;
