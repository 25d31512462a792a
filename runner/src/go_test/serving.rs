//! Who answers `exec` at a socket.

use std::{
    os::unix::net::{UnixListener, UnixStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What answers each `exec`.
pub(crate) trait Answering: Send + Sync + 'static {
    /// Serves one `exec` until it closes. What goes wrong with the socket `exec` notices, too.
    fn converse(&self, socket: UnixStream);

    /// Whether nothing is to be answered any more.
    fn is_cancelled(&self) -> bool;
}

/// Serves each `exec` that connects, in a thread of its own, until somebody connects when it is over.
pub(super) fn serve<A: Answering>(
    answering: &Arc<A>,
    listener: &UnixListener,
    is_over: &AtomicBool,
) {
    for socket in listener.incoming() {
        let Ok(socket) = socket else { return };
        if is_over.load(Ordering::Relaxed) || answering.is_cancelled() {
            return;
        }
        let answering = Arc::clone(answering);
        thread::spawn(move || answering.converse(socket));
    }
}

/// Whether two paths lead to the same folder.
pub(super) fn is_same_folder(one: &Path, other: &Path) -> bool {
    let full = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    full(one) == full(other)
}
