//! Things that are there twice.

use crate::{document::Span, error::SpecError};

/// Something that is there twice.
pub(super) fn twice(message: &str, first: Span, second: Span) -> SpecError {
    SpecError::at(second, message)
        .label("the second")
        .related(first, "the first")
}
