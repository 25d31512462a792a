//! What is made and run before each start of the program: its files, its working folder, its `setup`.

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use spec::{
    Spanned,
    document::{Program, Template, Workdir},
};

use super::{
    Cancel, Prepared, SessionError,
    setup_error::{SetupError, SetupProblem},
};
use crate::target::{Ended, LaunchRequest, Target, TargetUser, TemplateVars};

/// How often one looks for a signal while a command runs.
const LOOK: Duration = Duration::from_millis(50);

/// What the program finds around it, and its `setup` does too.
pub(super) struct Surroundings {
    pub(super) env: Vec<(OsString, OsString)>,
    pub(super) folder: PathBuf,
    pub(super) user: TargetUser,
}

impl Surroundings {
    /// A request to launch a file there.
    pub(super) fn request(&self, file: PathBuf) -> LaunchRequest {
        let mut request = LaunchRequest::new(file, self.folder.clone(), self.user.clone());
        request.env.clone_from(&self.env);
        request
    }

    /// The file that a command means, as a shell would find it.
    fn file(&self, command: &OsStr) -> Option<PathBuf> {
        if command.as_bytes().contains(&b'/') {
            return Some(self.folder.join(command));
        }
        let path = self.env.iter().find(|(name, _)| name == "PATH");
        let path = path.map(|(_, value)| value.as_os_str()).unwrap_or_default();
        let files =
            std::env::split_paths(path).map(|folder| self.folder.join(folder).join(command));
        let is_program = |file: &PathBuf| {
            let metadata = fs::metadata(file);
            metadata.is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
        };
        files.into_iter().find(is_program)
    }
}

/// The folder that the program works in. One below `${dir}` is made.
pub(super) fn working_folder(
    prepared: &Prepared,
    vars: TemplateVars<'_>,
) -> Result<PathBuf, SessionError> {
    Ok(match &prepared.watch.program.workdir {
        None => prepared.folder.clone(),
        Some(workdir) => match &workdir.value {
            Workdir::BesideSpec(path) => prepared.watch.folder.join(path),
            Workdir::OfProcess(path) => {
                let folder = vars.folder.unwrap_or_else(|| Path::new(".")).join(path);
                fs::create_dir_all(&folder)
                    .map_err(SessionError::file("make the program's working folder"))?;
                folder
            }
        },
    })
}

/// Writes the program's files into its temporary folder.
pub(super) fn write_files(
    program: &Program,
    folder: &Path,
    vars: TemplateVars<'_>,
) -> Result<(), SessionError> {
    for (path, content) in &program.files {
        let text = vars.fill(&content.value)?;
        let path = folder.join(&path.value);
        let parent = path.parent().unwrap_or(folder);
        let written = fs::create_dir_all(parent).and_then(|()| fs::write(&path, text));
        written.map_err(SessionError::file(format!("write {}", path.display())))?;
    }
    Ok(())
}

/// Runs the commands of `setup`, one after the other.
pub(super) fn run(
    program: &Program,
    surroundings: &Surroundings,
    vars: TemplateVars<'_>,
    deadline: Instant,
    cancel: &Cancel,
) -> Result<(), SessionError> {
    for command in &program.setup {
        let words = arguments(&command.value, vars)?;
        let command = Command {
            words: &words,
            surroundings,
        };
        command.run(deadline, cancel)?;
    }
    Ok(())
}

/// The texts that templates stand for.
pub(super) fn arguments(
    templates: &[Spanned<Template>],
    vars: TemplateVars<'_>,
) -> Result<Vec<OsString>, SessionError> {
    templates
        .iter()
        .map(|argument| Ok(vars.fill(&argument.value)?.into()))
        .collect()
}

/// A command of `setup`.
struct Command<'a> {
    words: &'a [OsString],
    surroundings: &'a Surroundings,
}

impl Command<'_> {
    fn run(&self, deadline: Instant, cancel: &Cancel) -> Result<(), SessionError> {
        let Some((name, args)) = self.words.split_first() else {
            return Ok(());
        };
        let file = self.surroundings.file(name);
        let file = file.ok_or_else(|| self.failed(SetupProblem::NotFound, Vec::new()))?;
        let mut request = self.surroundings.request(file);
        request.args = args.to_vec();
        let failed = |error| self.failed(SetupProblem::Target(error), Vec::new());
        let mut target = Target::launch(request).map_err(failed)?;
        target.release().map_err(failed)?;
        let ended = loop {
            if cancel.is_set() {
                return Err(SessionError::Cancelled);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match target.wait_exited(left.min(LOOK)) {
                None if left.is_zero() => break None,
                None => {}
                ended => break ended,
            }
        };
        let problem = match ended {
            Some(Ended::Exited(0)) => None,
            Some(ended) => Some((SetupProblem::Ended(ended), target.said(ended))),
            None => Some((SetupProblem::Late, target.output().last_lines(LINES))),
        };
        // What it has left running ends with it.
        target.stop()?;
        match problem {
            None => Ok(()),
            Some((problem, output)) => Err(self.failed(problem, output)),
        }
    }

    fn failed(&self, problem: SetupProblem, output: Vec<String>) -> SessionError {
        let words: Vec<String> = self.words.iter().map(|word| shown(word)).collect();
        SessionError::Setup(Box::new(SetupError {
            command: words.join(" "),
            problem,
            output,
        }))
    }
}

/// How many lines are shown of what a command wrote that did not end.
const LINES: usize = 10;

/// A word of a command as a shell would take it.
fn shown(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "-_./:=,@%+".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.into_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
