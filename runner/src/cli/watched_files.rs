//! The files that a spec's run depends on.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use golang::toolchain::ProgramFiles;
use spec::Spec;

/// How a spec's file name ends.
const SPEC: &str = ".proctor.toml";
/// How a snapshot's file name ends that was accepted; new ones goproctor writes itself.
const SNAPSHOT: &str = ".snap";
/// How the file name of a Go test ends, which is no part of a program.
const GO_TEST: &str = "_test.go";

/// The files that a spec's run depends on. All paths are absolute, and those of folders without links.
#[derive(Debug, Default)]
pub(super) struct WatchedFiles {
    files: BTreeSet<PathBuf>,
    /// Each Go file here may be one of the program.
    packages: BTreeSet<PathBuf>,
    /// The folder of the spec's snapshots, and how their names begin.
    snapshots: Option<(PathBuf, String)>,
    /// What go said of the program.
    program: Option<ProgramFiles>,
}

impl WatchedFiles {
    /// Of a spec and its program.
    pub(super) fn of(spec: &Spec, program: ProgramFiles) -> Self {
        let mut all = Self::of_file(&spec.source.path);
        let used = spec.source.used.iter();
        all.files.extend(used.map(|used| resolved(&used.path)));
        all.files
            .extend(program.files.iter().map(|file| resolved(file)));
        let folders = program.folders.iter();
        all.packages
            .extend(folders.map(|folder| resolved_folder(folder)));
        let snapshots = resolved_folder(&spec.folder()).join("snapshots");
        all.snapshots = Some((snapshots, format!("{}__", spec.source.stem())));
        all.program = Some(program);
        all
    }

    /// What go said of the program.
    pub(super) const fn program(&self) -> Option<&ProgramFiles> {
        self.program.as_ref()
    }

    /// Of a spec that can't be read.
    pub(super) fn of_file(spec: &Path) -> Self {
        Self {
            files: BTreeSet::from([resolved(spec)]),
            ..Self::default()
        }
    }

    /// How many they are, as far as they are known by name.
    pub(super) fn count(&self) -> usize {
        self.files.len()
    }

    /// Whether a change of what has this path is one of them. A folder's is, if they are in or below it.
    pub(super) fn has(&self, path: &Path) -> bool {
        if self.files.contains(path) || self.packages.iter().any(|folder| folder.starts_with(path))
        {
            return true;
        }
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return false;
        };
        let name = name.to_string_lossy();
        let is_go = name.ends_with(".go") && !name.ends_with(GO_TEST);
        let is_snapshot = |(snapshots, start): &(PathBuf, String)| {
            folder == snapshots && name.starts_with(start) && name.ends_with(SNAPSHOT)
        };
        is_go && self.packages.contains(folder) || self.snapshots.as_ref().is_some_and(is_snapshot)
    }

    /// Whether a path is that of a spec in one of the folders that the command line names.
    pub(super) fn is_new_spec(path: &Path, named: &[PathBuf]) -> bool {
        let is_spec = path.to_string_lossy().ends_with(SPEC);
        let is_below =
            |folder: &PathBuf| folder.is_dir() && path.starts_with(resolved_folder(folder));
        is_spec && named.iter().any(is_below)
    }

    /// The folders to watch: that a file is replaced by another one is seen there alone.
    pub(super) fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let of_files = self.files.iter().filter_map(|file| file.parent());
        let packages = self.packages.iter().map(PathBuf::as_path);
        let snapshots = self.snapshots.iter().map(|(folder, _)| folder.as_path());
        of_files
            .chain(packages)
            .chain(snapshots)
            .filter_map(|folder| {
                let mut there = folder.ancestors();
                there.find(|folder| folder.is_dir()).map(Path::to_owned)
            })
    }

    /// Whether one of those that are known by name has been written since then, or a Go file beside them.
    pub(super) fn changed_since(&self, time: SystemTime) -> bool {
        let in_packages = self.packages.iter().flat_map(|folder| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path())
        });
        let snapshots = self.snapshots.iter().flat_map(|(folder, _)| {
            let entries = fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.path())
        });
        let mut all = in_packages.chain(snapshots).filter(|path| self.has(path));
        self.files
            .iter()
            .any(|file| file.exists() && written_since(file, time))
            || all.any(|file| written_since(&file, time))
    }
}

/// How much older than it is a file may seem: the kernel's clock for files moves in steps.
const STEP: Duration = Duration::from_millis(10);

/// Whether what has this path was written, replaced or removed since then.
pub(super) fn written_since(path: &Path, time: SystemTime) -> bool {
    let Ok(data) = path.metadata() else {
        return true;
    };
    // A file that takes another's name keeps the time at which it was written, and not this one.
    let seconds = Duration::new(
        u64::try_from(data.ctime()).unwrap_or_default(),
        u32::try_from(data.ctime_nsec()).unwrap_or_default(),
    );
    SystemTime::UNIX_EPOCH + seconds + STEP >= time
}

/// The folders that a command line names.
pub(super) fn named_folders(named: &[PathBuf]) -> impl Iterator<Item = PathBuf> {
    let folders = named.iter().filter(|path| path.is_dir());
    folders.map(|folder| resolved_folder(folder))
}

/// A file's path with its folder resolved; the file itself may be replaced by another one.
fn resolved(file: &Path) -> PathBuf {
    match (file.parent(), file.file_name()) {
        (Some(folder), Some(name)) => resolved_folder(folder).join(name),
        _ => file.to_owned(),
    }
}

fn resolved_folder(folder: &Path) -> PathBuf {
    let named = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    fs::canonicalize(named)
        .or_else(|_| std::path::absolute(named))
        .unwrap_or_else(|_| named.to_owned())
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        fs,
        path::{Path, PathBuf},
        time::{Duration, SystemTime},
    };

    use super::{ProgramFiles, WatchedFiles};

    fn paths(paths: &[&str]) -> BTreeSet<PathBuf> {
        paths.iter().map(PathBuf::from).collect()
    }

    fn shop() -> WatchedFiles {
        WatchedFiles {
            files: paths(&[
                "/shop/a.proctor.toml",
                "/shop/go.mod",
                "/shop/page/index.html",
            ]),
            packages: paths(&["/shop", "/shop/store"]),
            snapshots: Some(("/shop/snapshots".into(), "a__".to_owned())),
            program: None,
        }
    }

    #[test]
    fn a_spec_depends_on_itself_its_snapshots_and_its_program() {
        let shop = shop();
        for path in [
            "/shop/a.proctor.toml",
            "/shop/go.mod",
            "/shop/page/index.html",
            "/shop/store/new.go",
            "/shop/snapshots/a__a-test.snap",
            "/shop/store",
            "/shop",
        ] {
            assert!(shop.has(Path::new(path)), "{path}");
        }
        for path in [
            "/shop/b.proctor.toml",
            "/shop/store/store_test.go",
            "/shop/store/log.txt",
            "/shop/other/other.go",
            "/shop/snapshots/a__a-test.snap.new",
            "/shop/snapshots/b__a-test.snap",
            "/shop/store/.store.go.swp",
        ] {
            assert!(!shop.has(Path::new(path)), "{path}");
        }
    }

    #[test]
    fn a_spec_depends_on_the_files_that_it_uses() {
        let place = tempfile::tempdir().unwrap();
        let place = fs::canonicalize(place.path()).unwrap();
        let spec = place.join("a.proctor.toml");
        let text = "use = [\"shop.toml\"]\n[program]\npackage = \".\"\n[[test]]\nname = \"a\"\ncount = { f = 1 }\n";
        fs::write(&spec, text).unwrap();
        fs::write(place.join("shop.toml"), "[functions]\nf = \"main.f\"\n").unwrap();
        let spec = spec::read(&spec).unwrap();
        let files = WatchedFiles::of(&spec, ProgramFiles::default());
        assert!(files.has(&place.join("shop.toml")));
    }

    #[test]
    fn a_folder_that_is_not_there_is_waited_for_in_the_one_above() {
        let place = tempfile::tempdir().unwrap();
        let place = fs::canonicalize(place.path()).unwrap();
        let files = WatchedFiles {
            packages: BTreeSet::from([place.join("gone/too")]),
            ..WatchedFiles::default()
        };
        assert_eq!(files.folders().collect::<Vec<_>>(), [place.as_path()]);
        assert!(files.has(&place.join("gone")));
    }

    #[test]
    fn what_was_written_meanwhile_has_changed() {
        let place = tempfile::tempdir().unwrap();
        let place = fs::canonicalize(place.path()).unwrap();
        fs::write(place.join("main.go"), "package main\n").unwrap();
        let files = WatchedFiles {
            packages: BTreeSet::from([place]),
            ..WatchedFiles::default()
        };
        let now = SystemTime::now();
        assert!(files.changed_since(now - Duration::from_secs(60)));
        assert!(!files.changed_since(now + Duration::from_secs(60)));
    }
}
