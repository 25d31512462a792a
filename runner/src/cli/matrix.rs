//! `goproctor matrix`

use std::{
    collections::BTreeSet,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Instant,
};

use golang::{GoRelease, ReleaseList, toolchain};
use serde_json::Value;
use spec::{
    Spec,
    document::{Origin, Test},
};

use super::{
    Failure,
    arguments::MatrixArguments,
    discovery,
    matrix_releases::Releases,
    matrix_run::{Job, MatrixRunner},
    run_round::select,
    screen::{Screen, Waiting},
    startup,
    test_setup::world,
};
use crate::report::{
    ExitCode,
    release_matrix::{self, ReleaseMatrix, TableText},
};

/// Why a spec of a binary is not run.
const OF_A_BINARY: &str = "its program is a binary, which no release builds: write `package`";

/// Runs specs with several Go releases, and shows how each did with each.
///
/// # Errors
/// What is wrong with the command line or the specs; nothing can be watched, or somebody stopped it.
pub(super) fn run(arguments: &MatrixArguments) -> Result<ExitCode, Failure> {
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

    let known = Releases::list(&cancel, &waiting)?;
    let rows = rows(arguments, &selected, &known)?;
    let releases: BTreeSet<GoRelease> =
        rows.iter().flat_map(|row| &row.releases).cloned().collect();
    let releases: Vec<GoRelease> = releases.into_iter().collect();
    let fetched = known.fetch(&releases, &cancel, &waiting)?;

    let names = rows
        .iter()
        .map(|row| row.spec.source.path.display().to_string());
    let mut matrix = ReleaseMatrix::new(releases.clone(), names);
    if arguments.json {
        print_line(&release_matrix::start_line(&matrix))?;
    }
    let runner = MatrixRunner::new(
        &identity,
        &cancel,
        arguments.kernel.ring_mib << 20,
        &waiting,
    );
    let mut done = |job: &Job<'_>, cell: release_matrix::Cell| {
        if arguments.json {
            let spec = job.spec.source.path.display().to_string();
            print_line(&release_matrix::cell_line(&spec, job.release, &cell))?;
        }
        matrix.set(job.row, job.column, cell);
        Ok(())
    };
    let jobs = jobs(&rows, &releases);
    runner.run(jobs, &fetched, &mut done)?;
    waiting.clear();
    runner.print_notes();
    let mut out = io::stdout().lock();
    if arguments.json {
        let end = release_matrix::end_line(&matrix, begun.elapsed());
        writeln!(out, "{end}")?;
    } else if arguments.markdown {
        write!(out, "{}", release_matrix::markdown(&matrix))?;
    } else {
        let Screen { color, width, .. } = screen;
        let text = TableText { color, width }.of(&matrix, begun.elapsed());
        write!(out, "{text}")?;
    }
    out.flush()?;
    Ok(matrix.exit())
}

fn print_line(line: &Value) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Leaves out the specs of programs that no release builds, and says so.
pub(super) fn pass_over_binaries(specs: &mut Vec<Spec>, named: &[PathBuf]) -> Result<(), Failure> {
    let is_binary = |spec: &Spec| matches!(spec.program.origin, Origin::Binary(_));
    for spec in specs.iter().filter(|spec| is_binary(spec)) {
        let path = &spec.source.path;
        if named.contains(path) {
            return Err(Failure::usage(format!("{}: {OF_A_BINARY}", path.display())));
        }
        eprintln!("goproctor: {} is left out: {OF_A_BINARY}", path.display());
    }
    specs.retain(|spec| !is_binary(spec));
    match specs.is_empty() {
        true => Err(Failure::usage(
            "there are only specs of binaries here, which no release builds",
        )),
        false => Ok(()),
    }
}

/// A spec, which of its tests are run, and with which releases.
struct MatrixRow<'s> {
    spec: &'s Spec,
    tests: Vec<&'s Test>,
    releases: BTreeSet<GoRelease>,
}

/// The specs with the releases that are asked for; if none are, with those from its module's own on.
fn rows<'s>(
    arguments: &MatrixArguments,
    selected: &[(&'s Spec, Vec<&'s Test>)],
    known: &Releases,
) -> Result<Vec<MatrixRow<'s>>, Failure> {
    let rows = selected.iter().map(|(spec, tests)| {
        let releases = match &arguments.go {
            Some(list) => known.meant_by("--go", list)?,
            None => since_go_line(spec, known)?,
        };
        Ok(MatrixRow {
            spec,
            tests: tests.clone(),
            releases: releases.into_iter().collect(),
        })
    });
    rows.collect()
}

/// The last patches of all minor releases that the `go` line of a spec's module allows.
fn since_go_line(spec: &Spec, known: &Releases) -> Result<Vec<GoRelease>, Failure> {
    let line = toolchain::go_mod(&module_folder(spec)).map_err(world)?;
    let Some(line) = line else {
        return known.meant_by("--go", &ReleaseList::since(0));
    };
    let mut releases = known.meant_by("--go", &ReleaseList::since(line.release.minor()))?;
    releases.retain(|release| *release >= line.release);
    match releases.is_empty() {
        true => Err(Failure::world(format!(
            "{} asks for {}, and no such release is known: name releases with --go",
            line.file.display(),
            line.release
        ))),
        false => Ok(releases),
    }
}

/// The folder that decides which module builds the program.
fn module_folder(spec: &Spec) -> PathBuf {
    let folder = spec.folder();
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new(".").to_owned(),
        false => folder,
    };
    match &spec.program.origin {
        Origin::Package(package) if package.value.starts_with(['.', '/']) => {
            let own = folder.join(&package.value);
            // That there is no such folder the build says better.
            if own.is_dir() { own } else { folder }
        }
        _ => folder,
    }
}

/// All cells that something is run for, a spec after the other.
fn jobs<'r>(rows: &'r [MatrixRow<'r>], releases: &'r [GoRelease]) -> Vec<Job<'r>> {
    let mut jobs = Vec::new();
    for (row, asked) in rows.iter().enumerate() {
        for (column, release) in releases.iter().enumerate() {
            if asked.releases.contains(release) {
                jobs.push(Job {
                    row,
                    column,
                    spec: asked.spec,
                    tests: &asked.tests,
                    release,
                });
            }
        }
    }
    jobs
}
