//! A go.mod that differs from the program's: another `go` line, other versions of modules.
//!
//! The program's own files are never touched. A module's go.mod is written anew and named with `-modfile`, whose go.sum go looks for beside it.
//! A workspace takes no `-modfile`: there, `-overlay` puts changed copies in the place of go.work and of its modules' go.mod.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::chown,
    path::{Path, PathBuf},
};

use super::{
    error::BuildError,
    survey::{ModuleFiles, Survey, SurveyError},
};
use crate::modules::{ModFile, Selected, WorkFile};

/// What is to be different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleChange {
    /// The version in the `go` line. The `toolchain` line, which could ask for a newer release than the one that is compared, is left out.
    pub go: Option<String>,
    /// Which code stands for modules, by path; none for a module that is not required. Relative folders are those of `from`.
    pub modules: BTreeMap<String, Option<Selected>>,
    /// The go.mod that the modules' versions are from, whose go.sum knows them, too.
    pub from: Option<PathBuf>,
}

/// How a program is built with a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedModule {
    /// The flags for `go build` and `go test`.
    pub flags: Vec<String>,
    /// Modules that go selects otherwise than the change says, since others require it so: the path, and what go selects.
    pub otherwise: BTreeMap<String, Option<Selected>>,
}

impl Survey {
    /// What a go.mod says.
    ///
    /// # Errors
    /// It can't be read or understood.
    pub fn mod_file(&self, path: &Path) -> Result<ModFile, SurveyError> {
        let json = self.edit(&["mod", "edit", "-json", &path.to_string_lossy()])?;
        Ok(ModFile::read(&json)?)
    }

    /// Writes what a change needs into a folder, which must exist and be writable for go, and be there as long as go is run with it.
    ///
    /// # Errors
    /// The change can't be made: go needs a newer `go` line, a version is not to be had, or it is not possible in a workspace.
    pub fn change_module(
        &self,
        change: &ModuleChange,
        packages: &[&str],
        folder: &Path,
    ) -> Result<ChangedModule, SurveyError> {
        let files = self.module_files()?;
        match &files.go_work {
            Some(go_work) if !change.modules.is_empty() => Err(SurveyError::Workspace {
                go_work: go_work.clone(),
            }),
            Some(go_work) => self.change_workspace(change, go_work, folder),
            None => self.change_single(change, &files, packages, folder),
        }
    }

    fn change_single(
        &self,
        change: &ModuleChange,
        files: &ModuleFiles,
        packages: &[&str],
        folder: &Path,
    ) -> Result<ChangedModule, SurveyError> {
        let original = self.mod_file(&files.go_mod)?;
        let copy = folder.join("go.mod");
        let text = fs::read(&files.go_mod).map_err(BuildError::file(&files.go_mod, "read"))?;
        self.write(&copy, &text)?;
        let sums = [Some(files.go_mod.as_path()), change.from.as_deref()];
        let sums = merged_sums(sums.into_iter().flatten())?;
        self.write(&folder.join("go.sum"), &sums)?;
        let mut edits = go_line_edits(change, &original);
        edits.extend(module_edits(change, &original));
        self.edit_file("mod", &edits, &copy)?;

        let mut flags = vec![format!("-modfile={}", copy.display())];
        let is_vendored = files
            .go_mod
            .with_file_name("vendor")
            .join("modules.txt")
            .exists();
        if is_vendored && change.modules.is_empty() {
            // The vendor folder has all that there is, and stays as it is.
            return Ok(ChangedModule {
                flags,
                otherwise: BTreeMap::new(),
            });
        }
        if is_vendored {
            flags.push("-mod=mod".to_owned());
        }
        // Go adds what the copy lacks: sums, and modules that a newer `go` line wants named.
        self.list(
            &["-mod=mod", &flags[0], "-deps", "-test", "-f", ""],
            packages,
        )?;
        self.check(change, &copy, flags)
    }

    /// Compares what go made of a changed go.mod with what it should be.
    fn check(
        &self,
        change: &ModuleChange,
        copy: &Path,
        flags: Vec<String>,
    ) -> Result<ChangedModule, SurveyError> {
        let settled = self.mod_file(copy)?;
        if let Some(wanted) = &change.go
            && settled.go.as_ref() != Some(wanted)
        {
            return Err(SurveyError::GoLineNeeded {
                wanted: wanted.clone(),
                needed: settled.go.unwrap_or_default(),
            });
        }
        let selected = settled.selected();
        let modules = change.modules.iter().map(|(path, wanted)| {
            let base = change.from.as_deref().and_then(Path::parent);
            (path, wanted.as_ref().map(|wanted| absolute(wanted, base)))
        });
        let otherwise = modules
            .filter(|(path, wanted)| selected.get(path.as_str()) != wanted.as_ref())
            .map(|(path, _)| (path.clone(), selected.get(path.as_str()).cloned()));
        Ok(ChangedModule {
            flags,
            otherwise: otherwise.collect(),
        })
    }

    fn change_workspace(
        &self,
        change: &ModuleChange,
        go_work: &Path,
        folder: &Path,
    ) -> Result<ChangedModule, SurveyError> {
        let json = self.edit(&["work", "edit", "-json", &go_work.to_string_lossy()])?;
        let work = WorkFile::read(&json)?;
        let base = go_work.parent().unwrap_or(Path::new("/"));
        let members = work
            .folders()
            .map(|member| base.join(member).join("go.mod"));
        let mut replaced = BTreeMap::new();
        for (number, original) in members.enumerate() {
            let original =
                fs::canonicalize(&original).map_err(BuildError::file(&original, "find"))?;
            let text = fs::read(&original).map_err(BuildError::file(&original, "read"))?;
            let copy = folder.join(format!("{number}.mod"));
            self.write(&copy, &text)?;
            let edits = go_line_edits(change, &self.mod_file(&original)?);
            self.edit_file("mod", &edits, &copy)?;
            replaced.insert(original, copy);
        }
        let text = fs::read(go_work).map_err(BuildError::file(go_work, "read"))?;
        let copy = folder.join("go.work");
        self.write(&copy, &text)?;
        let edits = go_line_edits(change, &ModFile::default());
        self.edit_file("work", &edits, &copy)?;
        replaced.insert(go_work.to_owned(), copy);

        let overlay = folder.join("overlay.json");
        let text = serde_json::json!({ "Replace": replaced }).to_string();
        self.write(&overlay, text.as_bytes())?;
        Ok(ChangedModule {
            flags: vec![format!("-overlay={}", overlay.display())],
            otherwise: BTreeMap::new(),
        })
    }

    /// Edits a go.mod or go.work.
    fn edit_file(&self, kind: &str, edits: &[String], file: &Path) -> Result<(), SurveyError> {
        if edits.is_empty() {
            return Ok(());
        }
        let file = file.to_string_lossy();
        let mut words = vec![kind, "edit"];
        words.extend(edits.iter().map(String::as_str));
        words.push(&file);
        self.edit(&words).map(drop)
    }

    /// Writes a file that go may change.
    fn write(&self, path: &Path, text: &[u8]) -> Result<(), SurveyError> {
        fs::write(path, text).map_err(BuildError::file(path, "write"))?;
        if let Some(user) = &self.user {
            chown(path, Some(user.uid), Some(user.gid))
                .map_err(BuildError::file(path, "give away"))?;
        }
        Ok(())
    }
}

/// The edits that give a go.mod or go.work another `go` line.
fn go_line_edits(change: &ModuleChange, original: &ModFile) -> Vec<String> {
    let Some(go) = &change.go else {
        return Vec::new();
    };
    let mut edits = vec![format!("-go={go}")];
    if original.toolchain.is_some() {
        edits.push("-toolchain=none".to_owned());
    }
    edits
}

/// The edits after which other code stands for modules.
fn module_edits(change: &ModuleChange, original: &ModFile) -> Vec<String> {
    let base = change.from.as_deref().and_then(Path::parent);
    let mut edits = Vec::new();
    for (path, wanted) in &change.modules {
        edits.extend(
            original
                .replacements(path)
                .map(|replaced| format!("-dropreplace={replaced}")),
        );
        match wanted.as_ref().map(|wanted| absolute(wanted, base)) {
            None => edits.push(format!("-droprequire={path}")),
            Some(Selected::Version(version)) => edits.push(format!("-require={path}@{version}")),
            Some(Selected::Replaced {
                path: other,
                version,
            }) => edits.push(format!("-replace={path}={other}@{version}")),
            Some(Selected::Folder(folder)) => {
                edits.push(format!("-replace={path}={}", folder.display()));
            }
        }
    }
    edits
}

/// What is selected, a folder by its full path.
fn absolute(selected: &Selected, base: Option<&Path>) -> Selected {
    match (selected, base) {
        (Selected::Folder(folder), Some(base)) => Selected::Folder(base.join(folder)),
        _ => selected.clone(),
    }
}

/// The lines of the go.sum beside each go.mod.
fn merged_sums<'p>(go_mods: impl Iterator<Item = &'p Path>) -> Result<Vec<u8>, SurveyError> {
    let mut lines = BTreeSet::new();
    for go_mod in go_mods {
        let path: PathBuf = go_mod.with_extension("sum");
        if !path.exists() {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(BuildError::file(&path, "read"))?;
        lines.extend(text.lines().map(str::to_owned));
    }
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Ok(text.into_bytes())
}
