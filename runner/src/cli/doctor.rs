//! `goproctor doctor`

use std::{
    io::{self, Write as _},
    path::Path,
};

use anstyle::{AnsiColor, Style};
use golang::toolchain;
use kernel::State;
use serde::Serialize;

use super::{Failure, arguments::DoctorArguments, screen::Screen};
use crate::{report::ExitCode, target};

/// One line of the account.
#[derive(Serialize)]
struct Finding {
    name: String,
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
    let user = of_user();
    let mut findings: Vec<Finding> = kernel::capabilities().into_iter().map(of_kernel).collect();
    findings.extend([of_go(), user]);
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

fn of_kernel(capability: kernel::Capability) -> Finding {
    let (found, detail, fix) = match capability.state {
        State::Found(what) => (true, what, None),
        State::Unknown { why, fix } | State::Missing { why, fix } => (false, why, Some(fix)),
    };
    Finding {
        name: capability.name.to_owned(),
        found,
        required: capability.required,
        detail,
        fix,
    }
}

/// Becomes the user that `go` and the program would run as here.
fn of_user() -> Finding {
    let (found, detail, fix) = match target::settle(None, Path::new("."), &kernel::kept()) {
        Ok(identity) => (true, identity.explanation(), None),
        Err(error) => (
            false,
            error.to_string(),
            Some("name a user with --user, or run goproctor as an ordinary user".to_owned()),
        ),
    };
    Finding {
        name: "user".to_owned(),
        found,
        required: true,
        detail,
        fix,
    }
}

fn of_go() -> Finding {
    let (found, detail, fix) = match toolchain::installed() {
        Ok(release) => (true, release, None),
        Err(error) => (
            false,
            error.to_string(),
            Some("install Go 1.21 or newer: https://go.dev/dl".to_owned()),
        ),
    };
    Finding {
        name: "go".to_owned(),
        found,
        required: true,
        detail,
        fix,
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
