//! What differs between two sides as Markdown, for a pull request.

use std::fmt::Write as _;

use compare::{Change, Comparison};

use super::{
    cause::because,
    difference::{details, headline, other_tests, parts, places},
    markdown::{block, code, escaped},
};
use crate::worlds::ComparedTest;

/// So many consequences of a difference are shown; more are counted.
const MAX_CONSEQUENCES: usize = 40;

/// A test that was compared; nothing where nothing differs.
pub(crate) fn comparison_markdown(test: &ComparedTest, names: &[String; 2]) -> String {
    let mut text = String::new();
    let Comparison {
        differences,
        repeated,
        ..
    } = &test.comparison;
    let differs = !differences.is_empty() || !repeated.is_empty();
    if !differs && test.has_run() && test.comparison.doubt.is_none() {
        return text;
    }
    let _ = writeln!(text, "#### {}\n", escaped(&test.name));
    for (index, difference) in differences.iter().enumerate() {
        let root = &difference.root;
        let places = match places(root) {
            places if places.is_empty() => places,
            places => format!(" ({})", code(&places)),
        };
        let _ = writeln!(
            text,
            "{}. **{}**{places}",
            difference.number,
            escaped(&headline(root))
        );
        for detail in details(root) {
            let _ = writeln!(text, "   - {}", code(&detail));
        }
        if !root.part.is_empty() {
            let _ = writeln!(text, "   - in {}", code(&parts(root, &difference.also)));
        }
        if !difference.tests.is_empty() {
            let tests = escaped(&other_tests(difference));
            let _ = writeln!(text, "   - and in the test {tests}");
        }
        if let Some(explained) = test.causes.get(index) {
            for line in because(&explained.cause) {
                let _ = writeln!(text, "   - {}", escaped(&line));
            }
            for line in &explained.write {
                let _ = writeln!(text, "   - write {}", code(line));
            }
        }
        if difference.consequences.is_empty() {
            continue;
        }
        let count = difference.consequences.len() + difference.more;
        let _ = writeln!(
            text,
            "\n   <details><summary>{count} that follow</summary>\n"
        );
        for change in difference.consequences.iter().take(MAX_CONSEQUENCES) {
            let _ = writeln!(text, "   - {}", consequence(change));
        }
        let _ = writeln!(text, "\n   </details>\n");
    }
    for repeated in repeated {
        let headline = escaped(&headline(&repeated.root));
        let _ = writeln!(text, "- again {}: {headline}", repeated.number);
        for change in repeated.consequences.iter().take(MAX_CONSEQUENCES) {
            let _ = writeln!(text, "  - then {}", consequence(change));
        }
    }
    for (why, name) in test.could_not_run.iter().zip(names) {
        if let Some(why) = why {
            let _ = writeln!(
                text,
                "- could not run with {}:\n\n{}",
                code(name),
                block(why)
            );
        }
    }
    if let Some(doubt) = &test.comparison.doubt {
        let _ = writeln!(
            text,
            "- not all was seen, so more may differ: {}",
            escaped(doubt)
        );
    }
    text
}

fn consequence(change: &Change) -> String {
    let details = details(change);
    let details = match details.is_empty() {
        true => String::new(),
        false => format!(": {}", code(&details.join("; "))),
    };
    format!("{}{details}", escaped(&headline(change)))
}
