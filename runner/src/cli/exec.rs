//! `goproctor exec`

use super::{Failure, arguments::ExecArguments};
use crate::go_test;

/// Runs a test binary for `go test -exec`; gives the status to exit with.
pub(super) fn run(arguments: &ExecArguments) -> Result<u8, Failure> {
    let (binary, rest) = arguments.command.split_first().ok_or_else(|| {
        Failure::usage("exec runs a test binary for `go test -exec 'goproctor exec'`")
    })?;
    match go_test::exec(binary.as_ref(), rest) {
        Ok(status) => Ok(status),
        Err(error) => {
            // Where go and its readers look for what a test says.
            println!("goproctor: {error}\nFAIL");
            Ok(1)
        }
    }
}
