//! From the gate to the end: what a target gets, what it says, and that nothing of it is left.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    os::fd::AsRawFd,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use goproctor::target::{Ended, Stream, Target};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{
    Test,
    stage::{TAG, alive, launch, message, run, script, tag, until},
};

pub(crate) const TESTS: &[Test] = &[
    (
        "life::waits_at_the_gate_until_it_is_released",
        waits_at_the_gate,
    ),
    (
        "life::a_relative_path_starts_from_our_folder",
        relative_path,
    ),
    ("life::inherits_nothing_of_ours", inherits_nothing),
    (
        "life::what_cannot_start_says_why",
        what_cannot_start_says_why,
    ),
    ("life::both_outputs_are_kept_and_echoed", both_outputs),
    ("life::huge_output_is_counted_not_kept", huge_output),
    ("life::ends_in_its_own_way_when_asked", ends_when_asked),
    ("life::is_killed_when_it_ignores_the_asking", ignores_term),
    ("life::is_killed_at_the_gate", killed_at_the_gate),
    ("life::grandchildren_end_with_it", grandchildren),
    ("life::a_crowd_of_sessions_ends_with_it", crowd),
    ("life::dropping_it_stops_it", dropping),
    (
        "life::nothing_is_left_when_goproctor_is_killed",
        goproctor_killed,
    ),
    (
        "life::nothing_is_left_when_goproctor_is_killed_at_the_gate",
        goproctor_killed_at_the_gate,
    ),
    ("life::ends_with_its_supervisor", supervisor_killed),
    (
        "life::signals_for_our_group_do_not_reach_the_supervisor",
        group_signals,
    ),
];

/// Ignores TERM, and leaves a grandchild that does so too in a session of its own.
const STUBBORN: &str = r#"trap "" TERM
setsid sh -c 'trap "" TERM HUP; while :; do sleep 1000; done' &
setsid sh -c 'setsid sh -c "trap \"\" TERM; sleep 1000" & exit 0'
while :; do sleep 1000; done"#;

/// Its processes: the target and its `sleep`, two grandchildren with theirs.
const STUBBORN_PROCESSES: usize = 6;

const SECOND: Duration = Duration::from_secs(1);

fn relative_path() {
    // From our own folder, which is that of the package, to a copy of `true` there.
    let folder = tempfile::tempdir_in(".").unwrap();
    std::fs::copy("/bin/true", folder.path().join("program")).unwrap();
    let mut request = script(&tag(), "");
    request.binary = Path::new(folder.path().file_name().unwrap()).join("program");
    let mut target = run(request);
    assert!(target.binary().is_absolute());
    assert_eq!(target.wait_exited(SECOND), Some(Ended::Exited(0)));
    target.stop().unwrap();
}

fn waits_at_the_gate() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("mark");
    let tag = tag();
    let mut target = launch(&tag, &format!("touch {}; exit 7", mark.display()));
    assert!(Path::new(&format!("/proc/{}", target.pid())).exists());
    assert_eq!(target.wait_exited(Duration::from_millis(100)), None);
    assert!(!mark.exists());

    target.release().unwrap();
    assert_eq!(target.wait_exited(SECOND), Some(Ended::Exited(7)));
    assert!(mark.exists());
    assert_eq!(target.stop().unwrap(), Ended::Exited(7));
    assert_eq!(target.stop().unwrap(), Ended::Exited(7));
}

fn inherits_nothing() {
    // As a careless parent leaves it: open, and passed on by every exec.
    let leak = File::open("/etc/passwd").unwrap();
    nix::fcntl::fcntl(
        &leak,
        nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty()),
    )
    .unwrap();
    let text = r#"grep -E '^Sig(Blk|Ign|Cgt)' /proc/self/status; pwd; cat /proc/$$/environ | tr '\0' '\n'
cut -d' ' -f5,6 /proc/$$/stat; echo pid $$"#;
    let tag = tag();
    let mut request = script(&tag, text);
    request.folder = "/usr".into();
    let mut target = run(request);
    assert_eq!(target.wait_exited(SECOND), Some(Ended::Exited(0)));
    target.stop().unwrap();
    let said = target.output().to_string();
    assert!(
        said.contains("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"),
        "{said}"
    );
    assert!(said.contains("\n/usr\n"));
    let pid = target.pid();
    assert!(
        said.contains(&format!("\n{pid} {pid}\npid {pid}\n")),
        "a session of its own: {said}"
    );
    let variables: Vec<&str> = said.lines().filter(|line| line.contains('=')).collect();
    assert_eq!(variables.len(), 2, "{variables:?}");
    assert_eq!(variables[0], format!("{TAG}={tag}"));

    // A shell has descriptors of its own at times; ls has the folder that it lists.
    let mut request = script(&tag, "");
    request.binary = "/bin/ls".into();
    request.args = vec!["-l".into(), "/proc/self/fd".into()];
    let mut target = run(request);
    assert_eq!(target.wait_exited(SECOND), Some(Ended::Exited(0)));
    target.stop().unwrap();
    let said = target.output().to_string();
    let links = said.lines().filter_map(|line| line.split_once(" -> "));
    let fds: Vec<&str> = links.map(|(_, file)| file).collect();
    let own = format!("/proc/{}/fd", target.pid());
    assert_eq!(fds.len(), 4, "besides {}: {fds:?}", leak.as_raw_fd());
    assert_eq!((fds[0], fds[3]), ("/dev/null", own.as_str()));
    assert!(fds[1].starts_with("pipe:") && fds[2].starts_with("pipe:"));
}

fn what_cannot_start_says_why() {
    let mut missing = script(&tag(), "");
    missing.binary = "/no/such/program".into();
    let mut target = Target::launch(missing).unwrap();
    let said = message(target.release());
    assert!(
        said.contains("/no/such/program: executing it: No such file"),
        "{said}"
    );

    let mut data = script(&tag(), "");
    data.binary = "/etc/passwd".into();
    let said = message(Target::launch(data).unwrap().release());
    assert!(said.contains("Permission denied"), "{said}");

    let mut nowhere = script(&tag(), "");
    nowhere.folder = "/no/such/folder".into();
    let said = message(Target::launch(nowhere));
    assert!(
        said.contains("entering its working folder: No such file"),
        "{said}"
    );

    let mut broken = script(&tag(), "");
    broken.args.push("a\0b".into());
    let said = message(Target::launch(broken));
    assert!(
        said.contains("arguments: data provided contains a nul byte"),
        "{said}"
    );

    let mut other = script(&tag(), "");
    other.user.uid += 1;
    let said = message(Target::launch(other));
    assert!(said.contains("giving up privileges"), "{said}");

    let mut unsupervised = script(&tag(), "");
    unsupervised.supervisor = "/no/such/goproctor".into();
    let said = message(Target::launch(unsupervised));
    assert!(said.contains("supervisor (/no/such/goproctor)"), "{said}");

    let mut impostor = script(&tag(), "");
    impostor.supervisor = "/bin/echo".into();
    let said = message(Target::launch(impostor));
    assert!(
        said.contains("gone or does not answer while starting it"),
        "{said}"
    );
}

type Echoed = Vec<(Stream, Vec<u8>)>;

fn both_outputs() {
    let echoed: Arc<Mutex<Echoed>> = Arc::default();
    let mut request = script(&tag(), "echo to one; echo to two >&2; exit 3");
    request.echo = Some(Box::new({
        let echoed = Arc::clone(&echoed);
        move |stream, bytes| echoed.lock().unwrap().push((stream, bytes.to_vec()))
    }));
    let mut target = run(request);
    target.wait_exited(SECOND).unwrap();
    assert_eq!(target.stop().unwrap(), Ended::Exited(3));
    let mut lines = target.output().last_lines(10);
    lines.sort_unstable();
    assert_eq!(lines, ["to one", "to two"]);
    let echoed = echoed.lock().unwrap();
    assert!(echoed.contains(&(Stream::Stdout, b"to one\n".to_vec())));
    assert!(echoed.contains(&(Stream::Stderr, b"to two\n".to_vec())));
}

fn huge_output() {
    const BYTES: u64 = 50_000_000;
    let text = format!("echo first; head -c {BYTES} /dev/zero; echo; echo last");
    let mut target = run(script(&tag(), &text));
    assert_eq!(target.wait_exited(20 * SECOND), Some(Ended::Exited(0)));
    target.stop().unwrap();
    let output = target.output();
    assert_eq!(output.written(), BYTES + 12);
    assert_eq!(output.omitted(), BYTES + 12 - (128 << 10));
    let text = output.to_string();
    assert!(text.starts_with("first\n") && text.ends_with("\nlast\n"));
}

fn ends_when_asked() {
    let mut target = run(script(
        &tag(),
        "trap 'exit 5' TERM; echo up; while :; do sleep 0.01; done",
    ));
    until(SECOND, || target.output().written() > 0);
    let begin = Instant::now();
    assert_eq!(target.stop().unwrap(), Ended::Exited(5));
    assert!(
        begin.elapsed() < Duration::from_millis(300),
        "{:?}",
        begin.elapsed()
    );
}

fn ignores_term() {
    let tag = tag();
    let mut target = run(script(
        &tag,
        "trap '' TERM; echo up; while :; do sleep 1000; done",
    ));
    until(SECOND, || target.output().written() > 0);
    let begin = Instant::now();
    assert_eq!(target.stop().unwrap(), Ended::Signaled(9));
    let took = begin.elapsed();
    assert!(
        took >= Duration::from_millis(400),
        "the grace was given: {took:?}"
    );
    assert!(took < Duration::from_millis(900), "and no more: {took:?}");
    assert_eq!(alive(&tag), [""; 0]);
}

fn killed_at_the_gate() {
    let mut target = launch(&tag(), "exit 0");
    let begin = Instant::now();
    assert_eq!(target.stop().unwrap(), Ended::Signaled(9));
    assert!(begin.elapsed() < Duration::from_millis(300));

    // By somebody else.
    let mut target = launch(&tag(), "exit 0");
    kill(pid(target.pid()), Signal::SIGKILL).unwrap();
    assert_eq!(target.wait_exited(SECOND), Some(Ended::Signaled(9)));
    let said = message(target.release());
    assert!(said.contains("was ended by SIGKILL"), "{said}");
}

fn grandchildren() {
    let tag = tag();
    let mut target = run(script(&tag, STUBBORN));
    until(SECOND, || alive(&tag).len() == STUBBORN_PROCESSES);
    assert_eq!(target.stop().unwrap(), Ended::Signaled(9));
    assert_eq!(alive(&tag), [""; 0]);

    // A target that ends leaves its grandchildren to us.
    let text = STUBBORN.replace("while :; do sleep 1000; done", "sleep 0.2; exit 4");
    let mut target = run(script(&tag, &text));
    assert_eq!(target.wait_exited(3 * SECOND), Some(Ended::Exited(4)));
    assert_ne!(alive(&tag), [""; 0]);
    assert_eq!(target.stop().unwrap(), Ended::Exited(4));
    assert_eq!(alive(&tag), [""; 0]);
}

fn crowd() {
    let tag = tag();
    let text = "trap '' TERM
for i in 1 2 3 4 5 6 7 8 9 10; do
  setsid sh -c 'trap \"\" TERM; for j in 1 2 3 4 5 6 7 8 9 10; do setsid sleep 1000 & done; wait' &
done; wait";
    let mut request = script(&tag, text);
    request.grace = Duration::ZERO;
    let mut target = run(request);
    until(5 * SECOND, || alive(&tag).len() == 111);
    let begin = Instant::now();
    target.stop().unwrap();
    assert_eq!(alive(&tag), [""; 0]);
    assert!(begin.elapsed() < SECOND, "{:?}", begin.elapsed());
}

fn dropping() {
    let tag = tag();
    let target = run(script(&tag, STUBBORN));
    until(SECOND, || alive(&tag).len() == STUBBORN_PROCESSES);
    drop(target);
    assert_eq!(alive(&tag), [""; 0]);
}

/// A goproctor of its own, killed at the latest when the test is over.
struct Goproctor(Child);

impl Goproctor {
    fn kill(&mut self) {
        self.0.kill().unwrap();
    }
}

impl Drop for Goproctor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A goproctor, and its target's pid.
fn goproctor(tag: &str, text: &str, released: &str) -> (Goproctor, Pid) {
    let mut parent = Command::new("/proc/self/exe")
        .args(["parent", tag, text, released])
        .env(TAG, tag)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(parent.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    (Goproctor(parent), pid(line.trim().parse().unwrap()))
}

fn goproctor_killed() {
    let mut slowest = Duration::ZERO;
    for _ in 0..10 {
        let tag = tag();
        let (mut parent, target) = goproctor(&tag, STUBBORN, "released");
        until(SECOND, || alive(&tag).len() == STUBBORN_PROCESSES + 1);
        let supervisor = parent_of(target);
        parent.kill();
        let took = until(SECOND, || alive(&tag).is_empty() && !exists(supervisor));
        slowest = slowest.max(took);
    }
    println!("     nothing was left after {slowest:?}, the slowest of 10");
}

fn goproctor_killed_at_the_gate() {
    let tag = tag();
    let (mut parent, target) = goproctor(&tag, STUBBORN, "waiting");
    let supervisor = parent_of(target);
    parent.kill();
    until(SECOND, || !exists(target) && !exists(supervisor));
}

fn supervisor_killed() {
    let tag = tag();
    let mut target = run(script(&tag, "while :; do read x; done < /dev/zero"));
    kill(parent_of(pid(target.pid())), Signal::SIGKILL).unwrap();
    assert_eq!(target.wait_exited(SECOND), Some(Ended::Unknown));
    until(SECOND, || alive(&tag).is_empty());
    let said = message(target.stop());
    assert!(said.contains("gone or does not answer"), "{said}");
}

fn group_signals() {
    let tag = tag();
    // To the target's own group, and to the supervisor, as polite as one can be.
    let text = "trap 'echo heard' TERM HUP INT; kill -TERM 0; kill -HUP 0
kill -TERM $PPID; kill -INT $PPID; kill -HUP $PPID; kill -TSTP $PPID; kill -USR1 $PPID; exit 6";
    let mut target = run(script(&tag, text));
    assert_eq!(target.wait_exited(SECOND), Some(Ended::Exited(6)));
    assert_eq!(target.stop().unwrap(), Ended::Exited(6));
    assert_eq!(target.output().last_lines(3), ["heard", "heard"]);
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(number.cast_signed())
}

/// Whether it runs: an ended process that its parent has not yet collected does not.
fn exists(pid: Pid) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/status"))
        .is_ok_and(|status| !status.contains("\nState:\tZ"))
}

fn parent_of(pid: Pid) -> Pid {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("PPid:"))
        .unwrap();
    Pid::from_raw(line.split_whitespace().nth(1).unwrap().parse().unwrap())
}
