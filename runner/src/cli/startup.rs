//! What commands do first: read specs, become the right user.

use std::path::PathBuf;

use kernel::{KernelError, Unprivileged};
use spec::Spec;

use super::{Failure, argument_groups::UserArguments};
use crate::{
    session::Cancel,
    target::{self, Identity},
};

/// Reads specs; all their errors are reported at once.
///
/// # Errors
/// A spec that can't be read or is wrong.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Spec>, Failure> {
    let mut specs = Vec::new();
    let mut wrong = Vec::new();
    for path in paths {
        match spec::read(path) {
            Ok(spec) => specs.push(spec),
            Err(errors) => wrong.push(errors),
        }
    }
    if wrong.is_empty() {
        Ok(specs)
    } else {
        Err(Failure::specs(wrong))
    }
}

/// Becomes the user that `go` and the program run as: the one that was named, or the one whose files these are.
///
/// # Errors
/// The user can't be found or become.
pub(super) fn settle(arguments: &UserArguments, files: PathBuf) -> Result<Identity, Failure> {
    Ok(target::settle(
        arguments.user.as_deref(),
        &files,
        &kernel::kept(),
    )?)
}

/// The same for a command that watches: without the privilege to do so nothing is built first. Says so where the program
/// runs as root without having been asked for.
///
/// # Errors
/// The user can't be found or become, or may not watch programs.
pub(super) fn settle_to_watch(
    arguments: &UserArguments,
    files: PathBuf,
) -> Result<Identity, Failure> {
    may_watch()?;
    let identity = settle(arguments, files)?;
    if let Some(notice) = identity.notice() {
        eprintln!("goproctor: {notice}");
    }
    Ok(identity)
}

/// Whether a signal has asked to stop.
///
/// # Errors
/// Signals can't be handled.
pub(super) fn cancel() -> Result<Cancel, Failure> {
    Cancel::on_signals().map_err(|error| Failure::world(format!("cannot handle signals: {error}")))
}

/// Refuses to go on without the privilege to watch programs.
///
/// # Errors
/// It is missing; the error says how to give it.
pub(super) fn may_watch() -> Result<(), Failure> {
    match Unprivileged::find() {
        None => Ok(()),
        Some(lack) => Err(Failure::world(KernelError::Privilege(lack).to_string())),
    }
}
