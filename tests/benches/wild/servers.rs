//! The servers: how each is started, what is watched in it, and the requests that it gets.

mod caddy;
mod etcd;
mod pocketbase;
mod prometheus;
mod rclone;

use std::path::PathBuf;

use super::{Outcome, http::Request};

/// Where a server runs.
pub(crate) struct Place {
    pub(crate) binary: PathBuf,
    /// A folder of its own.
    pub(crate) folder: PathBuf,
    /// Where it gets its requests.
    pub(crate) port: u16,
    /// What else it may listen on.
    pub(crate) second_port: u16,
}

impl Place {
    /// The path of a file in its folder.
    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_string_lossy().into_owned()
    }
}

/// A server.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    /// The functions of which some are chosen, as globs.
    pub(crate) patterns: &'static [&'static str],
    /// A path that answers when it is ready.
    pub(crate) ready: &'static str,
    /// Writes what it needs; gives its arguments.
    pub(crate) prepare: fn(&Place) -> Outcome<Vec<String>>,
    /// A hundred requests, always the same.
    pub(crate) requests: fn(&Place) -> Outcome<Vec<Request>>,
}

/// All of them.
pub(crate) const ALL: &[Server] = &[
    caddy::SERVER,
    pocketbase::SERVER,
    etcd::SERVER,
    prometheus::SERVER,
    rclone::SERVER,
];

/// The one of that name.
pub(crate) fn named(name: &str) -> Option<&'static Server> {
    ALL.iter().find(|server| server.name == name)
}

/// The requests in turn, with a number each, until there are a hundred.
fn hundred(make: impl Fn(usize) -> Vec<Request>) -> Vec<Request> {
    (0..).flat_map(make).take(100).collect()
}

/// Words as arguments.
fn arguments(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
