//! The `go.mod` that a folder belongs to: the module's path, and the release that it asks for.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::error::BuildError;
use crate::GoRelease;

/// The release that a module without a `go` line is taken for (go.dev/ref/mod#go-mod-file-go).
const WITHOUT: &str = "go1.16";

/// What a `go.mod` says of its module.
#[derive(Clone, Debug)]
pub struct GoMod {
    /// The file.
    pub file: PathBuf,
    /// The module's path, if it has one.
    pub module: Option<String>,
    /// The release that its `go` line asks for; Go 1.16 where it has none.
    pub release: GoRelease,
}

/// The `go.mod` of the module that a folder is in; none outside of modules.
///
/// # Errors
/// Its `go.mod` can't be read.
pub fn go_mod(folder: &Path) -> Result<Option<GoMod>, BuildError> {
    let folder = fs::canonicalize(folder).map_err(BuildError::file(folder, "find"))?;
    for folder in folder.ancestors() {
        let file = folder.join("go.mod");
        match fs::read_to_string(&file) {
            Ok(text) => {
                let release = release_of(&text).or_else(|| WITHOUT.parse().ok());
                return Ok(release.map(|release| GoMod {
                    file,
                    module: module_of(&text),
                    release,
                }));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(BuildError::file(file, "read")(error)),
        }
    }
    Ok(None)
}

/// The release in the `go` line of a `go.mod`.
fn release_of(text: &str) -> Option<GoRelease> {
    let version = directive(text, "go")?;
    format!("go{version}").parse().ok()
}

/// The path in the `module` line of a `go.mod`.
fn module_of(text: &str) -> Option<String> {
    let path = directive(text, "module")?;
    Some(path.trim_matches(['"', '`']).to_owned())
}

/// The word behind the first one of a line that begins so.
fn directive<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let lines = text
        .lines()
        .map(|line| line.split("//").next().unwrap_or(line));
    let mut words = lines.map(str::split_whitespace);
    words.find_map(|mut words| (words.next() == Some(name)).then(|| words.next())?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{go_mod, module_of, release_of};

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
    fn a_module_has_the_path_of_its_module_line() {
        for (text, wanted) in [
            (
                "// a comment\nmodule example.com/shop // v2\ngo 1.21\n",
                Some("example.com/shop"),
            ),
            ("module \"example.com/shop\"\n", Some("example.com/shop")),
            ("go 1.21\n", None),
        ] {
            assert_eq!(module_of(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn the_module_is_that_of_the_nearest_folder_above() {
        let module = tempfile::tempdir().unwrap();
        let folder = module.path().join("cmd/shop");
        fs::create_dir_all(&folder).unwrap();
        assert!(go_mod(&folder).unwrap().is_none());
        fs::write(module.path().join("go.mod"), "module a\n").unwrap();
        let line = go_mod(&folder).unwrap().unwrap();
        assert_eq!(line.release.to_string(), "go1.16");
        assert!(line.file.ends_with("go.mod"));
    }
}
