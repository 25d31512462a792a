//! A test that a snapshot holds: what was seen against what was accepted.

use std::path::{Path, PathBuf};

use compare::snapshot::{TextOptions, Varying, difference, varying};
use judge::{
    expect::{self, Failure, FailureKind, Finding},
    snapshot::{self, Comparison, Pending, Rest, Store},
};
use spec::Spec;

use super::{
    SessionError, TestRun, held_still,
    snapshot_mode::{SnapshotMode, store},
};

/// How wide the lines of a difference are, in characters.
const WIDTH: usize = 112;

/// A test that a snapshot holds, and what was seen of it.
pub(super) struct Held<'a> {
    pub(super) spec: &'a Spec,
    pub(super) ran: &'a TestRun,
    /// The same test, run once more.
    pub(super) again: Option<&'a TestRun>,
    pub(super) mode: SnapshotMode,
    /// What does not hold besides, in few words; empty where all holds. Otherwise its snapshot is not accepted.
    pub(super) wrong: String,
}

/// What became of a snapshot.
pub(super) struct Judged {
    pub(super) finding: Finding,
    /// The file that was accepted, if one was.
    pub(super) accepted: Option<PathBuf>,
    /// The file that waits for somebody to decide, if one does.
    pub(super) new: Option<PathBuf>,
    /// What to know before a new one is accepted.
    pub(super) notes: Vec<String>,
}

impl Judged {
    const fn of(finding: Finding) -> Self {
        Self {
            finding,
            accepted: None,
            new: None,
            notes: Vec::new(),
        }
    }

    const fn passed(basis: String) -> Self {
        Self::of(Finding::Passed { basis })
    }
}

impl Held<'_> {
    /// Compares with the accepted snapshot.
    pub(super) fn judge(&self) -> Result<Judged, SessionError> {
        if let Some(doubt) = expect::doubt(&self.ran.evidence) {
            return Ok(Judged::of(Finding::Inconclusive(doubt)));
        }
        let text = self.text(self.ran);
        let store = store(self.spec, self.mode);
        let name = &self.ran.name;
        match store.compare(name, &text)? {
            Comparison::Same => {
                store.remove_new(name)?;
                Ok(Judged::passed("same".to_owned()))
            }
            Comparison::Missing => self.missing(&store, &text),
            Comparison::Different { accepted } => self.different(&store, &accepted, &text),
            Comparison::Conflict => self.conflict(&store, &text),
        }
    }

    fn missing(&self, store: &Store, text: &str) -> Result<Judged, SessionError> {
        let path = store.path(&self.ran.name);
        match self.mode {
            SnapshotMode::ReadOnly => Ok(missing(&path, "in CI no snapshot is written")),
            SnapshotMode::Replay => Ok(missing(
                &path,
                "if the spec is in another folder, name it with --spec PATH",
            )),
            SnapshotMode::OtherWorld => Ok(missing(
                &path,
                "accept it first, with `goproctor run --accept`, or `goproctor test --accept` for a Go test",
            )),
            SnapshotMode::Propose | SnapshotMode::Accept => {
                let notes = self.notes_on_first(&path, text)?;
                if self.is_taken() {
                    return self.take(store, text, notes);
                }
                let new = self.write_new(store, text, &notes)?;
                let basis = format!("new: {}", self.review(store));
                Ok(Judged {
                    new,
                    notes,
                    ..Judged::passed(basis)
                })
            }
        }
    }

    fn different(&self, store: &Store, accepted: &str, text: &str) -> Result<Judged, SessionError> {
        let notes = self
            .notes_on(Some(varying(accepted, text, &self.names())).filter(Varying::is_explained));
        if self.is_taken() {
            return self.take(store, text, notes);
        }
        let difference = difference(accepted, text, &self.names());
        let mut lines = vec![format!("{}:", difference.counts())];
        lines.extend(difference.lines(&TextOptions {
            width: WIDTH,
            ..TextOptions::default()
        }));
        let new = self.write_new(store, text, &notes)?;
        if new.is_some() {
            lines.push(format!("new snapshot: {}", self.review(store)));
        }
        lines.extend(notes);
        Ok(Judged {
            new,
            ..failed("differs from the accepted snapshot", lines)
        })
    }

    fn conflict(&self, store: &Store, text: &str) -> Result<Judged, SessionError> {
        let mut lines = vec![format!(
            "{} has the marks of a merge",
            store.path(&self.ran.name).display()
        )];
        if self.is_taken() {
            return self.take(store, text, Vec::new());
        }
        let new = self.write_new(store, text, &[])?;
        lines.push(match &new {
            Some(_) => "take one side, or what this run saw: `goproctor review`, or `goproctor snapshot resolve --ours`, `--theirs` or `--new`",
            None => "take one side on your own machine: `goproctor snapshot resolve --ours` or `--theirs`",
        }.to_owned());
        Ok(Judged {
            new,
            ..failed("a merge left two snapshots", lines)
        })
    }

    /// Whether a snapshot that is new is accepted.
    fn is_taken(&self) -> bool {
        self.mode == SnapshotMode::Accept && self.wrong.is_empty()
    }

    fn take(&self, store: &Store, text: &str, notes: Vec<String>) -> Result<Judged, SessionError> {
        self.write_new(store, text, &[])?;
        let path = store.accept(&self.ran.name)?;
        Ok(Judged {
            finding: Finding::Passed {
                basis: format!("accepted: {}", path.display()),
            },
            accepted: Some(path),
            new: None,
            notes,
        })
    }

    fn write_new(
        &self,
        store: &Store,
        text: &str,
        notes: &[String],
    ) -> Result<Option<PathBuf>, SessionError> {
        let rest = Rest {
            wrong: self.wrong.clone(),
            advice: notes.join("\n"),
        };
        Ok(store.write_new(&self.ran.name, text, &rest)?)
    }

    /// What to know of a first snapshot: what was another when the test was run again, or in the run before this one.
    fn notes_on_first(&self, path: &Path, text: &str) -> Result<Vec<String>, SessionError> {
        let again = self
            .again
            .filter(|again| expect::doubt(&again.evidence).is_none());
        if let Some(again) = again {
            return Ok(self.notes_on(Some(varying(text, &self.text(again), &self.names()))));
        }
        let Some(earlier) = Pending::at(path)? else {
            return Ok(Vec::new());
        };
        let earlier_text = earlier.new.unwrap_or_default();
        if earlier_text == text.trim_end() {
            return Ok(earlier.rest.advice.lines().map(str::to_owned).collect());
        }
        // The program may be another than in that run, so only what explains itself is told.
        let varying = varying(&earlier_text, text, &self.names());
        Ok(self.notes_on(Some(varying).filter(Varying::is_explained)))
    }

    fn notes_on(&self, varying: Option<Varying>) -> Vec<String> {
        varying.map_or_else(Vec::new, |varying| {
            held_still::advice(self.spec, &self.ran.evidence.observation, &varying)
        })
    }

    fn text(&self, ran: &TestRun) -> String {
        snapshot::render(&ran.evidence, &self.hidden_labels(), &ran.substitutions)
    }

    /// What functions' parameters are called.
    fn names(&self) -> impl Fn(&str) -> Vec<String> {
        let observation = &self.ran.evidence.observation;
        |name: &str| {
            let function = held_still::function(observation, name);
            let parameters = function.map_or(&[][..], |function| &function.parameters);
            parameters
                .iter()
                .map(|parameter| parameter.name.clone())
                .collect()
        }
    }

    /// The labels whose functions are left out: globs, and what is watched besides the spec.
    fn hidden_labels(&self) -> Vec<&str> {
        let labels = self.ran.evidence.observation.labels.iter();
        let names = labels.map(|label| label.name.as_str());
        let is_shown = |name: &str| {
            let function = self.spec.function(name);
            function.is_some_and(|function| !function.is_glob())
        };
        names.filter(|name| !is_shown(name)).collect()
    }

    /// What to do with a new snapshot.
    fn review(&self, store: &Store) -> String {
        let path = store.new_path(&self.ran.name);
        let path = path.display();
        let command = match self.spec.is_of_go_tests() {
            true => "test",
            false => "run",
        };
        match self.mode {
            SnapshotMode::Accept => format!("{path} is not accepted: {}", self.wrong),
            _ => format!("{path}: run `goproctor review`, or `goproctor {command} --accept`"),
        }
    }
}

fn failed(label: &str, notes: Vec<String>) -> Judged {
    Judged::of(Finding::Failed(Failure {
        notes,
        ..Failure::new(FailureKind::Snapshot, label)
    }))
}

fn missing(path: &Path, advice: &str) -> Judged {
    failed(
        "there is no snapshot",
        vec![format!("{} is missing; {advice}", path.display())],
    )
}
