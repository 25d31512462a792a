//! A Go test that a spec looks at: `go-test = "TestShop/free shipping"`.

/// The full name of Go tests as a spec writes it, in the form that package `testing` gives it.
///
/// White space in the names of subtests is `_` (`testing.rewrite`, `match.go`), and `*` stands for any characters but `/`.
///
/// ```
/// use spec::document::GoTestName;
///
/// let name = GoTestName::new("TestShop/free *");
/// assert_eq!(name.as_str(), "TestShop/free_*");
/// assert!(name.matches("TestShop/free_shipping"));
/// assert!(!name.matches("TestShop/free_shipping/abroad") && !name.matches("TestShop"));
/// assert_eq!(name.top(), "TestShop");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GoTestName(String);

impl GoTestName {
    /// The name that a spec writes.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.replace(char::is_whitespace, "_"))
    }

    /// The name as `testing` has it, with its `*`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of the test that is run on its own: what is before the first `/`.
    #[must_use]
    pub fn top(&self) -> &str {
        self.0.split_once('/').map_or(&self.0, |(top, _)| top)
    }

    /// Whether the name of a function says that `go test` runs it (`go help testfunc`).
    #[must_use]
    pub fn is_kind(name: &str) -> bool {
        let kinds = ["Test", "Fuzz", "Example", "Benchmark"];
        kinds.iter().any(|kind| name.starts_with(kind))
    }

    /// Whether it means one Go test rather than all that match a pattern.
    #[must_use]
    pub fn is_one(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether it means the Go test of that full name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let (mut own, mut given) = (self.0.split('/'), name.split('/'));
        loop {
            match (own.next(), given.next()) {
                (None, None) => return true,
                (Some(own), Some(given)) if element_matches(own, given) => {}
                _ => return false,
            }
        }
    }
}

/// Whether an element with `*`s matches a name.
fn element_matches(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| name.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::GoTestName;

    #[test]
    fn stars_match_within_an_element() {
        let cases = [
            ("Test*", "TestShop", true),
            ("Test*", "TestShop/a", false),
            ("TestShop/*", "TestShop/a", true),
            ("TestShop/*", "TestShop/", true),
            ("TestShop/*/x", "TestShop/a/x", true),
            ("TestShop/a*b*c", "TestShop/a1b2c", true),
            ("TestShop/a*b*c", "TestShop/abc", true),
            ("TestShop/a*b*c", "TestShop/acb", false),
            ("TestShop/a*a", "TestShop/a", false),
            ("TestShop/two words", "TestShop/two_words", true),
            ("TestShop", "TestShop#01", false),
        ];
        for (pattern, name, expected) in cases {
            let pattern = GoTestName::new(pattern);
            assert_eq!(pattern.matches(name), expected, "{pattern:?} {name}");
        }
    }
}
