//! A test as the terminal shows it, as text without colours.

use std::io;

use super::{Display as _, Event, TestReport, terminal::Terminal};

/// How wide it is: as reports are where there is no terminal.
const WIDTH: usize = 120;

/// All that the terminal shows of a test that ended, without colours.
pub(super) fn plain_text(report: &TestReport) -> io::Result<String> {
    let mut text = Vec::new();
    Terminal::new(&mut text, false, false, WIDTH).show(Event::TestEnded(report))?;
    let text = String::from_utf8_lossy(&text);
    Ok(text.trim_end().to_owned())
}
