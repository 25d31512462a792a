//! The `go` line of a module: the release that it asks for.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::error::BuildError;
use crate::GoRelease;

/// The release that a module without a `go` line is taken for (go.dev/ref/mod#go-mod-file-go).
const WITHOUT: &str = "go1.16";

/// What a module asks for.
#[derive(Clone, Debug)]
pub struct GoLine {
    /// Its `go.mod`.
    pub file: PathBuf,
    /// The release; Go 1.16 where it has no `go` line.
    pub release: GoRelease,
}

/// What the module that a folder is in asks for; none outside of modules.
///
/// # Errors
/// Its `go.mod` can't be read.
pub fn go_line(folder: &Path) -> Result<Option<GoLine>, BuildError> {
    let folder = fs::canonicalize(folder).map_err(BuildError::file(folder, "find"))?;
    for folder in folder.ancestors() {
        let file = folder.join("go.mod");
        match fs::read_to_string(&file) {
            Ok(text) => {
                let release = release_of(&text).or_else(|| WITHOUT.parse().ok());
                return Ok(release.map(|release| GoLine { file, release }));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BuildError::file(file, "read")(error)),
        }
    }
    Ok(None)
}

/// The release in the `go` line of a `go.mod`.
fn release_of(text: &str) -> Option<GoRelease> {
    let mut lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    lines.find_map(|line| {
        let mut words = line.split_whitespace();
        let version = (words.next() == Some("go")).then(|| words.next())??;
        format!("go{version}").parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{go_line, release_of};

    #[test]
    fn a_module_asks_for_what_its_go_line_says() {
        for (text, wanted) in [
            ("module a\n\ngo 1.21\n", Some("go1.21")),
            (
                "// go 1.9\nmodule a\ngo   1.26.0 // for range\ntoolchain go1.27.3\n",
                Some("go1.26.0"),
            ),
            ("module a\n", None),
            ("module a\nrequire (\n\tgo.example/x v1.0.0\n)\n", None),
        ] {
            let release = release_of(text).map(|release| release.to_string());
            assert_eq!(release.as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn the_module_is_that_of_the_nearest_folder_above() {
        let module = tempfile::tempdir().unwrap();
        let folder = module.path().join("cmd/shop");
        fs::create_dir_all(&folder).unwrap();
        assert!(go_line(&folder).unwrap().is_none());
        fs::write(module.path().join("go.mod"), "module a\n").unwrap();
        let line = go_line(&folder).unwrap().unwrap();
        assert_eq!(line.release.to_string(), "go1.16");
        assert!(line.file.ends_with("go.mod"));
    }
}
