//! What can be said to `goproctor diff`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::argument_groups::{
    EnvironmentArguments, KernelArguments, ReturnArguments, Selection, UserArguments,
};

/// `goproctor diff`
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("sides").required(true).args(["go", "revisions", "binaries", "modules"]),
    after_help = "Two of a flag name both sides, before and after. With one, the other side is the program as it is now:\n  \
    --go and --binary name what comes after, --rev and --mod what was before.\n\n\
Examples:\n  \
    goproctor diff --go 1.26.8 --go 1.27.3              the same requests, built by two releases\n  \
    goproctor diff --rev HEAD~1                         the last commit and the working tree\n  \
    goproctor diff --rev v1.4.0 --rev v1.5.0 --markdown what a release changes, for a pull request\n  \
    goproctor diff --binary ./shop.new shop.proctor.toml\n  \
    goproctor diff --mod go.mod.old                     other versions of dependencies\n  \
    goproctor diff --go 1.16.15 --go 1.27.3 --abi       which registers hold which arguments"
)]
pub struct DiffArguments {
    /// Specs, or folders in which to find `*.proctor.toml` files
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Build with this Go release; give it twice
    #[arg(long, value_name = "RELEASE")]
    pub go: Vec<String>,
    /// Take the program's source from this git revision
    #[arg(long = "rev", value_name = "REVISION")]
    pub revisions: Vec<String>,
    /// Run this binary in place of the program
    #[arg(long = "binary", value_name = "FILE")]
    pub binaries: Vec<PathBuf>,
    /// Build with this go.mod file; its go.sum is the file beside it with that ending
    #[arg(long = "mod", value_name = "FILE")]
    pub modules: Vec<PathBuf>,
    /// Run each side this many times: what is not the same in all runs of a side is no difference
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub runs: u32,
    /// Compare how long calls take, too: with so many more runs as that needs, in turns
    #[arg(long)]
    pub latency: bool,
    /// Run nothing: compare how the declared functions are called. Which registers and stack slots hold what, frames, inlined
    /// copies, probes
    #[arg(long, conflicts_with_all = ["runs", "latency"])]
    pub abi: bool,
    /// Search for the cause of each difference: settings, experiments, the release, the revision or the module that makes it
    #[arg(long, conflicts_with = "abi")]
    pub cause: bool,
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
