//! `--partition 2/5`: one of several parts of the tests, so that several machines share them.
//!
//! A test's part is `hash % parts + 1`. The hash is FNV-1a of 64 bits over the UTF-8 of the spec's path from the current folder
//! (`a/b.proctor.toml`, however it was named), a zero byte and the test's name. So it depends on nothing but these: a test that is
//! added, removed or renamed moves no other.

use std::{
    fmt,
    path::{Component, Path, PathBuf},
    str::FromStr,
};

use spec::{Spec, document::Test};

/// A part of the tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    /// From 1.
    part: u64,
    parts: u64,
}

/// Why a text is no partition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartitionError {
    /// It is not two numbers.
    #[error("write it as PART/PARTS, such as 2/5")]
    Form,
    /// There are no parts.
    #[error("there must be at least one part, as in 1/1")]
    NoParts,
    /// Part 0.
    #[error("parts are counted from 1, as in 1/{0}")]
    Zero(u64),
    /// A part that there is not.
    #[error("there is no part {0} of {1}")]
    TooLarge(u64, u64),
}

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let number = |digits: &str| match digits.bytes().all(|digit| digit.is_ascii_digit()) {
            true => digits.parse::<u64>().map_err(|_| PartitionError::Form),
            false => Err(PartitionError::Form),
        };
        let (part, parts) = text.split_once('/').ok_or(PartitionError::Form)?;
        match (number(part)?, number(parts)?) {
            (_, 0) => Err(PartitionError::NoParts),
            (0, parts) => Err(PartitionError::Zero(parts)),
            (part, parts) if part > parts => Err(PartitionError::TooLarge(part, parts)),
            (part, parts) => Ok(Self { part, parts }),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.parts)
    }
}

impl Partition {
    /// Leaves the tests of this part; specs without any are left out.
    pub(super) fn keep(self, selected: &mut Vec<(&Spec, Vec<&Test>)>) {
        for (spec, tests) in &mut *selected {
            let path = from_here(&spec.source.path);
            tests.retain(|test| self.has(&path, &test.name.value));
        }
        selected.retain(|(_, tests)| !tests.is_empty());
    }

    /// Whether it has a test of a spec.
    fn has(self, path: &Path, test: &str) -> bool {
        let path = path.to_string_lossy();
        let bytes = path.bytes().chain([0]).chain(test.bytes());
        fnv1a(bytes) % self.parts + 1 == self.part
    }
}

/// FNV-1a of 64 bits: <http://www.isthe.com/chongo/tech/comp/fnv/>.
fn fnv1a(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A path from the current folder, however it was given.
fn from_here(path: &Path) -> PathBuf {
    let whole = |path: &Path| path.canonicalize().ok();
    match whole(Path::new(".")).zip(whole(path)) {
        Some((here, path)) => relative(&path, &here),
        None => path.to_path_buf(),
    }
}

/// One absolute path from another.
fn relative(path: &Path, from: &Path) -> PathBuf {
    let shared = path
        .components()
        .zip(from.components())
        .take_while(|(a, b)| a == b)
        .count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(path.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, path::Path};

    use super::{Partition, PartitionError, fnv1a, from_here, relative};

    fn parsed(text: &str) -> Result<Partition, PartitionError> {
        text.parse()
    }

    #[test]
    fn a_partition_is_two_numbers() {
        assert_eq!(parsed("2/5"), Ok(Partition { part: 2, parts: 5 }));
        assert_eq!(parsed("0/0"), Err(PartitionError::NoParts));
        assert_eq!(parsed("1/0"), Err(PartitionError::NoParts));
        assert_eq!(parsed("0/5"), Err(PartitionError::Zero(5)));
        assert_eq!(parsed("3/2"), Err(PartitionError::TooLarge(3, 2)));
        for text in [
            "",
            "2",
            "/",
            "a/b",
            "1/",
            "/2",
            "+1/2",
            "-1/2",
            "1/2/3",
            " 1/2",
            "1/99999999999999999999",
        ] {
            assert_eq!(parsed(text), Err(PartitionError::Form), "{text}");
        }
    }

    /// Of the reference implementation's test vectors.
    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv1a("".bytes()), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a("a".bytes()), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a("foobar".bytes()), 0x8594_4171_f739_67e8);
    }

    fn part(test: &str, parts: u64) -> u64 {
        let has =
            |part: &u64| Partition { part: *part, parts }.has(Path::new("a.proctor.toml"), test);
        let found: Vec<_> = (1..=parts).filter(has).collect();
        assert_eq!(found.len(), 1, "{test} is in {found:?} of {parts}");
        found[0]
    }

    #[test]
    fn every_test_is_in_one_part_and_the_parts_are_alike() {
        for parts in [1, 2, 5, 7, 16] {
            let mut sizes = BTreeMap::new();
            for test in 0..2_000 {
                *sizes
                    .entry(part(&format!("test {test}"), parts))
                    .or_insert(0) += 1;
            }
            let even = 2_000 / parts;
            assert_eq!(sizes.len() as u64, parts);
            assert!(
                sizes
                    .values()
                    .all(|size| (even * 3 / 4..=even * 5 / 4).contains(size)),
                "{sizes:?}"
            );
        }
    }

    /// What is written down here may never change: a CI's parts would.
    #[test]
    fn a_tests_part_never_changes() {
        let parts: Vec<_> = ["one order", "two orders", "ü"]
            .iter()
            .map(|test| part(test, 5))
            .collect();
        assert_eq!(parts, [2, 4, 5]);
    }

    #[test]
    fn a_spec_has_one_path_however_it_is_named() {
        let absolute = std::env::current_dir().unwrap().join("Cargo.toml");
        for path in [
            Path::new("Cargo.toml"),
            Path::new("./src/../Cargo.toml"),
            &absolute,
        ] {
            assert_eq!(from_here(path), Path::new("Cargo.toml"));
        }
        assert_eq!(
            relative(Path::new("/a/b/c"), Path::new("/a/d/e")),
            Path::new("../../b/c")
        );
    }
}
