//! What a search for a cause finds.

use golang::{GoRelease, modules::Selected};

/// Why something differs.
#[derive(Clone, Debug)]
pub(crate) enum Cause {
    /// Go settings whose default moved, or that are gone: all of them together make the difference.
    Settings(Vec<SettingCause>),
    /// Loops have a variable for each iteration from a `go 1.22` line on.
    LoopVariables,
    /// Experiments that the releases are built with differently, as GOEXPERIMENT names them: what brings the old behaviour back.
    Experiments(Vec<String>),
    /// Something else in a release.
    Release {
        /// The last one that does as before.
        last_same: GoRelease,
        /// The next, which does not.
        first_different: GoRelease,
    },
    /// Other versions of modules.
    Modules(Vec<ModuleCause>),
    /// A revision: its full name and the first line of its message.
    Revision {
        /// The commit.
        commit: String,
        /// What it says.
        subject: String,
    },
    /// It was not found, and why.
    Unknown(String),
}

/// Where a setting is gone.
#[derive(Clone, Debug)]
pub(crate) struct RemovedIn {
    /// The minor release that no longer has it.
    pub(crate) minor: u32,
    /// The release of the other side, which has it.
    pub(crate) last: GoRelease,
}

/// A GODEBUG setting that makes a difference.
#[derive(Clone, Debug)]
pub(crate) struct SettingCause {
    /// Its name.
    pub(crate) name: String,
    /// The value that brings the old behaviour back.
    pub(crate) old: String,
    /// The minor release whose default moved, if that is why.
    pub(crate) since: Option<u32>,
    /// Where it is gone.
    pub(crate) removed: Option<RemovedIn>,
    /// The stacks of the uses that make the difference, innermost line first.
    pub(crate) stacks: Vec<Vec<String>>,
    /// Why there are none, if so.
    pub(crate) no_stacks: Option<String>,
}

/// A module that makes a difference.
#[derive(Clone, Debug)]
pub(crate) struct ModuleCause {
    /// Its path.
    pub(crate) path: String,
    /// What was selected before; none if it was not required.
    pub(crate) old: Option<Selected>,
    /// What is selected.
    pub(crate) new: Option<Selected>,
    /// The last version that does as before and the next, which does not, if that was found.
    pub(crate) versions: Option<(String, String)>,
}
