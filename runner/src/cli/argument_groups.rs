//! What can be said to several commands alike.

use clap::Args;
use spec::{
    Span, Spanned,
    document::{Program, Template, TemplatePart, Test},
};

use super::tags::TagArguments;

/// Which tests.
#[derive(Clone, Debug, Default, Args)]
pub struct Selection {
    /// Run only tests whose names match this regular expression
    #[arg(long, value_name = "REGEX")]
    pub run: Option<regex::Regex>,
    /// Skip tests whose names match this regular expression
    #[arg(long, value_name = "REGEX")]
    pub skip: Option<regex::Regex>,
    #[command(flatten)]
    pub tags: TagArguments,
}

impl Selection {
    /// Whether all tests are meant.
    #[must_use]
    pub(crate) const fn is_of_all(&self) -> bool {
        self.run.is_none() && self.skip.is_none() && self.tags.is_empty()
    }

    /// Whether a test is meant.
    #[must_use]
    pub fn takes(&self, test: &Test) -> bool {
        let name = &test.name.value;
        self.run.as_ref().is_none_or(|run| run.is_match(name))
            && !self.skip.as_ref().is_some_and(|skip| skip.is_match(name))
            && self.tags.take(test)
    }
}

/// Who the program runs as.
#[derive(Clone, Debug, Default, Args)]
pub struct UserArguments {
    /// Run `go` and the program as this user (needs root; default: the owner of the files)
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
}

/// What the program finds in its environment.
#[derive(Clone, Debug, Default, Args)]
pub struct EnvironmentArguments {
    /// Give the program this environment variable (over what the spec says); may be given several times
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    pub variables: Vec<(String, String)>,
}

impl EnvironmentArguments {
    /// Gives a program these variables, in place of those of the same names.
    pub(crate) fn give(&self, program: &mut Program) {
        for (name, value) in &self.variables {
            let value = Template {
                parts: vec![TemplatePart::Literal(value.clone())],
            };
            program.env.retain(|(existing, _)| existing != name);
            let value = Spanned::new(value, Span::default());
            program.env.push((name.clone(), value));
        }
    }
}

/// `NAME=VALUE`
fn variable(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE"),
    }
}

/// What goproctor changes in its own copy of the program.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct ReturnArguments {
    /// Change goproctor's own copy of the program so that watching a return costs as little as watching an entry (docs/spec.md)
    #[arg(long)]
    pub fast_returns: bool,
}

impl ReturnArguments {
    /// Tells a program, which may have said so itself.
    pub(crate) const fn tell(self, program: &mut Program) {
        program.fast_returns |= self.fast_returns;
    }
}

/// How the kernel side is set up.
#[derive(Clone, Copy, Debug, Args)]
pub struct KernelArguments {
    /// Size of the ring of records, in MiB; a larger one loses less
    #[arg(long = "ring", value_name = "MIB", default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub ring_mib: u32,
}
