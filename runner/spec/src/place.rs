//! The places of parts in a file's text: of a string's content, past quotes and escapes; the steps of a path, so that a caret
//! can point to the one that is wrong.

use std::ops::Range;

use model::{Path, Root};

use super::{
    document::{Source, Span, Spanned},
    path,
};

/// The place in `raw` of a part of what it says, both in bytes; none if the two do not go together.
///
/// `raw` is a string or a key as the file has it, with its quotes if it has any.
pub(crate) fn inside(raw: &str, content: &str, part: Range<usize>) -> Option<Range<usize>> {
    content.get(part.clone())?;
    let places = places(raw, content)?;
    Some(*places.get(part.start)?..*places.get(part.end)?)
}

/// Where in `raw` the character of each byte of what it says begins, and where the last one ends.
pub(crate) fn places(raw: &str, content: &str) -> Option<Vec<usize>> {
    let (open, escapes) = match (raw.get(..3), raw.chars().next()) {
        (Some("\"\"\""), _) => (3, true),
        (Some("'''"), _) => (3, false),
        (_, Some('"')) => (1, true),
        (_, Some('\'')) => (1, false),
        _ => (0, false),
    };
    // TOML leaves out a line end right after the opening of a multi-line string.
    let body = raw.get(open..)?;
    let line_end = ["\r\n", "\n"].into_iter().find(|end| body.starts_with(end));
    let mut at = open + line_end.filter(|_| open == 3).map_or(0, str::len);
    let mut places = Vec::with_capacity(content.len() + 1);
    for character in content.chars() {
        places.extend(std::iter::repeat_n(at, character.len_utf8()));
        at += written(raw.get(at..)?, character, escapes)?;
    }
    places.push(at);
    Some(places)
}

/// How many bytes a character takes at the beginning of a text; none if it is not there.
fn written(text: &str, character: char, escapes: bool) -> Option<usize> {
    let mut characters = text.chars();
    match characters.next()? {
        '\\' if escapes => match characters.next()? {
            'x' => Some(4),
            'u' => Some(6),
            'U' => Some(10),
            other if other.is_whitespace() => None,
            _ => Some(2),
        },
        other => (other == character).then(|| character.len_utf8()),
    }
}

impl Source {
    /// The place of a step of a path: of its root (`None`), or of the segment of that index. The place of the whole
    /// path if the step's own is unknown.
    ///
    /// In `request.URL.Path = "/"` as in `"request.URL.Path" = "/"` the segment 0 is at `URL`.
    #[must_use]
    pub fn step(&self, path: &Spanned<Path>, segment: Option<usize>) -> Span {
        let has_root = !matches!(path.value.root, Root::Result(_) | Root::Variable(_));
        let all = path.value.segments.len() + usize::from(has_root);
        let index = segment.map_or(0, |segment| segment + usize::from(has_root));
        let from_end = all.checked_sub(index + 1);
        let found = from_end.and_then(|from_end| self.step_from_end(path.span.clone(), from_end));
        found.unwrap_or_else(|| path.span.clone())
    }

    /// The step that is followed by so many others, if the last one is in that key.
    fn step_from_end(&self, mut key: Span, mut from_end: usize) -> Option<Span> {
        loop {
            let steps = self.steps_of(&key)?;
            match steps.len().checked_sub(from_end + 1) {
                Some(index) => return steps.into_iter().nth(index),
                None => {
                    from_end -= steps.len();
                    key = self.key_before(key.start)?;
                }
            }
        }
    }

    /// The steps that a key is made of.
    fn steps_of(&self, key: &Span) -> Option<Vec<Span>> {
        let raw = self.text.get(key.clone())?;
        // Within a condition, a path has no quotes of its own.
        let content = match raw.starts_with(['"', '\'']) {
            true => content(raw)?,
            false => raw.to_owned(),
        };
        if !content.contains(['.', '[', '(']) {
            return Some(vec![key.clone()]);
        }
        // In a part of a call, a result's position is as good a step as a name: `service.returns.0` is read as long.
        let named = content.replacen(".returns.", ".returns_", 1);
        let steps = path::segments(&content).or_else(|_| path::segments(&named));
        let steps = steps.ok()?.into_iter().map(|step| {
            let text = content.get(step.span.clone()).unwrap_or_default();
            // `.URL` is pointed at without its dot.
            let start = step.span.start + usize::from(text.starts_with('.'));
            let place = inside(raw, &content, start..step.span.end)?;
            Some(key.start + place.start..key.start + place.end)
        });
        steps.collect()
    }

    /// The key before a dot that is before a place.
    fn key_before(&self, place: usize) -> Option<Span> {
        let before = self.text.get(..place)?.trim_end_matches([' ', '\t']);
        let before = before.strip_suffix('.')?.trim_end_matches([' ', '\t']);
        let start = match before.chars().next_back()? {
            quote @ ('"' | '\'') => before.get(..before.len() - 1)?.rfind(quote)?,
            _ => before
                .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_')))
                .map_or(0, |found| {
                    let length = before.get(found..).and_then(|rest| rest.chars().next());
                    found + length.map_or(1, char::len_utf8)
                }),
        };
        (start < before.len()).then_some(start..before.len())
    }
}

/// What a key in quotes says.
fn content(raw: &str) -> Option<String> {
    let table = toml::from_str::<toml::Table>(&format!("{raw} = 0")).ok()?;
    table.into_iter().next().map(|(key, _)| key)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::inside;
    use crate::{
        Spanned,
        tests::{sound, spec_with},
    };

    /// The texts that the steps of the only path of a spec are found at, from the root.
    fn steps(args: &str) -> Vec<String> {
        let text = spec_with(&format!(
            "[[test]]\nname = \"a\"\n[test.calls.handler]\n{args}\n"
        ));
        let spec = sound(&text);
        let path = &spec.tests[0].calls[0].args[0].path;
        let segments = (0..path.value.segments.len()).map(Some);
        std::iter::once(None)
            .chain(segments)
            .map(|step| text[spec.source.step(path, step)].to_owned())
            .collect()
    }

    #[test]
    fn every_step_of_a_path_has_a_place() {
        let three = ["request", "URL", "Path"];
        assert_eq!(steps("args = { request.URL.Path = 1 }"), three);
        assert_eq!(steps("args.request.URL.Path = 1"), three);
        assert_eq!(steps("args = { request . URL\t.Path = 1 }"), three);
        assert_eq!(steps("args = { \"request.URL.Path\" = 1 }"), three);
        assert_eq!(steps("args = { request.\"URL.Path\" = 1 }"), three);
        assert_eq!(
            steps("args = { request.\"URL\".Path = 1 }"),
            ["request", "\"URL\"", "Path"]
        );
        assert_eq!(
            steps(r#"args = { 'a["b"][2].(*c.D).E' = 1 }"#),
            ["a", r#"["b"]"#, "[2]", "(*c.D)", "E"]
        );
        assert_eq!(
            steps(r#"args = { "a[\"b\"].C" = 1 }"#),
            ["a", r#"[\"b\"]"#, "C"]
        );
    }

    #[test]
    fn the_steps_of_a_part_of_a_call_have_places() {
        let text = spec_with(
            "[[test]]\nname = \"a\"\nflow = [[\"handler.r.URL\", \"insert.returns.0.Item[2]\"]]\n",
        );
        let spec = sound(&text);
        let steps = |index: usize| -> Vec<&str> {
            let part = &spec.tests[0].flows[0].parts[index];
            let path = Spanned::new(part.path.clone(), part.span.clone());
            let segments = (0..part.path.segments.len()).map(Some);
            std::iter::once(None)
                .chain(segments)
                .map(|step| &text[spec.source.step(&path, step)])
                .collect()
        };
        assert_eq!(steps(0), ["r", "URL"]);
        assert_eq!(steps(1)[1..], ["Item", "[2]"]);
    }

    #[test]
    fn a_step_that_braces_keep_apart_is_shown_at_the_last_key() {
        assert_eq!(
            steps("args = { request = { URL.Path = 1 } }"),
            ["Path", "URL", "Path"]
        );
        assert_eq!(
            steps("returns = { Name.First = 1 }"),
            ["Name", "Name", "First"]
        );
    }

    #[test]
    fn a_part_is_found_past_quotes_and_escapes() {
        for (raw, content, part, place) in [
            ("abc", "abc", 1..2, Some(1..2)),
            ("\"abc\"", "abc", 1..3, Some(2..4)),
            ("'a\\c'", "a\\c", 1..2, Some(2..3)),
            ("\"a\\\"c\"", "a\"c", 1..2, Some(2..4)),
            ("\"\\u00e9b\"", "éb", 2..3, Some(7..8)),
            ("\"abc\"", "abc", 3..3, Some(4..4)),
            ("\"\"\"\r\nabc\"\"\"", "abc", 0..1, Some(5..6)),
            ("'''\nabc'''", "abc", 2..3, Some(6..7)),
            ("\"\"\"a\\\n  b\"\"\"", "ab", 1..2, None),
            ("\"abc\"", "abx", 2..3, None),
            ("\"é\"", "é", 1..2, None),
            ("", "a", 0..1, None),
        ] {
            assert_eq!(inside(raw, content, part), place, "{raw}");
        }
    }
}
