//! What the target finds around it: PATH, a home and a temporary folder of its own, UTC, and what the spec
//! declares. Nothing else of ours, so that a run is the same on every machine.

use std::{ffi::OsString, fs, io, os::unix::fs::PermissionsExt, path::Path};

use tempfile::TempDir;

/// Where programs are looked for when we have no PATH ourselves (the Go runtime and shells know no default).
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A folder for one target: `home` and `tmp` are in it, and it is `${dir}`. Belongs to the target's user, who
/// goproctor is, with mode 700; removed with all that is in it when dropped.
#[derive(Debug)]
pub struct TemporaryFolder {
    root: TempDir,
}

impl TemporaryFolder {
    /// Creates it, below the system's temporary folder.
    ///
    /// # Errors
    /// When the system refuses to.
    pub fn create() -> io::Result<Self> {
        let prefix = keeper::kept_prefix(&std::env::temp_dir(), "goproctor-")?;
        let root = tempfile::Builder::new()
            .prefix(&prefix)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir()?;
        for name in ["home", "tmp"] {
            fs::create_dir(root.path().join(name))?;
        }
        Ok(Self { root })
    }

    /// Its path: the value of `${dir}`.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.root.path()
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // What the target made unwritable, such as Go's module cache, could not be emptied.
        keeper::make_writable(self.root.path());
    }
}

/// The target's whole environment: PATH as ours, HOME and TMPDIR in its temporary folder, TZ=UTC, then what is
/// declared, which wins.
#[must_use]
pub fn environment(
    folder: &TemporaryFolder,
    declared: impl IntoIterator<Item = (OsString, OsString)>,
) -> Vec<(OsString, OsString)> {
    let path = std::env::var_os("PATH").unwrap_or_else(|| PATH.into());
    let mut all: Vec<(OsString, OsString)> = vec![
        ("PATH".into(), path),
        ("HOME".into(), folder.path().join("home").into()),
        ("TMPDIR".into(), folder.path().join("tmp").into()),
        ("TZ".into(), "UTC".into()),
    ];
    for (name, value) in declared {
        all.retain(|(existing, _)| *existing != name);
        all.push((name, value));
    }
    all
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn the_folder_is_the_targets_own_and_goes_whatever_is_in_it() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("kept"), "").unwrap();
        let folder = TemporaryFolder::create().unwrap();
        let path = folder.path().to_owned();
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let deep = path.join("home/go/pkg/mod");
        fs::create_dir_all(&deep).unwrap();
        fs::write(deep.join("file"), "").unwrap();
        symlink(outside.path(), deep.join("link")).unwrap();
        for locked in [deep.as_path(), deep.parent().unwrap()] {
            fs::set_permissions(locked, fs::Permissions::from_mode(0o500)).unwrap();
        }
        drop(folder);
        assert!(!path.exists());
        assert!(outside.path().join("kept").exists());
    }

    #[test]
    fn what_is_declared_wins_and_nothing_else_of_ours_is_there() {
        let folder = TemporaryFolder::create().unwrap();
        let declared = [
            ("TZ".into(), "Europe/Berlin".into()),
            ("A".into(), "1".into()),
        ];
        let all = environment(&folder, declared);
        let names: Vec<_> = all.iter().map(|(name, _)| name.to_str().unwrap()).collect();
        assert_eq!(names, ["PATH", "HOME", "TMPDIR", "TZ", "A"]);
        assert_eq!(all[1].1, folder.path().join("home"));
        assert!(Path::new(&all[2].1).is_dir());
        assert_eq!(all[3].1, "Europe/Berlin");
    }
}
