//! How a test binary is run: by the user's own `-exec`, or in the place of this process.

use std::{
    ffi::{CString, OsString},
    io,
    os::unix::ffi::OsStrExt as _,
    path::Path,
    process::Command,
};

use nix::sys::signal::{self, Signal};

/// Runs the binary in place of this process; comes back only with an error. Unlike `CommandExt::exec`, it gives no file to a shell
/// that this machine cannot run.
pub(super) fn execute(binary: &Path, arguments: &[OsString]) -> io::Error {
    let words =
        std::iter::once(binary.as_os_str()).chain(arguments.iter().map(OsString::as_os_str));
    let words: Result<Vec<CString>, _> = words.map(|word| CString::new(word.as_bytes())).collect();
    let words = match words {
        Ok(words) => words,
        Err(error) => return error.into(),
    };
    let Some(path) = words.first() else {
        return io::ErrorKind::InvalidInput.into();
    };
    // SAFETY: it puts the default action in the place of what Rust's start set, which ignores the signal.
    let _ = unsafe { signal::signal(Signal::SIGPIPE, signal::SigHandler::SigDfl) };
    match nix::unistd::execv(path, &words) {
        Ok(never) => match never {},
        Err(error) => error.into(),
    }
}

/// The command that runs a binary, by the program and arguments of the user's own `-exec` if there is one.
pub(super) fn command(exec: &[String], binary: &Path) -> Command {
    match exec.split_first() {
        Some((program, arguments)) => {
            let mut command = Command::new(program);
            command.args(arguments).arg(binary);
            command
        }
        None => Command::new(binary),
    }
}
