//! What the compiler makes of functions on two sides, for people.

use std::fmt::Write as _;

use compare::abi::{ComparedFunction, Row};
use model::SourcePosition;
use unicode_width::UnicodeWidthStr as _;

use super::{
    abi::{both, fact, subject},
    palette::{Palette, paint},
};

/// A function on both sides, a line for each thing that is known of it. Where the sides differ, a line has both.
///
/// ```text
/// DIFFERS  main.price  shop.go:41
///   ~ parameter n   int at stack+8 → in a register
///     frame         24 bytes
/// ```
pub(crate) fn abi_text(function: &ComparedFunction, names: &[String; 2], color: bool) -> String {
    let palette = Palette::new(color);
    let (style, word) = match function.differs() {
        true => (palette.bad, "DIFFERS"),
        false => (palette.good, "SAME   "),
    };
    let place = place(function);
    let place = match place.is_empty() {
        true => place,
        false => format!("  {}", paint(palette.aside, place)),
    };
    let name = paint(palette.name, &function.name);
    let mut text = format!("{}  {name}{place}\n", paint(style, word));
    for (is_there, name) in function.is_there.iter().zip(names) {
        if !is_there {
            let _ = writeln!(text, "  it is not there with {name}");
        }
    }
    let subjects: Vec<String> = function
        .rows
        .iter()
        .map(|row| subject(&row.subject))
        .collect();
    let width = subjects.iter().map(|subject| subject.width()).max();
    for (row, subject) in function.rows.iter().zip(&subjects) {
        let missing = " ".repeat(width.unwrap_or(0).saturating_sub(subject.width()));
        let facts = facts(row, function.is_there);
        let line = format!("{subject}{missing}  {facts}");
        let _ = match row.differs() && function.is_there == [true; 2] {
            true => writeln!(text, "  {} {line}", paint(palette.bad, "~")),
            false => writeln!(text, "    {}", paint(palette.aside, line)),
        };
    }
    text
}

/// What one side says, or what both do.
fn facts(row: &Row, is_there: [bool; 2]) -> String {
    match &row.sides {
        [Some(one), Some(_)] if !row.differs() => fact(one),
        [Some(one), None] if !is_there[1] => fact(one),
        [None, Some(one)] if !is_there[0] => fact(one),
        sides => both(sides),
    }
}

/// Where a function begins: before, and after if that is another place.
pub(super) fn place(function: &ComparedFunction) -> String {
    let short = |place: &SourcePosition| {
        let file = place.file.rsplit('/').next().unwrap_or(&place.file);
        format!("{file}:{}", place.line)
    };
    match &function.places {
        [Some(before), Some(after)] if short(before) != short(after) => {
            format!("{} → {}", short(before), short(after))
        }
        [_, Some(one)] | [Some(one), None] => short(one),
        [None, None] => String::new(),
    }
}
