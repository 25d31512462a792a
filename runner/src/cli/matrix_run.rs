//! The runs of a matrix: some at a time, and once more alone what was late.

use std::{
    collections::BTreeMap,
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};

use golang::GoRelease;
use kernel::LoadOptions;
use model::Retention;
use spec::{Spec, document::Test};

use super::{Failure, matrix_releases::FetchedReleases, screen::Waiting};
use crate::{
    report::{
        TestReport,
        release_matrix::{Cell, is_late},
    },
    session::{Cancel, Kernels, Progress, SessionError},
    target::Identity,
    worlds::{Context, Stage, StageError, World},
};

/// A spec and a release to run it with.
#[derive(Clone, Copy)]
pub(super) struct Job<'r> {
    /// The spec's place in the matrix.
    pub(super) row: usize,
    /// The release's.
    pub(super) column: usize,
    pub(super) spec: &'r Spec,
    /// Those of its tests that are run.
    pub(super) tests: &'r [&'r Test],
    pub(super) release: &'r GoRelease,
}

/// What a job has brought.
struct Brought {
    cell: Cell,
    /// Whether tests fail for nothing but bounds on time.
    is_late: bool,
}

/// Runs the cells of a matrix.
pub(super) struct MatrixRunner<'c> {
    context: Context<'c>,
    waiting: &'c Waiting,
    /// What a person should know, with the releases that it is of.
    notes: Mutex<BTreeMap<String, Vec<String>>>,
}

impl<'c> MatrixRunner<'c> {
    /// Nothing is run yet.
    pub(super) fn new(
        identity: &'c Identity,
        cancel: &'c Cancel,
        ring_bytes: u32,
        waiting: &'c Waiting,
    ) -> Self {
        Self {
            context: Context {
                identity,
                cancel,
                kernels: Kernels::new(LoadOptions { ring_bytes }),
                ring_bytes,
                at_least: Retention::Totals,
            },
            waiting,
            notes: Mutex::default(),
        }
    }

    /// Runs all jobs, as many at a time as there are processors, and gives each cell to `done` when it is known. What is late then may
    /// be so because of the others: it is run once more when they have ended, and this counts.
    ///
    /// # Errors
    /// Somebody stopped it, or `done` fails.
    pub(super) fn run(
        &self,
        jobs: Vec<Job<'_>>,
        fetched: &FetchedReleases,
        done: &mut dyn FnMut(&Job<'_>, Cell) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let (jobs, missing): (Vec<_>, Vec<_>) = jobs
            .into_iter()
            .partition(|job| reason(fetched, job).is_none());
        for job in &missing {
            let reason = reason(fetched, job).unwrap_or_default();
            done(job, Cell::could_not_run(job.tests.len(), reason))?;
        }
        let at_a_time = thread::available_parallelism().map_or(1, usize::from);
        let at_a_time = at_a_time.min(jobs.len());
        let late = self.beside_one_another(&jobs, at_a_time, done)?;
        for job in late {
            let brought = self.bring(&job, "once more, alone")?;
            done(&job, brought.cell.alone())?;
        }
        Ok(())
    }

    /// Runs jobs in as many threads. Gives those that were late, if there are several.
    fn beside_one_another<'j>(
        &self,
        jobs: &[Job<'j>],
        threads: usize,
        done: &mut dyn FnMut(&Job<'_>, Cell) -> io::Result<()>,
    ) -> Result<Vec<Job<'j>>, Failure> {
        let next = AtomicUsize::new(0);
        let ended = AtomicUsize::new(0);
        let (sender, brought) = mpsc::channel();
        let mut late = Vec::new();
        let outcome = thread::scope(|scope| {
            for _ in 0..threads {
                let sender = sender.clone();
                let (next, ended) = (&next, &ended);
                scope.spawn(move || {
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let so_far = ended.load(Ordering::Relaxed);
                        let who = format!("{so_far} of {}", jobs.len());
                        let brought = self.bring(job, &who);
                        ended.fetch_add(1, Ordering::Relaxed);
                        let is_over = brought.is_err();
                        if sender.send((*job, brought)).is_err() || is_over {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            for (job, brought) in brought {
                let brought = brought?;
                match brought.is_late && threads > 1 {
                    true => late.push(job),
                    false => done(&job, brought.cell)?,
                }
            }
            Ok::<_, Failure>(())
        });
        outcome?;
        Ok(late)
    }

    /// Runs a job to its end.
    fn bring(&self, job: &Job<'_>, who: &str) -> Result<Brought, Failure> {
        let begun = Instant::now();
        let mut brought = match self.reports(job, who) {
            Ok((reports, late_races)) => {
                let mut cell = Cell::of(&reports, job.tests);
                cell.summary.late_races = late_races;
                let is_late = reports.iter().any(is_late);
                Brought { cell, is_late }
            }
            Err(error) if error.is_cancelled() => return Err(SessionError::Cancelled.into()),
            Err(error) => Brought {
                cell: cell_without_reports(job, &error),
                is_late: false,
            },
        };
        brought.cell.summary.duration = begun.elapsed();
        Ok(brought)
    }

    /// The reports on all tests, and how many races were reported after the last.
    fn reports(&self, job: &Job<'_>, who: &str) -> Result<(Vec<TestReport>, u64), StageError> {
        let spec = job.spec.source.path.display();
        let who = format!("{who} · {spec} with {}", job.release);
        let mut progress = |progress| match progress {
            Progress::Warning(warning) => self.note(job, warning),
            progress => self.waiting.show_of(&who, &progress),
        };
        self.waiting.doing(&who);
        let world = World {
            release: Some(job.release.as_str().to_owned()),
            ..World::default()
        };
        let mut stage = Stage::begin(job.spec, job.tests, &world, &self.context, &mut progress)?;
        self.waiting.doing(&format!("{who}: its tests"));
        let reports = stage.round();
        let notes = stage.take_notes();
        notes.into_iter().for_each(|note| self.note(job, note));
        let late_races = stage.end();
        Ok((reports?, late_races?))
    }

    fn note(&self, job: &Job<'_>, note: String) {
        let note = format!("{}: {note}", job.spec.source.path.display());
        let mut notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let releases = notes.entry(note).or_default();
        let release = job.release.as_str();
        if !releases.iter().any(|known| known == release) {
            releases.push(release.to_owned());
        }
    }

    /// Prints what a person should know, each with the releases that it is of.
    pub(super) fn print_notes(&self) {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        for (note, releases) in notes.iter() {
            eprintln!("goproctor: {}: {note}", releases.join(", "));
        }
    }
}

/// Why a job's release can't be had, if it can't.
fn reason<'f>(fetched: &'f FetchedReleases, job: &Job<'_>) -> Option<&'f str> {
    fetched.get(job.release)?.as_deref()
}

fn cell_without_reports(job: &Job<'_>, error: &StageError) -> Cell {
    let tests = job.tests.len();
    match error {
        StageError::Session(SessionError::Spec(errors)) => {
            Cell::wrong_spec(tests, &errors.to_string())
        }
        error => Cell::could_not_run(tests, &error.to_string()),
    }
}
