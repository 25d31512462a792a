//! The flags among the arguments of a test binary.

/// A flag as package flag understands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flag<'a> {
    /// Its name, such as `test.v`.
    pub name: &'a str,
    /// Its value; none of a switch that is just named.
    pub value: Option<&'a str>,
}

impl Flag<'_> {
    /// Whether a switch is on, as `strconv.ParseBool` has it; none if its value is another one.
    #[must_use]
    pub fn is_on(&self) -> Option<bool> {
        match self.value {
            None | Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Some(true),
            Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Some(false),
            Some(_) => None,
        }
    }
}

/// The flags among these arguments of a test binary, without its name. A test's own flags are taken for switches.
pub fn flags<'a>(mut arguments: impl Iterator<Item = &'a str>) -> impl Iterator<Item = Flag<'a>> {
    std::iter::from_fn(move || {
        // Package flag stops at the first argument that is no flag; what follows is the test's own.
        let flag = arguments
            .next()?
            .strip_prefix('-')
            .filter(|flag| !matches!(*flag, "" | "-"))?;
        let flag = flag.strip_prefix('-').unwrap_or(flag);
        Some(match flag.split_once('=') {
            Some((name, value)) => Flag {
                name,
                value: Some(value),
            },
            None if takes_value(flag) => Flag {
                name: flag,
                value: arguments.next(),
            },
            None => Flag {
                name: flag,
                value: None,
            },
        })
    })
    .fuse()
}

/// Whether the next argument is this flag's value.
fn takes_value(flag: &str) -> bool {
    const SWITCHES: [&str; 8] = [
        "test.artifacts",
        "test.benchmem",
        "test.failfast",
        "test.fullpath",
        "test.fuzzworker",
        "test.paniconexit0",
        "test.short",
        "test.v",
    ];
    flag.starts_with("test.") && !SWITCHES.contains(&flag)
}

#[cfg(test)]
mod tests {
    use super::flags;

    #[test]
    fn a_flag_has_its_value_beside_it_or_behind_it() {
        let arguments = [
            "-test.artifacts",
            "--test.outputdir",
            "-out",
            "-test.v=false",
            "-own",
            "input.txt",
            "-test.short",
        ];
        let seen: Vec<_> = flags(arguments.into_iter())
            .map(|flag| (flag.name, flag.value, flag.is_on()))
            .collect();
        assert_eq!(
            seen,
            [
                ("test.artifacts", None, Some(true)),
                ("test.outputdir", Some("-out"), None),
                ("test.v", Some("false"), Some(false)),
                ("own", None, Some(true)),
            ]
        );
    }
}
