//! The `goproctor` command.

use std::process::ExitCode;

use goproctor::target;

fn main() -> ExitCode {
    if target::is_supervisor(std::env::args_os()) {
        return target::supervise();
    }
    ExitCode::SUCCESS
}
