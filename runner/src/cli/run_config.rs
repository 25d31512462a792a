//! The `goproctor.toml` that a command line is completed by: found from the current folder upwards.

use std::{
    env, io,
    path::{Path, PathBuf},
};

use clap::{ArgMatches, parser::ValueSource};
use spec::config::{FILE_NAME, Settings};

use super::{Failure, arguments::RunArguments};

/// The variable that names a profile.
const PROFILE: &str = "GOPROCTOR_PROFILE";

/// The folder of a repository ends the search.
const REPOSITORY: &str = ".git";

/// A config file that was taken, for people.
pub(super) struct Taken {
    /// The file.
    file: PathBuf,
    /// The profile, if one was asked for.
    profile: Option<String>,
}

impl Taken {
    /// `settings of ../goproctor.toml, profile ci`
    pub(super) fn text(&self) -> String {
        let file = self.file.display();
        match &self.profile {
            Some(profile) => format!("settings of {file}, profile {profile}"),
            None => format!("settings of {file}"),
        }
    }
}

/// The arguments with what a config file says where the command line, of which `given` knows what was written, says nothing.
///
/// # Errors
/// The file can't be read or is wrong, or it has no such profile.
pub(super) fn complete(
    mut arguments: RunArguments,
    given: &ArgMatches,
) -> Result<(RunArguments, Option<Taken>), Failure> {
    if arguments.config.no_config {
        return Ok((arguments, None));
    }
    let folder = env::current_dir()
        .map_err(|error| Failure::world(format!("cannot find the current folder: {error}")))?;
    let profile = profile(arguments.config.profile.take());
    let Some(found) = Found::search(&folder) else {
        return match profile {
            None => Ok((arguments, None)),
            Some(profile) => Err(Failure::usage(format!(
                "there is no {FILE_NAME} with a profile `{profile}`: write one in this folder, or in one above it within the repository"
            ))),
        };
    };
    let config = spec::read_config(&found.file)?;
    let settings = config.settings(profile.as_deref())?;
    let is_given = |name: &str| given.value_source(name) == Some(ValueSource::CommandLine);
    take(&mut arguments, settings, &found.base, &is_given);
    let taken = Taken {
        file: found.file,
        profile,
    };
    Ok((arguments, Some(taken)))
}

/// The profile of the command line, or of the environment.
fn profile(given: Option<String>) -> Option<String> {
    let of_environment = || env::var(PROFILE).ok().filter(|name| !name.is_empty());
    given.or_else(of_environment)
}

/// A config file that was found.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// The file, as it is called from the current folder.
    file: PathBuf,
    /// Its folder, likewise; empty for the current one.
    base: PathBuf,
}

impl Found {
    /// Looks in a folder, which is the current one, and in those above it: up to that of the repository.
    fn search(folder: &Path) -> Option<Self> {
        let mut base = PathBuf::new();
        for folder in folder.ancestors() {
            if folder.join(FILE_NAME).is_file() {
                return Some(Self {
                    file: base.join(FILE_NAME),
                    base,
                });
            }
            if is_there(&folder.join(REPOSITORY)) {
                return None;
            }
            base.push("..");
        }
        None
    }
}

/// Whether there is something, be it only for others to read.
fn is_there(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(_) => true,
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Takes settings where the command line says nothing.
fn take(
    arguments: &mut RunArguments,
    settings: Settings,
    base: &Path,
    is_given: &dyn Fn(&str) -> bool,
) {
    fn set<T>(place: &mut T, value: Option<T>, is_given: bool) {
        if let Some(value) = value.filter(|_| !is_given) {
            *place = value;
        }
    }
    let relative = |paths: Vec<PathBuf>| paths.iter().map(|path| base.join(path)).collect();
    let paths = settings.paths.map(relative);
    set(&mut arguments.paths, paths, is_given("paths"));
    set(&mut arguments.count, settings.count, is_given("count"));
    set(&mut arguments.many.jobs, settings.jobs, is_given("jobs"));
    let retries = settings.retries;
    set(&mut arguments.many.retries, retries, is_given("retries"));
    set(
        &mut arguments.failfast,
        settings.failfast,
        is_given("failfast"),
    );
    set(
        &mut arguments.kernel.ring_mib,
        settings.ring,
        is_given("ring_mib"),
    );
    // A list runs nothing that could be reported.
    if !arguments.list {
        let junit = settings.junit.map(|path| base.join(path));
        let given = arguments.display.junit.take();
        arguments.display.junit = given.or(junit);
    }
    arguments.go = arguments.go.take().or(settings.go);
    arguments.user.user = arguments.user.user.take().or(settings.user);
    arguments.selection.skip = arguments.selection.skip.take().or(settings.skip);
    // The last one of a name counts.
    let given = std::mem::replace(&mut arguments.environment.variables, settings.env);
    arguments.environment.variables.extend(given);
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use clap::{CommandFactory as _, FromArgMatches as _};
    use spec::{Source, parse_config};

    use super::{Found, take};
    use crate::cli::arguments::{Arguments, Command, RunArguments};

    /// What `goproctor run` with these words takes of a config file.
    fn completed(words: &[&str], config: &str, profile: Option<&str>) -> RunArguments {
        let words = ["goproctor", "run"].iter().chain(words);
        let matches = Arguments::command().get_matches_from(words);
        let Command::Run(mut arguments) = Arguments::from_arg_matches(&matches).unwrap().command
        else {
            panic!("it is `run`");
        };
        let given = matches.subcommand_matches("run").unwrap();
        let source = Source::new("goproctor.toml", config);
        let settings = parse_config(source).unwrap().settings(profile).unwrap();
        let command_line = Some(clap::parser::ValueSource::CommandLine);
        let is_given = |name: &str| given.value_source(name) == command_line;
        take(&mut arguments, settings, Path::new(".."), &is_given);
        arguments
    }

    const CONFIG: &str = "[run]\njobs = 2\nretries = 1\nfailfast = true\nring = 64\ncount = 3\n\
        paths = [\"specs\"]\nenv = { A = \"run\", B = \"run\" }\ngo = \"go1.26.8\"\nskip = \"slow\"\n\
        [profile.ci]\nretries = 5\njunit = \"junit.xml\"\nenv = { B = \"ci\" }\n";

    #[test]
    fn what_the_command_line_does_not_say_the_file_does() {
        let arguments = completed(&[], CONFIG, None);
        assert_eq!((arguments.many.jobs, arguments.many.retries), (2, 1));
        assert!(arguments.failfast);
        assert_eq!((arguments.kernel.ring_mib, arguments.count), (64, 3));
        assert_eq!(arguments.paths, [Path::new("../specs")]);
        assert_eq!(arguments.go.as_deref(), Some("go1.26.8"));
        let skip = arguments.selection.skip.as_ref().map(regex::Regex::as_str);
        assert_eq!(skip, Some("slow"));
    }

    #[test]
    fn a_profile_wins_over_run_and_the_command_line_over_both() {
        let arguments = completed(&["--jobs=1"], CONFIG, Some("ci"));
        let junit = arguments.display.junit.as_deref();
        assert_eq!(junit, Some(Path::new("../junit.xml")));
        assert_eq!((arguments.many.jobs, arguments.many.retries), (1, 5));
        let words = [
            "-failfast=false",
            "--retries=0",
            "here",
            "--env=A=given",
            "--junit=mine.xml",
            "--ring",
            "8",
        ];
        let words: Vec<_> = crate::cli::arguments::two_dashes(words.map(Into::into))
            .map(|word| word.into_string().unwrap())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let arguments = completed(&words, CONFIG, Some("ci"));
        assert_eq!((arguments.many.retries, arguments.kernel.ring_mib), (0, 8));
        assert!(!arguments.failfast);
        assert_eq!(arguments.paths, [Path::new("here")]);
        let junit = arguments.display.junit.as_deref();
        assert_eq!(junit, Some(Path::new("mine.xml")));
        assert_eq!(
            completed(&["--list"], CONFIG, Some("ci")).display.junit,
            None
        );
        let mut variables = arguments.environment.variables;
        variables.sort();
        let wanted = [("A", "given"), ("A", "run"), ("B", "ci")];
        assert_eq!(
            variables,
            wanted.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn the_file_is_looked_for_up_to_the_repository() {
        let top = tempfile::tempdir().unwrap();
        let below = top.path().join("repository/a/b");
        fs::create_dir_all(&below).unwrap();
        fs::write(top.path().join("goproctor.toml"), "").unwrap();
        let found = Found::search(&below).unwrap();
        assert_eq!(found.file, Path::new("../../../goproctor.toml"));
        fs::create_dir(top.path().join("repository/.git")).unwrap();
        assert_eq!(Found::search(&below), None);
        fs::write(top.path().join("repository/goproctor.toml"), "").unwrap();
        let found = Found::search(&below).unwrap();
        assert_eq!(found.base, Path::new("../.."));
        fs::write(below.join("goproctor.toml"), "").unwrap();
        let found = Found::search(&below).unwrap();
        assert_eq!(found.file, Path::new("goproctor.toml"));
    }
}
