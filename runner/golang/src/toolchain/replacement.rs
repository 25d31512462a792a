//! The file that `go build -overlay` takes: which files replace which.

use std::{
    collections::{BTreeMap, HashMap},
    ffi::OsString,
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::{error::BuildError, flag::Flag, request::BuildUser};

/// The file that `go build -overlay` takes.
#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Overlay {
    #[serde(default)]
    replace: BTreeMap<PathBuf, PathBuf>,
}

/// What the user's own overlay replaces, by full path; none for a file that it removes.
pub(super) fn read(
    flags: &[Flag],
    folder: &Path,
) -> Result<HashMap<PathBuf, Option<PathBuf>>, BuildError> {
    let given = flags
        .iter()
        .rfind(|flag| flag.name == "overlay")
        .and_then(|flag| flag.value.as_ref());
    let Some(path) = given
        .filter(|path| !path.is_empty())
        .map(|path| folder.join(path))
    else {
        return Ok(HashMap::new());
    };
    let text = fs::read(&path).map_err(BuildError::file(&path, "read"))?;
    let overlay: Overlay =
        serde_json::from_slice(&text).map_err(|error| BuildError::InvalidOverlay {
            path,
            reason: error.to_string(),
        })?;
    let full = |(from, to): (PathBuf, PathBuf)| {
        let to = (!to.as_os_str().is_empty()).then(|| folder.join(to));
        (folder.join(from), to)
    };
    Ok(overlay.replace.into_iter().map(full).collect())
}

/// What go writes, with the names of the files in place of those of their replacements, however go shortened these;
/// seen from the folder that go ran in.
pub(super) fn original_names(
    text: &str,
    replaced: &HashMap<PathBuf, Option<PathBuf>>,
    folder: &Path,
) -> String {
    let mut text = text.to_owned();
    for (original, stand_in) in replaced {
        let Some(tail) = stand_in.as_deref().and_then(last_two) else {
            continue;
        };
        let name = match original.strip_prefix(folder) {
            Ok(inside) => format!("./{}", inside.display()),
            Err(_) => original.display().to_string(),
        };
        let mut from = 0;
        while let Some(at) = text[from..].find(&tail).map(|at| from + at) {
            let before = text[..at].rfind(|letter: char| letter.is_whitespace() || letter == '(');
            let start = before.map_or(0, |before| before + 1);
            text.replace_range(start..at + tail.len(), &name);
            from = start + name.len();
        }
    }
    text
}

/// The last folder of a path and its file's name, from the slash before them.
fn last_two(path: &Path) -> Option<String> {
    let folder = path.parent()?.file_name()?.to_str()?;
    let file = path.file_name()?.to_str()?;
    Some(format!("/{folder}/{file}"))
}

/// The argument that gives go the overlay in a folder of [`write`].
pub(super) fn argument(overlay: &TempDir) -> OsString {
    let mut argument = OsString::from("-overlay=");
    argument.push(overlay.path().join(FILE));
    argument
}

/// The overlay's name in its folder.
const FILE: &str = "overlay.json";

/// Writes the hinted files and the overlay that puts them in place, into a folder that lives as long as the result.
pub(super) fn write(
    files: &BTreeMap<PathBuf, Vec<u8>>,
    replaced: &mut HashMap<PathBuf, Option<PathBuf>>,
    user: Option<&BuildUser>,
) -> Result<Option<TempDir>, BuildError> {
    if files.is_empty() {
        return Ok(None);
    }
    let temporary = std::env::temp_dir();
    let folder = keeper::kept_prefix(&temporary, "goproctor-overlay-");
    let folder = folder.and_then(|prefix| {
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).tempdir_in(&temporary)
    });
    let folder = folder.map_err(BuildError::file(temporary, "write"))?;
    for (number, (path, text)) in files.iter().enumerate() {
        // The compiler looks at the name of the file that it reads: `//go:debug` is for `_test.go` (cmd/compile/internal/noder).
        let ending = match path.to_string_lossy().ends_with("_test.go") {
            true => "_test.go",
            false => ".go",
        };
        let file = folder.path().join(format!("{number}{ending}"));
        fs::write(&file, text).map_err(BuildError::file(&file, "write"))?;
        replaced.insert(path.clone(), Some(file));
    }
    let replace = replaced
        .iter()
        .map(|(from, to)| (from.clone(), to.clone().unwrap_or_default()))
        .collect();
    let json = folder.path().join(FILE);
    let text =
        serde_json::to_vec(&Overlay { replace }).map_err(|error| BuildError::InvalidOverlay {
            path: json.clone(),
            reason: error.to_string(),
        })?;
    fs::write(&json, text).map_err(BuildError::file(&json, "write"))?;
    if let Some(user) = user {
        chown(folder.path(), Some(user.uid), Some(user.gid))
            .map_err(BuildError::file(folder.path(), "hand over"))?;
    }
    Ok(Some(folder))
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, path::Path};

    use super::original_names;

    #[test]
    fn errors_are_told_at_the_users_own_files() {
        let replaced: HashMap<_, _> = [
            ("/shop/cmd/main.go", Some("/tmp/goproctor-overlay-x/0.go")),
            ("/shop/db/db.go", Some("/tmp/goproctor-overlay-x/10.go")),
            ("/shop/gone.go", None),
        ]
        .map(|(from, to)| (from.into(), to.map(Into::into)))
        .into();
        let text = "# shop\n../../tmp/goproctor-overlay-x/0.go:3:15: undefined: a\n\
                    \tother (/tmp/goproctor-overlay-x/10.go:7)\n\
                    /tmp/goproctor-overlay-x/0.go:4:1: no\n";
        assert_eq!(
            original_names(text, &replaced, Path::new("/shop/cmd")),
            "# shop\n./main.go:3:15: undefined: a\n\tother (/shop/db/db.go:7)\n./main.go:4:1: no\n"
        );
    }
}
