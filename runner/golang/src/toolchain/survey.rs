//! What a release and cmd/go say of a program: the settings that it has and starts with, experiments, modules.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use serde::Deserialize;

use super::{
    build::or_status,
    command::Toolchain,
    error::BuildError,
    flag::Place,
    flags,
    list::{NOT_UNDERSTOOD, records},
    request::{BuildUser, GoOptions},
};
use crate::{
    GoRelease,
    experiments::Experiments,
    godebug::{InvalidSetting, SettingTable, SettingValues, TableError},
    modules::{InvalidModFile, ModuleVersion},
};

/// The first release that starts programs with settings of their `go` line.
const FIRST_WITH_SETTINGS: u32 = 21;
/// The first release that says which experiments are on.
const FIRST_WITH_TOOL_TAGS: u32 = 17;

/// Which go is asked, and where.
#[derive(Clone, Debug, Default)]
pub struct SurveyRequest {
    /// The folder that go runs in: that of the program, or of a package to test.
    pub folder: PathBuf,
    /// The go command; none to look for it on the PATH and in the usual places.
    pub go: Option<PathBuf>,
    /// The release to ask, `go1.26.8` or `1.26.8`, or `local`; none for the go command's own choice.
    pub toolchain: Option<String>,
    /// Variables that are added to the environment of go.
    pub environment: Vec<(OsString, OsString)>,
    /// Flags that the program is built with. Those count that decide which files it consists of: `-tags`, `-modfile`, ….
    pub flags: Vec<String>,
    /// Whom go runs as; none for ourselves.
    pub user: Option<BuildUser>,
    /// When it becomes true what runs ends at once, and go with all that it started.
    pub cancel: Arc<AtomicBool>,
}

/// Why go gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum SurveyError {
    /// It can't be run, or a file can't be read or written.
    #[error(transparent)]
    Go(#[from] BuildError),
    /// The command fails.
    #[error("`go {command}` failed:\n{output}")]
    Failed {
        /// Its first words.
        command: String,
        /// What go says.
        output: String,
    },
    /// The release's table of settings is not understood.
    #[error("cannot read the GODEBUG settings of {release} in {}: {source}", .path.display())]
    Table {
        /// The release.
        release: GoRelease,
        /// The file.
        path: PathBuf,
        /// Why.
        source: TableError,
    },
    /// The release's list of experiments is not understood.
    #[error("cannot read the experiments of {release} in {}: it declares no `Flags`", .path.display())]
    NoExperiments {
        /// The release.
        release: GoRelease,
        /// The file.
        path: PathBuf,
    },
    /// `DefaultGODEBUG` is not understood.
    #[error("cannot understand the settings that go derives: {0}")]
    Settings(#[from] InvalidSetting),
    /// go.mod or go.work is not understood.
    #[error(transparent)]
    ModFile(#[from] InvalidModFile),
    /// The folder is in no module.
    #[error("{} is in no module: there is no go.mod in it or above it", .folder.display())]
    NoModule {
        /// The folder.
        folder: PathBuf,
    },
    /// A go.mod that was written does not say what it should.
    #[error(
        "cannot use go.mod with `go {wanted}`: its modules need `go {needed}`. Compare with that line, or with older versions of them"
    )]
    GoLineNeeded {
        /// The line that was asked for.
        wanted: String,
        /// The line that go asks for.
        needed: String,
    },
    /// What was asked for can't be done in a workspace.
    #[error(
        "cannot take other versions of modules in the workspace {}: set GOWORK=off to compare one module by itself", .go_work.display()
    )]
    Workspace {
        /// The go.work file.
        go_work: PathBuf,
    },
}

/// A release that can be asked.
#[derive(Clone, Debug)]
pub struct Survey {
    toolchain: Toolchain,
    /// The one that edits go.mod files: it knows what newer releases write in them.
    pub(super) editor: Toolchain,
    flags: Vec<String>,
    pub(super) user: Option<BuildUser>,
    cancel: Arc<AtomicBool>,
}

/// What a release is like, whatever the program.
#[derive(Clone, Debug)]
pub struct ReleaseFacts {
    /// The release.
    pub release: GoRelease,
    /// The settings that it has.
    pub settings: SettingTable,
    /// Its experiments.
    pub experiments: Experiments,
}

/// What a test binary starts with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestSettings {
    /// The import path of the package that it tests.
    pub import_path: String,
    /// Its settings.
    pub settings: SettingValues,
}

/// The files that say which modules a program is built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModuleFiles {
    /// The go.mod of the module that the folder is in.
    pub go_mod: PathBuf,
    /// The go.work of its workspace, if there is one.
    pub go_work: Option<PathBuf>,
}

impl Survey {
    /// Finds the release that a request names; it is fetched if need be.
    ///
    /// # Errors
    /// Go is not found or can't be started, or that release is unavailable.
    pub fn begin(
        request: &SurveyRequest,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Self, SurveyError> {
        let folder =
            fs::canonicalize(&request.folder).map_err(BuildError::file(&request.folder, "find"))?;
        let options = GoOptions {
            go: request.go.as_deref(),
            toolchain: request.toolchain.as_deref(),
            environment: &request.environment,
            user: request.user.as_ref(),
            cancel: &request.cancel,
            for_this_machine: true,
        };
        let local = GoOptions {
            toolchain: Some("local"),
            ..options
        };
        Ok(Self {
            toolchain: Toolchain::find(options, &folder, progress)?,
            editor: Toolchain::find(local, &folder, progress)?,
            flags: request.flags.clone(),
            user: request.user.clone(),
            cancel: Arc::clone(&request.cancel),
        })
    }

    /// The release that answers.
    #[must_use]
    pub const fn release(&self) -> &GoRelease {
        &self.toolchain.release
    }

    /// What the release is like.
    ///
    /// # Errors
    /// Its sources are not there, or not as in the releases that are known.
    pub fn facts(&self) -> Result<ReleaseFacts, SurveyError> {
        let root: Variables = self.variables()?;
        let sources = root.root.join("src/internal");
        Ok(ReleaseFacts {
            release: self.release().clone(),
            settings: self.table(&sources.join("godebugs/table.go"))?,
            experiments: self.experiments(&sources.join("goexperiment/flags.go"))?,
        })
    }

    fn table(&self, path: &Path) -> Result<SettingTable, SurveyError> {
        if self.release().minor() < FIRST_WITH_SETTINGS {
            return Ok(SettingTable::default());
        }
        let source = fs::read(path).map_err(BuildError::file(path, "read"))?;
        SettingTable::read(&source).map_err(|source| SurveyError::Table {
            release: self.release().clone(),
            path: path.to_owned(),
            source,
        })
    }

    fn experiments(&self, path: &Path) -> Result<Experiments, SurveyError> {
        if self.release().minor() < FIRST_WITH_TOOL_TAGS {
            return Ok(Experiments::default());
        }
        let source = fs::read(path).map_err(BuildError::file(path, "read"))?;
        let known = Experiments::declared(&source).ok_or_else(|| SurveyError::NoExperiments {
            release: self.release().clone(),
            path: path.to_owned(),
        })?;
        let template = r#"{{range context.ToolTags}}{{.}}{{"\n"}}{{end}}"#;
        let tags = self.ask(&["list", "-find", "-f", template, "unsafe"])?;
        let tags = String::from_utf8_lossy(&tags);
        Ok(Experiments::new(tags.lines(), known))
    }

    /// What a program starts with: what its `go` line, its go.mod or go.work and its `//go:debug` lines say. Nothing before Go 1.21.
    ///
    /// # Errors
    /// The package can't be listed, for instance because it sets a setting that the release no longer has.
    pub fn program_settings(&self, package: &str) -> Result<SettingValues, SurveyError> {
        if self.release().minor() < FIRST_WITH_SETTINGS {
            return Ok(SettingValues::default());
        }
        let output = self.list(&["-f", "{{.DefaultGODEBUG}}"], &[package])?;
        Ok(String::from_utf8_lossy(&output).parse()?)
    }

    /// What the test binaries of packages start with; `//go:debug` lines of test files count, too. Nothing before Go 1.21.
    ///
    /// # Errors
    /// The packages can't be listed.
    pub fn test_settings(&self, packages: &[&str]) -> Result<Vec<TestSettings>, SurveyError> {
        if self.release().minor() < FIRST_WITH_SETTINGS {
            return Ok(Vec::new());
        }
        let template =
            r#"{{.ImportPath}}{{"\x1f"}}{{.Name}}{{"\x1f"}}{{.DefaultGODEBUG}}{{"\x1d"}}"#;
        let output = self.list(&["-test", "-f", template], packages)?;
        let not_understood = || SurveyError::Failed {
            command: "list -test".to_owned(),
            output: NOT_UNDERSTOOD.to_owned(),
        };
        let mut settings = Vec::new();
        for record in records(&output).ok_or_else(not_understood)? {
            let mut fields = record.split('\x1f');
            let (Some(path), Some(name), Some(values)) =
                (fields.next(), fields.next(), fields.next())
            else {
                return Err(not_understood());
            };
            if let Some(import_path) = path.strip_suffix(".test").filter(|_| name == "main") {
                settings.push(TestSettings {
                    import_path: import_path.to_owned(),
                    settings: values.parse()?,
                });
            }
        }
        Ok(settings)
    }

    /// The files that say which modules the folder's program is built from.
    ///
    /// # Errors
    /// There is no go.mod.
    pub fn module_files(&self) -> Result<ModuleFiles, SurveyError> {
        let Variables {
            go_mod, go_work, ..
        } = self.variables()?;
        let is_file =
            |path: &PathBuf| !matches!(path.to_str(), None | Some("" | "off" | "/dev/null"));
        Ok(ModuleFiles {
            go_mod: Some(go_mod)
                .filter(is_file)
                .ok_or_else(|| SurveyError::NoModule {
                    folder: self.toolchain.folder().to_owned(),
                })?,
            go_work: Some(go_work).filter(is_file),
        })
    }

    /// All versions of a module that its proxy lists.
    ///
    /// # Errors
    /// Go finds no such module.
    pub fn versions(&self, module: &str) -> Result<Vec<ModuleVersion>, SurveyError> {
        // In a module's folder, `-mod=readonly` or a vendor folder would refuse modules that it does not require.
        let template = r#"{{range .Versions}}{{.}}{{"\n"}}{{end}}"#;
        let output = self.ask(&[
            "list",
            "-mod=mod",
            "-m",
            "-versions",
            "-f",
            template,
            module,
        ])?;
        let output = String::from_utf8_lossy(&output);
        Ok(output
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .map(ModuleVersion::new)
            .collect())
    }

    /// Runs `go list` with the flags of the program.
    pub(super) fn list(
        &self,
        arguments: &[&str],
        packages: &[&str],
    ) -> Result<Vec<u8>, SurveyError> {
        let given = flags::parse(&self.flags, Place::Spec)?;
        let given: Vec<String> = flags::for_list(&given).collect();
        let mut words = vec!["list"];
        words.extend(given.iter().map(String::as_str));
        words.extend(arguments);
        words.push("--");
        words.extend(packages);
        self.ask(&words)
    }

    fn variables(&self) -> Result<Variables, SurveyError> {
        let output = self.ask(&["env", "-json", "GOROOT", "GOMOD", "GOWORK"])?;
        serde_json::from_slice(&output).map_err(|error| SurveyError::Failed {
            command: "env -json".to_owned(),
            output: error.to_string(),
        })
    }

    pub(super) fn ask(&self, words: &[&str]) -> Result<Vec<u8>, SurveyError> {
        ask(&self.toolchain, words, &self.cancel)
    }

    /// Asks the release that edits files.
    pub(super) fn edit(&self, words: &[&str]) -> Result<Vec<u8>, SurveyError> {
        ask(&self.editor, words, &self.cancel)
    }
}

fn ask(toolchain: &Toolchain, words: &[&str], cancel: &AtomicBool) -> Result<Vec<u8>, SurveyError> {
    let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    let finished = toolchain.run(&arguments, cancel, &mut |_| {})?;
    match finished.status.success() {
        true => Ok(finished.stdout),
        false => Err(SurveyError::Failed {
            command: words.iter().take(2).copied().collect::<Vec<_>>().join(" "),
            output: or_status(finished.stderr, finished.status),
        }),
    }
}

/// What `go env -json` says of what matters here.
#[derive(Deserialize)]
struct Variables {
    #[serde(rename = "GOROOT", default)]
    root: PathBuf,
    #[serde(rename = "GOMOD", default)]
    go_mod: PathBuf,
    #[serde(rename = "GOWORK", default)]
    go_work: PathBuf,
}
