//! Arguments of commands.

use std::{ffi::OsString, os::unix::ffi::OsStrExt};

/// Splits GOFLAGS into arguments: at spaces, but for those within quotes (cmd/internal/quoted).
pub(super) fn split(text: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let quoted = (first == '"' || first == '\'')
            .then(|| rest[1..].split_once(first))
            .flatten();
        let (field, after) = match quoted {
            Some((field, after)) => (field, after),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        fields.push(field.to_owned());
        rest = after.trim_start();
    }
    fields
}

/// Splits a value of words, each of which may be in quotes, as `-exec` has it (cmd/internal/quoted, Split); none if a quote
/// is not closed.
pub(super) fn fields(text: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = text.trim_start_matches(SPACES);
    while let Some(first) = rest.chars().next() {
        let (field, after) = match first {
            '"' | '\'' => rest[1..].split_once(first)?,
            _ => rest.split_at(rest.find(SPACES).unwrap_or(rest.len())),
        };
        fields.push(field.to_owned());
        rest = after.trim_start_matches(SPACES);
    }
    Some(fields)
}

/// Joins words into a value that [`fields`] and every release split again; the word that no quotes fit is the error.
pub(super) fn join(words: &[OsString]) -> Result<OsString, OsString> {
    let mut joined = OsString::new();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            joined.push(" ");
        }
        let bytes = word.as_bytes();
        let has = |letter: char| bytes.iter().any(|&byte| char::from(byte) == letter);
        // Quotes count at the start of a word only.
        let quote = match bytes.first() {
            Some(b'"' | b'\'') => true,
            _ => bytes.is_empty() || SPACES.iter().any(|&space| has(space)),
        };
        let quotes = match quote {
            false => "",
            true if !has('\'') => "'",
            true if !has('"') => "\"",
            true => return Err(word.clone()),
        };
        joined.push(quotes);
        joined.push(word);
        joined.push(quotes);
    }
    Ok(joined)
}

/// What go splits at.
const SPACES: [char; 4] = [' ', '\t', '\n', '\r'];

/// What an argument has after its one or two dashes; none if it has none.
pub(super) fn undashed(argument: &str) -> Option<&str> {
    let argument = argument.strip_prefix('-')?;
    Some(argument.strip_prefix('-').unwrap_or(argument))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::{fields, join, split};

    #[test]
    fn words_are_joined_and_split_as_go_does() {
        for (words, text) in [
            (&["/bin/env", "-i"][..], "/bin/env -i"),
            (&["/my tools/x", "", "a"], "'/my tools/x' '' a"),
            (&["it's all", "it's"], "\"it's all\" it's"),
            (&["\"quoted", "--x='y"], "'\"quoted' --x='y"),
            (&[], ""),
        ] {
            let given: Vec<OsString> = words.iter().map(OsString::from).collect();
            assert_eq!(join(&given).unwrap(), text);
            assert_eq!(fields(text).unwrap(), words, "{text}");
        }
        assert_eq!(fields(" 'a'b\t\"c d\"\n").unwrap(), ["a", "b", "c d"]);
        assert_eq!(fields("a 'b"), None);
        assert!(join(&["a 'b' \"c\"".into()]).is_err());
    }

    #[test]
    fn goflags_are_split_as_go_does() {
        assert_eq!(
            split("  -mod=mod  '-ldflags=-X a=b' \"-tags=c d\" "),
            ["-mod=mod", "-ldflags=-X a=b", "-tags=c d"]
        );
        assert_eq!(split("'unclosed x"), ["'unclosed", "x"]);
        assert!(split("  ").is_empty());
    }
}
