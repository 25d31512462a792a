//! `goproctor upgrade`

use std::{
    io::{self, Write as _},
    path::PathBuf,
    time::Instant,
};

use golang::{GoRelease, ReleaseList};
use kernel::LoadOptions;
use model::Retention;
use spec::Spec;

use super::{
    Failure, discovery,
    matrix::pass_over_binaries,
    matrix_releases::Releases,
    run_round::select,
    screen::{Screen, Waiting},
    startup,
    upgrade_arguments::UpgradeArguments,
};
use crate::{
    report::{ExitCode, UpgradeSummary, upgrade_json, upgrade_markdown, upgrade_text},
    session::{Kernels, Progress},
    upgrade::{UpgradeError, UpgradeReport, UpgradeRequest, upgrade},
    worlds::Context,
};

/// Finds out what a newer release changes for specs, and why.
///
/// # Errors
/// What is wrong with the command line or the specs; nothing can be watched, or somebody stopped it.
pub(super) fn run(arguments: &UpgradeArguments) -> Result<ExitCode, Failure> {
    let begun = Instant::now();
    let screen = Screen::detect();
    let paths = discovery::specs(&arguments.paths)?;
    let mut specs = startup::read(&paths)?;
    pass_over_binaries(&mut specs, &arguments.paths)?;
    for spec in &mut specs {
        arguments.environment.give(&mut spec.program);
        arguments.returns.tell(&mut spec.program);
    }
    let selected = select(&specs, &arguments.selection)?;
    let identity = startup::settle_to_watch(
        &arguments.user,
        paths.first().map_or_else(|| ".".into(), PathBuf::clone),
    )?;
    let cancel = startup::cancel()?;
    let waiting = Waiting::new(&screen, false);
    let releases = Releases::list(&cancel, &waiting)?;
    let to = one(&releases, "--to", &arguments.to)?;
    let from = arguments.from.as_deref();
    let from = from
        .map(|from| one(&releases, "--from", from))
        .transpose()?;
    let wanted: Vec<GoRelease> = from.iter().chain([&to]).cloned().collect();
    for (release, problem) in releases.fetch(&wanted, &cancel, &waiting)? {
        if let Some(problem) = problem {
            return Err(Failure::world(format!(
                "{release} cannot be had: {problem}"
            )));
        }
    }
    let ring_bytes = arguments.kernel.ring_mib << 20;
    let context = Context {
        identity: &identity,
        cancel: &cancel,
        kernels: Kernels::new(LoadOptions { ring_bytes }),
        ring_bytes,
        at_least: Retention::Calls,
    };
    let mut summary = UpgradeSummary::default();
    for (spec, tests) in &selected {
        let request = UpgradeRequest {
            spec,
            tests,
            to: &to,
            from: from.as_ref(),
            known: releases.known(),
            runs: arguments.runs,
        };
        // Builds are many here, and each is short.
        let say = |progress: Progress| {
            if let Progress::Building(what) = &progress {
                waiting.doing(what);
            }
        };
        let found = upgrade(&request, &context, &say);
        waiting.clear();
        match found {
            Ok(report) => {
                summary.add(&report);
                print(arguments, &screen, spec, &report)?;
            }
            Err(error) if error.is_cancelled() => return Err(Failure::world(error.to_string())),
            Err(error) => {
                summary.refuse();
                refuse(arguments, &screen, spec, &error)?;
            }
        }
    }
    let exit = summary.exit();
    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", summary.json(begun.elapsed(), exit))?;
    } else {
        writeln!(out, "{}", summary.line())?;
    }
    out.flush()?;
    Ok(exit)
}

/// The one release that a word means.
fn one(releases: &Releases, flag: &str, word: &str) -> Result<GoRelease, Failure> {
    let list: ReleaseList = word
        .parse()
        .map_err(|error| Failure::usage(format!("{flag}: {error}")))?;
    let meant = releases.meant_by(flag, &list)?;
    match <[GoRelease; 1]>::try_from(meant) {
        Ok([release]) => Ok(release),
        Err(_) => Err(Failure::usage(format!(
            "{flag} {word} means several releases: name one, such as 1.27 for its last patch"
        ))),
    }
}

fn print(
    arguments: &UpgradeArguments,
    screen: &Screen,
    spec: &Spec,
    report: &UpgradeReport,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let path = spec.source.path.display().to_string();
    let is_go_test = spec.is_of_go_tests();
    if arguments.json {
        for line in upgrade_json(report, &path, is_go_test) {
            writeln!(out, "{line}")?;
        }
    } else if arguments.markdown {
        write!(out, "{}", upgrade_markdown(report, &path, is_go_test))?;
    } else {
        write!(
            out,
            "{}",
            upgrade_text(report, &path, is_go_test, screen.color)
        )?;
    }
    out.flush()
}

/// Says that nothing could be found out for a spec.
fn refuse(
    arguments: &UpgradeArguments,
    screen: &Screen,
    spec: &Spec,
    error: &UpgradeError,
) -> io::Result<()> {
    let path = spec.source.path.display();
    let mut out = io::stdout().lock();
    if arguments.json {
        let line = serde_json::json!({
            "event": "could_not_run",
            "spec": path.to_string(),
            "reason": error.to_string(),
        });
        return writeln!(out, "{line}");
    }
    let text = match error {
        UpgradeError::Stage(stage) => stage.spec_errors().map(|errors| screen.render(errors)),
        _ => None,
    };
    writeln!(out, "{path}: {}", text.unwrap_or_else(|| error.to_string()))
}
