//! `goproctor doctor`

use std::{
    fmt::Display,
    io::{self, Write as _},
    path::Path,
};

use anstyle::{AnsiColor, Style};
use golang::toolchain;
use kernel::{Capability, State};
use serde::Serialize;

use super::{Failure, arguments::DoctorArguments, screen::Screen};
use crate::{report::ExitCode, target};

/// One line of the account.
#[derive(Serialize)]
struct Finding {
    name: &'static str,
    found: bool,
    required: bool,
    detail: String,
    fix: Option<String>,
}

/// Says what this machine can do, and how to fix what it can't.
///
/// # Errors
/// The findings can't be written.
pub(super) fn run(arguments: &DoctorArguments) -> Result<ExitCode, Failure> {
    if arguments.capabilities {
        writeln!(io::stdout(), "{}", kernel::file_capabilities())?;
        return Ok(ExitCode::Passed);
    }
    let screen = Screen::detect();
    let user = user();
    let capabilities = kernel::capabilities().into_iter().chain([go(), user]);
    let findings: Vec<Finding> = capabilities.map(Finding::from).collect();
    let able = findings
        .iter()
        .all(|finding| finding.found || !finding.required);
    let mut out = io::stdout().lock();
    for finding in &findings {
        if arguments.json {
            serde_json::to_writer(&mut out, finding).map_err(io::Error::from)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}", line(finding, screen.color))?;
        }
    }
    if !arguments.json && able {
        writeln!(out, "ready")?;
    }
    Ok(if able {
        ExitCode::Passed
    } else {
        ExitCode::CouldNotRun
    })
}

impl From<Capability> for Finding {
    fn from(capability: Capability) -> Self {
        let (found, detail, fix) = match capability.state {
            State::Found(what) => (true, what, None),
            State::Unknown { why, fix } | State::Missing { why, fix } => (false, why, Some(fix)),
        };
        Self {
            name: capability.name,
            found,
            required: capability.required,
            detail,
            fix,
        }
    }
}

/// Becomes the user that `go` and the program would run as here.
fn user() -> Capability {
    let settled = target::settle(None, Path::new("."), &kernel::kept());
    required(
        "user",
        settled.map(|identity| identity.explanation()),
        "name a user with --user, or run goproctor as an ordinary user",
    )
}

fn go() -> Capability {
    let fix = "install Go 1.21 or newer: https://go.dev/dl";
    required("go", toolchain::installed(), fix)
}

fn required(name: &'static str, found: Result<String, impl Display>, fix: &str) -> Capability {
    Capability {
        name,
        required: true,
        state: found.map_or_else(
            |error| State::Missing {
                why: error.to_string(),
                fix: fix.to_owned(),
            },
            State::Found,
        ),
    }
}

fn line(finding: &Finding, color: bool) -> String {
    let (mark, style) = match (finding.found, finding.required) {
        (true, _) => ("✓", AnsiColor::Green.on_default()),
        (false, true) => ("✗", AnsiColor::Red.on_default()),
        (false, false) => ("–", AnsiColor::Yellow.on_default()),
    };
    let style = if color { style } else { Style::new() };
    let fix = finding
        .fix
        .as_ref()
        .map_or_else(String::new, |fix| format!("\n    fix: {fix}"));
    format!(
        "{style}{mark}{style:#} {:24} {}{fix}",
        finding.name, finding.detail
    )
}
