//! What the compiler makes of functions on two sides as Markdown, for a pull request.

use std::fmt::Write as _;

use compare::abi::ComparedFunction;

use super::{
    abi::{fact, subject},
    abi_text::place,
    markdown::{code, escaped},
};

/// A function on both sides; nothing where nothing differs.
pub(crate) fn abi_markdown(function: &ComparedFunction, names: &[String; 2]) -> String {
    let mut text = String::new();
    if !function.differs() {
        return text;
    }
    let place = match place(function) {
        place if place.is_empty() => place,
        place => format!(" ({})", code(&place)),
    };
    let _ = writeln!(text, "#### {}{place}\n", code(&function.name));
    for (is_there, name) in function.is_there.iter().zip(names) {
        if !is_there {
            let _ = writeln!(text, "It is not there with {}.\n", code(name));
        }
    }
    if function.is_there != [true; 2] {
        return text;
    }
    let [before, after] = names.each_ref().map(|name| cell(name));
    let _ = writeln!(text, "| | {before} | {after} |\n|---|---|---|");
    for row in function.rows.iter().filter(|row| row.differs()) {
        let [before, after] = row.sides.each_ref().map(|side| match side {
            Some(side) => cell(&fact(side)),
            None => "nothing".to_owned(),
        });
        let subject = escaped(&subject(&row.subject));
        let _ = writeln!(text, "| {subject} | {before} | {after} |");
    }
    text.push('\n');
    text
}

/// Text in a code span that a table's row can hold.
fn cell(text: &str) -> String {
    code(&text.replace('|', "\\|").replace('\n', " "))
}
