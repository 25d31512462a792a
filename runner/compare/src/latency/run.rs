//! The calls of one run.

use std::collections::BTreeMap;

use super::{
    time::Time,
    typical::{Typical, typical},
};

/// Where a call comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parent<'a> {
    /// From no watched function.
    Unwatched,
    /// It runs within a call of this function, on the same goroutine; no watched function lies between.
    Caller(&'a str),
    /// It is the first watched function of a goroutine that was started within a call of this function.
    Starter(&'a str),
}

/// All calls of one run of one side.
#[derive(Clone, Debug, Default)]
pub struct Run {
    functions: BTreeMap<String, Calls>,
    links: BTreeMap<LinkKey, u64>,
}

/// From which function to which, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LinkKey {
    pub(super) parent: String,
    pub(super) child: String,
    /// The child runs on a goroutine of its own.
    pub(super) starts: bool,
}

#[derive(Clone, Debug, Default)]
struct Calls {
    own: Vec<Time>,
    whole: Vec<Time>,
}

/// What is kept of a function's calls.
#[derive(Clone, Copy, Debug)]
pub(super) struct RunTimes {
    pub(super) calls: u64,
    pub(super) own: Typical,
    pub(super) whole: Typical,
}

impl Run {
    /// Adds a call that ended. `own` is its time without those of watched functions that it called on the same goroutine, `whole` its time
    /// with them. A function must have the same name on both sides.
    pub fn add(&mut self, function: &str, parent: Parent<'_>, own: Time, whole: Time) {
        let calls = self.functions.entry(function.to_owned()).or_default();
        calls.own.push(own);
        calls.whole.push(whole);
        let (parent, starts) = match parent {
            Parent::Unwatched => return,
            Parent::Caller(parent) => (parent, false),
            Parent::Starter(parent) => (parent, true),
        };
        let key = LinkKey {
            parent: parent.to_owned(),
            child: function.to_owned(),
            starts,
        };
        *self.links.entry(key).or_default() += 1;
    }

    /// What to keep of each function.
    pub(super) fn functions(&self) -> impl Iterator<Item = (&str, RunTimes)> {
        self.functions.iter().filter_map(|(name, calls)| {
            let times = RunTimes {
                calls: calls.own.len() as u64,
                own: typical(&calls.own)?,
                whole: typical(&calls.whole)?,
            };
            Some((name.as_str(), times))
        })
    }

    /// How many calls went which way.
    pub(super) fn links(&self) -> impl Iterator<Item = (&LinkKey, u64)> {
        self.links.iter().map(|(key, calls)| (key, *calls))
    }
}
