//! How a test binary was asked to print.

use crate::{Flag, flags};

/// How the test binary was asked to print: by its `-test.v` flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No flag, or false: only failures are printed.
    Plain,
    /// True, as by `go test -v`: every test is printed.
    Verbose,
    /// `test2json`, as by `go test -json` since Go 1.20: as verbose, with a ^V before each line that testing frames.
    Json,
}

impl Mode {
    /// The mode that these arguments of a test binary, without its name, ask for.
    pub fn of<'a>(arguments: impl Iterator<Item = &'a str>) -> Self {
        let asked = flags(arguments).filter(|flag| flag.name == "test.v");
        asked.fold(Self::Plain, |mode, flag| Self::asked(flag).unwrap_or(mode))
    }

    /// Strings as `strconv.ParseBool` takes them, up to Go 1.19; later releases take three of them (testing.chattyFlag).
    fn asked(flag: Flag<'_>) -> Option<Self> {
        match flag.is_on() {
            Some(true) => Some(Self::Verbose),
            Some(false) => Some(Self::Plain),
            None if flag.value == Some("test2json") => Some(Self::Json),
            None => None,
        }
    }
}
