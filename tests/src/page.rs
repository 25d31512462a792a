//! A page of docs as a person would follow it: its code blocks in order, and what is done with each.
//!
//! What a block is for is said in a comment above it, which a reader of the page does not see:
//!
//! ```text
//! <!-- file main.go -->                    write the block to this file
//! <!-- append shop.proctor.toml -->        add it to this file
//! <!-- from go-fixtures/service/x.toml --> it stands so in this file of the repository
//! <!-- workflow -->                        YAML of a CI, whose commands are run
//! <!-- exit 1 -->                          the commands end so, instead of with 0
//! ```
//!
//! A block of `sh` is run. A block of `text` is what the commands before it print; `…` on a line of its own stands for
//! any lines.

use std::{fmt, ops::Range};

/// A code block and what is done with it.
#[derive(Debug)]
pub struct Step {
    /// The line of the page where the block begins, from 1.
    pub line: usize,
    /// What is done with it.
    pub action: Action,
    /// What stands in it.
    pub text: String,
}

/// What is done with a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is written to a file.
    Write(String),
    /// It is added to a file.
    Append(String),
    /// It stands so in a file of the repository.
    Excerpt(String),
    /// Its commands are run, and end so.
    Run {
        /// The exit code of the last of them.
        exit: i32,
    },
    /// It is what the commands before it print.
    Output,
    /// Its commands are those of a CI.
    Workflow,
}

/// A block of which the page does not say what it is for, or a comment that is above no block.
#[derive(Debug)]
pub struct PageError {
    line: usize,
    text: String,
}

impl fmt::Display for PageError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.text)
    }
}

impl std::error::Error for PageError {}

/// The blocks of a page.
///
/// # Errors
/// It is not clear what one of them is for.
pub fn steps(page: &str) -> Result<Vec<Step>, PageError> {
    let lines: Vec<&str> = page.lines().collect();
    let mut steps = Vec::new();
    let mut next = 0;
    while next < lines.len() {
        let Some(language) = lines[next].strip_prefix("```") else {
            next += 1;
            continue;
        };
        let body = body(&lines, next)?;
        let above = next.checked_sub(1).map_or("", |above| lines[above]);
        let action = action(language, comment(above)).map_err(|text| PageError {
            line: next + 1,
            text,
        })?;
        steps.push(Step {
            line: next + 1,
            action,
            text: lines[body.clone()]
                .iter()
                .flat_map(|line| [line, "\n"])
                .collect(),
        });
        next = body.end + 1;
    }
    Ok(steps)
}

/// The lines between a fence and the one that closes it.
fn body(lines: &[&str], fence: usize) -> Result<Range<usize>, PageError> {
    let length = lines[fence + 1..].iter().position(|line| *line == "```");
    let length = length.ok_or_else(|| PageError {
        line: fence + 1,
        text: "the block does not end".to_owned(),
    })?;
    Ok(fence + 1..fence + 1 + length)
}

fn comment(line: &str) -> &str {
    let inside = line
        .strip_prefix("<!-- ")
        .and_then(|line| line.strip_suffix(" -->"));
    inside.unwrap_or_default()
}

fn action(language: &str, comment: &str) -> Result<Action, String> {
    let (word, rest) = comment.split_once(' ').unwrap_or((comment, ""));
    match (language, word) {
        ("sh", "") => Ok(Action::Run { exit: 0 }),
        ("sh", "exit") => match rest.parse() {
            Ok(exit) => Ok(Action::Run { exit }),
            Err(_) => Err(format!("{rest} is no exit code")),
        },
        ("text", "") => Ok(Action::Output),
        (_, "file") => Ok(Action::Write(rest.to_owned())),
        (_, "append") => Ok(Action::Append(rest.to_owned())),
        (_, "from") => Ok(Action::Excerpt(rest.to_owned())),
        ("yaml", "workflow") => Ok(Action::Workflow),
        _ => Err(format!(
            "a block of {language} below <!-- {comment} --> is not run (tests/src/page.rs)"
        )),
    }
}

/// Whether lines are as a page shows them; `…` on a line of its own stands for any lines.
#[must_use]
pub fn matches(shown: &[String], seen: &[String]) -> bool {
    match shown {
        [] => seen.is_empty(),
        [first, rest @ ..] if first.trim() == "…" => {
            (0..=seen.len()).any(|skipped| matches(rest, &seen[skipped..]))
        }
        [first, rest @ ..] => seen.split_first().is_some_and(|(line, others)| {
            first.trim_end() == line.trim_end() && matches(rest, others)
        }),
    }
}

#[cfg(test)]
mod tests {

    use super::{Action, matches, steps};

    #[test]
    fn blocks_are_what_their_comments_say() {
        let page = "Text\n\n<!-- file a.toml -->\n```toml\nx = 1\n```\n```sh\nls\n```\n<!-- exit 2 -->\n```sh\nfalse\n```\n```text\na\n```\n";
        let steps = steps(page).unwrap();
        let actions: Vec<_> = steps.iter().map(|step| step.action.clone()).collect();
        assert_eq!(
            actions,
            [
                Action::Write("a.toml".to_owned()),
                Action::Run { exit: 0 },
                Action::Run { exit: 2 },
                Action::Output
            ]
        );
        assert_eq!((steps[0].line, steps[0].text.as_str()), (4, "x = 1\n"));
    }

    #[test]
    fn a_block_that_nobody_would_run_is_refused() {
        let error = steps("a\n```toml\nx = 1\n```\n").unwrap_err();
        assert!(
            error.to_string().starts_with("line 2: a block of toml"),
            "{error}"
        );
        assert!(steps("```sh\nls\n").is_err());
    }

    #[test]
    fn dots_stand_for_any_lines() {
        let matches = |shown: &str, seen: &str| {
            let lines = |text: &str| {
                text.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            matches(&lines(shown), &lines(seen))
        };
        assert!(matches("a … d", "a b c d"));
        assert!(matches("…", ""));
        assert!(!matches("a … d", "a d e"));
        assert!(!matches("a", "a b"));
    }
}
