//! `goproctor snapshot`

use std::{
    env, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use compare::snapshot::{TextOptions, TreeDifference, difference};
use judge::snapshot::{Accepted, Pending, Side, StoreError};
use serde_json::{Value as Json, json};
use spec::Spec;

use super::{
    Failure,
    argument_groups::UserArguments,
    discovery,
    screen::Screen,
    snapshot_arguments::{
        DifferenceArguments, NamedArguments, OrphanArguments, ResolveArguments, ResolveChoice,
        SnapshotArguments, SnapshotVerb,
    },
    startup,
    waiting_snapshots::{named, title},
};
use crate::{
    report::ExitCode,
    session::{self, SnapshotMode},
};

/// The program that shows differences in place of goproctor, with its own arguments; the two files come behind them.
const PROGRAM: &str = "GOPROCTOR_DIFF";

/// Does what is to be done with snapshots.
///
/// # Errors
/// A name that means nothing; a file that can't be read or written.
pub(super) fn run(arguments: &SnapshotArguments) -> Result<ExitCode, Failure> {
    match &arguments.verb {
        SnapshotVerb::List(arguments) => list(arguments),
        SnapshotVerb::Accept(arguments) => accept(arguments),
        SnapshotVerb::Reject(arguments) => reject(arguments),
        SnapshotVerb::Diff(arguments) => diff(arguments),
        SnapshotVerb::Resolve(arguments) => resolve(arguments),
        SnapshotVerb::Orphans(arguments) => orphans(arguments),
    }
}

/// What waits, as the user whose files these are.
pub(super) fn to_decide(names: &[String]) -> Result<Vec<Pending>, Failure> {
    let pending = named(names)?;
    if let Some(first) = pending.first() {
        let folder = first.path.parent().unwrap_or_else(|| Path::new("."));
        startup::settle(&UserArguments::default(), folder.to_path_buf())?;
    }
    Ok(pending)
}

fn list(arguments: &NamedArguments) -> Result<ExitCode, Failure> {
    let pending = named(&arguments.names)?;
    let mut out = io::stdout().lock();
    for pending in &pending {
        match arguments.json {
            true => writeln!(out, "{}", pending_json(pending))?,
            false => {
                writeln!(out, "{}  {}", title(pending), state(pending))?;
                if !pending.rest.wrong.is_empty() {
                    writeln!(out, "  not to be accepted: {}", pending.rest.wrong)?;
                }
                for line in pending.rest.advice.lines() {
                    writeln!(out, "  {line}")?;
                }
            }
        }
    }
    if pending.is_empty() && !arguments.json {
        writeln!(out, "no snapshot waits for a decision")?;
    }
    Ok(ExitCode::Passed)
}

/// What became of a snapshot, in few words.
fn state(pending: &Pending) -> String {
    match &pending.accepted {
        Accepted::Nothing => "new".to_owned(),
        Accepted::Text(_) => difference_of(pending).counts().to_string(),
        Accepted::Conflict { .. } => "in conflict after a merge".to_owned(),
    }
}

/// What a new snapshot differs in from the accepted one; of a conflict without one, what both sides differ in.
pub(super) fn difference_of(pending: &Pending) -> TreeDifference {
    let (before, after) = texts(pending);
    difference(before, after, &|_| Vec::new())
}

/// The two texts that are compared.
fn texts(pending: &Pending) -> (&str, &str) {
    let new = pending.new.as_deref();
    match &pending.accepted {
        Accepted::Nothing => ("", new.unwrap_or_default()),
        Accepted::Text(accepted) => (accepted, new.unwrap_or_default()),
        Accepted::Conflict { ours, theirs } => (ours, new.unwrap_or(theirs)),
    }
}

fn pending_json(pending: &Pending) -> Json {
    let counts = difference_of(pending).counts();
    json!({
        "event": "snapshot_pending",
        "spec": pending.spec,
        "test": pending.test,
        "state": match &pending.accepted {
            Accepted::Nothing => "new",
            Accepted::Text(_) => "changed",
            Accepted::Conflict { .. } => "conflict",
        },
        "accepted": pending.path,
        "new": pending.new.as_ref().map(|_| &pending.new_path),
        "changed": counts.changed,
        "added": counts.added,
        "gone": counts.gone,
        "moved": counts.moved,
        "wrong": Some(&pending.rest.wrong).filter(|wrong| !wrong.is_empty()),
        "advice": Some(&pending.rest.advice).filter(|advice| !advice.is_empty()),
    })
}

fn accept(arguments: &NamedArguments) -> Result<ExitCode, Failure> {
    let mut decisions = Decisions::new(arguments.json);
    for pending in to_decide(&arguments.names)? {
        decisions.take_new(&pending)?;
    }
    decisions.end("accepted")
}

fn reject(arguments: &NamedArguments) -> Result<ExitCode, Failure> {
    let mut decisions = Decisions::new(arguments.json);
    for pending in to_decide(&arguments.names)? {
        match &pending.new {
            Some(_) => decisions.done(
                "rejected",
                &pending,
                &pending.new_path,
                pending.reject().map(drop),
            )?,
            None => decisions.refused(
                &pending,
                "a merge left two snapshots, and no run a new one: `goproctor snapshot resolve`",
            )?,
        }
    }
    decisions.end("rejected")
}

fn resolve(arguments: &ResolveArguments) -> Result<ExitCode, Failure> {
    let mut decisions = Decisions::new(false);
    let pending = to_decide(&arguments.names)?;
    let conflicts: Vec<&Pending> = pending
        .iter()
        .filter(|pending| pending.is_in_conflict())
        .collect();
    for pending in &conflicts {
        let done = |side| pending.resolve(side).map(drop);
        match arguments.choice {
            ResolveChoice { new: true, .. } => decisions.take_new(pending)?,
            ResolveChoice { theirs: true, .. } => {
                decisions.done(
                    "settled with theirs",
                    pending,
                    &pending.path,
                    done(Side::Theirs),
                )?;
            }
            ResolveChoice { .. } => {
                decisions.done(
                    "settled with ours",
                    pending,
                    &pending.path,
                    done(Side::Ours),
                )?;
            }
        }
    }
    if !decisions.files.is_empty() {
        let files: Vec<String> = decisions
            .files
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        eprintln!("goproctor: tell git: git add {}", files.join(" "));
    }
    decisions.end("in conflict")
}

/// What is decided, and how often that was refused.
struct Decisions {
    json: bool,
    files: Vec<PathBuf>,
    refused: usize,
}

impl Decisions {
    const fn new(json: bool) -> Self {
        Self {
            json,
            files: Vec::new(),
            refused: 0,
        }
    }

    /// Accepts a new snapshot, unless its test failed otherwise.
    fn take_new(&mut self, pending: &Pending) -> Result<(), Failure> {
        match why_not_taken(pending) {
            Some(reason) => self.refused(pending, &reason),
            None => {
                self.done(
                    "accepted",
                    pending,
                    &pending.path,
                    pending.accept().map(drop),
                )?;
                if !self.json && !pending.rest.advice.is_empty() {
                    let advice = pending.rest.advice.replace('\n', "\n  ");
                    eprintln!(
                        "goproctor: the snapshot of {} will not be the same next time\n  {advice}",
                        pending.test
                    );
                }
                Ok(())
            }
        }
    }

    /// Says what was done, or why it could not be.
    fn done(
        &mut self,
        what: &str,
        pending: &Pending,
        path: &Path,
        done: Result<(), StoreError>,
    ) -> Result<(), Failure> {
        match done {
            Err(error @ StoreError::Changed { .. }) => self.refused(pending, &error.to_string()),
            Err(error) => Err(Failure::world(error.to_string())),
            Ok(()) => {
                self.files.push(path.to_path_buf());
                match self.json {
                    true => self.line(json!({
                        "event": format!("snapshot_{what}"), "spec": pending.spec, "test": pending.test, "file": path,
                    })),
                    false => Ok(writeln!(io::stdout(), "{what} {}", path.display())?),
                }
            }
        }
    }

    fn refused(&mut self, pending: &Pending, reason: &str) -> Result<(), Failure> {
        self.refused += 1;
        match self.json {
            true => self.line(json!({
                "event": "snapshot_refused", "spec": pending.spec, "test": pending.test, "reason": reason,
            })),
            false => {
                eprintln!("goproctor: not done for {}: {reason}", title(pending));
                Ok(())
            }
        }
    }

    fn line(&self, line: Json) -> Result<(), Failure> {
        Ok(writeln!(io::stdout(), "{line}")?)
    }

    /// What to say to the shell; that there was nothing to do, if there was not.
    fn end(self, what: &str) -> Result<ExitCode, Failure> {
        if self.files.is_empty() && self.refused == 0 && !self.json {
            let nothing = match what {
                "in conflict" => "no snapshot is in conflict",
                _ => "no snapshot waits for a decision",
            };
            writeln!(io::stdout(), "{nothing}")?;
        }
        Ok(match self.refused {
            0 => ExitCode::Passed,
            _ => ExitCode::Failed,
        })
    }
}

/// Why a new snapshot is not accepted, if it is not.
pub(super) fn why_not_taken(pending: &Pending) -> Option<String> {
    if pending.new.is_none() {
        return Some("no run since the merge left a new one: run its test first".to_owned());
    }
    let wrong = &pending.rest.wrong;
    (!wrong.is_empty()).then(|| wrong.clone())
}

fn diff(arguments: &DifferenceArguments) -> Result<ExitCode, Failure> {
    let screen = Screen::detect();
    let pending = named(&arguments.names)?;
    let program = env::var(PROGRAM)
        .ok()
        .filter(|program| !program.trim().is_empty());
    for pending in &pending {
        match &program {
            Some(program) => external(program, pending)?,
            None => show(pending, &screen)?,
        }
    }
    if pending.is_empty() {
        writeln!(io::stdout(), "no snapshot waits for a decision")?;
    }
    Ok(ExitCode::Passed)
}

fn show(pending: &Pending, screen: &Screen) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    writeln!(out, "{}  {}", title(pending), state(pending))?;
    let options = TextOptions {
        width: screen.width.saturating_sub(2),
        ..TextOptions::default()
    };
    for line in difference_of(pending).lines(&options) {
        let line = crate::review::clean(&line);
        writeln!(out, "  {}", crate::review::painted(&line, screen.color))?;
    }
    Ok(())
}

/// Has a program of the user's own show the two files. How it ends is its own affair: `diff` says 1 where files differ.
fn external(program: &str, pending: &Pending) -> Result<(), Failure> {
    let mut words = program.split_whitespace();
    let name = words.next().unwrap_or_default();
    let failed =
        |error: io::Error| Failure::usage(format!("{PROGRAM}: cannot run {name}: {error}"));
    let folder = tempfile::Builder::new()
        .prefix("goproctor-diff-")
        .tempdir()
        .map_err(failed)?;
    let (before, after) = match &pending.accepted {
        Accepted::Text(_) => (pending.path.clone(), pending.new_path.clone()),
        Accepted::Nothing => ("/dev/null".into(), pending.new_path.clone()),
        Accepted::Conflict { .. } => {
            let (ours, other) = texts(pending);
            let files = (
                folder.path().join("ours.snap"),
                folder.path().join("other.snap"),
            );
            fs::write(&files.0, ours)
                .and_then(|()| fs::write(&files.1, other))
                .map_err(failed)?;
            files
        }
    };
    let mut command = Command::new(name);
    command.args(words).args([before, after]);
    command.status().map_err(failed)?;
    Ok(())
}

fn orphans(arguments: &OrphanArguments) -> Result<ExitCode, Failure> {
    let paths = discovery::specs(&arguments.paths)?;
    let specs = startup::read(&paths)?;
    if arguments.remove
        && let Some(first) = paths.first()
    {
        startup::settle(&UserArguments::default(), first.clone())?;
    }
    let mut out = io::stdout().lock();
    let mut found = 0;
    for spec in &specs {
        for path in orphans_of(spec).map_err(|error| Failure::world(error.to_string()))? {
            found += 1;
            if arguments.remove {
                let failed =
                    |error| Failure::world(format!("cannot remove {}: {error}", path.display()));
                fs::remove_file(&path).map_err(failed)?;
                writeln!(out, "removed {}", path.display())?;
            } else {
                writeln!(out, "{} belongs to no test with a snapshot", path.display())?;
            }
        }
    }
    if found == 0 {
        writeln!(out, "every snapshot belongs to a test")?;
    }
    Ok(ExitCode::Passed)
}

/// The snapshot files of a spec that belong to none of its tests.
fn orphans_of(spec: &Spec) -> Result<Vec<PathBuf>, StoreError> {
    let store = session::store(spec, SnapshotMode::ReadOnly);
    let held = || spec.tests.iter().filter(|test| test.is_held());
    if !spec.is_of_go_tests() {
        return store.orphans(held().map(|test| test.name.value.as_str()));
    }
    store.orphans_but(|name| {
        let mut tests = held().filter_map(|test| test.go_test.as_ref());
        tests.any(|test| test.value.matches(name))
    })
}
