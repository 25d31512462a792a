//! What can be said to `goproctor upgrade`.

use std::path::PathBuf;

use clap::Args;

use super::argument_groups::{
    EnvironmentArguments, KernelArguments, ReturnArguments, Selection, UserArguments,
};

/// `goproctor upgrade`
#[derive(Debug, Args)]
#[command(
    after_help = "The tests run with both releases, each with the `go` line of go.mod as it is and with that of the new release. \
For each test that differs the cause is searched for: GODEBUG settings whose default moved, and the call that uses them; loop variables; \
GOEXPERIMENT; else the patch release that it begins with.\n\n\
Examples:\n  \
    goproctor upgrade --to 1.27                       every spec below this folder\n  \
    goproctor upgrade --to 1.27.3 shop.proctor.toml   one spec, with that patch release\n  \
    goproctor upgrade --to stable --markdown          for a pull request"
)]
pub struct UpgradeArguments {
    /// Specs, or folders in which to find `*.proctor.toml` files
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// The release to upgrade to: 1.27 (its last patch), 1.27.3, stable
    #[arg(long, value_name = "RELEASE")]
    pub to: String,
    /// The release to upgrade from (default: the one that the program is built with)
    #[arg(long, value_name = "RELEASE")]
    pub from: Option<String>,
    /// Run each side this many times: what is not the same in all runs of a side is no difference
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub runs: u32,
    /// Report as JSON, one object a line (docs/json.md)
    #[arg(long, conflicts_with = "markdown")]
    pub json: bool,
    /// Report as Markdown, for a pull request
    #[arg(long)]
    pub markdown: bool,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub environment: EnvironmentArguments,
    #[command(flatten)]
    pub returns: ReturnArguments,
    #[command(flatten)]
    pub user: UserArguments,
    #[command(flatten)]
    pub kernel: KernelArguments,
}
