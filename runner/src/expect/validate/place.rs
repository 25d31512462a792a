//! Where a step of a path stands in the spec.

use crate::{
    model::Path,
    spec::{Source, Span, Spanned, path, place::inside},
};

/// The place of the segment of that index; of the whole key where that is not told.
pub(super) fn of_segment(source: &Source, path: &Spanned<Path>, segment: usize) -> Span {
    within(source, path, segment).unwrap_or_else(|| path.span.clone())
}

/// A key holds the whole path, or the end of it if tables around it hold the rest.
fn within(source: &Source, path: &Spanned<Path>, segment: usize) -> Option<Span> {
    let raw = source.text.get(path.span.clone())?;
    let content = content(raw)?;
    let steps = path::segments(&content).ok()?;
    // The root is a step too if it stands there.
    let total = path.value.segments.len() + 1;
    let before = total.checked_sub(steps.len())?;
    let step = steps.get((segment + 1).checked_sub(before)?)?;
    let place = inside(raw, &content, step.span.clone())?;
    Some(path.span.start + place.start..path.span.start + place.end)
}

/// What a key says, without quotes and escapes.
fn content(raw: &str) -> Option<String> {
    if !raw.starts_with(['"', '\'']) {
        return Some(raw.to_owned());
    }
    let table: toml::Table = toml::from_str(&format!("key = {raw}")).ok()?;
    Some(table.get("key")?.as_str()?.to_owned())
}
