//! The snapshots that a command line means, of those that wait for a decision.

use std::path::{Path, PathBuf};

use judge::snapshot::{Pending, Store};
use model::glob::Glob;

use super::{Failure, discovery};

/// Those that names mean: tests, specs, folders, files. All below the current folder, if there are no names.
///
/// # Errors
/// A name that means nothing that waits; a file that can't be read.
pub(super) fn named(names: &[String]) -> Result<Vec<Pending>, Failure> {
    if names.is_empty() {
        return below(&[".".into()]);
    }
    let mut all: Option<Vec<Pending>> = None;
    let mut meant: Vec<Pending> = Vec::new();
    for name in names {
        let found = match at(Path::new(name))? {
            Some(found) => found,
            None => {
                if all.is_none() {
                    all = Some(below(&[".".into()])?);
                }
                matching(name, all.as_deref().unwrap_or_default())?
            }
        };
        if found.is_empty() {
            let all = all.map_or_else(|| below(&[".".into()]).unwrap_or_default(), |all| all);
            return Err(nothing(name, &all));
        }
        for pending in found {
            if !meant.contains(&pending) {
                meant.push(pending);
            }
        }
    }
    Ok(meant)
}

/// Those that a path means; none if it is no path of a spec, a folder or a snapshot.
fn at(path: &Path) -> Result<Option<Vec<Pending>>, Failure> {
    let name = path.to_string_lossy();
    if path.is_dir() || (name.ends_with(".proctor.toml") && path.is_file()) {
        return below(&[path.to_path_buf()]).map(Some);
    }
    if name.ends_with(".snap") || name.ends_with(".snap.new") {
        let pending = Pending::at(path).map_err(unusable)?;
        return Ok(Some(pending.into_iter().collect()));
    }
    Ok(None)
}

/// Those of a name among all: a test of exactly that name, or all whose test or spec matches it.
fn matching(name: &str, all: &[Pending]) -> Result<Vec<Pending>, Failure> {
    let exact: Vec<Pending> = all
        .iter()
        .filter(|pending| pending.test == name)
        .cloned()
        .collect();
    if !exact.is_empty() {
        return Ok(exact);
    }
    let glob = Glob::new(name).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    let is_meant = |pending: &&Pending| {
        let stem = pending.spec.strip_suffix(".proctor.toml");
        let stem = stem.unwrap_or(&pending.spec);
        [&pending.test, &pending.spec, stem]
            .iter()
            .any(|name| glob.matches(name))
    };
    Ok(all.iter().filter(is_meant).cloned().collect())
}

fn nothing(name: &str, all: &[Pending]) -> Failure {
    if all.is_empty() {
        return Failure::usage(format!(
            "no snapshot of `{name}` waits for a decision, nor any other"
        ));
    }
    let names: Vec<String> = all
        .iter()
        .map(|pending| format!("  {}", title(pending)))
        .collect();
    Failure::usage(format!(
        "no snapshot of `{name}` waits for a decision; these do:\n{}",
        names.join("\n")
    ))
}

/// All of the specs that paths mean.
fn below(paths: &[PathBuf]) -> Result<Vec<Pending>, Failure> {
    let mut all = Vec::new();
    for spec in discovery::specs(paths)? {
        all.extend(store(&spec).pending().map_err(unusable)?);
    }
    Ok(all)
}

/// The snapshots of the spec at a path, which is not read.
fn store(spec: &Path) -> Store {
    let folder = match spec.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let name = spec.file_name().unwrap_or_default().to_string_lossy();
    Store::new(folder, name.strip_suffix(".proctor.toml").unwrap_or(&name))
}

fn unusable(error: judge::snapshot::StoreError) -> Failure {
    Failure::world(error.to_string())
}

/// What a person calls it: `shop › two orders`.
pub(super) fn title(pending: &Pending) -> String {
    let stem = pending.spec.strip_suffix(".proctor.toml");
    format!("{} › {}", stem.unwrap_or(&pending.spec), pending.test)
}
