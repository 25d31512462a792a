//! Lines of the output, as far as they are kept.

/// How many bytes of a line are kept.
pub(super) const LINE: usize = 1 << 10;

/// How many of the last lines are shown.
pub(super) const LINES_SHOWN: usize = 10;

/// How many bytes of them.
const BYTES_SHOWN: usize = 4 << 10;

/// Stands where a line, or several, are not kept to their end.
pub(crate) const LEFT_OUT: &str = "[…]";

/// A line of the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// How many bytes the program had written when it was complete.
    pub(super) end: u64,
    pub(super) text: String,
}

/// A line, as far as it is kept.
pub(super) fn text(line: &[u8]) -> String {
    let kept = line.get(..LINE).unwrap_or(line);
    let mut text = String::from_utf8_lossy(kept).into_owned();
    if line.len() > LINE {
        text.push_str(LEFT_OUT);
    }
    text
}

/// The number of the goroutine whose trace follows: `goroutine 7 [running]:`
pub(super) fn goroutine(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(b"goroutine ")?;
    let line = std::str::from_utf8(rest).ok()?;
    let (number, state) = line.split_once(' ')?;
    state.ends_with("]:").then(|| number.parse().ok())?
}

/// The last lines of a text, as many as are shown. Of goroutines' traces there are no frames, which would take the place
/// of what was said before.
pub(crate) fn last_lines(whole: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut in_trace = false;
    for line in whole.lines() {
        let is_frame = line.starts_with('\t')
            || line.starts_with("created by ")
            || (line.ends_with(')') && line.contains('('));
        in_trace = goroutine(line.as_bytes()).is_some() || in_trace && is_frame;
        match lines.last() {
            _ if !in_trace || !is_frame => lines.push(line),
            Some(&LEFT_OUT) | None => {}
            Some(_) => lines.push(LEFT_OUT),
        }
    }
    let mut room = BYTES_SHOWN;
    let lines = lines.into_iter().rev().take(LINES_SHOWN);
    let lines = lines.map(|line| text(line.as_bytes())).take_while(|line| {
        let fits = line.len() <= room;
        room = room.saturating_sub(line.len());
        fits
    });
    let mut lines: Vec<String> = lines.collect();
    lines.reverse();
    lines
}

#[cfg(test)]
mod tests {
    use super::{LEFT_OUT, LINE, last_lines};

    #[test]
    fn the_last_lines_are_bounded_in_number_and_length() {
        assert!(last_lines("").is_empty());
        let trace = "goroutine 7 [running]:\nmain.f()\n\t/a.go:3\ncreated by main.g\n\t/a.go:9\n";
        assert_eq!(
            last_lines(&format!("panic: x\n\n{trace}(end)\n\n{trace}end\n(end)\n")),
            [
                "panic: x",
                "",
                "goroutine 7 [running]:",
                LEFT_OUT,
                "",
                "goroutine 7 [running]:",
                LEFT_OUT,
                "end",
                "(end)"
            ]
        );
        assert_eq!(last_lines("a\nb"), ["a", "b"]);
        let many: String = (0..20).map(|number| format!("{number}\n")).collect();
        assert_eq!(last_lines(&many).first().map(String::as_str), Some("10"));
        let long = "x".repeat(3 * LINE) + "\nend";
        let lines = last_lines(&long);
        assert_eq!(lines[0].len(), LINE + LEFT_OUT.len());
        assert_eq!(
            last_lines(&(long.clone() + "\n" + &long.repeat(9))).len(),
            4
        );
    }
}
