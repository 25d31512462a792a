//! Regular expressions over bytes, and what may become a match of one behind a cut.

use std::{borrow::Cow, fmt, ops::Range};

use regex_automata::{
    Anchored, Input,
    hybrid::dfa::{Cache, DFA},
    util::syntax,
};

/// What overwrites each byte.
const MASK: u8 = b'*';

/// Why a pattern can't be used.
#[derive(Debug, thiserror::Error)]
#[error("the pattern {pattern:?} can't be used: {reason}; make it shorter or simpler")]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// Why.
    pub reason: String,
}

/// Patterns of what must not be seen.
#[derive(Default)]
pub struct Patterns {
    patterns: Vec<Pattern>,
}

struct Pattern {
    regex: regex::bytes::Regex,
    /// Tells whether bytes may begin a match that is not at its end yet.
    begin: DFA,
}

impl fmt::Debug for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.patterns.iter().map(|pattern| pattern.regex.as_str()))
            .finish()
    }
}

impl Patterns {
    /// Regular expressions in the syntax of the crate `regex`, over bytes.
    ///
    /// # Errors
    /// One is not such an expression, or is too large.
    pub fn new<'p>(patterns: impl IntoIterator<Item = &'p str>) -> Result<Self, PatternError> {
        let patterns = patterns.into_iter().map(Pattern::new);
        Ok(Self {
            patterns: patterns.collect::<Result<_, _>>()?,
        })
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The text with every match overwritten.
    #[must_use]
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let matches = self.matches(text.as_bytes());
        if matches.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut cleaned = String::with_capacity(text.len());
        for (at, c) in text.char_indices() {
            // A match over bytes may begin or end within a character.
            let hidden = matches
                .iter()
                .any(|range| range.start < at + c.len_utf8() && at < range.end);
            if hidden {
                cleaned.extend(std::iter::repeat_n(char::from(MASK), c.len_utf8()));
            } else {
                cleaned.push(c);
            }
        }
        Cow::Owned(cleaned)
    }

    /// Overwrites every match. When the bytes were `cut`, a match that may have begun before the cut is one too.
    pub fn clean_bytes(&self, bytes: &mut [u8], cut: bool) {
        for range in self.ranges(bytes, cut) {
            mask(bytes, range);
        }
    }

    /// Where matches are, and what may become one behind a cut.
    pub(super) fn ranges(&self, bytes: &[u8], cut: bool) -> Vec<Range<usize>> {
        let mut ranges = self.matches(bytes);
        if cut {
            let begins = self.patterns.iter();
            let begins = begins.filter_map(|pattern| pattern.open_begin(bytes));
            ranges.extend(begins.map(|begin| begin..bytes.len()));
        }
        ranges
    }

    fn matches(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        self.patterns
            .iter()
            .flat_map(|pattern| pattern.regex.find_iter(bytes))
            .map(|found| found.range())
            .filter(|range| !range.is_empty())
            .collect()
    }
}

/// Overwrites a range.
pub(super) fn mask(bytes: &mut [u8], range: Range<usize>) {
    if let Some(bytes) = bytes.get_mut(range) {
        bytes.fill(MASK);
    }
}

impl Pattern {
    fn new(pattern: &str) -> Result<Self, PatternError> {
        let refuse = |reason: String| PatternError {
            pattern: pattern.to_owned(),
            reason,
        };
        let regex = regex::bytes::Regex::new(pattern).map_err(|error| refuse(error.to_string()))?;
        let begin = DFA::builder()
            .syntax(syntax::Config::new().utf8(false))
            .configure(DFA::config().unicode_word_boundary(true))
            .build(pattern)
            .map_err(|error| refuse(error.to_string()))?;
        Ok(Self { regex, begin })
    }

    /// The first place from which all bytes to the end could be the begin of a longer match.
    fn open_begin(&self, bytes: &[u8]) -> Option<usize> {
        let mut cache = self.begin.create_cache();
        (0..bytes.len()).find(|start| self.is_open(&mut cache, bytes, *start))
    }

    fn is_open(&self, cache: &mut Cache, bytes: &[u8], start: usize) -> bool {
        let input = Input::new(bytes).range(start..).anchored(Anchored::Yes);
        // What can't be decided counts as open: rather too much is overwritten than too little.
        let Ok(mut state) = self.begin.start_state_forward(cache, &input) else {
            return true;
        };
        for byte in bytes.get(start..).unwrap_or_default() {
            match self.begin.next_state(cache, state, *byte) {
                Ok(next) if next.is_dead() => return false,
                Ok(next) if next.is_quit() => return true,
                Ok(next) => state = next,
                Err(_) => return true,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    fn cleaned(pattern: &str, bytes: &[u8], cut: bool) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        Patterns::new([pattern])
            .unwrap()
            .clean_bytes(&mut bytes, cut);
        bytes
    }

    #[test]
    fn what_matches_is_overwritten_as_long_as_it_was() {
        assert_eq!(
            cleaned("[0-9]{4}", b"a1234b12c5678", false),
            b"a****b12c****"
        );
        assert_eq!(cleaned("secret", b"nothing", false), b"nothing");
        assert_eq!(cleaned("(?-u)\\xff+", b"a\xff\xffb", false), b"a**b");
    }

    #[test]
    fn what_may_match_behind_a_cut_is_overwritten_too() {
        let pattern = "sk-[a-z]{8}";
        assert_eq!(cleaned(pattern, b"key sk-abc", false), b"key sk-abc");
        assert_eq!(cleaned(pattern, b"key sk-abc", true), b"key ******");
        assert_eq!(cleaned(pattern, b"key s", true), b"key *");
        assert_eq!(cleaned(pattern, b"key sk-1", true), b"key sk-1");
        assert_eq!(cleaned(pattern, b"sk-abcdefgh sk", true), b"*********** **");
    }

    #[test]
    fn a_match_that_could_go_on_is_overwritten_to_the_cut() {
        assert_eq!(
            cleaned("Bearer .{3,40}", b"Bearer abcdef", true),
            b"*************"
        );
    }

    #[test]
    fn text_stays_text() {
        let patterns = Patterns::new(["(?-u)\\xbc", "geheim"]).unwrap();
        assert_eq!(patterns.clean("Füße, geheim!"), "F**ße, ******!");
        assert_eq!(patterns.clean("plain"), "plain");
    }

    #[test]
    fn an_expression_that_is_none_is_refused() {
        assert!(Patterns::new(["("]).is_err());
    }
}
