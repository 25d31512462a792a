//! Why something differs between two worlds: trials in worlds that lie between them.
//!
//! [`Trials`] runs a spec's tests in a world and says whether a difference is there. What is tried comes from the searches of
//! [`compare::search`]: sets of settings, of experiments, of modules; releases and revisions in their order.

mod advice;
mod facts;
mod finding;
mod modules;
mod release;
mod revision;
mod sequence;
mod setting_world;
mod settings;
mod stacks;
mod switches;
mod trials;

pub(crate) use advice::{advice, selected};
pub(crate) use facts::{package, survey};
pub(crate) use finding::{Cause, RemovedIn, SettingCause};
pub(crate) use modules::{ModuleSearch, module_cause};
pub(crate) use release::{CauseError, Releases, release_cause};
pub(crate) use revision::{RevisionSearch, revision_cause};
use sequence::first_different;
use settings::{SettingWorlds, setting_cause};
use switches::{experiment_cause, loop_variable_cause};
pub(crate) use trials::{Trials, Wanted};
