//! How verdicts are shown: the flags that say so, and the displays that they stand for.

use std::{env, io, path::PathBuf, time::Duration};

use clap::Args;
use spec::SpecErrors;

use super::{Failure, screen::Screen};
use crate::report::{
    Display, Event, GitHub, GitHubJob, JUnit, JsonLines, ReportFile, ReportFileError, Run, Terminal,
};

/// How verdicts are shown.
#[derive(Clone, Debug, Args)]
pub struct DisplayArguments {
    /// Show every verdict and the calls of tests that passed too
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// Report as JSON, one event a line (docs/json.md)
    #[arg(long)]
    pub(super) json: bool,
    /// Write a JUnit report to this file besides, for a CI (docs/ci.md)
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
}

impl DisplayArguments {
    /// What shows them: on standard output, in the JUnit report, and to GitHub Actions in a job of it. To be called as the user
    /// who is to own the report.
    ///
    /// # Errors
    /// The JUnit report can't be written.
    pub(super) fn displays(&self, screen: &Screen) -> Result<Vec<Box<dyn Display>>, Failure> {
        let mut displays = vec![self.main(screen)];
        if let Some(path) = &self.junit {
            displays.push(Box::new(JUnit::new(ReportFile::open(path)?)));
        }
        displays.extend(self.github());
        Ok(displays)
    }

    /// Shows specs that can't be read, where no run can begin: to whoever reads events and reports. People see them as any other failure.
    ///
    /// # Errors
    /// A display can't write.
    pub(super) fn report_wrong_specs(
        &self,
        screen: &Screen,
        wrong: &[SpecErrors],
    ) -> Result<(), Failure> {
        let mut displays = self.displays(screen)?;
        if !self.json {
            displays.remove(0);
        }
        let mut run = Run::new(displays);
        run.started(0)?;
        for errors in wrong {
            run.spec_is_wrong(errors)?;
        }
        run.ended(Duration::ZERO)?;
        Ok(())
    }

    /// What shows them on standard output.
    fn main(&self, screen: &Screen) -> Box<dyn Display> {
        let Screen { color, width, .. } = *screen;
        if self.json {
            Box::new(JsonLines::new(io::stdout()))
        } else {
            Box::new(Terminal::new(io::stdout(), color, self.verbose, width))
        }
    }

    /// Tells whoever reads events, and GitHub Actions, what ended the command, if they were not told yet.
    pub(super) fn tell(&self, failure: &Failure) {
        if failure.is_reported() {
            return;
        }
        let reason = failure.to_string();
        let broke = Event::RunBroke {
            reason: &reason,
            exit: failure.exit(),
        };
        let mut displays = Vec::new();
        if self.json {
            displays.push(Box::new(JsonLines::new(io::stdout())) as Box<dyn Display>);
        }
        displays.extend(self.github());
        for mut display in displays {
            // Standard error has it all the same.
            let _ = display.show(broke);
        }
    }

    /// What shows them to GitHub Actions, in a job of it. Standard output is for JSON alone where that is asked for.
    fn github(&self) -> Option<Box<dyn Display>> {
        let job = github_job()?;
        Some(match self.json {
            true => Box::new(GitHub::new(io::stderr(), job)),
            false => Box::new(GitHub::new(io::stdout(), job)),
        })
    }
}

/// The job of GitHub Actions that this is a part of.
fn github_job() -> Option<GitHubJob> {
    let path = |name| {
        env::var_os(name)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    };
    let is_one = env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    is_one.then(|| GitHubJob {
        workspace: path("GITHUB_WORKSPACE"),
        summary: path("GITHUB_STEP_SUMMARY"),
    })
}

impl From<ReportFileError> for Failure {
    fn from(error: ReportFileError) -> Self {
        Self::world(error.to_string())
    }
}
