//! Text as Markdown has it: <https://spec.commonmark.org/>.

/// Text that Markdown leaves as it is.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|'
        ) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// Text within HTML that stands in Markdown.
pub(super) fn html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Text in a code span, with a fence that is longer than any in it (CommonMark, "Code spans").
pub(super) fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Lines in a fenced block (CommonMark, "Fenced code blocks").
pub(super) fn block(text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}\n{text}\n{fence}")
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|c| c != '`').map(str::len);
    runs.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{block, code, escaped, html};

    #[test]
    fn text_stays_what_it_is() {
        assert_eq!(escaped("main.(*T).f_1 <x>"), "main.(\\*T).f\\_1 \\<x\\>");
        assert_eq!(html("a <b> & c"), "a &lt;b&gt; &amp; c");
        assert_eq!(code("a"), "`a`");
        assert_eq!(code("`a``b"), "``` `a``b ```");
        assert_eq!(block("a```"), "````\na```\n````");
    }
}
