//! Why something differs between two worlds: trials in worlds that lie between them.
//!
//! [`Trials`] runs a spec's tests in a world and says whether a difference is there. What is tried comes from the searches of
//! [`compare::search`]: sets of settings, of experiments, of modules; releases and revisions in their order.

mod finding;
mod modules;
mod sequence;
mod settings;
mod stacks;
mod switches;
mod trials;

pub(crate) use finding::{Cause, ModuleCause, SettingCause};
pub(crate) use modules::{ModuleSearch, module_cause};
pub(crate) use sequence::first_different;
pub(crate) use settings::{SettingWorlds, setting_cause};
pub(crate) use switches::{experiment_cause, loop_variable_cause};
pub(crate) use trials::{Trials, Wanted};
