//! The `goproctor` command.

use std::process::ExitCode;

use goproctor::{cli, target};

fn main() -> ExitCode {
    if target::is_supervisor(std::env::args_os()) {
        return target::supervise();
    }
    cli::main()
}
