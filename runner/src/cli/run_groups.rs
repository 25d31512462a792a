//! What can be said to `goproctor run` of how many specs are run, and how often.

use clap::Args;

/// How many specs are run at a time, how often a test is attempted, and whether all of it is done again.
#[derive(Clone, Copy, Debug, Args)]
pub struct ManyArguments {
    /// Run this many specs at the same time; one with bounds on times runs alone
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    pub jobs: u32,
    /// Run a test that fails or is inconclusive again, in a fresh process, up to this many times; if it passes then, it is FLAKY
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=100))]
    pub retries: u32,
    /// Run again whenever a spec, a snapshot or a file of a program changes, until Ctrl-C
    #[arg(long, conflicts_with = "record")]
    pub watch: bool,
}

/// Which settings of a `goproctor.toml` are taken.
#[derive(Clone, Debug, Default, Args)]
pub struct ConfigArguments {
    /// Take the settings of this profile of goproctor.toml (default: $GOPROCTOR_PROFILE)
    #[arg(long, value_name = "NAME", conflicts_with = "no_config")]
    pub profile: Option<String>,
    /// Take no settings of a goproctor.toml
    #[arg(long)]
    pub no_config: bool,
}
