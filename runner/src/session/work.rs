//! One piece of work: what makes the program work, for how long, and what is kept of it.

use std::time::Duration;

use model::Retention;
use spec::document::{RequestSpec, Stub};

/// What makes the program work while it is watched.
#[derive(Clone, Copy, Debug)]
pub enum Workload<'w> {
    /// Requests, one entry after the other.
    Requests(&'w [RequestSpec]),
    /// Nothing but its start: a server is watched until it is ready.
    Start,
    /// Nothing at all: it is a command, watched until its end.
    Command,
}

impl<'w> Workload<'w> {
    /// The requests, if there are any; else what a program does that serves, or does not.
    #[must_use]
    pub const fn of(requests: &'w [RequestSpec], serves: bool) -> Self {
        match (requests, serves) {
            ([], true) => Self::Start,
            ([], false) => Self::Command,
            (requests, _) => Self::Requests(requests),
        }
    }
}

/// One piece of work of a session: a test, or what a command line asks for.
#[derive(Clone, Copy, Debug)]
pub struct Work<'w> {
    /// Its name.
    pub name: &'w str,
    /// What makes the program work.
    pub workload: Workload<'w>,
    /// Stubs that answer otherwise meanwhile.
    pub stubs: &'w [Stub],
    /// How long to wait for the requests' goroutines to end.
    pub settle: Duration,
    /// How long all of it may take.
    pub within: Duration,
    /// What is kept of the calls.
    pub keep: Retention,
    /// Whether the program is to end meanwhile, so that its end is no failure by itself.
    pub expects_end: bool,
}
