//! What git says of a repository: which files are not as they were at a revision, and all files of one.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::{OsStr, OsString},
    io,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use thiserror::Error;

/// Why git does not say what changed.
#[derive(Debug, Error)]
pub(crate) enum GitError {
    /// It can't be started.
    #[error("git says what changed between revisions, and it cannot be started: {0}; install git")]
    NotStarted(#[source] io::Error),
    /// There is no repository that it takes.
    #[error("revisions need a git repository; git says of {}: {says}", folder.display())]
    NoRepository {
        /// The folder.
        folder: PathBuf,
        /// What git says.
        says: String,
    },
    /// Two revisions.
    #[error(
        "{revision} is a range: name one revision, such as HEAD~1, or $(git merge-base main HEAD) for where a branch began"
    )]
    Range {
        /// What was given.
        revision: String,
    },
    /// It does not know the revision.
    #[error(
        "git knows no revision {revision}: name a commit, a branch or a tag, such as HEAD~1 or main"
    )]
    UnknownRevision {
        /// What was given.
        revision: String,
    },
    /// It does not know the revision, nor many others.
    #[error(
        "git knows no revision {revision}, and this clone has not all commits: run `git fetch --unshallow`, or name a commit that is there"
    )]
    Shallow {
        /// What was given.
        revision: String,
    },
    /// It ends with an error.
    #[error("git {command} failed: {says}")]
    Failed {
        /// The subcommand.
        command: String,
        /// What it says.
        says: String,
    },
}

impl GitError {
    /// Whether the command line is wrong, and not the world.
    pub(crate) const fn is_usage(&self) -> bool {
        match self {
            Self::Range { .. } | Self::UnknownRevision { .. } => true,
            Self::NotStarted(_)
            | Self::NoRepository { .. }
            | Self::Shallow { .. }
            | Self::Failed { .. } => false,
        }
    }
}

/// A repository with a working tree.
pub(crate) struct Repository {
    /// The folder of the working tree.
    top: PathBuf,
}

/// A file that may not be as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TouchedFile {
    /// Where it is or was, in full.
    pub(crate) path: PathBuf,
    /// Git's name for what it held; none if it was not there.
    pub(crate) old: Option<String>,
    /// Whether it is a repository of its own, of which git says no more.
    pub(crate) is_submodule: bool,
}

impl Repository {
    /// The repository that a folder is in.
    ///
    /// # Errors
    /// There is none, or no git.
    pub(crate) fn find(folder: &Path) -> Result<Self, GitError> {
        let top = run(folder, ["rev-parse", "--show-toplevel"])?;
        if !top.is_success {
            return Err(GitError::NoRepository {
                folder: folder.to_owned(),
                says: top.says,
            });
        }
        let top = top.output.strip_suffix(b"\n").unwrap_or(&top.output);
        let top = PathBuf::from(OsStr::from_bytes(top));
        Ok(Self {
            top: top.canonicalize().unwrap_or(top),
        })
    }

    /// The folder of the working tree.
    pub(crate) fn top(&self) -> &Path {
        &self.top
    }

    /// A path below the repository's folder.
    pub(crate) fn below<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.top).unwrap_or(path)
    }

    /// The full name of the commit that a revision means.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn commit(&self, revision: &str) -> Result<String, GitError> {
        let revision = revision.to_owned();
        if revision.contains("..") {
            return Err(GitError::Range { revision });
        }
        let wanted = format!("{revision}^{{commit}}");
        // What begins with a dash would be a flag to git.
        if !revision.starts_with('-') {
            let found = run(&self.top, ["rev-parse", "--verify", "--quiet", &wanted])?;
            if found.is_success {
                return Ok(String::from_utf8_lossy(&found.output).trim().to_owned());
            }
        }
        let shallow = run(&self.top, ["rev-parse", "--is-shallow-repository"])?;
        Err(match shallow.output.starts_with(b"true") {
            true => GitError::Shallow { revision },
            false => GitError::UnknownRevision { revision },
        })
    }

    /// The files that are not as they were at a commit, and those that git does not know and does not ignore.
    ///
    /// # Errors
    /// Git fails.
    pub(crate) fn touched(&self, commit: &str) -> Result<Vec<TouchedFile>, GitError> {
        let changed = self.ask([
            "diff",
            "--raw",
            "-z",
            "--no-abbrev",
            "--no-renames",
            "--no-ext-diff",
            commit,
            "--",
        ])?;
        let mut files = parse(&changed).ok_or_else(|| GitError::Failed {
            command: "diff".to_owned(),
            says: "it printed something that is not understood".to_owned(),
        })?;
        let unknown = self.ask(["ls-files", "--others", "--exclude-standard", "-z"])?;
        for path in unknown
            .split(|&byte| byte == 0)
            .filter(|path| !path.is_empty())
        {
            files.entry(path.to_owned()).or_default();
        }
        let files = files.into_iter().map(|(path, before)| TouchedFile {
            path: self.top.join(OsStr::from_bytes(&path)),
            old: before.blob,
            is_submodule: before.is_submodule || path.ends_with(b"/"),
        });
        Ok(files.collect())
    }

    /// Those of some files of the working tree of which git does not look whether they changed, because it ignores them.
    ///
    /// # Errors
    /// Git fails.
    pub(crate) fn ignored<'p>(
        &self,
        files: impl IntoIterator<Item = &'p Path>,
    ) -> Result<Vec<PathBuf>, GitError> {
        let known = self.ask([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])?;
        let known = known.split(|&byte| byte == 0);
        let known: BTreeSet<PathBuf> = known.map(|path| OsStr::from_bytes(path).into()).collect();
        let is_ignored = |file: &&Path| match file.strip_prefix(&self.top) {
            // Of a repository within this one the folder is known.
            Ok(file) => !file
                .ancestors()
                .any(|path| !path.as_os_str().is_empty() && known.contains(path)),
            Err(_) => false,
        };
        let ignored = files.into_iter().filter(is_ignored);
        Ok(ignored.map(Path::to_owned).collect())
    }

    /// The commits from one, without it, to another, with it, oldest first: of each the first parent.
    ///
    /// # Errors
    /// Git fails.
    pub(crate) fn commits(&self, first: &str, last: &str) -> Result<Vec<String>, GitError> {
        let range = format!("{first}..{last}");
        let listed = self.ask(["rev-list", "--first-parent", "--reverse", &range, "--"])?;
        let listed = String::from_utf8_lossy(&listed);
        Ok(listed.lines().map(str::to_owned).collect())
    }

    /// The first line of a commit's message.
    ///
    /// # Errors
    /// Git fails.
    pub(crate) fn subject(&self, commit: &str) -> Result<String, GitError> {
        let subject = self.ask(["log", "-1", "--format=%s", commit, "--"])?;
        Ok(String::from_utf8_lossy(&subject).trim().to_owned())
    }

    /// Writes all files of a commit into a folder, and nothing into the repository: no working tree of it that could be left behind.
    /// Submodules are not among them.
    ///
    /// # Errors
    /// Git fails.
    pub(crate) fn write_files(&self, commit: &str, folder: &Path) -> Result<(), GitError> {
        // An index of our own, so that the user's is left as it is.
        let index = folder.with_extension("index");
        let mut prefix = folder.as_os_str().to_owned();
        prefix.push("/");
        let mut to_folder = OsString::from("--prefix=");
        to_folder.push(&prefix);
        let done = self
            .with_index(&index, ["read-tree".into(), commit.into()])
            .and_then(|()| {
                let all = OsString::from("--all");
                self.with_index(&index, ["checkout-index".into(), all, to_folder])
            });
        let _ = std::fs::remove_file(&index);
        done
    }

    fn with_index<const N: usize>(
        &self,
        index: &Path,
        arguments: [OsString; N],
    ) -> Result<(), GitError> {
        let command = arguments.first().cloned().unwrap_or_default();
        let answer = answer(git(&self.top).args(arguments).env("GIT_INDEX_FILE", index))?;
        match answer.is_success {
            true => Ok(()),
            false => Err(GitError::Failed {
                command: command.to_string_lossy().into_owned(),
                says: answer.says,
            }),
        }
    }

    /// What a file held.
    ///
    /// # Errors
    /// Git fails.
    pub(crate) fn content(&self, blob: &str) -> Result<Vec<u8>, GitError> {
        self.ask(["cat-file", "blob", blob])
    }

    fn ask<const N: usize>(&self, arguments: [&str; N]) -> Result<Vec<u8>, GitError> {
        let answer = run(&self.top, arguments)?;
        match answer.is_success {
            true => Ok(answer.output),
            false => Err(GitError::Failed {
                command: arguments.first().copied().unwrap_or_default().to_owned(),
                says: answer.says,
            }),
        }
    }
}

/// What git answered.
struct Answer {
    is_success: bool,
    output: Vec<u8>,
    says: String,
}

fn run<const N: usize>(folder: &Path, arguments: [&str; N]) -> Result<Answer, GitError> {
    answer(git(folder).args(arguments))
}

fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder)
        // A look changes nothing, not even git's own notes.
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null());
    git
}

fn answer(git: &mut Command) -> Result<Answer, GitError> {
    let answer = git.output().map_err(GitError::NotStarted)?;
    Ok(Answer {
        is_success: answer.status.success(),
        output: answer.stdout,
        says: without_severity(&String::from_utf8_lossy(&answer.stderr)),
    })
}

/// What git says, without its `fatal:`.
fn without_severity(said: &str) -> String {
    let said = said.trim();
    said.strip_prefix("fatal: ").unwrap_or(said).to_owned()
}

/// What a path was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Before {
    blob: Option<String>,
    is_submodule: bool,
}

/// Reads what `git diff --raw -z` prints; none if it is anything else.
fn parse(output: &[u8]) -> Option<BTreeMap<Vec<u8>, Before>> {
    let mut files: BTreeMap<Vec<u8>, Before> = BTreeMap::new();
    let mut fields = output.split(|&byte| byte == 0);
    loop {
        let head = fields.next()?;
        if head.is_empty() {
            return fields.next().is_none().then_some(files);
        }
        let head = str::from_utf8(head.strip_prefix(b":")?).ok()?;
        let [old_mode, new_mode, old_blob, _, _] = head.split(' ').collect::<Vec<_>>()[..] else {
            return None;
        };
        let before = files.entry(fields.next()?.to_owned()).or_default();
        // A file that two branches changed comes twice, once without what it was.
        if old_mode != ABSENT && !old_blob.bytes().all(|byte| byte == b'0') {
            before.blob = Some(old_blob.to_owned());
        }
        before.is_submodule |= [old_mode, new_mode].contains(&SUBMODULE);
    }
}

const ABSENT: &str = "000000";
const SUBMODULE: &str = "160000";

#[cfg(test)]
mod tests {
    use super::*;

    fn told(output: &str) -> Option<Vec<String>> {
        let files = parse(output.as_bytes())?;
        let files = files.into_iter().map(|(path, before)| {
            let path = String::from_utf8(path).unwrap();
            let blob = before.blob.as_deref().unwrap_or("-");
            format!(
                "{path:?} {blob}{}",
                if before.is_submodule {
                    " submodule"
                } else {
                    ""
                }
            )
        });
        Some(files.collect())
    }

    #[test]
    fn files_are_read_with_what_they_were() {
        let output = ":100644 100644 abc1 0000 M\0shop/a b\n.go\0:100644 000000 abc2 0000 D\0old.go\0:000000 100644 0000 0000 A\0new.go\0\
            :160000 160000 abc3 abc4 M\0lib\0:000000 100644 0000 0000 U\0both.go\0:100644 100644 abc5 0000 M\0both.go\0";
        assert_eq!(
            told(output).unwrap(),
            [
                "\"both.go\" abc5",
                "\"lib\" abc3 submodule",
                "\"new.go\" -",
                "\"old.go\" abc2",
                "\"shop/a b\\n.go\" abc1",
            ]
        );
        assert_eq!(told("").unwrap(), [""; 0]);
    }

    #[test]
    fn anything_else_is_not_understood() {
        for output in ["shop.go\0", ":100644 M\0a\0", ":100644 100644 a b M\0", "x"] {
            assert_eq!(told(output), None, "{output:?}");
        }
    }
}
