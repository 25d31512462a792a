//! What differs between two sides, for people.

use std::{collections::BTreeSet, fmt::Write as _};

use compare::{Change, Difference, Repeated, Unstable, Wobble};

use super::{
    cause::because,
    difference::{details, headline, other_tests, parts, places, unstable},
    palette::{Palette, paint},
};
use crate::worlds::{ChangedVerdict, ComparedTest};

/// So many consequences of a difference are shown; more are counted.
const MAX_CONSEQUENCES: usize = 20;

/// So many things that vary within a side are listed for a spec; more are counted.
const MAX_UNSTABLE: usize = 8;

/// A test that was compared. `place` names a place in the spec.
///
/// ```text
/// DIFFERS  free shipping
///   1  main.serve calls main.price with another n    shop.go:41
///        n: 2 → 3
///      in GET /buy?n=2
///      then main.price returns another result for the same arguments
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
        let Repeated {
            number,
            root,
            also,
            consequences,
        } = repeated;
        let number = paint(palette.bad, number);
        let headline = headline(root);
        let place = place_of(root, also);
        let _ = writeln!(text, "  {number}  again: {headline}{place}");
        write_consequences(&mut text, consequences, 0);
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
    text
}

/// What is not the same in all runs of a side, of all tests of a spec together: each thing once, with two values that it had.
///
/// ```text
/// not the same in all runs, so no difference:
///   main.log  took: 2.391958ms → 1.960515ms, in 13 tests
/// ```
pub(crate) fn unstable_text(tests: &[ComparedTest], color: bool) -> String {
    let palette = Palette::new(color);
    let mut known: Vec<(&Unstable, BTreeSet<&str>)> = Vec::new();
    for test in tests {
        for one in test.sides.iter().flat_map(|side| &side.unstable) {
            match known.iter_mut().find(|(other, _)| is_alike(one, other)) {
                Some((_, tests)) => drop(tests.insert(&test.name)),
                None => known.push((one, BTreeSet::from([test.name.as_str()]))),
            }
        }
    }
    let mut text = String::new();
    for (index, (one, tests)) in known.iter().take(MAX_UNSTABLE).enumerate() {
        if index == 0 {
            text.push_str("not the same in all runs, so no difference:\n");
        }
        let tests = match tests.len() {
            1 => String::new(),
            count => format!(", in {count} tests"),
        };
        let line = format!("{}{tests}", unstable(one));
        let _ = writeln!(text, "  {}", paint(palette.aside, line));
    }
    let more = known.len().saturating_sub(MAX_UNSTABLE);
    if more > 0 {
        let _ = writeln!(text, "  … and {more} more (--json has them)");
    }
    text
}

/// Whether two things vary in the same place of a function, in whichever request.
fn is_alike(one: &Unstable, other: &Unstable) -> bool {
    let is_alike = match (&one.what, &other.what) {
        (Wobble::Value(one), Wobble::Value(other)) => one.path == other.path,
        (one, other) => one == other,
    };
    is_alike
        && one.function == other.function
        && (!one.function.is_empty() || one.part == other.part)
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
    write_consequences(text, &difference.consequences, difference.more);
}

/// What follows from a difference; there is more of it that was not kept.
fn write_consequences(text: &mut String, consequences: &[Change], more: usize) {
    for (index, change) in consequences.iter().take(MAX_CONSEQUENCES).enumerate() {
        let then = if index == 0 { "then" } else { "    " };
        let _ = writeln!(text, "     {then} {}", headline(change));
        for detail in details(change) {
            let _ = writeln!(text, "            {detail}");
        }
    }
    let more = more + consequences.len().saturating_sub(MAX_CONSEQUENCES);
    if more > 0 {
        let _ = writeln!(text, "          … and {more} more (--json has them)");
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

/// Lines after the first further to the right.
fn indented(text: &str, by: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(by)))
}
