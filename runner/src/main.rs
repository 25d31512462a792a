//! The `goproctor` command.

fn main() {}
