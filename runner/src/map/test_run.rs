//! `go test` commands that run some tests of a package.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use super::selection::Tests;

/// How `go test` is called.
#[derive(Clone, Debug, Default)]
pub(crate) struct GoTest {
    /// The flags that every call needs.
    pub(crate) flags: Vec<String>,
    /// The folder that go works in.
    pub(crate) folder: PathBuf,
}

/// A package as `go test` takes it.
#[derive(Clone, Debug)]
pub(crate) enum PackageFolder {
    /// One that is found by its folder.
    Folder(PathBuf),
    /// Words as they were given: files, a package of another module.
    Words(Vec<String>),
}

impl GoTest {
    /// The words of a command that runs some tests of a package.
    pub(crate) fn words(&self, tests: &Tests, package: &PackageFolder) -> Vec<String> {
        let mut words = vec!["go".to_owned(), "test".to_owned()];
        words.extend_from_slice(&self.flags);
        if let Tests::Named(names) = tests {
            let (benchmarks, others): (BTreeSet<_>, BTreeSet<_>) = names
                .iter()
                .map(String::as_str)
                .partition(|name| name.starts_with("Benchmark"));
            words.extend(["-run".to_owned(), pattern(&others)]);
            if !benchmarks.is_empty() {
                words.extend(["-bench".to_owned(), pattern(&benchmarks)]);
            }
        }
        match package {
            PackageFolder::Folder(folder) => words.push(relative(folder, &self.folder)),
            PackageFolder::Words(given) => words.extend_from_slice(given),
        }
        words
    }
}

/// The words of a command as a shell takes them.
pub(super) fn command_line(words: &[String]) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./=:,@+%".contains(letter);
    let quoted = words.iter().map(
        |word| match !word.is_empty() && word.chars().all(is_plain) {
            true => word.clone(),
            false => format!("'{}'", word.replace('\'', r"'\''")),
        },
    );
    quoted.collect::<Vec<_>>().join(" ")
}

/// `^TestA$`, `^(TestA|TestB)$`: names of functions have no letter that would mean something else.
fn pattern(names: &BTreeSet<&str>) -> String {
    match names.iter().copied().collect::<Vec<_>>().as_slice() {
        [] => "^$".to_owned(),
        [name] => format!("^{name}$"),
        names => format!("^({})$", names.join("|")),
    }
}

/// `./shop`, or the full path of what is not below the folder.
fn relative(package: &Path, folder: &Path) -> String {
    match package.strip_prefix(folder) {
        Ok(rest) if rest.as_os_str().is_empty() => ".".to_owned(),
        Ok(rest) => format!("./{}", rest.display()),
        Err(_) => package.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted() {
        let go = GoTest {
            flags: vec!["-race".to_owned(), "-ldflags=-X 'a.b=c'".to_owned()],
            folder: PathBuf::from("/shop"),
        };
        let told = |names: &[&str], folder: &str| {
            let named = Tests::Named(names.iter().map(ToString::to_string).collect());
            let tests = if names.is_empty() { Tests::All } else { named };
            command_line(&go.words(&tests, &PackageFolder::Folder(PathBuf::from(folder))))
        };
        let start = r"go test -race '-ldflags=-X '\''a.b=c'\'''";
        assert_eq!(
            told(&["TestB", "TestA"], "/shop"),
            format!("{start} -run '^(TestA|TestB)$' .")
        );
        assert_eq!(told(&[], "/shop/cart"), format!("{start} ./cart"));
        assert_eq!(told(&[], "/a b"), format!("{start} '/a b'"));
        assert_eq!(
            told(&["BenchmarkA", "TestÄ"], "/shop"),
            format!("{start} -run '^TestÄ$' -bench '^BenchmarkA$' .")
        );
        assert_eq!(
            told(&["BenchmarkA"], "/shop"),
            format!("{start} -run '^$' -bench '^BenchmarkA$' .")
        );
    }
}
