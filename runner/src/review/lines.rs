//! Lines as a terminal takes them.

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar as _;

/// A text without what would command the terminal: a snapshot may come from anywhere.
pub(crate) fn clean(text: &str) -> String {
    let shown = text.chars().map(|c| match c.is_control() {
        true => '\u{fffd}',
        false => c,
    });
    shown.collect()
}

/// A line in the colour of its sign.
pub(crate) fn painted(line: &str, color: bool) -> String {
    let style = match line.chars().next() {
        Some('+') => AnsiColor::Green.on_default(),
        Some('-') => AnsiColor::Red.on_default(),
        Some('~') => AnsiColor::Yellow.on_default(),
        Some('>') => AnsiColor::Cyan.on_default(),
        _ => Style::new(),
    };
    match color && style != Style::new() {
        true => format!("{style}{line}{style:#}"),
        false => line.to_owned(),
    }
}

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// A text in lines of at most so many columns. All but the first begin `hang` columns to the right.
pub(super) fn wrapped(text: &str, columns: usize, hang: usize) -> Vec<String> {
    let columns = columns.max(1);
    let hang = hang.min(columns / 2);
    let mut lines = vec![String::new()];
    let mut taken = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if taken + wide > columns
            && let Some(last) = lines.last()
            && !last.is_empty()
        {
            lines.push(" ".repeat(hang));
            taken = hang;
        }
        if let Some(last) = lines.last_mut() {
            last.push(character);
        }
        taken += wide;
    }
    lines
}

/// A text in exactly so many columns.
pub(super) fn filled(text: &str, columns: usize) -> String {
    let mut filled = String::new();
    let mut taken = 0;
    for character in text.chars() {
        let wide = character.width().unwrap_or(0);
        if taken + wide > columns {
            break;
        }
        filled.push(character);
        taken += wide;
    }
    filled.extend(std::iter::repeat_n(' ', columns - taken));
    filled
}

#[cfg(test)]
mod tests {
    use super::{clean, filled, width, wrapped};

    #[test]
    fn a_line_that_is_too_long_goes_on_below() {
        assert_eq!(wrapped("abcdef", 4, 2), ["abcd", "  ef"]);
        assert_eq!(wrapped("abcd", 4, 2), ["abcd"]);
        assert_eq!(wrapped("", 4, 2), [""]);
        assert_eq!(wrapped("世界世界", 4, 0), ["世界", "世界"]);
        assert!(wrapped(&"x".repeat(50), 1, 9).len() == 50);
    }

    #[test]
    fn a_cell_has_its_width() {
        for text in ["", "abc", "abcdefgh", "世界世界世界"] {
            assert_eq!(width(&filled(text, 5)), 5, "{text}");
        }
    }

    #[test]
    fn nothing_commands_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\r"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
