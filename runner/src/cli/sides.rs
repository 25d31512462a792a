//! The two sides of a comparison: what the command line names, and the world that it is for each spec.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use model::SourcePosition;
use spec::Spec;
use tempfile::TempDir;

use super::{Failure, diff_arguments::DiffArguments};
use crate::{git::Repository, session, worlds::World};

/// Where the files of a revision are in its temporary folder.
const FILES: &str = "files";

/// Both sides.
pub(super) struct Sides {
    sides: [Side; 2],
    /// The files of revisions, by the folder of the repository and the commit.
    checkouts: BTreeMap<(PathBuf, String), TempDir>,
}

/// One side.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Side {
    /// The program as it is now, as its spec says; what it is called beside the other side.
    Own(&'static str),
    Release(String),
    Revision(String),
    Binary(PathBuf),
    Module(PathBuf),
}

impl Side {
    fn name(&self) -> String {
        match self {
            Self::Own(name) => (*name).to_owned(),
            Self::Release(release) => match release.strip_prefix("go") {
                Some(_) => release.clone(),
                None => format!("go{release}"),
            },
            Self::Revision(revision) => revision.clone(),
            Self::Binary(path) | Self::Module(path) => path.display().to_string(),
        }
    }
}

/// What the sides are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SideKind {
    /// Go releases.
    Releases,
    /// Revisions, or a revision and the working tree.
    Revisions {
        /// The first.
        first: String,
        /// The second; none for the working tree.
        last: Option<String>,
    },
    /// Binaries.
    Binaries,
    /// go.mod files.
    Modules {
        /// The one before.
        before: PathBuf,
        /// Whether the one after is the program's own.
        is_own_after: bool,
    },
}

impl Sides {
    /// What they are.
    pub(super) fn kind(&self) -> SideKind {
        let [before, after] = &self.sides;
        match (before, after) {
            (Side::Revision(first), Side::Revision(last)) => SideKind::Revisions {
                first: first.clone(),
                last: Some(last.clone()),
            },
            (Side::Revision(first), _) => SideKind::Revisions {
                first: first.clone(),
                last: None,
            },
            (Side::Module(before), after) => SideKind::Modules {
                before: before.clone(),
                is_own_after: matches!(after, Side::Own(_)),
            },
            (_, Side::Release(_)) => SideKind::Releases,
            _ => SideKind::Binaries,
        }
    }

    /// What the command line names.
    ///
    /// # Errors
    /// More than two of a kind, two kinds, or twice the same.
    pub(super) fn new(arguments: &DiffArguments) -> Result<Self, Failure> {
        let named: [(&str, Vec<Side>); 4] = [
            (
                "--go",
                arguments.go.iter().cloned().map(Side::Release).collect(),
            ),
            (
                "--rev",
                arguments
                    .revisions
                    .iter()
                    .cloned()
                    .map(Side::Revision)
                    .collect(),
            ),
            (
                "--binary",
                arguments
                    .binaries
                    .iter()
                    .cloned()
                    .map(Side::Binary)
                    .collect(),
            ),
            (
                "--mod",
                arguments
                    .modules
                    .iter()
                    .cloned()
                    .map(Side::Module)
                    .collect(),
            ),
        ];
        let mut named = named.into_iter().filter(|(_, sides)| !sides.is_empty());
        let Some((flag, sides)) = named.next() else {
            return Err(Failure::usage(
                "name the sides, such as --go 1.26.8 --go 1.27.3",
            ));
        };
        if let Some((other, _)) = named.next() {
            return Err(Failure::usage(format!(
                "{flag} and {other} cannot be compared with one another: name both sides with the same flag"
            )));
        }
        let comes_after = matches!(flag, "--go" | "--binary");
        let own = Side::Own(match flag {
            "--go" => "the release of the spec",
            "--rev" => "the working tree",
            "--mod" => "go.mod as it is",
            _ => "the program of the spec",
        });
        let sides = match <[Side; 2]>::try_from(sides) {
            Ok(sides) => sides,
            Err(mut sides) => match (sides.pop(), sides.len()) {
                (Some(one), 0) if comes_after => [own, one],
                (Some(one), 0) => [one, own],
                _ => {
                    return Err(Failure::usage(format!(
                        "two sides are compared: give {flag} twice, or once to compare with the program as it is"
                    )));
                }
            },
        };
        let [before, after] = &sides;
        if before == after {
            eprintln!(
                "goproctor: both sides are {}: what differs then varies from run to run",
                before.name()
            );
        }
        Ok(Self {
            sides,
            checkouts: BTreeMap::new(),
        })
    }

    /// What both are called.
    pub(super) fn names(&self) -> [String; 2] {
        self.sides.each_ref().map(Side::name)
    }

    /// What both are for a spec.
    ///
    /// # Errors
    /// A revision can't be had, or has not the spec's folder; a file is not there.
    pub(super) fn worlds(&mut self, spec: &Spec) -> Result<[World; 2], Failure> {
        let [before, after] = self.sides.clone();
        Ok([self.world(&before, spec)?, self.world(&after, spec)?])
    }

    fn world(&mut self, side: &Side, spec: &Spec) -> Result<World, Failure> {
        let mut world = World::default();
        match side {
            Side::Own(_) => {}
            Side::Release(release) => world.release = Some(release.clone()),
            Side::Revision(revision) => {
                world.folder = Some(self.folder_of_revision(revision, &spec.folder())?);
            }
            Side::Binary(path) => world.binary = Some(full(path)?),
            Side::Module(path) => {
                let path = full(path)?;
                if path.extension().is_none_or(|ending| ending != "mod") {
                    return Err(Failure::usage(format!(
                        "{}: go takes a file that ends with .mod, and the .sum file beside it: name it so",
                        path.display()
                    )));
                }
                world.flags.push(format!("-modfile={}", path.display()));
            }
        }
        Ok(world)
    }

    /// Names a place of a revision's files by the file of the working tree that it is a revision of.
    pub(super) fn name_in_repository(&self, place: &mut SourcePosition) {
        let below = self.checkouts.iter().find_map(|((top, _), checkout)| {
            let file = Path::new(&place.file);
            let below = file.strip_prefix(checkout.path().join(FILES)).ok()?;
            Some(top.join(below))
        });
        if let Some(file) = below {
            place.file = file.display().to_string();
        }
    }

    /// Where a folder of the working tree is in a revision.
    fn folder_of_revision(&mut self, revision: &str, folder: &Path) -> Result<PathBuf, Failure> {
        let folder = full(folder)?;
        let repository = Repository::find(&folder)?;
        let commit = repository.commit(revision)?;
        let below = repository.below(&folder).to_owned();
        let key = (repository.top().to_owned(), commit.clone());
        let checkout = match self.checkouts.entry(key) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                let cannot =
                    |error| Failure::world(format!("cannot make a temporary folder: {error}"));
                let checkout = session::kept_folder().map_err(cannot)?;
                let files = checkout.path().join(FILES);
                fs::create_dir(&files).map_err(cannot)?;
                repository.write_files(&commit, &files)?;
                place.insert(checkout)
            }
        };
        let there = checkout.path().join(FILES).join(&below);
        match there.is_dir() {
            true => Ok(there),
            false => Err(Failure::usage(format!(
                "{revision} has no folder {}: name a spec whose folder is in both revisions",
                below.display()
            ))),
        }
    }
}

/// A path from the root on.
///
/// # Errors
/// There is nothing there.
pub(super) fn full(path: &Path) -> Result<PathBuf, Failure> {
    let path = match path.as_os_str().is_empty() {
        true => Path::new("."),
        false => path,
    };
    fs::canonicalize(path)
        .map_err(|error| Failure::usage(format!("cannot find {}: {error}", path.display())))
}
