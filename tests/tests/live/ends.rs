//! A hundred ends at random moments: goproctor is interrupted, ended or killed, or its program is. Nothing is left
//! running, no probe, no temporary file, and no file that is half written.

pub(crate) mod asked;
mod course;

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use course::{Course, Run};
use fastrand::Rng;
use goproctor_tests::{command, go, harness::Test};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use trace::recording::Recording;

pub(crate) const TESTS: &[Test<'static>] = &[(
    "whatever_ends_it_and_whenever_nothing_is_left",
    nothing_is_left,
)];

const LANES: usize = 4;
/// Rounds with a spec whose program is built, and with one whose program is there.
const BUILDS: usize = 20;
const HAS: usize = 80;
/// How many of all these are to come while goproctor runs.
const WITHIN: usize = 95;
/// How often a round may come too late.
const TRIES: usize = 4;
/// How long it may take until nothing is left.
const SOON: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);
const TICK: Duration = Duration::from_millis(5);

/// Whom a round ends, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Goproctor(Signal),
    /// A second signal while the first is being obeyed.
    Twice(Signal),
    Program(Signal),
}

const ENDS: [End; 6] = [
    End::Goproctor(Signal::SIGINT),
    End::Goproctor(Signal::SIGTERM),
    End::Goproctor(Signal::SIGKILL),
    End::Program(Signal::SIGSEGV),
    End::Program(Signal::SIGKILL),
    End::Twice(Signal::SIGINT),
];

/// One run that is ended at a random moment of one of the equal parts of a run.
#[derive(Clone, Copy, Debug)]
struct Round {
    spec: usize,
    end: End,
    part: usize,
    parts: usize,
}

/// For each spec and kind of end, a round in each of the equal parts of a run.
fn rounds() -> Vec<Round> {
    let kinds = ENDS.len();
    let of_spec = |(spec, rounds): (usize, usize)| {
        (0..rounds).map(move |number| Round {
            spec,
            end: ENDS[number % kinds],
            part: number / kinds,
            parts: (rounds - number % kinds).div_ceil(kinds),
        })
    };
    [BUILDS, HAS]
        .into_iter()
        .enumerate()
        .flat_map(of_spec)
        .collect()
}

fn nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("program");
    fs::create_dir(&source).unwrap();
    let original = command::repository().join("go-fixtures/testprogram");
    for name in ["go.mod", "main.go"] {
        fs::copy(original.join(name), source.join(name)).unwrap();
    }
    let built = go::build(&source, go::NEWEST);
    let mut rounds = rounds();
    let mut random = Rng::with_seed(0);
    rounds.sort_by_cached_key(|_| random.u64(..));
    let lanes = rounds.chunks(rounds.len() / LANES).enumerate();
    let lanes = lanes.map(|(number, rounds)| {
        let lane = Lane::new(folder.path(), number, &source, &built);
        let rounds = rounds.to_vec();
        thread::spawn(|| lane.run(rounds))
    });
    let lanes: Vec<_> = lanes.collect();
    let told: Vec<_> = lanes.into_iter().map(thread::JoinHandle::join).collect();
    let told: Vec<Seen> = told
        .into_iter()
        .flat_map(|told| told.expect("told above"))
        .collect();
    let count = |of: fn(&Seen) -> bool| told.iter().filter(|seen| of(seen)).count();
    let within = count(|seen| seen.within);
    println!(
        "{} ends, {within} of them within a run ({} runs had ended before); in {} probes were set, in {} the program ran, \
         in {} go did, {} had guards",
        told.len(),
        told.iter().map(|seen| seen.too_late).sum::<usize>(),
        count(|seen| seen.probed),
        count(|seen| seen.running),
        count(|seen| seen.building),
        count(|seen| seen.guarded),
    );
    for end in ENDS {
        let of_kind = told.iter().filter(|seen| seen.end == end);
        let (within, without): (Vec<&Seen>, Vec<&Seen>) = of_kind.partition(|seen| seen.within);
        let all = within.len() + without.len();
        println!("  {end:?}: {} of {all} within a run", within.len());
    }
    assert_eq!(told.len(), 100);
    assert!(within >= WITHIN, "{within} ends were within a run");
    let kinds: [fn(&Seen) -> bool; 4] = [
        |seen| seen.probed,
        |seen| seen.running,
        |seen| seen.guarded,
        |seen| seen.building,
    ];
    for kind in kinds {
        assert!(count(kind) > 0, "the moments are of all kinds");
    }
}

/// What was going on when a round ended.
struct Seen {
    end: End,
    /// What was to be ended still ran.
    within: bool,
    /// How many runs had ended before their moment came.
    too_late: usize,
    probed: bool,
    running: bool,
    building: bool,
    guarded: bool,
}

/// Rounds one after the other, in a folder of their own by which all that is theirs is known.
struct Lane {
    folder: PathBuf,
    goproctor: PathBuf,
    /// Two specs of the same program: one builds it, one has it.
    specs: [PathBuf; 2],
    random: Rng,
}

impl Lane {
    fn new(folder: &Path, number: usize, source: &Path, built: &Path) -> Self {
        let folder = folder.join(format!("lane-{number}"));
        fs::create_dir_all(folder.join("tmp")).unwrap();
        let goproctor = folder.join("goproctor");
        fs::copy(command::path(), &goproctor).unwrap();
        let spec = |name: &str, origin: &str, path: &Path| {
            let file = folder.join(name);
            let text = format!(
                r#"
[program]
{origin} = "{}"
args = ["-listen=127.0.0.1:${{port}}", "-site=${{stub.site}}"]
ready = {{ get = "/healthz", within = "10s" }}

[stubs.site]
status = 200
body = "ok"
delay = "40ms"

[functions]
handler = "main.handler"
checkSite = "main.checkSite"

[[test]]
name = "one visitor"
request = {{ get = "/?name=a&year=2021" }}
sequence = ["handler", "checkSite"]
snapshot = true

[[test]]
name = "visitors"
request = {{ get = "/?name=a&year=2021", repeat = 40, concurrency = 4 }}
count = {{ checkSite = 40 }}

[[test]]
name = "two visitors"
request = {{ get = "/?name=a&year=2021", repeat = 2 }}
count = {{ checkSite = 2 }}
"#,
                path.display()
            );
            fs::write(&file, text).unwrap();
            file
        };
        Self {
            specs: [
                spec("builds.proctor.toml", "package", source),
                spec("has.proctor.toml", "binary", built),
            ],
            goproctor,
            random: Rng::with_seed(number as u64 + 1),
            folder,
        }
    }

    fn run(mut self, rounds: Vec<Round>) -> Vec<Seen> {
        let mut courses = [self.whole(0), self.whole(1)];
        let rounds = rounds.into_iter();
        rounds
            .map(|round| self.round(&round, &mut courses[round.spec]))
            .collect()
    }

    /// A run that nothing ends.
    fn whole(&self, spec: usize) -> Course {
        let course = Course::of(self.command(spec).stderr(Stdio::piped()));
        self.check(&BTreeSet::new(), "a whole run");
        course
    }

    fn command(&self, spec: usize) -> Command {
        let mut command = Command::new(&self.goproctor);
        command
            .current_dir(&self.folder)
            .env_clear()
            .envs(env::vars_os().filter(|(name, _)| name != "CI" && name != "GOTMPDIR"))
            .env("TMPDIR", self.folder.join("tmp"))
            .env("NO_COLOR", "1")
            .args(["run", "-json"])
            .arg(&self.specs[spec])
            .arg("--record")
            .arg(self.folder.join("recording.jsonl"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Where a run ends before its moment comes, it tells how long it takes by now, and another is begun.
    fn round(&mut self, round: &Round, course: &mut Course) -> Seen {
        let mut too_late = 0;
        loop {
            let (piece, moment) = course.moment(round, &mut self.random);
            let seen = self.one(round, piece, moment, course);
            if seen.within || too_late == TRIES {
                return Seen { too_late, ..seen };
            }
            too_late += 1;
        }
    }

    fn one(&self, round: &Round, piece: usize, moment: Duration, course: &mut Course) -> Seen {
        let what = format!(
            "{round:?}, {moment:?} after the begin of {piece}, in {}",
            self.folder.display()
        );
        let recording = self.folder.join("recording.jsonl");
        let _ = fs::remove_file(&recording);
        let mut run = Run::begin(&mut self.command(round.spec));
        run.wait(piece, moment);
        let ended = Instant::now();
        let (objects, seen) = self.end(&mut run, round.end);
        course.note(&run, (!seen.within).then_some(ended));
        let deadline = Instant::now() + Duration::from_secs(60);
        while run.runs() {
            assert!(Instant::now() < deadline, "{what}: goproctor does not end");
            thread::sleep(TICK);
        }
        self.check(&objects, &what);
        if recording.exists() {
            Recording::open(&recording).unwrap_or_else(|error| panic!("{what}: {error}"));
        }
        seen
    }

    /// Ends what there is to end, and tells what goproctor had of the kernel at that moment.
    fn end(&self, run: &mut Run, end: End) -> (BTreeSet<String>, Seen) {
        let goproctor = run.pid();
        loop {
            // It is held while it is looked at, so that nothing of it comes or goes until it is ended.
            let held = run.runs() && kill(goproctor, Signal::SIGSTOP).is_ok();
            let objects = asked::held_by(goproctor);
            let processes = asked::processes(&self.folder);
            let programs = self.programs(&processes);
            let some = |of: fn(&str) -> bool| processes.iter().any(|(_, name)| of(name));
            let seen = Seen {
                end,
                within: run.runs() && send(end, goproctor, &programs),
                too_late: 0,
                probed: objects.iter().any(|object| object.starts_with("link")),
                running: !programs.is_empty(),
                building: some(is_go),
                guarded: some(|name| name.contains(" __supervise")),
            };
            if held {
                let _ = kill(goproctor, Signal::SIGCONT);
            }
            if let End::Twice(signal) = end
                && seen.within
            {
                thread::sleep(TICK);
                let _ = kill(goproctor, signal);
            }
            // Between two tests there is no program: the next one, then.
            if seen.within || !held {
                return (objects, seen);
            }
            thread::sleep(TICK);
        }
    }

    /// Nothing is left, or soon will be.
    fn check(&self, objects: &BTreeSet<String>, what: &str) {
        let deadline = Instant::now() + SOON;
        loop {
            let left = self.left(objects);
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "{what}: left: {left:#?}");
            thread::sleep(PAUSE);
        }
    }

    /// What is left: files, which are looked for first as it costs the least, or else processes, or else objects.
    fn left(&self, objects: &BTreeSet<String>) -> Vec<String> {
        let ways: [&dyn Fn() -> Vec<String>; 3] = [
            &|| self.files(),
            &|| {
                let processes = asked::processes(&self.folder).into_iter();
                let processes = processes.map(|(pid, name)| format!("process {pid}: {name}"));
                processes.collect()
            },
            &|| asked::existing(objects),
        ];
        let left = ways.iter().map(|way| way());
        left.into_iter()
            .find(|left| !left.is_empty())
            .unwrap_or_default()
    }

    /// Temporary files, and those that are unfinished.
    fn files(&self) -> Vec<String> {
        let mut left = Vec::new();
        for folder in [
            self.folder.join("tmp"),
            self.folder.clone(),
            self.folder.join("snapshots"),
        ] {
            let whole = folder.ends_with("tmp");
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if whole || name.starts_with('.') {
                    left.push(entry.path().display().to_string());
                }
            }
        }
        left
    }

    /// The processes of the program under test: what runs from a temporary folder, but for what go builds with.
    fn programs(&self, processes: &[(Pid, String)]) -> Vec<Pid> {
        let temporary = self.folder.join("tmp");
        let ours = processes.iter().filter(|(_, name)| {
            name.starts_with(&*temporary.to_string_lossy()) && name.contains("-listen=")
        });
        ours.map(|(pid, _)| *pid).collect()
    }
}

/// Whether there was what this is to end.
fn send(end: End, goproctor: Pid, programs: &[Pid]) -> bool {
    match end {
        End::Goproctor(signal) | End::Twice(signal) => kill(goproctor, signal).is_ok(),
        End::Program(signal) => {
            let sent = programs.iter().map(|program| kill(*program, signal));
            sent.filter(Result::is_ok).count() > 0
        }
    }
}

fn is_go(name: &str) -> bool {
    name.contains(" build ")
        || name.contains("/tool/")
        || name.contains("/compile ")
        || name.contains("/link ")
}
