//! How a test has the program started and ended, and what the program must write: `args`, `stdin`, `stop`, `exit`, `stdout`
//! and `stderr`.

use super::{
    literal::Subject,
    matcher,
    template::{Place, given, template},
};
use crate::{
    Spanned, SpecError,
    cursor::Table,
    document::{Execution, StopSignal},
};

const SIGNALS: [StopSignal; 4] = [
    StopSignal::Term,
    StopSignal::Int,
    StopSignal::Quit,
    StopSignal::Hup,
];

/// What a test says of it.
pub(super) fn execution(table: &mut Table<'_>) -> Execution {
    Execution {
        args: table.read("args", |node| {
            let args = node.each(|node| given(node, Place::Start))?;
            Some(Spanned::new(args, node.span.clone()))
        }),
        stdin: table.read("stdin", |node| template(node, Place::Start)),
        stop: table.read("stop", |node| node.choice(&SIGNALS)),
        exit: table.read("exit", |node| matcher::matcher(node, Subject::Exit)),
        stdout: table.read("stdout", |node| matcher::matcher(node, Subject::Output)),
        stderr: table.read("stderr", |node| matcher::matcher(node, Subject::Output)),
    }
}

/// Notes what a Go test can't say: `go test` starts and ends its binary.
pub(super) fn refuse(table: &mut Table<'_>) {
    for key in ["args", "stdin", "stop", "exit", "stdout", "stderr"] {
        if let Some(span) = table.span_of(key) {
            let error = SpecError::at(span, format!("`{key}` is not for a Go test"));
            table.report(
                error.help("`go test` starts and ends the test binary, and reads what it writes"),
            );
        }
    }
}
