//! The two sides.

/// One of the two sides that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// What the other is compared with: the old release, the old revision.
    Before,
    /// What is compared with it.
    After,
}

/// One of something for each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sides<T> {
    /// That of the side before.
    pub before: T,
    /// That of the side after.
    pub after: T,
}

impl<T> Sides<T> {
    pub(super) fn map<U>(self, mut of: impl FnMut(T) -> U) -> Sides<U> {
        Sides {
            before: of(self.before),
            after: of(self.after),
        }
    }
}

/// Which side runs first in a round (counted from 0): before, after, after, before, and so on. What comes of being first, and
/// what grows steadily with time, then favours neither.
#[must_use]
pub const fn first(round: usize) -> Side {
    match round % 4 {
        0 | 3 => Side::Before,
        _ => Side::After,
    }
}
