//! The helper: sets the probes on test binaries and judges their tests, for each `exec` that asks.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Write as _},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use golang::toolchain::Declarations;
use model::{ProcessId, Retention};
use spec::Spec;

use super::{
    ahead::Ahead,
    artifacts::Artifacts,
    merged::Merged,
    protocol::{Answer, Conversation, Heard, Question, Verdict},
    serving::{Answering, is_same_folder},
    specs::{all_right, specs_in, variables},
};
use crate::{
    report::{TestOutcome, TestReport, go_test_lines, go_test_places, go_test_tree, json_call},
    session::{self, Cancel, Kernels, SessionError, SnapshotMode, TestBinary, WatchedFunction},
};

/// How wide the lines are that stand in a test's output.
const WIDTH: usize = 110;

/// A package whose tests specs look at.
pub(crate) struct Package {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// Its specs, or what is wrong with them.
    pub(crate) specs: Result<Vec<Spec>, String>,
    /// Functions that are watched besides those of each spec.
    pub(crate) besides: Vec<WatchedFunction>,
    /// What the source of its test binary declares, if that is known.
    pub(crate) declarations: Option<Declarations>,
}

/// How a helper works.
#[derive(Clone, Debug)]
pub(crate) struct HelperOptions {
    /// What to do with snapshots.
    pub(crate) mode: SnapshotMode,
    /// The user's own `-exec`, which test binaries are to be run by.
    pub(crate) exec: Vec<String>,
    /// Where the calls of tests that are judged are written, as JSON lines.
    pub(crate) calls: Option<Arc<File>>,
    /// Whether the calls of each test are drawn.
    pub(crate) draws: bool,
    /// Whether the reports are kept. Then what did not run is reported, too, even if some tests are left out.
    pub(crate) keeps: bool,
}

/// What all conversations share.
pub(crate) struct Helper {
    /// The packages that are known beforehand; of others the specs are looked for when their binaries are run.
    packages: Vec<Package>,
    options: HelperOptions,
    kernels: Arc<Kernels>,
    cancel: Cancel,
    /// What a person should read when all is over.
    notes: Mutex<Vec<String>>,
    /// The calls of tests, drawn.
    trees: Mutex<Vec<String>>,
    /// The reports, by the ends of the runs.
    kept: Mutex<Vec<TestReport>>,
    /// Why a test binary could not be watched, if reports are kept.
    refusal: Mutex<Option<SessionError>>,
}

impl Answering for Helper {
    fn converse(&self, socket: UnixStream) {
        let conversation = Conversation::over(socket);
        let _ = conversation.and_then(|mut conversation| self.answer_all(&mut conversation));
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_set()
    }
}

impl Helper {
    /// A helper for these packages.
    pub(crate) fn new(
        packages: Vec<Package>,
        options: HelperOptions,
        kernels: Arc<Kernels>,
        cancel: Cancel,
    ) -> Self {
        Self {
            packages,
            options,
            kernels,
            cancel,
            notes: Mutex::default(),
            trees: Mutex::default(),
            kept: Mutex::default(),
            refusal: Mutex::default(),
        }
    }

    /// What a person should read when all is over, each once.
    pub(crate) fn take_notes(&self) -> Vec<String> {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut notes)
    }

    /// The calls of the tests that were judged, drawn, if they are to be.
    pub(crate) fn take_trees(&self) -> Vec<String> {
        let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut trees)
    }

    /// The reports that were kept, if they are to be.
    pub(crate) fn take_kept(&self) -> Vec<TestReport> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut kept)
    }

    /// Why a test binary could not be watched, if reports are kept.
    pub(crate) fn take_refusal(&self) -> Option<SessionError> {
        let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
        refusal.take()
    }

    /// What `exec` is told of a test binary that can't be watched.
    fn refuse(&self, spec: &Spec, error: SessionError) -> String {
        let message = match &error {
            SessionError::Spec(errors) => errors.render(false, true, WIDTH),
            error => format!("{}: {error}", spec.source.path.display()),
        };
        if self.options.keeps {
            let mut refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner);
            refusal.get_or_insert(error);
        }
        message
    }

    fn keep(&self, reports: impl IntoIterator<Item = TestReport>) {
        if self.options.keeps {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(reports);
        }
    }

    /// Keeps what a run has to show, and gives its verdict.
    fn take(&self, reports: Vec<TestReport>, artifacts: Option<&Artifacts>) -> Verdict {
        self.show(&reports);
        self.tell_of_snapshots(&reports);
        let left = artifacts.and_then(|artifacts| self.leave(&reports, artifacts));
        let verdict = Verdict {
            artifacts: left.into_iter().collect(),
            ..verdict_of(&reports)
        };
        self.keep(reports);
        verdict
    }

    /// Leaves the artifacts of a run, and gives their directory.
    fn leave(&self, reports: &[TestReport], artifacts: &Artifacts) -> Option<String> {
        let mut reports = reports.iter();
        // Nothing was seen for a test of the spec that does not fit the binary.
        let report = reports.find(|report| !report.evidence.scopes.is_empty())?;
        match artifacts.leave(report) {
            Ok(directory) => directory.map(|path| path.to_string_lossy().into_owned()),
            Err(error) => {
                let folder = artifacts.of_test(&report.name);
                let folder = folder.display();
                self.note(format!(
                    "cannot write artifacts of {} below {folder}: {error}",
                    report.name
                ));
                None
            }
        }
    }

    /// Keeps what a test has to show besides its verdict.
    fn show(&self, reports: &[TestReport]) {
        self.write_calls(reports);
        if let Some(report) = reports.first().filter(|_| self.options.draws) {
            let mut trees = self.trees.lock().unwrap_or_else(PoisonError::into_inner);
            trees.push(go_test_tree(report, WIDTH));
        }
    }

    /// Says which snapshots were accepted, and which wait for somebody to decide.
    fn tell_of_snapshots(&self, reports: &[TestReport]) {
        for report in reports {
            if let Some(accepted) = &report.accepted {
                self.note(format!("accepted {}", accepted.display()));
            }
            if let Some(new) = &report.new_snapshot {
                self.note(match self.options.mode {
                    SnapshotMode::Accept => format!(
                        "{} is not accepted: not all expectations of its test hold",
                        new.display()
                    ),
                    _ => format!(
                        "new snapshot {}: run `goproctor review`, or `goproctor test --accept`",
                        new.display()
                    ),
                });
            }
            if !report.snapshot_notes.is_empty() {
                let notes = report.snapshot_notes.join("\n  ");
                self.note(format!(
                    "the snapshot of {} will not be the same next time\n  {notes}",
                    report.name
                ));
            }
        }
    }

    fn note(&self, note: String) {
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Writes down the calls of a test: its own, without those of its subtests, which are written with them.
    fn write_calls(&self, reports: &[TestReport]) {
        let (Some(file), Some(report)) = (&self.options.calls, reports.first()) else {
            return;
        };
        let observation = &report.evidence.observation;
        let mut text = String::new();
        for call in &observation.calls {
            if observation.test_around(call.scope) == Some(&report.name) {
                text.push_str(&format!("{}\n", json_call(observation, call)));
            }
        }
        // One write, so that lines of several tests are never mixed.
        if let Err(error) = file.as_ref().write_all(text.as_bytes()) {
            self.note(format!(
                "the calls of {} cannot be written: {error}",
                report.name
            ));
        }
    }

    fn answer_all(&self, conversation: &mut Conversation) -> io::Result<()> {
        let Some(Question::Begin {
            binary,
            folder,
            filtered,
            artifacts,
        }) = conversation.hear()?
        else {
            return Ok(());
        };
        let known = self
            .packages
            .iter()
            .find(|known| is_same_folder(&known.folder, &folder));
        let found;
        let (specs, besides, declarations) = match known {
            Some(known) => (
                &known.specs,
                known.besides.as_slice(),
                known.declarations.as_ref(),
            ),
            None => {
                found = found_in(&folder);
                (&found, &[][..], None)
            }
        };
        let specs = match specs {
            Ok(specs) => specs.as_slice(),
            Err(message) => {
                let message = message.clone();
                return conversation.say(&Answer::Refused { message });
            }
        };
        let exec = self.options.exec.clone();
        if specs.is_empty() {
            return conversation.say(&Answer::Plain { exec });
        }
        let begun: Result<Vec<TestBinary<'_>>, String> = specs
            .iter()
            .map(|spec| self.begin(spec, besides, &binary, declarations))
            .collect();
        let mut watched = match begun {
            Ok(watched) => Judges {
                helper: self,
                ahead: watched.iter().map(|_| Ahead::default()).collect(),
                watched,
                filtered,
                seen: BTreeSet::new(),
                artifacts: None,
            },
            Err(message) => return conversation.say(&Answer::Refused { message }),
        };
        watched.leave_artifacts(artifacts);
        conversation.say(&Answer::Watched {
            env: watched.env(),
            minor: watched.minor(),
            exec,
        })?;
        conversation.wait_for_a_while()?;
        loop {
            let question = match conversation.hear_for_a_while()? {
                Heard::Something(question) => question,
                Heard::Nothing => {
                    watched.tidy();
                    continue;
                }
                Heard::End => return Ok(()),
            };
            let answer = match question {
                Question::Begin { .. } => Answer::Refused {
                    message: "a conversation is about one binary".to_owned(),
                },
                Question::Started { process } => {
                    watched.started(ProcessId(process));
                    Answer::Done
                }
                Question::Ended { test, failed } => Answer::Verdict(watched.judge(&test, failed)),
                Question::Below { test } => {
                    let above = format!("{test}/");
                    let is_below = |name: &str| name.starts_with(&above);
                    Answer::Verdicts(watched.all(is_below, |binary| binary.judge_below(&test)))
                }
                Question::Rest => Answer::Verdicts(watched.rest()),
                Question::Over => {
                    watched.over();
                    Answer::Done
                }
                Question::Inputs => Answer::Inputs {
                    files: watched.files(specs),
                    variables: variables(specs),
                },
            };
            conversation.say(&answer)?;
        }
    }

    fn begin<'s>(
        &self,
        spec: &'s Spec,
        besides: &[WatchedFunction],
        binary: &Path,
        declarations: Option<&Declarations>,
    ) -> Result<TestBinary<'s>, String> {
        let mut progress = |progress| {
            if let session::Progress::Warning(warning) = progress {
                self.note(warning);
            }
        };
        let mut watch = session::watch_of(spec, Retention::Calls);
        watch.functions.extend(besides.iter().cloned());
        TestBinary::begin(
            spec,
            watch,
            binary,
            declarations,
            &self.kernels,
            self.options.mode,
            &mut progress,
        )
        .map_err(|error| self.refuse(spec, error))
    }
}

/// The reports on runs of Go tests, by their full names.
type Reports = Vec<(String, Vec<TestReport>)>;

/// The specs that look at the tests of one binary.
struct Judges<'h> {
    helper: &'h Helper,
    watched: Vec<TestBinary<'h>>,
    /// Of each of these, the verdicts that nobody has asked for yet.
    ahead: Vec<Ahead>,
    /// Whether some tests are left out.
    filtered: bool,
    /// The names of the tests that were judged.
    seen: BTreeSet<String>,
    /// Where the tests leave artifacts, if they do.
    artifacts: Option<Artifacts>,
}

impl Judges<'_> {
    /// From here on, tests leave artifacts in this folder, if there is one.
    fn leave_artifacts(&mut self, folder: Option<PathBuf>) {
        let binary = self.watched.first();
        self.artifacts = folder
            .zip(binary)
            .and_then(|(folder, binary)| Artifacts::of(binary, folder));
    }

    /// Environment variables for the binary besides its own.
    fn env(&self) -> Vec<(String, String)> {
        let env = self.watched.iter().flat_map(TestBinary::env);
        env.cloned().collect()
    }

    /// The Go release of the binary: `N` of `go1.N`.
    fn minor(&self) -> u32 {
        self.watched.first().map_or(0, TestBinary::minor)
    }

    fn started(&mut self, process: ProcessId) {
        for watched in &mut self.watched {
            watched.started(process);
        }
    }

    fn judge(&mut self, test: &str, has_failed: bool) -> Option<Verdict> {
        let mut verdict = None;
        for (watched, ahead) in self.watched.iter_mut().zip(&mut self.ahead) {
            let judged = match ahead.take(test, has_failed) {
                Some(judged) => Some(judged),
                None => match watched.judge(test, has_failed, &self.helper.cancel) {
                    Ok(None) => ahead.take_any(test),
                    Ok(Some(reports)) => Some(self.helper.take(reports, self.artifacts.as_ref())),
                    Err(error) => Some(failed(error.to_string())),
                },
            };
            if let Some(judged) = judged {
                verdict = Some(joined(verdict, judged));
            }
        }
        if verdict.is_some() {
            self.seen.insert(test.to_owned());
        }
        verdict
    }

    /// All that was not asked for, and what tests of the specs found no Go test.
    fn rest(&mut self) -> Vec<(String, Verdict)> {
        let mut verdicts = self.all(|_| true, |binary| binary.judge_rest());
        let missing = self.watched.iter_mut().flat_map(TestBinary::take_missing);
        let missing: Vec<_> = missing.collect();
        self.helper
            .keep(missing.iter().map(|missing| missing.report.clone()));
        if !self.filtered {
            verdicts.extend(missing.into_iter().map(|missing| {
                let verdict = Verdict {
                    fails: true,
                    lines: vec![format!("{}: {}", missing.place, missing.what)],
                    places: vec![missing.place],
                    artifacts: Vec::new(),
                };
                (missing.test, verdict)
            }));
        }
        verdicts
    }

    /// Judges what has ended, and forgets what is not needed any more. That records can't be read is said when a test is judged.
    fn tidy(&mut self) {
        for (watched, ahead) in self.watched.iter_mut().zip(&mut self.ahead) {
            loop {
                let runs = watched.judge_ahead();
                if runs.is_empty() {
                    break;
                }
                for run in runs {
                    let verdict = self.helper.take(run.reports, self.artifacts.as_ref());
                    self.seen.insert(run.name.clone());
                    ahead.add(run.name, run.failed, verdict);
                }
            }
            let _ = watched.tidy();
        }
    }

    fn over(&mut self) {
        for watched in &mut self.watched {
            if let Err(error) = watched.over() {
                self.helper.note(error.to_string());
            }
        }
    }

    /// The files that the verdicts depend on: specs, and snapshots, also those that are not there yet.
    fn files(&self, specs: &[Spec]) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for spec in specs {
            files.push(spec.source.path.clone());
            files.extend(spec.source.used.iter().map(|used| used.path.clone()));
            let store = session::store(spec, SnapshotMode::ReadOnly);
            let held = spec.tests.iter().filter(|test| test.is_held());
            let held: Vec<_> = held.filter_map(|test| test.go_test.as_ref()).collect();
            let names = self.seen.iter();
            let names = names.filter(|name| held.iter().any(|held| held.value.matches(name)));
            files.extend(names.map(|name| store.path(name)));
        }
        files
    }

    /// The verdicts on all runs of Go tests with such names that were not given yet.
    fn all(
        &mut self,
        is_meant: impl Fn(&str) -> bool,
        judge: impl Fn(&mut TestBinary<'_>) -> Result<Reports, SessionError>,
    ) -> Vec<(String, Verdict)> {
        let mut verdicts = Merged::default();
        for (watched, ahead) in self.watched.iter_mut().zip(&mut self.ahead) {
            let mut own = ahead.take_all(&is_meant);
            match judge(watched) {
                Ok(reports) => {
                    for (name, reports) in reports {
                        let verdict = self.helper.take(reports, self.artifacts.as_ref());
                        self.seen.insert(name.clone());
                        own.push((name, verdict));
                    }
                }
                Err(error) => own.push((String::new(), failed(error.to_string()))),
            }
            verdicts.add(own);
        }
        verdicts.into_verdicts()
    }
}

fn failed(reason: String) -> Verdict {
    Verdict {
        fails: true,
        lines: reason
            .lines()
            .map(|line| format!("goproctor: {line}"))
            .collect(),
        places: Vec::new(),
        artifacts: Vec::new(),
    }
}

fn verdict_of(reports: &[TestReport]) -> Verdict {
    Verdict {
        fails: reports
            .iter()
            .any(|report| report.outcome() != TestOutcome::Passed),
        lines: reports
            .iter()
            .flat_map(|report| go_test_lines(report, WIDTH))
            .collect(),
        places: reports.iter().flat_map(go_test_places).collect(),
        artifacts: Vec::new(),
    }
}

fn joined(first: Option<Verdict>, second: Verdict) -> Verdict {
    match first {
        None => second,
        Some(mut first) => {
            first.join(second);
            first
        }
    }
}

fn found_in(folder: &Path) -> Result<Vec<Spec>, String> {
    let specs = specs_in(folder)
        .map_err(|error| format!("cannot look for specs in {}: {error}", folder.display()))?;
    all_right(specs)
}
