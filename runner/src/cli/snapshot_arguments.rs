//! What can be said to `goproctor snapshot` and `goproctor review`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `goproctor snapshot`
#[derive(Debug, Args)]
#[command(
    subcommand_required = true,
    after_help = "A NAME is a test, with * for any characters; a spec; a folder; or a snapshot's file. Without\n\
    one, all that wait below this folder are meant.\n\nExamples:\n  \
    goproctor snapshot list                        what waits\n  \
    goproctor snapshot diff 'two orders'           what one differs in, call by call\n  \
    goproctor snapshot accept shop.proctor.toml    all of one spec\n  \
    goproctor snapshot resolve --ours              after a merge\n\n\
    See docs/snapshots.md. `goproctor review` decides with single keys."
)]
pub struct SnapshotArguments {
    /// What to do.
    #[command(subcommand)]
    pub verb: SnapshotVerb,
}

/// What to do with snapshots.
#[derive(Debug, Subcommand)]
pub enum SnapshotVerb {
    /// List the snapshots that wait for a decision
    List(NamedArguments),
    /// Make new snapshots the accepted ones; none of a test that failed otherwise
    Accept(NamedArguments),
    /// Remove new snapshots, and keep the accepted ones
    Reject(NamedArguments),
    /// Show what new snapshots differ in, call by call (with GOPROCTOR_DIFF, by that program)
    Diff(DifferenceArguments),
    /// Settle snapshots that a git merge left in conflict
    Resolve(ResolveArguments),
    /// List the snapshots that belong to no test
    Orphans(OrphanArguments),
}

/// `goproctor snapshot list`, `accept`, `reject`
#[derive(Debug, Args)]
pub struct NamedArguments {
    /// Tests, specs, folders or snapshot files (default: all that wait)
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Print JSON lines (docs/json.md)
    #[arg(long)]
    pub json: bool,
}

/// `goproctor snapshot diff`
#[derive(Debug, Args)]
pub struct DifferenceArguments {
    /// Tests, specs, folders or snapshot files (default: all that wait)
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}

/// `goproctor snapshot resolve`
#[derive(Debug, Args)]
pub struct ResolveArguments {
    /// Tests, specs, folders or snapshot files (default: all in conflict)
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// What they are settled with.
    #[command(flatten)]
    pub choice: ResolveChoice,
}

/// What a conflict is settled with.
#[derive(Clone, Copy, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct ResolveChoice {
    /// Take the snapshot that was here
    #[arg(long)]
    pub ours: bool,
    /// Take the snapshot of the branch that is merged
    #[arg(long)]
    pub theirs: bool,
    /// Take what the last run saw
    #[arg(long)]
    pub new: bool,
}

/// `goproctor snapshot orphans`
#[derive(Debug, Args)]
pub struct OrphanArguments {
    /// Specs, or folders in which to find `*.proctor.toml` files
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Remove them
    #[arg(long)]
    pub remove: bool,
}

/// `goproctor review`
#[derive(Debug, Args)]
#[command(
    after_help = "Keys: a accept, r reject, s skip, u undo, d another view, ? all of them, q quit.\n\
    Without a terminal, `goproctor snapshot` does the same. See docs/snapshots.md."
)]
pub struct ReviewArguments {
    /// Tests, specs, folders or snapshot files (default: all that wait)
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
}
