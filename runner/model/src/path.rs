//! Paths into values, as a spec writes them: `request.URL.Path`, `items[2].Price`, `headers["Accept"][0]`,
//! `err.(*net.OpError).Op`. What the segments mean is decided by the type that they meet.

use std::fmt;

/// A path: the name of a parameter (or a result's position) and what leads on from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    /// Where it begins.
    pub root: Root,
    /// What leads on, in order; none for the value itself.
    pub segments: Vec<Segment>,
}

impl Path {
    /// The parameter itself.
    #[must_use]
    pub fn argument(name: impl Into<String>) -> Self {
        Self {
            root: Root::Argument(name.into()),
            segments: Vec::new(),
        }
    }

    /// The name that it begins with; empty for a result.
    #[must_use]
    pub fn parameter(&self) -> &str {
        match &self.root {
            Root::Argument(name) | Root::Out(name) | Root::Variable(name) => name,
            Root::Result(_) => "",
        }
    }
}

/// Where a path begins.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Root {
    /// A parameter by its name, at the call's entry.
    Argument(String),
    /// A result by its position from 0, at the call's return.
    Result(u32),
    /// What the pointer parameter of that name points to at the call's return. The path begins at the
    /// pointer itself, as for an argument.
    Out(String),
    /// A package's variable, e.g. `database/sql.ErrNoRows`, at the call's return.
    Variable(String),
}

/// A step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// `.Name`: a struct's field, promoted ones too, through any pointers; in a map with string keys, the value under
    /// that key. Into an interface leads an assertion alone.
    Name(String),
    /// `[2]`: an element of a slice or an array from 0 (through a pointer too), or the value under that integer key of a map.
    Index(i128),
    /// `["Accept"]`: the value under that key of a map.
    Key(String),
    /// `.(*net.OpError)`: the value in an interface if its type is this, with the full or the short package path.
    Assert(String),
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.root {
            Root::Argument(name) | Root::Out(name) | Root::Variable(name) => f.write_str(name)?,
            Root::Result(index) => write!(f, "returns[{index}]")?,
        }
        self.segments.iter().try_for_each(|segment| segment.fmt(f))
    }
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, ".{name}"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(key) => write!(f, "[{key:?}]"),
            Self::Assert(ty) => write!(f, ".({ty})"),
        }
    }
}
