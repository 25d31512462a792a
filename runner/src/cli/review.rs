//! `goproctor review`

use std::io::{self, IsTerminal as _};

use super::{
    Failure,
    screen::Screen,
    snapshot::{difference_of, to_decide, why_not_taken},
    snapshot_arguments::ReviewArguments,
    waiting_snapshots::title,
};
use crate::{
    report::ExitCode,
    review::{Entry, Review, Terminal},
};

/// Shows the snapshots that wait one at a time, and does what is decided.
///
/// # Errors
/// There is no terminal; a name that means nothing; a file that can't be read or written.
pub(super) fn run(arguments: &ReviewArguments) -> Result<ExitCode, Failure> {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() || is_dumb {
        return Err(Failure::usage(
            "review needs a terminal; without one, `goproctor snapshot diff` shows what waits, and `goproctor snapshot accept NAME` and `reject NAME` decide",
        ));
    }
    let screen = Screen::detect();
    let pending = to_decide(&arguments.names)?;
    if pending.is_empty() {
        println!("no snapshot waits for a decision");
        return Ok(ExitCode::Passed);
    }
    let entries = pending.into_iter().map(|pending| Entry {
        title: title(&pending),
        difference: difference_of(&pending),
        refusal: why_not_taken(&pending),
        pending,
    });
    let mut review = Review::new(entries.collect());
    let terminal = Terminal::enter()
        .map_err(|error| Failure::world(format!("the terminal can't be used: {error}")))?;
    let ended = terminal.show(&mut review, screen.color);
    for line in review.summary() {
        println!("{line}");
    }
    match ended {
        Ok(Some(signal)) => {
            // As if nobody had caught it.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
            Ok(ExitCode::CouldNotRun)
        }
        Ok(None) => Ok(ExitCode::Passed),
        Err(error) => Err(Failure::world(format!(
            "the terminal can't be used: {error}"
        ))),
    }
}
