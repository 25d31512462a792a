//! The go command that builds: where it is, which release answers, and the environment that it runs in.

use std::{
    env,
    ffi::{OsStr, OsString},
    fmt,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::AtomicBool,
};

use serde::Deserialize;

use super::{
    arguments::split,
    error::BuildError,
    flags,
    process::{self, Finished, RunError},
    request::{BuildUser, GoOptions},
};
use crate::{GoRelease, release_list::OLDEST_MINOR};

/// Where go is installed when it is not on the PATH, as under sudo.
const USUAL_PLACES: &[&str] = &["/usr/local/go/bin", "/usr/lib/go/bin", "/snap/bin"];

/// A go command of a known release.
#[derive(Clone, Debug)]
pub(super) struct Toolchain {
    command: GoCommand,
    /// The release that answers.
    pub(super) release: GoRelease,
    /// Where modules are kept that were fetched.
    pub(super) module_cache: PathBuf,
    /// The arguments in GOFLAGS that the release takes.
    pub(super) goflags: Vec<String>,
}

impl Toolchain {
    /// Finds go and asks which release it runs in `folder`; that release is fetched if need be.
    pub(super) fn find(
        options: GoOptions<'_>,
        folder: &Path,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, BuildError> {
        let selection = options.toolchain.map(Selection::parse).transpose()?;
        let mut command = GoCommand {
            go: match options.go {
                Some(go) => go.to_owned(),
                None => locate(options.environment)?,
            },
            folder: folder.to_owned(),
            user: options.user.cloned(),
            environment: options.environment.to_owned(),
            decisive: Vec::new(),
        };
        if options.for_this_machine {
            command.environment.extend([
                ("GOOS".into(), "linux".into()),
                ("GOARCH".into(), arch::GOARCH.into()),
            ]);
        }
        if let Some(selection) = &selection {
            command.decide("GOTOOLCHAIN", selection.to_string());
        }
        let (said, release) = command.introduce(selection.as_ref(), options.cancel, progress)?;
        if let Some(Selection::Release(wanted)) = &selection
            && *wanted != release
        {
            return Err(BuildError::ToolchainNotSwitched {
                wanted: wanted.clone(),
                installed: release,
            });
        }
        if release.minor() < OLDEST_MINOR {
            return Err(BuildError::TooOld { release });
        }
        let mut goflags = split(&said.goflags);
        if let Some(acceptable) = flags::acceptable(&goflags, &release) {
            goflags = split(&acceptable);
            command.decide("GOFLAGS", acceptable);
        }
        Ok(Self {
            command,
            release,
            module_cache: said.module_cache,
            goflags,
        })
    }

    /// Runs go with arguments.
    pub(super) fn run(
        &self,
        arguments: &[OsString],
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Finished, BuildError> {
        self.command.run(arguments, cancel, progress)
    }

    /// The go command.
    pub(super) fn go(&self) -> &Path {
        &self.command.go
    }

    /// The folder that it runs in.
    pub(super) fn folder(&self) -> &Path {
        &self.command.folder
    }

    /// The variables that are added to its environment.
    pub(super) fn environment(&self) -> &[(OsString, OsString)] {
        &self.command.environment
    }

    /// The command line that [`Self::run`] runs, for a shell.
    pub(super) fn line(&self, arguments: &[OsString]) -> String {
        let mut words = vec![
            "cd".to_owned(),
            quote(self.command.folder.as_os_str()),
            "&&".to_owned(),
        ];
        words.extend(
            self.command
                .decisive
                .iter()
                .map(|(name, value)| format!("{name}={}", quote(value.as_ref()))),
        );
        words.push(quote(self.command.go.as_os_str()));
        words.extend(arguments.iter().map(|argument| quote(argument)));
        words.join(" ")
    }
}

/// A go command with what it is run in.
#[derive(Clone, Debug)]
struct GoCommand {
    go: PathBuf,
    folder: PathBuf,
    user: Option<BuildUser>,
    environment: Vec<(OsString, OsString)>,
    /// Variables that we decided on.
    decisive: Vec<(&'static str, String)>,
}

/// What `go env -json` says of what matters here.
#[derive(Deserialize)]
struct GoEnv {
    #[serde(rename = "GOVERSION", default)]
    version: String,
    #[serde(rename = "GOMODCACHE", default)]
    module_cache: PathBuf,
    #[serde(rename = "GOFLAGS", default)]
    goflags: String,
}

impl GoCommand {
    fn decide(&mut self, name: &'static str, value: String) {
        self.environment.push((name.into(), value.clone().into()));
        self.decisive.push((name, value));
    }

    fn run(
        &self,
        arguments: &[OsString],
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Finished, BuildError> {
        let mut command = Command::new(&self.go);
        command.args(arguments).current_dir(&self.folder);
        if let Some(user) = &self.user {
            command
                .uid(user.uid)
                .gid(user.gid)
                .env("HOME", &user.home)
                .env("USER", &user.name)
                .env("LOGNAME", &user.name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        process::run(&mut command, cancel, progress).map_err(|error| match error {
            RunError::Io(source) => BuildError::GoNotStarted {
                go: self.go.clone(),
                source,
            },
            RunError::Cancelled => BuildError::Cancelled,
        })
    }

    /// What the environment is and which release answers.
    fn introduce(
        &self,
        selection: Option<&Selection>,
        cancel: &AtomicBool,
        progress: &mut dyn FnMut(&str),
    ) -> Result<(GoEnv, GoRelease), BuildError> {
        let arguments = ["env", "-json", "GOVERSION", "GOMODCACHE", "GOFLAGS"].map(OsString::from);
        let finished = self.run(&arguments, cancel, progress)?;
        if !finished.status.success() {
            return Err(BuildError::ToolchainUnavailable {
                toolchain: selection
                    .map_or_else(|| "the go toolchain".to_owned(), Selection::to_string),
                output: finished.stderr,
            });
        }
        let not_understood = |text: &[u8]| BuildError::GoNotUnderstood {
            go: self.go.clone(),
            text: String::from_utf8_lossy(text).chars().take(200).collect(),
        };
        let said: GoEnv = serde_json::from_slice(&finished.stdout)
            .map_err(|_| not_understood(&finished.stdout))?;
        if let Ok(release) = said.version.parse() {
            return Ok((said, release));
        }
        // GOVERSION came with Go 1.16; `go version` says "go version go1.15.15 linux/amd64", if GOFLAGS pleases it.
        let mut plain = self.clone();
        plain.environment.push(("GOFLAGS".into(), " ".into()));
        let finished = plain.run(&["version".into()], cancel, progress)?;
        let release = str::from_utf8(&finished.stdout)
            .ok()
            .and_then(|text| text.strip_prefix("go version ")?.split_once(' '))
            .and_then(|(release, _platform)| release.parse().ok())
            .ok_or_else(|| not_understood(&finished.stdout))?;
        Ok((said, release))
    }
}

/// What GOTOOLCHAIN is set to.
#[derive(Clone, Debug)]
enum Selection {
    /// The installed one.
    Local,
    Release(GoRelease),
}

impl Selection {
    fn parse(text: &str) -> Result<Self, BuildError> {
        if text == "local" {
            return Ok(Self::Local);
        }
        let version = text.strip_prefix("go").unwrap_or(text);
        let release = format!("go{version}").parse().ok();
        release
            .filter(|_| !text.contains(char::is_whitespace))
            .map(Self::Release)
            .ok_or_else(|| BuildError::InvalidToolchain {
                text: text.to_owned(),
            })
    }
}

impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Release(release) => release.fmt(f),
        }
    }
}

/// The release of the go command that would be used here, and where it is.
///
/// # Errors
/// There is none, or it does not answer.
pub fn installed() -> Result<String, BuildError> {
    let options = GoOptions {
        go: None,
        toolchain: Some("local"),
        environment: &[],
        user: None,
        cancel: &AtomicBool::new(false),
        for_this_machine: true,
    };
    let folder = env::temp_dir();
    let toolchain = Toolchain::find(options, &folder, &mut |_| {})?;
    Ok(format!(
        "{} ({})",
        toolchain.release,
        toolchain.command.go.display()
    ))
}

/// Finds go on the PATH of an environment, or on ours, then in the usual places.
fn locate(environment: &[(OsString, OsString)]) -> Result<PathBuf, BuildError> {
    let given = environment.iter().rfind(|(name, _)| name == "PATH");
    let path = given
        .map(|(_, path)| path.clone())
        .or_else(|| env::var_os("PATH"))
        .unwrap_or_default();
    let places: Vec<PathBuf> = env::split_paths(&path)
        .filter(|place| place.is_absolute())
        .chain(USUAL_PLACES.iter().map(PathBuf::from))
        .collect();
    let found = places
        .iter()
        .map(|place| place.join("go"))
        .find(|go| is_executable(go));
    found.ok_or_else(|| BuildError::GoNotFound {
        searched: places
            .iter()
            .map(|place| place.display().to_string())
            .collect::<Vec<_>>()
            .join(":"),
    })
}

fn is_executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// A word as a POSIX shell reads it.
fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=/.,:+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.into_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::{Selection, quote};

    #[test]
    fn toolchains_are_named_with_and_without_go() {
        for (text, value) in [
            ("go1.26.8", "go1.26.8"),
            ("1.16.15", "go1.16.15"),
            ("local", "local"),
        ] {
            assert_eq!(Selection::parse(text).unwrap().to_string(), value);
        }
        for text in ["", "newest", "go1.26.8 x", "26.8", "devel go1.28-x"] {
            let error = Selection::parse(text).unwrap_err().to_string();
            assert!(error.contains("write it as go1.26.8"), "{error}");
        }
    }

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quote("-gcflags=net=-l".as_ref()), "-gcflags=net=-l");
        assert_eq!(
            quote("-ldflags=-X a='b c'".as_ref()),
            r"'-ldflags=-X a='\''b c'\'''"
        );
        assert_eq!(quote("".as_ref()), "''");
    }
}
