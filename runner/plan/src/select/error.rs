//! Why a name or a glob can't be watched as it is written.

use std::fmt;

use golang::{BinaryError, PatternError};

/// Where a function was inlined to: the callers' names and how often in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InlinedInto {
    /// How many copies there are; 0 where the debug information says only that there are some.
    pub count: u64,
    /// Names of some functions that hold a copy.
    pub callers: Vec<String>,
}

impl fmt::Display for InlinedInto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("the debug information does not say where");
        }
        let copies = if self.count == 1 { "copy" } else { "copies" };
        write!(f, "{} {copies}, in {}", self.count, self.callers.join(", "))?;
        if self.count > self.callers.len() as u64 {
            f.write_str(" …")?;
        }
        Ok(())
    }
}

/// Why a name or a glob can't be watched as it is written.
#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    /// No function has that name.
    #[error("no function {name} in the program")]
    Unknown {
        /// The name as written.
        name: String,
        /// Names of functions that are much like it, the likeliest first.
        candidates: Vec<String>,
    },
    /// A glob that matches no function.
    #[error("{pattern} matches no function of the program")]
    NoMatch {
        /// The glob as written.
        pattern: String,
        /// Names of functions that are much like it, the likeliest first.
        candidates: Vec<String>,
    },
    /// A glob that matches no function but such as were inlined away.
    #[error(
        "all functions that {pattern} matches were inlined away ({}): build with -gcflags=-l for their package",
        functions.join(", ")
    )]
    AllInlinedAway {
        /// The glob as written.
        pattern: String,
        /// The functions.
        functions: Vec<String>,
    },
    /// A glob that matches more functions than may be watched.
    #[error("{pattern} matches {matched} functions, more than {limit}: narrow it")]
    TooMany {
        /// The glob as written.
        pattern: String,
        /// How many it matches.
        matched: usize,
        /// How many it may match.
        limit: usize,
    },
    /// A name or a glob that is short for what several packages have.
    #[error("{pattern} is ambiguous: {} packages have it", candidates.len())]
    Ambiguous {
        /// The pattern as written.
        pattern: String,
        /// What it may mean, in full.
        candidates: Vec<String>,
    },
    /// A pattern that is not a glob.
    #[error(transparent)]
    Pattern(#[from] PatternError),
    /// The source declares it, but the linker left it out since nothing reaches it.
    #[error(
        "{name} is declared, but not in the program: the linker drops functions that nothing reaches, and the compiler calls that it can evaluate"
    )]
    Unreachable {
        /// The function.
        name: String,
    },
    /// The function is nowhere but in its callers.
    #[error("{name} was inlined away ({into}): mark it //go:noinline, or build with -gcflags=-l")]
    InlinedAway {
        /// The function.
        name: String,
        /// Where to.
        into: InlinedInto,
    },
    /// The function has a body of its own, but some calls of it are inlined and would not be seen.
    #[error(
        "{name} was partly inlined ({into}), and calls there are not seen: mark it //go:noinline, build with -gcflags=-l, or accept that with partly-inlined = \"accept\""
    )]
    PartlyInlined {
        /// The function; for a literal, the function that it is written in.
        name: String,
        /// Where to.
        into: InlinedInto,
    },
    /// The compiler made the function, and what it calls is unknown.
    #[error("{name} is made by the compiler to call another function: name that function instead")]
    Wrapper {
        /// The function.
        name: String,
    },
    /// A literal that came with an inlined function, and has a name of the function that holds it.
    #[error(
        "{release} gives the name {name} to a closure of another function, which was inlined: build with -gcflags=-l, or with a newer Go"
    )]
    HoldersName {
        /// The literal.
        name: String,
        /// The release.
        release: String,
    },
    /// The literals of a package's variables are numbered otherwise than in the source, with gaps.
    #[error(
        "cannot identify the literal {name}: some of the literals of {package}'s variables are not in the program, and this Go release numbers them by initialisation; give the literal a named function"
    )]
    PackageLiteral {
        /// The name as written.
        name: String,
        /// The package.
        package: String,
    },
    /// The binary can't be read.
    #[error(transparent)]
    Binary(#[from] BinaryError),
}

impl SelectError {
    /// What to do: each name is on a line of its own, to be copied.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let (begin, names) = match self {
            Self::Unknown { candidates, .. } | Self::NoMatch { candidates, .. } => {
                ("did you mean", candidates)
            }
            Self::Ambiguous { candidates, .. } => ("write it in full", candidates),
            _ => return None,
        };
        (!names.is_empty()).then(|| format!("{begin}\n{}", names.join("\n")))
    }
}
