//! The kernel's release.

use std::{fmt, fs, io};

/// A kernel release such as 6.1. Ordered.
///
/// ```
/// use goproctor::kernel::Release;
/// assert_eq!(Release::parse("6.1.0-40-cloud-amd64"), Some(Release { major: 6, minor: 1 }));
/// assert!(Release { major: 6, minor: 1 } > Release::OLDEST);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    /// The first number.
    pub major: u32,
    /// The second number.
    pub minor: u32,
}

impl Release {
    /// The oldest release with sleepable uprobes (Linux commit 8c7dcb84e3b7); without them memory in pages
    /// that are not yet resident is lost.
    pub const OLDEST: Self = Self { major: 6, minor: 0 };

    /// The running kernel's.
    ///
    /// # Errors
    /// `/proc` can't be read, or does not name a release.
    pub fn running() -> io::Result<Self> {
        let text = fs::read_to_string("/proc/sys/kernel/osrelease")?;
        Self::parse(&text).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("no kernel release: {:?}", text.trim()),
            )
        })
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
        assert!(release(5, 19) < Some(Release::OLDEST) && release(10, 0) > release(9, 9));
    }
}
