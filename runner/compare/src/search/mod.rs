//! Which of many things makes a difference: trials that somebody else makes, one after the other.
//!
//! Two searches, each a state machine. [`step`](CauseSearch::step) says which trial to make next, or what is known in the end;
//! [`tell`](CauseSearch::tell) takes what came of a trial; [`drive`](CauseSearch::drive) does both in a loop. Nothing is tried twice, and what is
//! known before can be told before.
//!
//! | search | of what | finds | trials |
//! |---|---|---|---|
//! | [`CauseSearch`] | candidates that can be on or off in any combination: GODEBUG settings, dependencies | the smallest sets that make the difference | about log₂ n for each candidate found |
//! | [`Bisection`] | an ordered list: releases, revisions, versions of a dependency | the first that is different | about log₂ n |
//!
//! Both trust a trial that is told: one that is not the same each time has to be made again by the caller, or told as
//! [`Outcome::Unresolved`].
//!
//! # Dependencies between two go.mod files
//! First a [`CauseSearch`] over the dependencies whose version moved (on: the new version), then a [`Bisection`] over the versions of the one
//! that was found, with all others as they were before: it makes the difference alone. Go selects the highest version that any module requires, so a
//! dependency may pull in others; a trial whose build has other versions than it asks for is [`Outcome::Unresolved`].
//!
//! ```
//! use std::convert::Infallible;
//! use compare::search::{Bisection, BisectionConclusion, CauseConclusion, CauseSearch, Outcome};
//!
//! let moved = vec!["a.org/log", "b.org/mux", "c.org/yaml"];
//! let search = CauseSearch::new(moved);
//! let outcome = |differs: bool| if differs { Outcome::Different } else { Outcome::Same };
//! let Ok(conclusion) = search.drive(|trial| Ok::<_, Infallible>(outcome(trial.on.contains(&"b.org/mux"))));
//! let CauseConclusion::Found(causes) = conclusion else { panic!("{conclusion:?}") };
//! assert_eq!(causes.sets[0].candidates, ["b.org/mux"]);
//!
//! let versions = vec!["v1.6.0", "v1.6.1", "v1.7.0", "v1.7.1", "v1.8.0"];
//! let bisection = Bisection::new(versions).expect("two versions at least");
//! let Ok(conclusion) = bisection.drive(|trial| Ok::<_, Infallible>(outcome(trial.element >= "v1.7.0")));
//! assert_eq!(conclusion, BisectionConclusion::First { last_same: "v1.6.1", first_different: "v1.7.0" });
//! ```
//!
//! # Sources
//! - A. Zeller, R. Hildebrandt: Simplifying and isolating failure-inducing input. IEEE Transactions on Software Engineering 28 (2002):
//!   *ddmin*, trials that are unresolved, 1-minimality.
//! - R. Cox: Hash-based bisect debugging in compilers and runtimes (2024), and `golang.org/x/tools/cmd/bisect`: several causes one after
//!   the other, each with those found before left out; trials that confirm.
//! - U. Junker: QuickXplain, preferred explanations and relaxations for over-constrained problems. AAAI 2004: candidates of a set found one by one.

mod bisection;
mod cause;
mod known;
mod outcome;
mod smallest;

pub use bisection::{Bisection, BisectionConclusion, BisectionTrial};
pub use cause::{Cause, CauseConclusion, CauseSearch, CauseTrial, Causes, Others};
pub use outcome::{Outcome, Step};

#[cfg(test)]
mod tests;
