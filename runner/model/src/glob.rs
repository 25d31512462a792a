//! Globs over Go function names.
//!
//! `*` stands for any run of characters, `?` for one, but the `*` of a receiver such as `net.(*Resolver).lookupIP`
//! stands for itself.

use globset::{GlobBuilder, GlobMatcher};

/// Whether a pattern is a glob rather than a name.
///
/// ```
/// use model::glob::is_glob;
/// assert!(is_glob("main.*"));
/// assert!(!is_glob("net.(*Resolver).lookupIP"));
/// assert!(is_glob("net.(*Resolver).*"));
/// ```
#[must_use]
pub fn is_glob(pattern: &str) -> bool {
    pattern.replace("(*", "").contains(['*', '?'])
}

/// A compiled glob.
#[derive(Clone, Debug)]
pub struct Glob(GlobMatcher);

impl Glob {
    /// Compiles a pattern; a plain name matches itself alone.
    ///
    /// # Errors
    /// A pattern that is no glob, with the reason.
    pub fn new(pattern: &str) -> Result<Self, globset::Error> {
        let mut escaped = String::with_capacity(pattern.len() + 8);
        let mut previous = ' ';
        for c in pattern.chars() {
            match c {
                '*' if previous == '(' => escaped.push_str("\\*"),
                '*' | '?' => escaped.push(c),
                '[' | ']' | '{' | '}' | '\\' | ',' | '!' => {
                    escaped.push('\\');
                    escaped.push(c);
                }
                _ => escaped.push(c),
            }
            previous = c;
        }
        GlobBuilder::new(&escaped)
            .literal_separator(false)
            .backslash_escape(true)
            .build()
            .map(|glob| Self(glob.compile_matcher()))
    }

    /// Whether it matches a function's name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.0.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use crate::glob::Glob;

    fn matches(pattern: &str, name: &str) -> bool {
        Glob::new(pattern)
            .map(|glob| glob.matches(name))
            .unwrap_or(false)
    }

    #[test]
    fn stars_cross_dots_and_slashes() {
        assert!(matches("main.*", "main.checkSite.func1"));
        assert!(matches(
            "example.com/*",
            "example.com/shop/cart.(*Cart).Add"
        ));
        assert!(!matches("main.*", "mainly.run"));
    }

    #[test]
    fn a_receivers_star_stands_for_itself() {
        assert!(matches(
            "net.(*Resolver).lookup*",
            "net.(*Resolver).lookupIP"
        ));
        assert!(!matches(
            "net.(*Resolver).lookupIP",
            "net.(XResolver).lookupIP"
        ));
    }

    #[test]
    fn brackets_stand_for_themselves() {
        assert!(matches("main.Map[*]", "main.Map[int,string]"));
        assert!(matches("main.Map[...]", "main.Map[...]"));
    }
}
