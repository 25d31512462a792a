//! A few facts with known answers, seen through the same pipeline as everything else. If they are not as they must be, nothing is judged.

use std::time::{Duration, Instant};

use model::{Goid, ProcessId, Status};
use trace::{MainEntered, Tracer};

use super::{
    Cancel, SelfCheck, SessionError,
    drain::{DRAIN, Drain},
    process::Process,
};

/// How long the program may take to come to `runtime.main`: seconds on a busy or emulated machine.
const START: Duration = Duration::from_secs(20);

/// The pause between two looks whether it has.
const PAUSE: Duration = Duration::from_millis(2);

/// The main goroutine was seen to be what it must be, and the string that every program has to say `release`.
pub(super) fn self_check(
    drain: &Drain,
    program: &Process,
    release: &str,
    cancel: &Cancel,
) -> Result<(), SessionError> {
    let begin = Instant::now();
    let mut ended = None;
    let main = loop {
        drain.catch_up(DRAIN)?;
        let main = drain.with(|tracer: &mut Tracer| tracer.main_entered());
        let is_over = ended.is_some() || begin.elapsed() > START;
        if main.is_some() || is_over || cancel.is_set() {
            break main;
        }
        ended = program.target.wait_exited(PAUSE);
    };
    match main {
        None if cancel.is_set() => Err(SessionError::Cancelled),
        None if let Some(ended) = ended => Err(program.ended_at_start(ended).into()),
        main => check_main(main, program.id, release),
    }
}

/// The main goroutine of a process was seen to be what it must be, and the string that every program has to say `release`.
pub(super) fn check_main(
    main: Option<MainEntered>,
    process: ProcessId,
    release: &str,
) -> Result<(), SessionError> {
    let failed = |check| Err(SessionError::SelfCheck(check));
    match main {
        None => failed(SelfCheck::NotSeen),
        Some(main) if main.process != process => failed(SelfCheck::Process {
            launched: process,
            seen: main.process,
        }),
        Some(main) if main.goid != Goid(1) => failed(SelfCheck::Goroutine(main.goid)),
        Some(main) => check_version(main.version, release),
    }
}

/// The string that every program has was read as the build information says it is.
fn check_version(read: Option<Result<String, Status>>, want: &str) -> Result<(), SessionError> {
    let seen = match read {
        None => return Ok(()),
        Some(Ok(text)) if text.trim() == want => return Ok(()),
        Some(Ok(text)) => text,
        Some(Err(status)) => format!("{status:?}"),
    };
    Err(SessionError::SelfCheck(SelfCheck::KnownString {
        want: want.to_owned(),
        seen,
    }))
}
