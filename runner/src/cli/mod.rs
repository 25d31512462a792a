//! The command line: one file a subcommand; parses, calls the session, gives the exit code.

pub mod arguments;
pub mod discovery;
