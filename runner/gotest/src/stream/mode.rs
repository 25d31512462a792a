//! How a test binary was asked to print.

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
        let mut mode = Self::Plain;
        let mut is_value = false;
        for argument in arguments {
            if is_value {
                is_value = false;
                continue;
            }
            // Package flag stops at the first argument that is no flag; what follows is the test's own.
            let Some(flag) = argument
                .strip_prefix('-')
                .filter(|flag| !matches!(*flag, "" | "-"))
            else {
                break;
            };
            let flag = flag.strip_prefix('-').unwrap_or(flag);
            let (name, value) = flag
                .split_once('=')
                .map_or((flag, None), |(name, value)| (name, Some(value)));
            match (name, value) {
                ("test.v", value) => mode = Self::asked(value).unwrap_or(mode),
                (name, None) => is_value = takes_value(name),
                _ => {}
            }
        }
        mode
    }

    /// Strings as `strconv.ParseBool` takes them, up to Go 1.19; later releases take three of them (testing.chattyFlag).
    fn asked(value: Option<&str>) -> Option<Self> {
        match value {
            None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Some(Self::Verbose),
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Some(Self::Plain),
            Some("test2json") => Some(Self::Json),
            Some(_) => None,
        }
    }
}

/// Whether the next argument is this flag's value. A test's own flags are taken for switches.
fn takes_value(flag: &str) -> bool {
    const SWITCHES: [&str; 7] = [
        "test.artifacts",
        "test.benchmem",
        "test.failfast",
        "test.fullpath",
        "test.fuzzworker",
        "test.paniconexit0",
        "test.short",
    ];
    flag.starts_with("test.") && !SWITCHES.contains(&flag)
}
