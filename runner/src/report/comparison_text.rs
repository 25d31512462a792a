//! What differs between two sides, for people.

use std::fmt::Write as _;

use compare::{Change, Difference, Repeated, Side};

use super::{
    cause::because,
    difference::{details, headline, other_tests, parts, places, unstable},
    palette::{Palette, paint},
};
use crate::worlds::{ChangedVerdict, ComparedTest};

/// So many things that vary within a side are listed for a test; more are counted.
const MAX_UNSTABLE: usize = 8;

/// A test that was compared. `place` names a place in the spec.
///
/// ```text
/// DIFFERS  free shipping
///   1  main.serve calls main.price with another n    shop.go:41
///        n: 2 → 3
///      in GET /buy?n=2
///      then main.price returns something else, given the same
///             returns[0]: 6 → 9
/// ```
pub(crate) fn comparison_text(
    test: &ComparedTest,
    names: &[String; 2],
    place: &dyn Fn(usize) -> String,
    color: bool,
) -> String {
    let palette = Palette::new(color);
    let (style, word) = match () {
        () if test.differs() => (palette.bad, "DIFFERS"),
        () if !test.has_run() || test.comparison.doubt.is_some() => (palette.doubtful, "UNKNOWN"),
        () => (palette.good, "SAME   "),
    };
    let mut text = format!("{}  {}\n", paint(style, word), test.name);
    for (index, difference) in test.comparison.differences.iter().enumerate() {
        write_difference(&mut text, difference, palette);
        if let Some(explained) = test.causes.get(index) {
            for line in because(&explained.cause) {
                let _ = writeln!(text, "     {line}");
            }
            for line in &explained.write {
                let _ = writeln!(text, "     write  {}", paint(palette.good, line));
            }
        }
    }
    for repeated in &test.comparison.repeated {
        let Repeated { number, root, also } = repeated;
        let number = paint(palette.bad, number);
        let headline = headline(root);
        let _ = writeln!(
            text,
            "  {number}  again: {headline}{}",
            place_of(root, also)
        );
    }
    for verdict in &test.verdicts {
        write_verdict(&mut text, verdict, names, place);
    }
    for (side, name) in test.could_not_run.iter().zip(names) {
        if let Some(why) = side {
            let _ = writeln!(text, "  it could not run with {name}: {}", indented(why, 4));
        }
    }
    if let Some(doubt) = &test.comparison.doubt {
        let _ = writeln!(text, "  not all was seen, so more may differ: {doubt}");
    }
    for (side, name) in test.sides.iter().zip(names) {
        write_unstable(&mut text, side, name, palette);
    }
    text
}

/// ` in GET / and 2 more`; nothing where that is the test itself.
fn place_of(root: &Change, also: &[String]) -> String {
    match parts(root, also) {
        parts if parts.is_empty() => parts,
        parts => format!(", in {parts}"),
    }
}

fn write_difference(text: &mut String, difference: &Difference, palette: Palette) {
    let number = difference.number;
    let root = &difference.root;
    let places = places(root);
    let places = match places.is_empty() {
        true => places,
        false => format!("  {}", paint(palette.aside, places)),
    };
    let headline = paint(palette.name, headline(root));
    let _ = writeln!(text, "  {}  {headline}{places}", paint(palette.bad, number));
    for detail in details(root) {
        let _ = writeln!(text, "       {detail}");
    }
    if !root.part.is_empty() {
        let _ = writeln!(text, "     in {}", parts(root, &difference.also));
    }
    if !difference.tests.is_empty() {
        let _ = writeln!(text, "     and in the test {}", other_tests(difference));
    }
    if difference.later {
        let _ = writeln!(
            text,
            "     it comes after another difference of this test, and may follow from it"
        );
    }
    for (index, change) in difference.consequences.iter().enumerate() {
        let then = if index == 0 { "then" } else { "    " };
        let _ = writeln!(text, "     {then} {}", self::headline(change));
        for detail in details(change) {
            let _ = writeln!(text, "            {detail}");
        }
    }
    if difference.more > 0 {
        let _ = writeln!(text, "          … and {} more", difference.more);
    }
}

fn write_verdict(
    text: &mut String,
    verdict: &ChangedVerdict,
    names: &[String; 2],
    place: &dyn Fn(usize) -> String,
) {
    let word = |holds: Option<bool>| match holds {
        Some(true) => "holds",
        Some(false) => "does not hold",
        None => "is not known",
    };
    let [before, after] = names;
    let _ = writeln!(
        text,
        "  {}: {} {} with {before}, and {} with {after}",
        place(verdict.place),
        verdict.subject,
        word(verdict.before),
        word(verdict.after),
    );
}

fn write_unstable(text: &mut String, side: &Side, name: &str, palette: Palette) {
    let shown = side.unstable.iter().take(MAX_UNSTABLE);
    for (index, one) in shown.enumerate() {
        if index == 0 {
            let _ = writeln!(
                text,
                "  not the same in all runs with {name}, so no difference:"
            );
        }
        let _ = writeln!(text, "    {}", paint(palette.aside, unstable(one)));
    }
    let more = side.unstable.len().saturating_sub(MAX_UNSTABLE);
    if more > 0 {
        let _ = writeln!(text, "    … and {more} more");
    }
}

/// Lines after the first further to the right.
fn indented(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}
