//! Releases that a command line asks for: `1.16,1.21..stable`.
//!
//! ```
//! use golang::{KnownReleases, ReleaseList};
//!
//! let known = ["go1.16.15", "go1.21.6", "go1.21.13", "go1.22.12"].map(|text| text.parse().unwrap());
//! let known = KnownReleases::new(known, "go1.22.12".parse()?);
//! let list: ReleaseList = "1.16,1.21..stable".parse()?;
//! let meant: Vec<String> = list.among(&known)?.iter().map(ToString::to_string).collect();
//! assert_eq!(meant, ["go1.16.15", "go1.21.13", "go1.22.12"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::{collections::BTreeSet, fmt, str::FromStr};

use model::suggestion::nearest;

use crate::GoRelease;

/// The oldest release that programs can be built with is Go 1.15.
pub(crate) const OLDEST_MINOR: u32 = 15;

/// The words that stand for a release.
const WORDS: [&str; 3] = ["stable", "oldstable", "local"];

/// The releases that there are.
#[derive(Clone, Debug)]
pub struct KnownReleases {
    /// By age, oldest first.
    all: BTreeSet<GoRelease>,
    /// The one that is installed.
    local: GoRelease,
}

impl KnownReleases {
    /// These, and the one that is installed.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = GoRelease>, local: GoRelease) -> Self {
        let mut all: BTreeSet<GoRelease> = all.into_iter().collect();
        all.insert(local.clone());
        Self { all, local }
    }

    /// Whether a release is among them.
    #[must_use]
    pub fn has(&self, release: &GoRelease) -> bool {
        self.all.contains(release)
    }

    /// Which release may be meant by one that is not there: the last patch of its minor release, or the newest.
    #[must_use]
    pub fn help(&self, release: &GoRelease) -> String {
        match self.last_patch(release.minor()) {
            Some(last) => format!("did you mean {last}?"),
            None => format!("the newest is {}", self.newest()),
        }
    }

    /// The releases from one to another, both among them, oldest first: those that are out, with all their patches.
    #[must_use]
    pub fn between(&self, first: &GoRelease, last: &GoRelease) -> Vec<GoRelease> {
        let between = self.finals().filter(|one| *first < **one && **one < *last);
        let ends = [first, last].into_iter();
        let all: BTreeSet<&GoRelease> = ends.chain(between).collect();
        all.into_iter().cloned().collect()
    }

    /// The last patch of each minor release that is out, oldest first.
    fn last_patches(&self) -> impl DoubleEndedIterator<Item = &GoRelease> {
        let minors: BTreeSet<u32> = self.finals().map(GoRelease::minor).collect();
        minors
            .into_iter()
            .filter_map(|minor| self.last_patch(minor))
    }

    fn last_patch(&self, minor: u32) -> Option<&GoRelease> {
        let patches = self.finals().filter(|release| release.minor() == minor);
        patches.last()
    }

    fn finals(&self) -> impl Iterator<Item = &GoRelease> {
        self.all.iter().filter(|release| release.is_final())
    }

    fn newest(&self) -> &GoRelease {
        self.last_patches().next_back().unwrap_or(&self.local)
    }
}

/// Why a list of releases means none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseListError {
    /// It is empty, or has an empty element.
    #[error(
        "a release is missing: write 1.26, 1.26.8, 1.21..stable, stable, oldstable or local, with commas between them"
    )]
    Missing,
    /// An element names no release.
    #[error("`{text}` is not a Go release: {help}")]
    NotARelease {
        /// The element, or one end of it.
        text: String,
        /// What to write.
        help: String,
    },
    /// Releases are too old to build with.
    #[error("{0} is too old: goproctor builds with Go 1.15 and newer")]
    TooOld(String),
    /// There is no such release.
    #[error("there is no {text}: {help}")]
    Unknown {
        /// The release.
        text: String,
        /// What there is.
        help: String,
    },
    /// A range ends before it begins.
    #[error("the range {from}..{to} is empty: {from} is newer than {to}; write {to}..{from}")]
    Backwards {
        /// The first end.
        from: String,
        /// The other.
        to: String,
    },
}

/// A list of releases and of ranges of releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseList(Vec<Element>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Element {
    One(Named),
    Range(Named, Named),
}

/// A release as it is named.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    /// The last patch of a minor release: `1.26`.
    Minor(u32),
    /// One patch, or a candidate: `1.26.8`, `1.27rc1`.
    Exact(GoRelease),
    /// The newest that is out.
    Stable,
    /// The last patch of the minor release before that.
    OldStable,
    /// The one that is installed.
    Local,
}

impl ReleaseList {
    /// The last patches of all minor releases from this one on.
    #[must_use]
    pub fn since(minor: u32) -> Self {
        let first = Named::Minor(minor.max(OLDEST_MINOR));
        Self(vec![Element::Range(first, Named::Stable)])
    }

    /// The releases that are meant, oldest first and each once. One that is named in full need not be known: whether it can be had
    /// shows when it is [fetched](crate::toolchain::fetch).
    ///
    /// # Errors
    /// There is no such release, it is too old, or a range is empty.
    pub fn among(&self, known: &KnownReleases) -> Result<Vec<GoRelease>, ReleaseListError> {
        let mut meant = BTreeSet::new();
        for element in &self.0 {
            match element {
                Element::One(named) => {
                    meant.insert(named.among(known)?);
                }
                Element::Range(from, to) => meant.extend(range(from, to, known)?),
            }
        }
        Ok(meant.into_iter().collect())
    }
}

impl FromStr for ReleaseList {
    type Err = ReleaseListError;

    fn from_str(text: &str) -> Result<Self, ReleaseListError> {
        let elements = text.split(',').map(|element| {
            let element = element.trim();
            Ok(match element.split_once("..") {
                Some((from, to)) => Element::Range(from.parse()?, to.parse()?),
                None => Element::One(element.parse()?),
            })
        });
        elements.collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Named {
    type Err = ReleaseListError;

    fn from_str(text: &str) -> Result<Self, ReleaseListError> {
        let text = text.trim();
        let version = text.strip_prefix("go").unwrap_or(text);
        let release: Option<GoRelease> = format!("go{version}").parse().ok();
        let release = release.filter(|_| !version.contains([' ', '-', '+']));
        let named = match (text, release) {
            ("", _) => return Err(ReleaseListError::Missing),
            ("stable", _) => Self::Stable,
            ("oldstable", _) => Self::OldStable,
            ("local", _) => Self::Local,
            (_, Some(release)) => match is_minor(version) {
                true => Self::Minor(release.minor()),
                false => Self::Exact(release),
            },
            (_, None) => {
                let help = match nearest(text, WORDS) {
                    Some(word) => format!("did you mean `{word}`?"),
                    None => "write 1.26, 1.26.8, stable, oldstable or local".to_owned(),
                };
                let text = text.to_owned();
                return Err(ReleaseListError::NotARelease { text, help });
            }
        };
        match &named {
            Self::Minor(minor) if *minor < OLDEST_MINOR => {
                Err(ReleaseListError::TooOld(named.to_string()))
            }
            Self::Exact(release) if release.minor() < OLDEST_MINOR => {
                Err(ReleaseListError::TooOld(named.to_string()))
            }
            _ => Ok(named),
        }
    }
}

/// Whether a version names no patch: `1.26`.
fn is_minor(version: &str) -> bool {
    let minor = version.strip_prefix("1.");
    minor.is_some_and(|minor| minor.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Named {
    /// The release that it means.
    fn among(&self, known: &KnownReleases) -> Result<GoRelease, ReleaseListError> {
        let unknown = || ReleaseListError::Unknown {
            text: self.to_string(),
            help: format!("the newest is {}", known.newest()),
        };
        match self {
            Self::Exact(release) => Ok(release.clone()),
            Self::Local => Ok(known.local.clone()),
            Self::Minor(minor) => known.last_patch(*minor).cloned().ok_or_else(unknown),
            Self::Stable => Ok(known.newest().clone()),
            Self::OldStable => {
                let newest = known.newest().minor();
                let mut older = known.last_patches().filter(|known| known.minor() < newest);
                older.next_back().cloned().ok_or_else(unknown)
            }
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Minor(minor) => write!(f, "Go 1.{minor}"),
            Self::Exact(release) => release.fmt(f),
            Self::Stable => f.write_str("stable"),
            Self::OldStable => f.write_str("oldstable"),
            Self::Local => f.write_str("local"),
        }
    }
}

/// The releases of a range: of two patches of one minor release all between them, else a release of each minor release, where the ends
/// are those that are named.
fn range(
    from: &Named,
    to: &Named,
    known: &KnownReleases,
) -> Result<Vec<GoRelease>, ReleaseListError> {
    let (first, last) = (from.among(known)?, to.among(known)?);
    if first.minor() > last.minor() || (first > last && from.is_exact() && to.is_exact()) {
        return Err(ReleaseListError::Backwards {
            from: from.word(),
            to: to.word(),
        });
    }
    if first.minor() == last.minor() {
        let is_within = |release: &&GoRelease| match (from.is_exact(), to.is_exact()) {
            (true, true) => first <= **release && **release <= last,
            (true, false) => **release == first,
            (false, _) => **release == last,
        };
        let within = known.finals().filter(is_within).cloned();
        let ends = [(from, &first), (to, &last)].into_iter();
        let ends = ends.filter(|(named, _)| named.is_exact());
        return Ok(within.chain(ends.map(|(_, end)| end.clone())).collect());
    }
    let between = known.last_patches().filter(|release| {
        let minor = release.minor();
        first.minor() < minor && minor < last.minor()
    });
    let between = between.cloned().collect::<Vec<_>>();
    Ok([vec![first], between, vec![last]].concat())
}

impl Named {
    const fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }

    /// As one writes it in a list.
    fn word(&self) -> String {
        match self {
            Self::Minor(minor) => format!("1.{minor}"),
            Self::Exact(release) => release.as_str().trim_start_matches("go").to_owned(),
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KnownReleases, ReleaseList, ReleaseListError};
    use crate::GoRelease;

    fn release(text: &str) -> GoRelease {
        text.parse().unwrap()
    }

    fn known() -> KnownReleases {
        let all = [
            "go1.14.15",
            "go1.15.15",
            "go1.16.4",
            "go1.16.15",
            "go1.18",
            "go1.18.10",
            "go1.21.0",
            "go1.21.6",
            "go1.21.13",
            "go1.22.12",
            "go1.23.12",
            "go1.24.13",
            "go1.27.3",
            "go1.28rc1",
        ];
        KnownReleases::new(all.map(release), release("go1.23.4"))
    }

    fn meant(text: &str) -> String {
        let list: Result<ReleaseList, ReleaseListError> = text.parse();
        match list.and_then(|list| list.among(&known())) {
            Ok(releases) => {
                let releases: Vec<_> = releases.iter().map(|r| r.as_str().to_owned()).collect();
                releases.join(" ")
            }
            Err(error) => format!("error: {error}"),
        }
    }

    #[test]
    fn releases_and_ranges_are_named_by_minor_release_patch_and_word() {
        for (text, wanted) in [
            ("1.16", "go1.16.15"),
            ("go1.16", "go1.16.15"),
            ("1.16.4", "go1.16.4"),
            ("1.21.0", "go1.21.0"),
            ("1.28rc1", "go1.28rc1"),
            // It may be there although nobody has listed it.
            ("1.21.5", "go1.21.5"),
            ("stable", "go1.27.3"),
            ("oldstable", "go1.24.13"),
            ("local", "go1.23.4"),
            ("1.21..1.23", "go1.21.13 go1.22.12 go1.23.12"),
            ("1.23..stable", "go1.23.12 go1.24.13 go1.27.3"),
            ("1.27..stable", "go1.27.3"),
            ("local..stable", "go1.23.4 go1.24.13 go1.27.3"),
            ("1.21.6..1.22", "go1.21.6 go1.22.12"),
            ("1.21.0..1.21.6", "go1.21.0 go1.21.6"),
            ("1.21.5..1.21.13", "go1.21.5 go1.21.6 go1.21.13"),
            ("1.21..1.21.6", "go1.21.6"),
            ("stable, 1.16 ,1.16..1.18", "go1.16.15 go1.18.10 go1.27.3"),
        ] {
            assert_eq!(meant(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_list_says_what_to_write() {
        let write = "write 1.26, 1.26.8";
        for (text, wanted) in [
            ("", "a release is missing: write 1.26"),
            ("1.16,", "a release is missing: write 1.26"),
            ("..1.21", "a release is missing: write 1.26"),
            (
                "stabel",
                "`stabel` is not a Go release: did you mean `stable`?",
            ),
            ("26", write),
            ("1.26-x", write),
            ("devel go1.26-x", write),
            (
                "1.9",
                "Go 1.9 is too old: goproctor builds with Go 1.15 and newer",
            ),
            ("1.14.15", "go1.14.15 is too old"),
            ("1.29", "there is no Go 1.29: the newest is go1.27.3"),
            ("1.21..1.29", "there is no Go 1.29: the newest is go1.27.3"),
            (
                "1.24..1.21",
                "the range 1.24..1.21 is empty: 1.24 is newer than 1.21; write 1.21..1.24",
            ),
            (
                "1.21.6..1.21.0",
                "the range 1.21.6..1.21.0 is empty: 1.21.6 is newer than 1.21.0; write 1.21.0..1.21.6",
            ),
            ("stable..1.21", "write 1.21..stable"),
        ] {
            let said = meant(text);
            assert!(
                said.starts_with("error: ") && said.contains(wanted),
                "{text}: {said}"
            );
        }
    }

    #[test]
    fn all_minor_releases_since_one_are_meant_by_their_last_patches() {
        let since = |minor| ReleaseList::since(minor).among(&known()).unwrap();
        let told: Vec<_> = since(23).iter().map(|r| r.as_str().to_owned()).collect();
        assert_eq!(told, ["go1.23.12", "go1.24.13", "go1.27.3"]);
        assert_eq!(since(9).first(), Some(&release("go1.15.15")));
    }
}
