//! `goproctor run --watch`: runs specs again when something changes that they depend on.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant, SystemTime},
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _, event::ModifyKind,
};
use spec::Spec;

use super::{
    Failure,
    arguments::RunArguments,
    discovery,
    run_round::{read, round, selected},
    run_spec::SpecRunner,
    screen::Screen,
    watched_files::{WatchedFiles, named_folders, written_since},
};
use crate::{report::ExitCode, session};

/// How long nothing must change until the specs are run: an editor writes a file in several steps, and git many files.
const QUIET: Duration = Duration::from_millis(40);
/// How long changes may go on until the specs are run all the same.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often one looks for a signal.
const LOOK: Duration = Duration::from_millis(100);

/// Runs specs until a signal comes; gives the exit code of the last run.
///
/// # Errors
/// Files can't be watched, or nothing can be shown.
pub(super) fn run(arguments: &RunArguments, runner: &SpecRunner<'_>) -> Result<ExitCode, Failure> {
    let mut watching = Watching::begin(arguments, runner)?;
    loop {
        let begun = SystemTime::now();
        let exit = watching.round(begun)?;
        if runner.cancel.is_set() {
            return Ok(exit);
        }
        watching.look_for_files(begun);
        // What can't be read stays due, until something changes.
        if watching.due.is_empty() || !watching.was_read {
            watching.wait();
        }
        if runner.cancel.is_set() {
            return Ok(exit);
        }
    }
}

/// Which specs are to be run.
enum Due {
    /// All of them.
    All,
    /// These, by their paths.
    Some(BTreeSet<PathBuf>),
}

impl Due {
    fn is_empty(&self) -> bool {
        matches!(self, Self::Some(specs) if specs.is_empty())
    }

    fn has(&self, spec: &Path) -> bool {
        match self {
            Self::All => true,
            Self::Some(specs) => specs.contains(spec),
        }
    }

    fn add(&mut self, spec: &Path) {
        if let Self::Some(specs) = self {
            specs.insert(spec.to_owned());
        }
    }
}

/// Specs, and the files that they depend on.
struct Watching<'a> {
    arguments: &'a RunArguments,
    runner: &'a SpecRunner<'a>,
    screen: Screen,
    watcher: RecommendedWatcher,
    events: Receiver<notify::Result<Event>>,
    /// The folders that are watched.
    folders: BTreeSet<PathBuf>,
    /// By the paths of the specs.
    files: BTreeMap<PathBuf, WatchedFiles>,
    due: Due,
    /// The specs that the last round was about, with what to list their programs by.
    last: Vec<Spec>,
    /// What was said last of how many files are watched.
    said: Option<usize>,
    /// When the last round began: what had changed before is in it.
    begun: SystemTime,
    /// Whether the specs could be read then.
    was_read: bool,
    exit: ExitCode,
}

impl<'a> Watching<'a> {
    fn begin(arguments: &'a RunArguments, runner: &'a SpecRunner<'a>) -> Result<Self, Failure> {
        let (sender, events) = mpsc::channel();
        let watcher = notify::recommended_watcher(sender)
            .map_err(|error| Failure::world(format!("cannot watch files: {error}")))?;
        Ok(Self {
            arguments,
            runner,
            screen: Screen::detect(),
            watcher,
            events,
            folders: BTreeSet::new(),
            files: BTreeMap::new(),
            due: Due::All,
            last: Vec::new(),
            said: None,
            begun: SystemTime::UNIX_EPOCH,
            was_read: false,
            exit: ExitCode::Passed,
        })
    }

    /// Runs what is due. What can't be run is said, and stays due.
    fn round(&mut self, begun: SystemTime) -> Result<ExitCode, Failure> {
        self.last.clear();
        self.begun = begun;
        // What has changed until now is taken in by this round.
        while let Ok(event) = self.events.try_recv() {
            self.take(event);
        }
        let specs = read(self.arguments, &self.screen);
        let specs = specs.and_then(|specs| {
            // Which tests are meant is asked of all specs: a word may be of another one.
            selected(&specs, self.arguments)?;
            Ok(specs)
        });
        self.was_read = specs.is_ok();
        let specs = match specs {
            Ok(specs) => specs,
            Err(wrong) => {
                self.exit = wrong.print();
                return Ok(self.exit);
            }
        };
        let due = std::mem::replace(&mut self.due, Due::Some(BTreeSet::new()));
        self.files
            .retain(|path, _| specs.iter().any(|spec| spec.source.path == *path));
        let tests = selected(&specs, self.arguments)?;
        let tests: Vec<_> = tests
            .into_iter()
            .filter(|(spec, _)| due.has(&spec.source.path))
            .collect();
        if !tests.is_empty() {
            self.exit = round(&tests, self.runner, self.screen)?;
        }
        let specs = specs.iter();
        let ran = specs.filter(|spec| due.has(&spec.source.path));
        self.last = ran.cloned().collect();
        Ok(self.exit)
    }

    /// Finds out what the specs of the last round depend on, and watches that. What has changed since they were begun is due.
    fn look_for_files(&mut self, begun: SystemTime) {
        for spec in std::mem::take(&mut self.last) {
            let path = spec.source.path.clone();
            let known = self.files.get(&path).and_then(WatchedFiles::program);
            let program = session::program_files(&spec, known, self.runner.cancel);
            self.files.insert(path, WatchedFiles::of(&spec, program));
        }
        for (path, files) in &self.files {
            if files.changed_since(begun) {
                self.due.add(path);
            }
        }
        self.look_for_specs();
        let wanted: BTreeSet<PathBuf> = self
            .files
            .values()
            .flat_map(WatchedFiles::folders)
            .chain(named_folders(&self.arguments.paths))
            .collect();
        for folder in self.folders.difference(&wanted) {
            // One that is gone is not watched any more.
            let _ = self.watcher.unwatch(folder);
        }
        // Again, since one that was made anew under its name is another one.
        for folder in &wanted {
            if let Err(error) = self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                eprintln!("goproctor: cannot watch {}: {error}", folder.display());
            }
        }
        self.folders = wanted;
    }

    /// Looks for specs that have never been looked at: new ones, and those that could not be read. They are due; gives whether there are any.
    fn look_for_specs(&mut self) -> bool {
        let known = self.files.len();
        for path in discovery::specs(&self.arguments.paths).unwrap_or_default() {
            if !self.files.contains_key(&path) {
                self.due.add(&path);
                self.files
                    .insert(path.clone(), WatchedFiles::of_file(&path));
            }
        }
        self.files.len() > known
    }

    /// Waits until something changes that a spec depends on, and a moment longer; or for a signal.
    fn wait(&mut self) {
        self.say_what_is_watched();
        let mut changed: Option<(Instant, Instant, String)> = None;
        loop {
            let wait = if changed.is_some() { QUIET } else { LOOK };
            match self.events.recv_timeout(wait) {
                Ok(event) => {
                    if let Some(what) = self.take(event) {
                        let now = Instant::now();
                        changed.get_or_insert((now, now, what)).1 = now;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            if self.runner.cancel.is_set() {
                return;
            }
            if let Some((first, last, what)) = &changed
                && (last.elapsed() >= QUIET || first.elapsed() >= PATIENCE)
            {
                eprintln!("goproctor: {what}");
                return;
            }
        }
    }

    /// Takes an event in; says what of it a spec depends on, which is due then.
    fn take(&mut self, event: notify::Result<Event>) -> Option<String> {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                eprintln!("goproctor: watching files: {error}");
                return None;
            }
        };
        if event.need_rescan() {
            self.due = Due::All;
            return Some(
                "more files changed at once than the system reports: running all specs".to_owned(),
            );
        }
        if !is_change(&event.kind) {
            return None;
        }
        let mut first = None;
        for path in event.paths {
            let (mut is_known, mut is_wanted) = (false, false);
            for (spec, files) in &self.files {
                if files.has(&path) {
                    is_known = true;
                    // What was written before the last round is in it.
                    if written_since(&path, self.begun) {
                        self.due.add(spec);
                        is_wanted = true;
                    }
                }
            }
            if !is_known && WatchedFiles::is_new_spec(&path, &self.arguments.paths) {
                is_wanted = self.look_for_specs();
            }
            if is_wanted {
                first.get_or_insert(path);
            }
        }
        first.map(|path| format!("{} has changed", near(&path).display()))
    }

    fn say_what_is_watched(&mut self) {
        let count = self.files.values().map(WatchedFiles::count).sum();
        if self.said.replace(count) != Some(count) {
            let specs = match self.files.len() {
                1 => "a spec".to_owned(),
                specs => format!("{specs} specs"),
            };
            eprintln!("goproctor: watching the {count} files of {specs}; Ctrl-C ends");
        }
    }
}

/// Whether something is written, made, renamed or removed.
const fn is_change(kind: &EventKind) -> bool {
    match kind {
        EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_)) => false,
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}

/// A path as it is called from the current folder, if it is below that.
fn near(path: &Path) -> PathBuf {
    let current = std::env::current_dir().ok();
    let below = current.and_then(|current| path.strip_prefix(current).ok().map(Path::to_owned));
    below.unwrap_or_else(|| path.to_owned())
}
