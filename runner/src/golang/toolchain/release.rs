//! Releases of Go, as `go env GOVERSION` and `GOTOOLCHAIN` name them.

use std::fmt;

/// A release of Go, such as `go1.26.8`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Release {
    name: String,
    minor: u32,
}

impl Release {
    /// The oldest release that programs can be built with.
    pub const OLDEST_MINOR: u32 = 15;

    /// Reads a release's name: `go1.26.8`, `1.26.8`, `go1.27rc1`, `devel go1.28-0123abc Mon …`; none for anything else.
    ///
    /// ```
    /// use goproctor::golang::toolchain::Release;
    /// assert_eq!(Release::parse("1.26.8").unwrap().to_string(), "go1.26.8");
    /// assert_eq!(Release::parse("go1.27rc1 X:nodwarf5").unwrap().minor(), 27);
    /// assert!(Release::parse("latest").is_none());
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let word = text
            .strip_prefix("devel ")
            .unwrap_or(text)
            .split_whitespace()
            .next()?;
        let numbers = word.strip_prefix("go").unwrap_or(word);
        let rest = numbers.strip_prefix("1.")?;
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (minor, tail) = rest.split_at(digits);
        let known_tail = tail.is_empty()
            || tail.starts_with(['.', '-'])
            || tail.starts_with("rc")
            || tail.starts_with("beta");
        let printable = word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
        if !known_tail || !printable {
            return None;
        }
        Some(Self {
            name: format!("go{numbers}"),
            minor: minor.parse().ok()?,
        })
    }

    /// The number after `go1.`.
    #[must_use]
    pub const fn minor(&self) -> u32 {
        self.minor
    }

    /// Whether `go build -overlay` exists (Go 1.16).
    #[must_use]
    pub const fn has_overlay(&self) -> bool {
        self.minor >= 16
    }

    /// Whether the release understands `-buildvcs` (Go 1.18).
    #[must_use]
    pub const fn has_buildvcs(&self) -> bool {
        self.minor >= 18
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::Release;

    #[test]
    fn names_of_releases_are_read() {
        for (text, name, minor) in [
            ("go1.15", "go1.15", 15),
            ("1.26.8", "go1.26.8", 26),
            ("go1.27rc2\n", "go1.27rc2", 27),
            ("devel go1.28-4f9a2c1 Mon Nov 2", "go1.28-4f9a2c1", 28),
            ("go1.24.1 X:synctest", "go1.24.1", 24),
            ("go1.26.8-custom", "go1.26.8-custom", 26),
        ] {
            let release = Release::parse(text).unwrap();
            assert_eq!(
                (release.to_string().as_str(), release.minor()),
                (name, minor)
            );
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "go",
            "go1",
            "go1.",
            "latest",
            "go2.1",
            "1.x",
            "go1.26;rm",
            "go1.99999999999",
            "go1.26/../x",
            "go1.26.8+auto",
        ] {
            assert_eq!(Release::parse(text), None, "{text}");
        }
    }
}
