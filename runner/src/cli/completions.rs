//! `goproctor completions`

use std::io::{self, Write as _};

use clap::{Args, Command};
use clap_complete::Shell;

use super::Failure;
use crate::report::ExitCode;

/// `goproctor completions`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    source <(goproctor completions bash)                                                this shell\n  \
    goproctor completions bash > ~/.local/share/bash-completion/completions/goproctor\n  \
    goproctor completions zsh > ~/.zfunc/_goproctor                                     with ~/.zfunc in fpath\n  \
    goproctor completions fish > ~/.config/fish/completions/goproctor.fish\n\n\
    `make install` puts those of bash, zsh and fish in place.")]
pub struct CompletionsArguments {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// Prints what makes a shell complete the words of a command.
///
/// # Errors
/// It can't be written.
pub(super) fn run(
    arguments: &CompletionsArguments,
    mut command: Command,
) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    let name = command.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut command, name, &mut text);
    io::stdout().write_all(&text)?;
    Ok(ExitCode::Passed)
}
