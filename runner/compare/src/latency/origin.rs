//! Which function a difference begins in.

use std::collections::{BTreeMap, BTreeSet};

use super::{finding::Finding, link::Links, side::Sides};

/// Why a function's times changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Its own time changed: here the difference begins.
    Root,
    /// Its own time changed, and so did that of these roots in goroutines that it started: it may only have waited for them.
    Waits(Vec<String>),
    /// Its whole time changed, its own time is not known to have, and it calls these roots, directly or not.
    Consequence(Vec<String>),
    /// Its whole time changed and that of no function that it calls, but these calls became more, or fewer, in each round.
    Calls(Vec<ChangedCalls>),
    /// Its whole time changed, and nothing that is known explains it: where its own time is [`Finding::Unclear`], it may have changed; or
    /// calls of many functions did, each by less than what counts.
    Unexplained,
}

/// How often a function calls another.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedCalls {
    /// The one that calls.
    pub caller: String,
    /// The one that is called.
    pub callee: String,
    /// How many calls there are for each call of the caller, over all rounds.
    pub calls: Sides<f64>,
}

/// What is found of a function's two times.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) own: Finding,
    pub(super) whole: Finding,
}

/// All that is needed to say where differences begin.
pub(super) struct Changes<'c> {
    pub(super) functions: &'c BTreeMap<&'c str, Times>,
    pub(super) links: &'c Links,
    /// How many calls of a function each round has.
    pub(super) calls: &'c dyn Fn(&str, usize) -> Sides<u64>,
}

impl Changes<'_> {
    /// The origin of what changed; functions of which nothing did have none.
    pub(super) fn origins(&self) -> BTreeMap<&str, Origin> {
        let own = self
            .functions
            .iter()
            .filter(|(_, times)| times.own.is_changed());
        let waits: BTreeMap<&str, Vec<String>> = own
            .map(|(name, times)| (*name, self.waits_for(name, times)))
            .collect();
        let roots = waits
            .iter()
            .filter(|(_, waits)| waits.is_empty())
            .map(|(name, _)| *name)
            .collect();
        let origins = self.functions.iter().filter_map(|(name, times)| {
            let origin = match waits.get(name) {
                Some(waits) if waits.is_empty() => Origin::Root,
                Some(waits) => Origin::Waits(waits.clone()),
                None if times.whole.is_changed() => self.consequence(name, times, &roots),
                None => return None,
            };
            Some((*name, origin))
        });
        origins.collect()
    }

    /// The functions whose own time changed alike in goroutines that this one started. Two that start each other wait for neither.
    fn waits_for(&self, name: &str, times: &Times) -> Vec<String> {
        let reached = self
            .links
            .reached(name)
            .into_iter()
            .filter(|to| to.starts && to.function != name);
        let alike = reached.filter(|to| {
            self.functions
                .get(to.function)
                .is_some_and(|other| other.own.changed_like(&times.own))
        });
        let one_way = alike.filter(|to| {
            !self
                .links
                .reached(to.function)
                .iter()
                .any(|back| back.starts && back.function == name)
        });
        one_way.map(|to| to.function.to_owned()).collect()
    }

    fn consequence(&self, name: &str, times: &Times, roots: &BTreeSet<&str>) -> Origin {
        let reached: BTreeSet<&str> = self
            .links
            .reached(name)
            .into_iter()
            .map(|to| to.function)
            .collect();
        let alike = |root: &&&str| {
            self.functions
                .get(**root)
                .is_some_and(|root| root.own.changed_like(&times.whole))
        };
        let of: Vec<String> = reached
            .intersection(roots)
            .filter(alike)
            .map(|root| (*root).to_owned())
            .collect();
        if !of.is_empty() {
            return Origin::Consequence(of);
        }
        let callers = reached.into_iter().chain([name]).collect::<BTreeSet<_>>();
        let changed: Vec<_> = callers
            .into_iter()
            .flat_map(|caller| self.changed_calls(caller, &times.whole))
            .collect();
        if changed.is_empty() {
            Origin::Unexplained
        } else {
            Origin::Calls(changed)
        }
    }

    /// The calls that became more in each round where the finding is that it is slower, or fewer where it is faster.
    fn changed_calls(&self, caller: &str, finding: &Finding) -> Vec<ChangedCalls> {
        let is_like = |rates: &Sides<f64>| match finding {
            Finding::Slower(_) => rates.after > rates.before,
            Finding::Faster(_) => rates.after < rates.before,
            _ => false,
        };
        let same_goroutine = self.links.of(caller).filter(|(key, _)| !key.starts);
        let changed = same_goroutine.filter_map(|(key, counts)| {
            let (mut calls, mut callers) = (Sides::default(), Sides::default());
            for (round, count) in counts {
                let called = (self.calls)(caller, *round);
                let both = called.before > 0 && called.after > 0;
                if both && !is_like(&rates(*count, called)) {
                    return None;
                }
                calls = sum(calls, *count);
                callers = sum(callers, called);
            }
            let calls = rates(calls, callers);
            is_like(&calls).then(|| ChangedCalls {
                caller: key.parent.clone(),
                callee: key.child.clone(),
                calls,
            })
        });
        changed.collect()
    }
}

fn sum(one: Sides<u64>, other: Sides<u64>) -> Sides<u64> {
    Sides {
        before: one.before + other.before,
        after: one.after + other.after,
    }
}

/// Calls for each call of the caller. Without a call there are none.
fn rates(calls: Sides<u64>, callers: Sides<u64>) -> Sides<f64> {
    let rate = |calls: u64, callers: u64| calls as f64 / callers.max(1) as f64;
    Sides {
        before: rate(calls.before, callers.before),
        after: rate(calls.after, callers.after),
    }
}
