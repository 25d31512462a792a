//! Bad programs, bad machines and bad moments: each ends with one clear message and the right exit code, leaves no
//! process behind and no file half-written.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::{PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use goproctor_tests::command::{self, goproctor, repository};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

/// How long what was killed may take to be gone.
const SECOND: Duration = Duration::from_secs(1);

/// How long a run may take to get to a certain point, its build among it.
const PATIENCE: Duration = Duration::from_secs(120);

/// The variable whose value tells a stage's processes from all others.
const TAG: &str = "GOPROCTOR_BAD_INPUT";

/// A folder with a spec, and all processes that were started for it.
struct Stage {
    folder: TempDir,
    tag: String,
}

impl Stage {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = tempfile::Builder::new().prefix("bad-").tempdir().unwrap();
        Self {
            folder,
            tag: format!("{}-{number}", std::process::id()),
        }
    }

    /// A stage whose spec runs misbehave so.
    fn misbehaving(arguments: &[&str], tests: &str) -> Self {
        let stage = Self::new();
        let arguments: Vec<_> = arguments.iter().map(|text| format!("{text:?}")).collect();
        stage.spec(
            &format!("package = {:?}", fixture("misbehave").to_str().unwrap()),
            &format!("args = [{}]\n", arguments.join(", ")),
            tests,
        );
        stage
    }

    /// A stage whose spec watches `functions` of a binary.
    fn watching(binary: &Path, functions: &str) -> Self {
        let stage = Self::new();
        stage.spec(
            &format!("binary = {:?}", binary.to_str().unwrap()),
            "args = [\"-listen=127.0.0.1:${port}\"]\n",
            &format!(
                "[functions]\n{functions}\n[[test]]\nname = 'a test'\nrequest = {{ get = '/slow' }}\n"
            ),
        );
        stage
    }

    fn spec(&self, origin: &str, program: &str, tests: &str) {
        let tag = &self.tag;
        let text = format!("[program]\n{origin}\nenv = {{ {TAG} = '{tag}' }}\n{program}\n{tests}");
        fs::write(self.path("bad.proctor.toml"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self) -> Command {
        let mut command = goproctor();
        command
            .current_dir(self.folder.path())
            .env(TAG, &self.tag)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the spec; nothing is left of it afterwards.
    fn run(&self) -> Said {
        self.ends(self.command().arg("run"))
    }

    fn ends(&self, command: &mut Command) -> Said {
        let said = Said::from(command.output().unwrap());
        self.assert_nothing_runs(Duration::ZERO, &said.text);
        said
    }

    /// The processes that have the stage's tag in their environment.
    fn processes(&self) -> Vec<String> {
        let wanted = format!("{TAG}={}", self.tag).into_bytes();
        let all = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
        all.filter(|entry| {
            let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == wanted)
        })
        .map(|entry| {
            let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
            format!(
                "{:?} {}",
                entry.file_name(),
                String::from_utf8_lossy(&command)
            )
        })
        .collect()
    }

    #[track_caller]
    fn assert_nothing_runs(&self, within: Duration, said: &str) {
        let begin = Instant::now();
        let mut left = self.processes();
        while !left.is_empty() && begin.elapsed() < within {
            std::thread::sleep(Duration::from_millis(5));
            left = self.processes();
        }
        assert!(left.is_empty(), "left: {left:?}\n{said}");
    }

    /// The files in the stage's folder but the spec, sorted.
    fn files(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "bad.proctor.toml")
            .collect();
        names.sort();
        names
    }
}

/// What a run said, and how it ended.
struct Said {
    exit: Option<i32>,
    text: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Self {
            exit: output.status.code(),
            text,
        }
    }
}

impl Said {
    #[track_caller]
    fn expect(&self, exit: i32, parts: &[&str]) {
        assert_eq!(self.exit, Some(exit), "{}", self.text);
        // Long messages are broken into lines, between words.
        let words = self.text.replace('│', " ");
        let flowing = words.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in parts {
            assert!(flowing.contains(part), "no {part:?} in:\n{}", self.text);
        }
        assert!(!self.text.contains("panicked"), "{}", self.text);
    }
}

fn fixture(name: &str) -> PathBuf {
    repository().join("go-fixtures/base").join(name)
}

/// Builds a package of the fixtures with further flags and variables, into the stage's folder.
fn build(folder: &Path, name: &str, flags: &[&str]) -> PathBuf {
    build_in(&fixture(name), folder, flags, &[])
}

/// Builds the package in `source` to `folder/server`.
fn build_in(source: &Path, folder: &Path, flags: &[&str], variables: &[(&str, &str)]) -> PathBuf {
    let path = folder.join("server");
    let output = Command::new("go")
        .args(["build", "-o"])
        .arg(&path)
        .args(flags)
        .arg(".")
        .current_dir(source)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    path
}

const MAIN: &str = "[functions]\nmain = 'main.main'\nserve = 'main.serve'\n";

const HEALTHZ: &str = "[[test]]\nname = 'a test'\nrequest = { get = '/healthz' }\n";

fn tests() -> String {
    format!("{MAIN}{HEALTHZ}")
}

const SERVE: &[&str] = &["-listen=127.0.0.1:${port}"];

#[test]
fn a_function_that_was_inlined() {
    let folder = tempfile::tempdir().unwrap();
    let server = build(folder.path(), "orders", &[]);
    let said = Stage::watching(&server, "rest = 'main.rest'").run();
    said.expect(
        2,
        &[
            "main.rest was inlined away",
            "//go:noinline",
            "bad.proctor.toml:7",
        ],
    );
}

#[test]
fn a_function_that_the_linker_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let server = build(folder.path(), "orders", &["-gcflags=all=-l"]);
    // Without the source nobody knows that there was one.
    let said = Stage::watching(&server, "dropped = 'main.dropped'").run();
    said.expect(
        2,
        &[
            "no function main.dropped in the program",
            "bad.proctor.toml:7",
        ],
    );
}

#[test]
fn a_binary_without_debug_information() {
    let folder = tempfile::tempdir().unwrap();
    let server = build(folder.path(), "orders", &["-ldflags=-s -w"]);
    let said = Stage::watching(&server, "rest = 'main.rest'").run();
    said.expect(3, &["server", "-ldflags"]);
}

#[test]
fn a_binary_of_another_architecture() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("go.mod"), "module small\n\ngo 1.21\n").unwrap();
    fs::write(
        folder.path().join("main.go"),
        "package main\n\nfunc main() { println(1) }\n",
    )
    .unwrap();
    let variables = [("GOARCH", "arm64"), ("CGO_ENABLED", "0")];
    let server = build_in(folder.path(), folder.path(), &[], &variables);
    let said = Stage::watching(&server, "main = 'main.main'").run();
    said.expect(3, &["server", "built for arm64", "linux/amd64"]);
}

#[test]
fn a_binary_that_is_cut() {
    let folder = tempfile::tempdir().unwrap();
    let server = build(folder.path(), "orders", &[]);
    let whole = fs::read(&server).unwrap();
    for length in [whole.len() / 2, whole.len() - 1, 64, 3] {
        fs::write(&server, &whole[..length]).unwrap();
        let said = Stage::watching(&server, "rest = 'main.rest'").run();
        said.expect(3, &["server"]);
    }
}

#[test]
fn a_file_that_is_no_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    fs::write(&path, "not a program").unwrap();
    let said = Stage::watching(&path, "rest = 'main.rest'").run();
    said.expect(3, &["notes.txt", "not an ELF"]);
}

#[test]
fn a_program_that_is_not_gos() {
    let said = Stage::watching(Path::new("/bin/true"), "rest = 'main.rest'").run();
    said.expect(3, &["/bin/true", "Go"]);
}

#[test]
fn a_binary_that_is_not_there() {
    let said = Stage::watching(Path::new("/nowhere/server"), "rest = 'main.rest'").run();
    said.expect(3, &["/nowhere/server", "No such file"]);
}

#[test]
fn a_package_that_does_not_compile() {
    let stage = Stage::new();
    fs::write(stage.path("go.mod"), "module broken\n\ngo 1.21\n").unwrap();
    fs::write(
        stage.path("main.go"),
        "package main\n\nfunc main() { undefined() }\n",
    )
    .unwrap();
    stage.spec("package = '.'", "args = ['${port}']", &tests());
    let said = stage.run();
    said.expect(3, &["./main.go:3:15", "undefined"]);
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("-listen={}", taken.local_addr().unwrap());
    let stage = Stage::misbehaving(&[&listen], &format!("{MAIN}{HEALTHZ}"));
    let text = fs::read_to_string(stage.path("bad.proctor.toml")).unwrap();
    let text = text.replace("env = {", "env = { PORT = '${port}',");
    fs::write(stage.path("bad.proctor.toml"), text).unwrap();
    let said = stage.run();
    said.expect(3, &["address already in use", "exited with code 1"]);
}

#[test]
fn a_program_that_never_gets_ready() {
    let stage = Stage::new();
    let program = "args = ['-mode=never-ready', '-listen=127.0.0.1:${port}']\nready = { get = '/healthz', within = '300ms' }";
    stage.spec(
        &format!("package = {:?}", fixture("misbehave").to_str().unwrap()),
        program,
        &tests(),
    );
    stage.run().expect(
        3,
        &[
            "the program is not ready after 300ms",
            "Connection refused",
            "it wrote nothing",
        ],
    );
}

#[test]
fn a_program_that_exits_at_once() {
    let stage = Stage::misbehaving(&["-mode=exit", SERVE[0]], &tests());
    stage.run().expect(3, &["exited with code 3"]);
}

#[test]
fn a_program_that_crashes_during_a_test() {
    let tests =
        format!("{MAIN}[[test]]\nname = 'a crash'\nrequest = {{ get = '/crash' }}\n{HEALTHZ}");
    let said = Stage::misbehaving(SERVE, &tests).run();
    said.expect(
        3,
        &[
            "exited with code 2",
            "nil pointer dereference",
            "1 passed",
            "1 could not run",
        ],
    );
}

#[test]
fn a_program_that_exits_during_a_test() {
    let tests = format!("{MAIN}[[test]]\nname = 'an exit'\nrequest = {{ get = '/exit' }}\n");
    let said = Stage::misbehaving(SERVE, &tests).run();
    said.expect(3, &["exited with code 4"]);
}

#[test]
fn a_request_that_times_out() {
    let tests = format!(
        "{MAIN}[[test]]\nname = 'it hangs'\nrequest = {{ get = '/hang', timeout = '200ms' }}\nsettle = '100ms'\n"
    );
    let said = Stage::misbehaving(SERVE, &tests).run();
    said.expect(1, &["bad.proctor.toml:11", "got no answer within 200ms"]);
}

#[test]
fn a_program_that_ignores_term() {
    let stage = Stage::misbehaving(&["-mode=ignore-term", SERVE[0]], &tests());
    stage.run().expect(0, &["1 passed"]);
}

#[test]
fn a_grandchild_in_a_session_of_its_own() {
    let stage = Stage::misbehaving(&["-mode=grandchild", SERVE[0]], &tests());
    stage.run().expect(0, &["1 passed"]);
}

#[test]
fn a_privilege_that_is_missing() {
    const NOBODY: u32 = 65_534;
    let stage = Stage::misbehaving(SERVE, &tests());
    let copy = stage.path("goproctor");
    fs::copy(command::path(), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).unwrap();
    // A user of no files: the program, its caches and its folder are given to it.
    let server = build(stage.folder.path(), "misbehave", &["-gcflags=-l"]);
    stage.spec(
        &format!("binary = {:?}", server.to_str().unwrap()),
        "args = ['-listen=127.0.0.1:${port}']",
        &tests(),
    );
    chown(stage.folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    for (bounding_set, words) in [
        ("+all", ["setcap", "cap_bpf"]),
        ("-all", ["CapBnd", "--cap-add=BPF"]),
    ] {
        let mut command = Command::new("setpriv");
        command
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .args(["--inh-caps=-all", "--bounding-set", bounding_set])
            .arg(&copy)
            .arg("run")
            .current_dir(stage.folder.path())
            .env(TAG, &stage.tag)
            .env_remove("CI")
            .env("NO_COLOR", "1");
        stage.ends(&mut command).expect(3, &words);
    }
}

/// A small file system in memory that is gone with this.
struct Small(PathBuf);

impl Small {
    fn mount(path: PathBuf) -> Self {
        fs::create_dir(&path).unwrap();
        let options = Some("size=16k");
        nix::mount::mount(
            Some("tmpfs"),
            &path,
            Some("tmpfs"),
            nix::mount::MsFlags::empty(),
            options,
        )
        .unwrap();
        Self(path)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = nix::mount::umount2(&self.0, nix::mount::MntFlags::MNT_DETACH);
    }
}

#[test]
fn a_full_disk_while_a_snapshot_is_written() {
    let tests = format!("{}snapshot = true\n", tests());
    let stage = Stage::misbehaving(SERVE, &tests);
    let small = Small::mount(stage.path("snapshots"));
    fs::write(small.0.join("filler"), vec![0; 64 << 10]).unwrap_err();
    for arguments in [&["run"][..], &["run", "--accept"]] {
        let said = stage.ends(stage.command().args(arguments));
        said.expect(3, &["bad__a-test.snap", "No space left on device"]);
        let left: Vec<_> = fs::read_dir(&small.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(left, ["filler"]);
    }
}

#[test]
fn a_full_disk_while_a_session_is_recorded() {
    let stage = Stage::misbehaving(SERVE, &tests());
    let small = Small::mount(stage.path("small"));
    fs::write(small.0.join("filler"), vec![0; 64 << 10]).unwrap_err();
    let said = stage.ends(stage.command().args(["run", "--record", "small/seen"]));
    said.expect(3, &["small/seen", "No space left on device"]);
    assert!(!small.0.join("seen").exists());
}

/// A run that is in the middle of a request that never ends.
fn hanging(stage: &Stage, pid_file: &Path) -> (Child, i32) {
    let mut child = stage.command().arg("run").spawn().unwrap();
    let begin = Instant::now();
    loop {
        if let Ok(text) = fs::read_to_string(pid_file) {
            // The request is sent as soon as the program is ready.
            std::thread::sleep(Duration::from_millis(500));
            return (child, text.trim().parse().unwrap());
        }
        if let Some(status) = child.try_wait().unwrap() {
            let said = Said::from(child.wait_with_output().unwrap());
            panic!("ended too early, {status}: {}", said.text);
        }
        assert!(begin.elapsed() < PATIENCE, "the grandchild does not start");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// All that descends from a process.
fn descendants(ancestor: i32) -> Vec<i32> {
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        let threads = fs::read_dir(format!("/proc/{parent}/task")).unwrap();
        for thread in threads.filter_map(Result::ok) {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .map(|pid| pid.parse::<i32>().unwrap()),
            );
        }
        next += 1;
    }
    found.split_off(1)
}

fn hanging_stage() -> (Stage, PathBuf) {
    let place = Stage::new();
    let pid_file = place.path("grandchild.pid");
    let tests = format!(
        "{MAIN}[[test]]\nname = 'it hangs'\nrequest = {{ get = '/hang', timeout = '60s' }}\n"
    );
    let pid_argument = format!("-pidfile={}", pid_file.display());
    let arguments: Vec<_> = ["-mode=grandchild", SERVE[0], &pid_argument]
        .iter()
        .map(|text| format!("{text:?}"))
        .collect();
    place.spec(
        &format!("package = {:?}", fixture("misbehave").to_str().unwrap()),
        &format!("args = [{}]\n", arguments.join(", ")),
        &tests,
    );
    (place, pid_file)
}

#[test]
fn nothing_is_left_a_second_after_goproctor_is_killed() {
    let (stage, pid_file) = hanging_stage();
    let (mut child, grandchild) = hanging(&stage, &pid_file);
    // goproctor itself, the program and the grandchild; and between them the supervisor, whose environment is empty.
    assert!(stage.processes().len() >= 3, "{:?}", stage.processes());
    let descendants = descendants(child.id().cast_signed());
    assert!(descendants.len() >= 3 && descendants.contains(&grandchild));
    let killed = Instant::now();
    child.kill().unwrap();
    stage.assert_nothing_runs(SECOND, "after kill -9");
    let exist = |pid: &i32| Path::new(&format!("/proc/{pid}/exe")).exists();
    while descendants.iter().any(exist) {
        assert!(killed.elapsed() < SECOND, "one of {descendants:?} is left");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.wait().unwrap();
}

#[test]
fn an_interrupt_ends_a_run_and_all_that_belongs_to_it() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (stage, pid_file) = hanging_stage();
        let (child, _) = hanging(&stage, &pid_file);
        let begin = Instant::now();
        kill(Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        let said = Said::from(child.wait_with_output().unwrap());
        assert!(begin.elapsed() < Duration::from_secs(10), "{}", said.text);
        stage.assert_nothing_runs(Duration::ZERO, &said.text);
        said.expect(3, &["interrupted"]);
        assert_eq!(stage.files(), ["grandchild.pid"]);
    }
}

#[test]
fn an_interrupt_ends_a_build() {
    let stage = Stage::misbehaving(SERVE, &tests());
    let child = stage.command().arg("run").spawn().unwrap();
    let begin = Instant::now();
    // goproctor itself and a go command.
    while stage.processes().len() < 2 && begin.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(1));
    }
    kill(Pid::from_raw(child.id().cast_signed()), Signal::SIGINT).unwrap();
    let said = Said::from(child.wait_with_output().unwrap());
    said.expect(3, &["the build was cancelled"]);
    stage.assert_nothing_runs(Duration::ZERO, &said.text);
}
