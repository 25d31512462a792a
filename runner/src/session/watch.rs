//! What a session watches: a program, which of its functions, and what is read of them.

use std::{ffi::OsString, path::PathBuf, sync::Arc};

use plan::{FastReturns, HandOffRequest, PlanRequest, Redact, ServerRequest, WatchedLabel};
use spec::document::{Program, Stub, Template, TemplatePart};
use trace::redact::{PatternError, Patterns};

use super::FunctionError;

/// A program, the functions of it that are watched, and what is read of them.
///
/// A spec is one way to say it, a command line another.
#[derive(Clone, Debug)]
pub struct Watch {
    /// The program: where it comes from, its arguments and environment.
    pub program: Program,
    /// The folder that the program's paths are relative to.
    pub folder: PathBuf,
    /// Variables that are added to the environment of go when it builds the program.
    pub build_environment: Vec<(OsString, OsString)>,
    /// The services that the program calls.
    pub stubs: Vec<Stub>,
    /// The functions.
    pub functions: Vec<WatchedFunction>,
    /// Values that carry a request's work from one goroutine to another.
    pub hand_offs: Vec<HandOffRequest>,
    /// How a request is recognized in a program without `net/http`.
    pub server: Option<ServerRequest>,
    /// What must not be seen.
    pub redactions: WatchRedactions,
}

/// A function, or all that a glob means.
#[derive(Clone, Debug)]
pub struct WatchedFunction {
    /// Its label and name or glob, and what is read of its values. With `closure`, it is named by the function around it.
    pub label: WatchedLabel,
    /// A text that the source of one function literal contains: that one is meant.
    pub closure: Option<String>,
    /// Whether its package is built so that floats in vector registers can be read.
    pub floats: bool,
}

impl WatchedFunction {
    /// A name or glob for all that the function may turn out to be once its source is read.
    #[must_use]
    pub(super) fn candidates(&self) -> String {
        match self.closure {
            // All literals of a package are built alike, so the first stands for all.
            Some(_) => format!("{}.func1", self.label.pattern),
            None => self.label.pattern.clone(),
        }
    }
}

/// What must not be seen of values and texts.
#[derive(Clone, Debug, Default)]
pub struct WatchRedactions {
    /// Values by path or type, which are never read.
    pub values: Vec<Redact>,
    /// Regular expressions: text that matches is overwritten wherever it was read.
    pub patterns: Vec<String>,
}

impl Watch {
    /// Whether the program serves: it is given a port. One that is not is a command, run to its end.
    #[must_use]
    pub(crate) fn serves(&self) -> bool {
        !self.port_names().is_empty()
    }

    /// The names of all ports that the program's arguments, environment and files ask for.
    pub(super) fn port_names(&self) -> Vec<String> {
        let names = self.program.given().flat_map(Template::ports);
        names.map(str::to_owned).collect()
    }

    /// How returns may be probed.
    fn fast_returns(&self) -> FastReturns {
        if !self.program.fast_returns {
            return FastReturns::Off;
        }
        // What a placeholder stands for is not known yet.
        let may_say_so = |part: &TemplatePart| match part {
            TemplatePart::Literal(text) => text.contains("fips140"),
            _ => true,
        };
        let mut environment = self.program.env.iter();
        let verifies_code = environment
            .any(|(name, value)| name == "GODEBUG" && value.value.parts.iter().any(may_say_so));
        FastReturns::On { verifies_code }
    }

    /// What overwrites texts that must not be seen.
    pub(super) fn patterns(&self) -> Result<Arc<Patterns>, PatternError> {
        let patterns = self.redactions.patterns.iter().map(String::as_str);
        Patterns::new(patterns).map(Arc::new)
    }

    /// What the plan is asked for; `patterns` are the names and globs that the functions stand for, in their order. Those
    /// that stand for none are left out.
    pub(super) fn plan_request(
        &self,
        patterns: &[Result<String, FunctionError>],
    ) -> PlanRequest<'static> {
        let functions = self.functions.iter().zip(patterns);
        let labels = functions.filter_map(|(function, pattern)| {
            Some(WatchedLabel {
                pattern: pattern.as_ref().ok()?.clone(),
                ..function.label.clone()
            })
        });
        let mut request = PlanRequest::new(labels.collect());
        request.redact.clone_from(&self.redactions.values);
        request.patterns = !self.redactions.patterns.is_empty();
        request.hand_offs.clone_from(&self.hand_offs);
        request.server.clone_from(&self.server);
        request.fast_returns = self.fast_returns();
        request
    }
}
