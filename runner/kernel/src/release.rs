//! The kernel's release, to be shown. What a kernel can do is tried, never concluded from its number: distributions
//! bring features back to older ones.

use std::{fmt, fs};

/// A kernel release such as 6.1. Ordered.
///
/// ```
/// use kernel::Release;
/// assert_eq!(Release::parse("6.1.0-40-cloud-amd64"), Some(Release { major: 6, minor: 1 }));
/// assert!(Release { major: 6, minor: 1 } > Release { major: 5, minor: 19 });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl Release {
    /// The oldest release that `make kernels` boots.
    pub(crate) const OLDEST_PROVEN: Self = Self { major: 6, minor: 1 };
    /// The newest one.
    pub(crate) const NEWEST_PROVEN: Self = Self { major: 7, minor: 3 };

    /// Whether it lies between the oldest and the newest release that the tests are run on.
    #[must_use]
    pub(crate) fn is_proven(self) -> bool {
        (Self::OLDEST_PROVEN..=Self::NEWEST_PROVEN).contains(&self)
    }

    /// The release that a text such as `uname -r` gives begins with.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.split(|character: char| !character.is_ascii_digit());
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next()?.parse().ok()?;
        Some(Self { major, minor })
    }
}

/// The running kernel's release as the kernel writes it, such as `6.1.0-40-cloud-amd64`.
pub(super) fn running() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").map_or_else(
        |_| "of unknown release".to_owned(),
        |text| text.trim().to_owned(),
    )
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_as_distributions_write_them() {
        let release = |major, minor| Some(Release { major, minor });
        assert_eq!(Release::parse("6.18.44-fc-v470\n"), release(6, 18));
        assert_eq!(Release::parse("5.15-generic"), release(5, 15));
        assert_eq!(Release::parse("linux"), None);
        assert_eq!(Release::parse("6"), None);
        assert_eq!(Release::parse("99999999999.1"), None);
        assert!(release(5, 19) < release(6, 1) && release(10, 0) > release(9, 9));
        let proven = |text| Release::parse(text).is_some_and(Release::is_proven);
        assert!(
            proven("6.1.192")
                && proven("6.18")
                && proven("7.3.4")
                && !proven("5.15")
                && !proven("7.4")
        );
    }

    /// The script that boots kernels, the page about them and doctor speak of the same ones.
    #[test]
    fn the_tested_releases_are_those_that_are_booted() {
        const SCRIPT: &str = include_str!("../../../scripts/kernels");
        const PAGE: &str = include_str!("../../../docs/kernels.md");
        let (oldest, newest) = (Release::OLDEST_PROVEN, Release::NEWEST_PROVEN);
        let named = |name: &str, release| SCRIPT.contains(&format!("readonly {name}={release}\n"));
        assert!(named("oldest", oldest) && named("newest", newest));
        assert!(PAGE.contains(&format!("tested on Linux {oldest} to {newest}")));
    }
}
