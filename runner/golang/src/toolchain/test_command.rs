//! The command line of `go test`, understood as the go command understands it.

use std::{
    ffi::{OsStr, OsString},
    ops::Range,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

use super::{
    arguments::fields,
    flag::{Flag, Place},
    flags,
    test_flags::{self, Kind},
};
use crate::GoRelease;

/// Flags that goproctor gives, too: its own must come after the user's, because go takes the last one.
const MERGED: &[&str] = &["exec", "gcflags", "ldflags", "overlay"];

/// A `go test` command line, without the words `go test` (cmd/go/internal/test/testflag.go, testFlags).
///
/// ```
/// use std::ffi::OsString;
///
/// use golang::toolchain::TestCommand;
///
/// let arguments = ["-run", "TestCart", "./...", "-race", "-slow"].map(OsString::from);
/// let command = TestCommand::parse(&arguments);
/// assert_eq!(command.packages(), ["./..."]);
/// assert_eq!(command.value("run"), Some("TestCart"));
/// assert!(command.is_set("race") && !command.is_set("slow"));
/// assert_eq!(command.with(&["-exec=/bin/env".into()])[..2], ["-exec=/bin/env", "-run"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestCommand {
    arguments: Vec<OsString>,
    /// What go sets, in its order: first the flags of GOFLAGS.
    flags: Vec<Flag>,
    /// Where the packages are among the arguments.
    packages: Range<usize>,
    /// Where our flags go.
    insertion: usize,
    /// Whether `-C` is the first argument.
    changes_folder: bool,
    /// Whether go prints its usage and does nothing.
    refused: bool,
}

impl TestCommand {
    /// Reads arguments as the newest Go reads them. It never fails: go itself refuses what it does not take, and [`Self::runs_tests`] is false then.
    #[must_use]
    pub fn parse(arguments: &[OsString]) -> Self {
        Self::read(arguments, Vec::new(), |_| true)
    }

    /// The same arguments as a release reads them, with the flags in GOFLAGS, which come before all others. A flag that came
    /// later is the test binary's to that release.
    pub(super) fn for_release(&self, release: &GoRelease, goflags: &[String]) -> Self {
        let is_known = |name: &str| test_flags::is_known(name, release);
        // go refuses a GOFLAGS with anything but flags.
        let mut environment = flags::parse(goflags, Place::Environment).unwrap_or_default();
        environment.retain_mut(|flag| {
            let found = test_flags::find(&flag.name, is_known).map(|(name, _)| name.to_owned());
            let is_of_test = found.is_some();
            flag.name = found.unwrap_or_default();
            is_of_test
        });
        Self::read(&self.arguments, environment, is_known)
    }

    fn read(arguments: &[OsString], flags: Vec<Flag>, is_known: impl Fn(&str) -> bool) -> Self {
        let mut command = Self {
            arguments: arguments.to_owned(),
            flags,
            packages: 0..0,
            insertion: 0,
            changes_folder: false,
            refused: false,
        };
        let mut list = List::Ahead;
        let mut after_unknown = false;
        let mut at = 0;
        while let Some(argument) = arguments.get(at) {
            let (token, end) = Token::read(argument, arguments.get(at + 1), at, &is_known);
            let was_after_unknown = std::mem::take(&mut after_unknown);
            match token {
                Token::Word if list == List::Done && was_after_unknown => {}
                // Neither a package nor a flag's value: all that follows is the test binary's.
                Token::Word if list == List::Done => break,
                Token::Word => {
                    if list == List::Ahead {
                        command.packages.start = at;
                    }
                    command.packages.end = end;
                    list = List::Inside;
                }
                Token::End => break,
                Token::Help | Token::NoValue => {
                    command.refused = true;
                    break;
                }
                Token::Unknown { has_value } => {
                    list = List::Done;
                    after_unknown = !has_value;
                }
                Token::Known(flag) => {
                    if list == List::Inside {
                        list = List::Done;
                    }
                    command.take(flag, at, end);
                }
            }
            at = end;
        }
        command
    }

    fn take(&mut self, flag: Flag, at: usize, end: usize) {
        if flag.name == "C" {
            // cmd/go/main.go, handleChdirFlag: it must be the first.
            self.changes_folder = at == 0;
            self.refused |= at != 0;
        }
        if (at == 0 && self.changes_folder) || MERGED.contains(&flag.name.as_str()) {
            self.insertion = end;
        }
        self.flags.push(flag);
    }

    /// The arguments as they were given.
    #[must_use]
    pub fn arguments(&self) -> &[OsString] {
        &self.arguments
    }

    /// The packages as they were given; none for the current folder's, whose output go then prints as it comes.
    #[must_use]
    pub fn packages(&self) -> &[OsString] {
        self.arguments
            .get(self.packages.clone())
            .unwrap_or_default()
    }

    /// The arguments with flags added where go takes them and where they win: at the start, or after the last one of the
    /// user's `-exec`, `-gcflags`, `-ldflags` and `-overlay`.
    #[must_use]
    pub fn with(&self, flags: &[OsString]) -> Vec<OsString> {
        // After one of go's own flags, and at the start, another one changes nothing in how the rest is read.
        let (before, after) = self.arguments.split_at(self.insertion);
        [before, flags, after].concat()
    }

    /// Those of go's own flags that were given on the command line, an argument each, but those of some names.
    #[must_use]
    pub fn flags_without(&self, names: &[&str]) -> Vec<String> {
        let given = self.flags.iter().filter(|flag| {
            flag.place == Place::CommandLine && !names.contains(&flag.name.as_str())
        });
        given.map(Flag::argument).collect()
    }

    /// The value of one of go's flags, named without `test.`: of the last one. A flag that is true or false has one only if it
    /// was written.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.last(name)?.value.as_deref()
    }

    /// Whether one of go's flags that are true or false is true.
    #[must_use]
    pub fn is_set(&self, name: &str) -> bool {
        self.last(name).is_some_and(is_true)
    }

    fn last(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().rfind(|flag| flag.name == name)
    }

    /// The user's own `-exec`, split into its words; none if there is none or it is empty.
    #[must_use]
    pub fn exec(&self) -> Option<Vec<String>> {
        // go refuses a quote that is not closed, and says so itself.
        fields(self.value("exec")?).filter(|words| !words.is_empty())
    }

    /// Whether coverage is measured: `-cover`, or a flag that implies it (cmd/go/internal/work/build.go, AddCoverFlags).
    #[must_use]
    pub(super) fn is_covering(&self) -> bool {
        let mut flags = self.flags.iter();
        let last = flags.rfind(|flag| flag.name.starts_with("cover"));
        last.is_some_and(|flag| flag.name != "cover" || is_true(flag))
    }

    /// The elements of `-coverpkg`; none if only the tested packages are covered.
    pub(super) fn covered_packages(&self) -> impl Iterator<Item = &str> {
        let value = self.value("coverpkg").unwrap_or_default();
        value.split(',').filter(|pattern| !pattern.is_empty())
    }

    /// Whether go runs the tests: not for `-c`, `-i` and `-n`, nor if it refuses the command line.
    #[must_use]
    pub fn runs_tests(&self) -> bool {
        !self.refused && !["c", "i", "n"].into_iter().any(|flag| self.is_set(flag))
    }

    /// The folder that go works in when it is started in `folder`: another one for `-C`.
    #[must_use]
    pub fn folder(&self, folder: &Path) -> PathBuf {
        match self.value("C").filter(|_| self.changes_folder) {
            Some(other) => folder.join(other),
            None => folder.to_owned(),
        }
    }

    /// What go sets, in its order.
    pub(super) fn flags(&self) -> &[Flag] {
        &self.flags
    }

    /// Those of the flags that were given on the command line.
    pub(super) fn own_flags(&self) -> &[Flag] {
        let is_given = |flag: &Flag| flag.place == Place::CommandLine;
        let start = self.flags.iter().position(is_given);
        start
            .and_then(|start| self.flags.get(start..))
            .unwrap_or_default()
    }
}

fn is_true(flag: &Flag) -> bool {
    match flag.value.as_deref() {
        None => true,
        // cmd/go/internal/test/test.go, testVFlag
        Some("test2json") => flag.name == "v",
        // strconv.ParseBool
        Some(value) => matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True"),
    }
}

/// How far the list of packages is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Ahead,
    Inside,
    Done,
}

/// What an argument is (cmd/go/internal/cmdflag/flag.go, ParseOne).
enum Token {
    /// No flag.
    Word,
    /// What follows is the test binary's: `--` or `-args`.
    End,
    Help,
    /// A flag of go's.
    Known(Flag),
    /// A flag of go's that lacks its value.
    NoValue,
    /// A flag of the test binary's own.
    Unknown {
        has_value: bool,
    },
}

impl Token {
    /// Reads an argument and, if it takes one, its value; says where the next one is.
    fn read(
        argument: &OsStr,
        next: Option<&OsString>,
        at: usize,
        is_known: impl Fn(&str) -> bool,
    ) -> (Self, usize) {
        let bytes = argument.as_bytes();
        let named = match bytes {
            b"--" => return (Self::End, at + 1),
            [b'-', b'-', named @ ..] | [b'-', named @ ..] => named,
            _ => return (Self::Word, at + 1),
        };
        match named {
            b"?" | b"h" | b"help" => return (Self::Help, at + 1),
            [] | [b'-' | b'=', ..] => return (Self::Word, at + 1),
            // -args=x is no such mark, but an unknown flag.
            b"args" => return (Self::End, at + 1),
            _ => {}
        }
        let equals = named.iter().position(|&byte| byte == b'=');
        let (name, value) = match equals {
            Some(equals) => (&named[..equals], Some(&named[equals + 1..])),
            None => (named, None),
        };
        let Some((name, kind)) = str::from_utf8(name)
            .ok()
            .and_then(|name| test_flags::find(name, is_known))
        else {
            let has_value = value.is_some();
            return (Self::Unknown { has_value }, at + 1);
        };
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        let (value, end) = match (value, kind) {
            (Some(value), _) => (Some(text(value)), at + 1),
            (None, Kind::Boolean) => (None, at + 1),
            (None, Kind::Value) => match next {
                Some(next) => (Some(text(next.as_bytes())), at + 2),
                None => return (Self::NoValue, at + 1),
            },
        };
        let flag = Flag {
            name: name.to_owned(),
            value,
            place: Place::CommandLine,
        };
        (Self::Known(flag), end)
    }
}

#[cfg(test)]
mod tests;
