//! A hundred ends at random moments: goproctor is interrupted, ended or killed, or its program is. Nothing is left
//! running, no probe, no temporary file, and no file that is half written.

use std::{
    collections::BTreeSet,
    env, fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};

use goproctor::recording::Recording;
use goproctor_tests::{command, go, harness::Test};
use nix::{
    libc,
    sys::signal::{Signal, kill},
    unistd::Pid,
};

pub(crate) const TESTS: &[Test<'static>] = &[(
    "whatever_ends_it_and_whenever_nothing_is_left",
    nothing_is_left,
)];

/// The first argument with which the tests' own executable tells what these may not ask: they have given up the rights.
/// With a folder, which processes were started from there; with a process's number, what links and programs of the
/// kernel it has; with these, which still exist.
pub(crate) const ASK: &str = "__ask";

const LANES: usize = 4;
const ROUNDS: usize = 25;
/// How long it may take until nothing is left.
const SOON: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);

/// Whom a round ends, and how.
#[derive(Clone, Copy, Debug)]
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

fn nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("program");
    fs::create_dir(&source).unwrap();
    let original = command::repository().join("go-fixtures/testprogram");
    for name in ["go.mod", "main.go"] {
        fs::copy(original.join(name), source.join(name)).unwrap();
    }
    let built = go::build(&source, go::NEWEST);
    let lanes = (0..LANES).map(|number| Lane::new(folder.path(), number, &source, &built));
    let lanes: Vec<Lane> = lanes.collect();
    let lanes = lanes.into_iter().map(|lane| thread::spawn(|| lane.run()));
    let threads: Vec<_> = lanes.collect();
    let told: Vec<_> = threads.into_iter().map(thread::JoinHandle::join).collect();
    let told: Vec<Told> = told
        .into_iter()
        .map(|told| told.expect("told above"))
        .collect();
    let sum = |of: fn(&Told) -> usize| told.iter().map(of).sum::<usize>();
    println!(
        "{} ends; in {} goproctor had ended before; in {} probes were set, in {} the program ran, in {} go did, {} had guards",
        LANES * ROUNDS,
        sum(|told| told.too_late),
        sum(|told| told.probed),
        sum(|told| told.running),
        sum(|told| told.building),
        sum(|told| told.guarded),
    );
    let seen: [fn(&Told) -> usize; 3] =
        [|told| told.probed, |told| told.running, |told| told.guarded];
    for seen in seen {
        assert!(sum(seen) > 0, "the moments are of all kinds");
    }
}

/// What was going on when the rounds ended.
#[derive(Default)]
struct Told {
    too_late: usize,
    probed: usize,
    running: usize,
    building: usize,
    guarded: usize,
}

/// Rounds one after the other, in a folder of their own by which all that is theirs is known.
struct Lane {
    folder: PathBuf,
    goproctor: PathBuf,
    /// Two specs of the same program: one builds it, one has it.
    specs: [PathBuf; 2],
    random: Random,
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

[functions]
handler = "main.handler"
checkSite = "main.checkSite"

[[test]]
name = "visitors"
request = {{ get = "/?name=a&year=2021", repeat = 20, concurrency = 4 }}
count = {{ checkSite = 20 }}

[[test]]
name = "one visitor"
request = {{ get = "/?name=a&year=2021" }}
sequence = ["handler", "checkSite"]
snapshot = true
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
            random: Random(number as u64 + 1),
            folder,
        }
    }

    fn run(mut self) -> Told {
        let mut told = Told::default();
        let lengths: Vec<Duration> = (0..2).map(|spec| self.whole(spec)).collect();
        for round in 0..ROUNDS {
            let spec = usize::from(round % 5 != 0);
            let end = ENDS[self.random.below(ENDS.len() as u64) as usize];
            let nanoseconds = u64::try_from(lengths[spec].as_nanos()).unwrap();
            let moment = Duration::from_nanos(self.random.below(nanoseconds));
            let what = format!(
                "round {round} of {}: {end:?} after {moment:?}",
                self.folder.display()
            );
            self.round(spec, end, moment, &what, &mut told);
        }
        told
    }

    /// A run that nothing ends, and how long it takes.
    fn whole(&self, spec: usize) -> Duration {
        let begin = Instant::now();
        let output = self
            .command(spec)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}\n{errors}");
        let took = begin.elapsed();
        self.check(&BTreeSet::new(), "a whole run");
        took
    }

    fn command(&self, spec: usize) -> Command {
        let mut command = Command::new(&self.goproctor);
        command
            .current_dir(&self.folder)
            .env_clear()
            .envs(env::vars_os().filter(|(name, _)| name != "CI" && name != "GOTMPDIR"))
            .env("TMPDIR", self.folder.join("tmp"))
            .env("NO_COLOR", "1")
            .arg("run")
            .arg(&self.specs[spec])
            .arg("--record")
            .arg(self.folder.join("recording.jsonl"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn round(&self, spec: usize, end: End, moment: Duration, what: &str, told: &mut Told) {
        let recording = self.folder.join("recording.jsonl");
        let _ = fs::remove_file(&recording);
        let mut child = self.command(spec).process_group(0).spawn().unwrap();
        thread::sleep(moment);
        let objects = held_by(child.id());
        let processes = self.processes();
        let programs = self.programs(&processes);
        told.too_late += usize::from(child.try_wait().unwrap().is_some());
        told.probed += usize::from(objects.iter().any(|object| object.starts_with("link")));
        told.running += usize::from(!programs.is_empty());
        let some =
            |of: &dyn Fn(&str) -> bool| usize::from(processes.iter().any(|(_, name)| of(name)));
        told.guarded += some(&|name| name.contains(" __supervise"));
        told.building += some(&is_go);
        self.end(&child, end, &programs);
        let deadline = Instant::now() + Duration::from_secs(60);
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "{what}: goproctor does not end");
            thread::sleep(PAUSE);
        }
        self.check(&objects, what);
        if recording.exists() {
            Recording::open(&recording).unwrap_or_else(|error| panic!("{what}: {error}"));
        }
    }

    fn end(&self, child: &Child, end: End, programs: &[Pid]) {
        let goproctor = Pid::from_raw(i32::try_from(child.id()).unwrap());
        // What has ended by now can't be ended, and that is well.
        match end {
            End::Goproctor(signal) => {
                let _ = kill(goproctor, signal);
            }
            End::Twice(signal) => {
                let _ = kill(goproctor, signal);
                thread::sleep(Duration::from_millis(5));
                let _ = kill(goproctor, signal);
            }
            End::Program(signal) => {
                for program in programs {
                    let _ = kill(*program, signal);
                }
            }
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

    fn left(&self, objects: &BTreeSet<String>) -> Vec<String> {
        let processes = self.processes();
        let mut left: Vec<String> = processes
            .into_iter()
            .map(|(pid, name)| format!("process {pid}: {name}"))
            .collect();
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
        if left.is_empty() && !objects.is_empty() {
            left.extend(existing(objects));
        }
        left
    }

    /// All processes that were started from here.
    fn processes(&self) -> Vec<(Pid, String)> {
        let folder = self.folder.to_string_lossy().into_owned();
        let lines = ask(&[folder]).into_iter();
        let processes = lines.map(|line| {
            let (number, name) = line.split_once(' ').unwrap();
            (Pid::from_raw(number.parse().unwrap()), name.to_owned())
        });
        processes.collect()
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

fn is_go(name: &str) -> bool {
    name.contains(" build ")
        || name.contains("/tool/")
        || name.contains("/compile ")
        || name.contains("/link ")
}

/// The links and programs of the kernel that a process has, as `link 7` and `prog 9`.
fn held_by(process: u32) -> BTreeSet<String> {
    ask(&[process.to_string()]).into_iter().collect()
}

/// Which of these the kernel still has.
fn existing(objects: &BTreeSet<String>) -> Vec<String> {
    let objects: Vec<String> = objects.iter().cloned().collect();
    ask(&objects)
}

fn ask(about: &[String]) -> Vec<String> {
    let output = Command::new("/proc/self/exe")
        .arg(ASK)
        .args(about)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let told = String::from_utf8_lossy(&output.stdout);
    told.lines().map(str::to_owned).collect()
}

/// Answers on standard output.
pub(crate) fn answer() -> ExitCode {
    let about: Vec<String> = env::args().skip(2).collect();
    match about.first() {
        Some(folder) if folder.starts_with('/') => tell_processes(folder),
        Some(number) if number.parse::<u32>().is_ok() => tell_held(number),
        _ => tell_existing(&about),
    }
}

/// All processes that were started from a folder, by their executable, arguments or environment.
fn tell_processes(folder: &str) -> ExitCode {
    let numbers = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = numbers.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    for number in numbers.filter(|number| *number != std::process::id()) {
        let read = |name: &str| fs::read(format!("/proc/{number}/{name}")).unwrap_or_default();
        let text = |name: &str| String::from_utf8_lossy(&read(name)).replace('\0', " ");
        let executable = fs::read_link(format!("/proc/{number}/exe")).unwrap_or_default();
        let name = format!("{} {}", executable.display(), text("cmdline"));
        let asking = name.contains(ASK);
        if !asking && (name.contains(folder) || text("environ").contains(folder)) {
            println!("{number} {}", name.replace('\n', " "));
        }
    }
    ExitCode::SUCCESS
}

fn tell_held(process: &str) -> ExitCode {
    // A process that has ended has none.
    let files = fs::read_dir(format!("/proc/{process}/fdinfo"));
    let files = files.into_iter().flatten().flatten();
    for text in files.filter_map(|file| fs::read_to_string(file.path()).ok()) {
        for line in text.lines() {
            for (field, kind) in [("link_id:", "link"), ("prog_id:", "prog")] {
                if let Some(id) = line.strip_prefix(field) {
                    println!("{kind} {}", id.trim());
                }
            }
        }
    }
    ExitCode::SUCCESS
}

fn tell_existing(objects: &[String]) -> ExitCode {
    // linux/bpf.h
    const PROG_GET_FD_BY_ID: i32 = 13;
    const LINK_GET_FD_BY_ID: i32 = 30;
    for object in objects {
        let command = match object.split_once(' ') {
            Some(("link", _)) => LINK_GET_FD_BY_ID,
            _ => PROG_GET_FD_BY_ID,
        };
        let Some(id) = object
            .split_once(' ')
            .and_then(|(_, id)| id.parse::<u32>().ok())
        else {
            eprintln!("{object} is no object");
            return ExitCode::FAILURE;
        };
        let attributes = [id, 0, 0, 0];
        // SAFETY: the kernel reads these 16 bytes; the descriptor that it may give ends with this process.
        let given = unsafe {
            libc::syscall(
                libc::SYS_bpf,
                command,
                attributes.as_ptr(),
                size_of_val(&attributes),
            )
        };
        if given >= 0 {
            println!("{object}");
        } else if nix::errno::Errno::last() != nix::errno::Errno::ENOENT {
            eprintln!("{object}: {}", nix::errno::Errno::last());
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// A small linear congruential generator: the same moments each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(self.0) * u128::from(bound)) >> 64) as u64
    }
}
