//! Parts of calls, and what is said with them: `[hand-off]`, `[server]` and `flow`.

use model::Path;

use super::{Span, Spanned};

/// A value that carries the link from a request to work that another goroutine does for it:
/// `[hand-off] job = { from = "submit.j", to = "process.j" }`.
#[derive(Clone, Debug)]
pub struct HandOff {
    /// Its name.
    pub name: Spanned<String>,
    /// The call that hands over belongs to a request.
    pub from: CallPart,
    /// A call that begins with the same value there (the same pointer, or an equal value) belongs to that request from then on,
    /// with all that it calls and all goroutines that it creates, until it ends.
    pub to: CallPart,
}

/// A part of a call: `submit.j`, `submit.j.ID`, `service.returns.0`.
#[derive(Clone, Debug)]
pub struct CallPart {
    /// The function's name in the spec.
    pub label: Spanned<String>,
    /// An argument, a result, or what a path leads to from there.
    pub path: Path,
    /// The place of all of it.
    pub span: Span,
}

/// How requests are recognized in a program without `net/http`.
#[derive(Clone, Debug)]
pub struct Server {
    /// The function, by its name in the spec, that handles one request from its entry to its return.
    pub entry: Spanned<String>,
    /// Which of its arguments identifies the client: a string `host:port`, or the port as a number. None: requests are
    /// matched by order, so one must end before the next is sent.
    pub key: Option<Spanned<Path>>,
}

/// A value that travels: `flow = [["service.returns.0", "publish.o"]]`.
///
/// Each call of a later part's function must have there a value that a call of the part before had: the same
/// pointer, or an equal value. That call had it before: it was entered (arguments) or had returned (results) when the later one
/// was entered; where the later part is a result, when that one returned.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Two parts or more, in the order of the way.
    pub parts: Vec<CallPart>,
    /// Its place in the file.
    pub span: Span,
}
