//! What the tests share: targets that are shell scripts, and what is left of them. All processes of a test carry
//! its tag in their environment, whatever they do to their parents and sessions.

use std::{
    env, fs,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

use goproctor::target::{LaunchRequest, Target, TargetError, TargetUser};

/// The environment variable that holds the tag.
pub(crate) const TAG: &str = "GOPROCTOR_TEST_TAG";

/// A tag that no other test has.
pub(crate) fn tag() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}-{number}", std::process::id())
}

/// Who runs the tests.
pub(crate) fn myself() -> TargetUser {
    TargetUser {
        uid: nix::unistd::getuid().as_raw(),
        gid: nix::unistd::getgid().as_raw(),
        name: None,
        home: env::temp_dir(),
    }
}

/// A request for a shell script.
pub(crate) fn script(tag: &str, script: &str) -> LaunchRequest {
    let mut request = LaunchRequest::new("/bin/sh", "/", myself());
    request.args = vec!["-c".into(), script.into()];
    request.env = vec![
        (TAG.into(), tag.into()),
        ("PATH".into(), env::var_os("PATH").unwrap()),
    ];
    request.grace = Duration::from_millis(400);
    request
}

/// A shell script at the gate.
pub(crate) fn launch(tag: &str, text: &str) -> Target {
    Target::launch(script(tag, text)).unwrap()
}

/// A running shell script.
pub(crate) fn run(request: LaunchRequest) -> Target {
    let mut target = Target::launch(request).unwrap();
    target.release().unwrap();
    target
}

/// Processes with this tag, as `pid name`. A process that waits at the gate has its parent's environment.
pub(crate) fn alive(tag: &str) -> Vec<String> {
    let wanted = format!("{TAG}={tag}\0");
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let path = entry.path();
        let environ = fs::read(path.join("environ")).unwrap_or_default();
        if environ
            .windows(wanted.len())
            .any(|part| part == wanted.as_bytes())
        {
            let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
            found.push(format!("{} {}", entry.file_name().display(), name.trim()));
        }
    }
    found
}

/// Waits until `done`, at most that long; gives how long it took.
pub(crate) fn until(within: Duration, mut done: impl FnMut() -> bool) -> Duration {
    let begin = Instant::now();
    while !done() {
        assert!(begin.elapsed() < within, "not within {within:?}");
        thread::sleep(Duration::from_millis(2));
    }
    begin.elapsed()
}

/// The lines of a refusal or an early end.
pub(crate) fn message(result: Result<impl Sized, TargetError>) -> String {
    result.err().expect("must fail").to_string()
}
