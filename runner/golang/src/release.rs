//! Releases of Go: what `runtime.Version()` says, in an order.
//!
//! ```
//! use golang::{Abi, GoRelease};
//!
//! let old: GoRelease = "go1.16.15".parse()?;
//! let new: GoRelease = "go1.26.8 X:nocoverageredesign".parse()?;
//! assert!(old < new);
//! assert_eq!((old.abi(), new.abi()), (Abi::Stack, Abi::Register));
//! # Ok::<(), golang::ReleaseError>(())
//! ```

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::names::is_number;

/// How Go functions get their arguments and give back their results on linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Abi {
    /// All on the stack (`ABI0`, and every function up to Go 1.16).
    Stack,
    /// In registers as far as they go (`ABIInternal` from Go 1.17).
    Register,
}

/// How far a release was on its way when it was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Stage {
    Development,
    Beta(u32),
    Candidate(u32),
    Final(u32),
}

/// A release of Go. Ordered by version; what follows the version (experiments, a vendor's mark) does
/// not count, so two releases of one version are equal.
#[derive(Clone, Debug)]
pub struct GoRelease {
    text: String,
    minor: u32,
    stage: Stage,
    stack_abi_forced: bool,
}

/// A text that names no release of Go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a Go release: write it as go1.26.8")]
pub struct ReleaseError(String);

impl GoRelease {
    /// The number after `go1.`.
    #[must_use]
    pub const fn minor(&self) -> u32 {
        self.minor
    }

    /// Whether it is out: neither a beta nor a candidate, nor in development.
    #[must_use]
    pub(crate) const fn is_final(&self) -> bool {
        matches!(self.stage, Stage::Final(_))
    }

    /// The release's whole text, as `runtime.Version()` gives it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The ABI of the functions that the compiler makes: registers from the
    /// [release](arch::REGISTER_ABI_SINCE) on that brought them (`go/src/cmd/compile/abi-internal.md`), unless that experiment was switched off.
    #[must_use]
    pub const fn abi(&self) -> Abi {
        if self.minor >= arch::REGISTER_ABI_SINCE && !self.stack_abi_forced {
            Abi::Register
        } else {
            Abi::Stack
        }
    }
}

impl FromStr for GoRelease {
    type Err = ReleaseError;

    /// Takes `go1.N`, `go1.N.P`, `go1.NbetaK`, `go1.NrcK`, with anything after a space, `-` or `+`, and
    /// `devel go1.N-…` (`devel +hash` of Go before 1.17 has no version and is refused).
    fn from_str(text: &str) -> Result<Self, ReleaseError> {
        let error = || ReleaseError(text.to_owned());
        let trimmed = text.trim();
        let (development, rest) = match trimmed.strip_prefix("devel ") {
            Some(rest) => (true, rest.trim_start()),
            None => (false, trimmed),
        };
        let rest = rest.strip_prefix("go1").ok_or_else(error)?;
        let end = rest.find([' ', '-', '+']).unwrap_or(rest.len());
        let (version, suffix) = rest.split_at(end);
        let (minor, stage) = if version.is_empty() {
            (0, Stage::Final(0))
        } else {
            numbers(version.strip_prefix('.').ok_or_else(error)?).ok_or_else(error)?
        };
        Ok(Self {
            text: trimmed.to_owned(),
            minor,
            stage: if development {
                Stage::Development
            } else {
                stage
            },
            stack_abi_forced: experiments(suffix).any(|experiment| {
                matches!(experiment, "noregabi" | "noregabiargs" | "noregabiwrappers")
            }),
        })
    }
}

/// `26`, `26.8`, `26beta1`, `26rc2` → the minor number and the stage.
fn numbers(version: &str) -> Option<(u32, Stage)> {
    let digits = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    let (minor, rest) = version.split_at(digits);
    let number = |text: &str| text.parse().ok().filter(|_: &u32| is_number(text));
    let stage = if rest.is_empty() {
        Stage::Final(0)
    } else if let Some(patch) = rest.strip_prefix('.') {
        Stage::Final(number(patch)?)
    } else if let Some(beta) = rest.strip_prefix("beta") {
        Stage::Beta(number(beta)?)
    } else {
        Stage::Candidate(number(rest.strip_prefix("rc")?)?)
    };
    Some((number(minor)?, stage))
}

/// The experiments in ` X:a,b`.
fn experiments(suffix: &str) -> impl Iterator<Item = &str> {
    suffix
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("X:"))
        .flat_map(|list| list.split(','))
}

impl GoRelease {
    const fn key(&self) -> (u32, Stage) {
        (self.minor, self.stage)
    }
}

impl PartialEq for GoRelease {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for GoRelease {}

impl PartialOrd for GoRelease {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GoRelease {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl fmt::Display for GoRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> GoRelease {
        text.parse().unwrap()
    }

    #[test]
    fn releases_stand_in_order() {
        let order = [
            "go1",
            "go1.9.7",
            "devel go1.15-0123abc Thu Jan 1 00:00:00 1970 +0000",
            "go1.15beta1",
            "go1.15rc1",
            "go1.15rc2",
            "go1.15",
            "go1.15.15",
            "go1.16.15",
            "go1.26.8",
            "go1.27.3",
            "go1.100",
        ];
        for pair in order.windows(2) {
            assert!(release(pair[0]) < release(pair[1]), "{pair:?}");
        }
        assert_eq!(release("go1.21"), release("go1.21.0"));
    }

    #[test]
    fn what_follows_the_version_does_not_count() {
        for text in [
            "go1.20.3 X:nocoverageredesign",
            "go1.20.3-bigcorp",
            "go1.20.3+auto",
            "go1.20.3-20230317-RC01 cl/517 +0a1b X:fieldtrack,boringcrypto",
        ] {
            assert_eq!(release(text), release("go1.20.3"), "{text}");
            assert_eq!(release(text).to_string(), text);
        }
    }

    #[test]
    fn the_abi_changed_with_1_17() {
        let abi = |text| release(text).abi();
        assert_eq!(abi("go1.16.15"), Abi::Stack);
        assert_eq!(abi("go1.17"), Abi::Register);
        assert_eq!(abi("devel go1.28-abc"), Abi::Register);
        assert_eq!(abi("go1.17.13 X:noregabi"), Abi::Stack);
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "go",
            "go2.1",
            "go1.",
            "go1.x",
            "go1.2.3.4",
            "go1.26rc",
            "1.26",
            "devel +6a1b2c3d Mon",
            "go1.99999999999",
        ] {
            assert!(text.parse::<GoRelease>().is_err(), "{text:?}");
        }
    }
}
