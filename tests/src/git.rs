//! Git repositories of tests, without the settings of whoever runs them.

use std::{
    ffi::OsStr,
    path::Path,
    process::{Command, Output},
};

/// What keeps git from the settings of the system and of a user.
pub const SETTINGS: [(&str, &str); 6] = [
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_AUTHOR_NAME", "test"),
    ("GIT_AUTHOR_EMAIL", "test@example.test"),
    ("GIT_COMMITTER_NAME", "test"),
    ("GIT_COMMITTER_EMAIL", "test@example.test"),
];

/// What a git command gave.
fn output<S: AsRef<OsStr>>(folder: &Path, words: &[S]) -> std::io::Result<Output> {
    let mut git = Command::new("git");
    git.current_dir(folder).args(words).envs(SETTINGS).output()
}

/// Runs git, which succeeds.
///
/// # Panics
/// It does not.
#[expect(clippy::panic, reason = "a test that needs it must fail")]
pub fn git(folder: &Path, words: &[&str]) {
    match output(folder, words) {
        Ok(output) if output.status.success() => {}
        failed => panic!("git {words:?}: {failed:?}"),
    }
}

/// Commits all that is in the folder.
///
/// # Panics
/// There is nothing to commit.
pub fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", message]);
}

/// Makes the folder a repository in which a merge of `topic` into `main` ended in conflicts. `make` writes what is committed: first
/// the base, then what `topic` has of it, at last what `main` has.
///
/// # Panics
/// The merge is without conflicts.
#[expect(clippy::panic, reason = "a test that needs it must fail")]
pub fn conflict(folder: &Path, [base, topic, main]: [&str; 3], make: &dyn Fn(&str)) {
    let made = |what| {
        make(what);
        commit(folder, what);
    };
    git(folder, &["init", "-q", "-b", "main"]);
    made(base);
    git(folder, &["checkout", "-q", "-b", "topic"]);
    made(topic);
    git(folder, &["checkout", "-q", "main"]);
    made(main);
    match output(folder, &["merge", "-q", "topic"]) {
        Ok(output) if !output.status.success() => {}
        merged => panic!("the merge is without conflicts: {merged:?}"),
    }
}
