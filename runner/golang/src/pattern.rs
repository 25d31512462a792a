//! Which functions a name or a glob means, as a person writes it.
//!
//! A function's full name begins with the path of its package. A person may also write it as reports show it: with the last
//! elements of that path or the package's name, and without `main.`; package main also goes by its import path. The
//! same rules hold for what the source declares and for what the binary has.

use model::glob::{Glob, is_glob};

use crate::names;

/// A pattern that is not a glob.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pattern} is not a glob: {reason}")]
pub struct PatternError {
    /// The pattern as written.
    pub pattern: String,
    /// Why.
    pub reason: String,
}

/// What a pattern means.
#[derive(Clone, Debug)]
pub struct Meanings {
    /// The functions of that full name, if there are any.
    pub full: Pattern,
    /// Else those that it is short for, a package each.
    pub short_for: Vec<Pattern>,
}

impl Meanings {
    /// All of them.
    pub fn into_patterns(self) -> impl Iterator<Item = Pattern> {
        std::iter::once(self.full).chain(self.short_for)
    }
}

/// The packages of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packages {
    /// Each package's path, as the names of its functions begin with it, and its name.
    packages: Vec<(String, String)>,
    /// The import path of package main.
    main: Option<String>,
}

impl Packages {
    /// Takes the import path of package main, and each package's path and name.
    pub(crate) fn new<'p>(
        main: Option<&str>,
        packages: impl Iterator<Item = (&'p str, &'p str)>,
    ) -> Self {
        Self {
            packages: packages
                .map(|(path, name)| (path.to_owned(), name.to_owned()))
                .collect(),
            main: main
                .filter(|path| *path != MAIN && !path.is_empty())
                .map(str::to_owned),
        }
    }

    /// What a name or a glob means.
    ///
    /// # Errors
    /// It is not a glob.
    pub fn meanings(&self, written: &str) -> Result<Meanings, PatternError> {
        let full = Pattern::new(written, self.main.as_deref())?;
        let text = full.text();
        // A glob takes all of a package: of the one with that very path, if there is one.
        let is_path = |spelling: &str| self.packages.iter().any(|(path, _)| path == spelling);
        let mut short_for = Vec::new();
        for (path, name) in &self.packages {
            let spelled = spellings(path, name)
                .filter(|spelling| !full.is_glob() || !is_path(spelling))
                .find_map(|spelling| text.strip_prefix(spelling)?.strip_prefix('.'));
            let unqualified =
                || (path == MAIN && !full.is_glob() && !text.contains('/')).then_some(text);
            if let Some(rest) = spelled.or_else(unqualified) {
                short_for.push(Pattern::new(&format!("{path}.{rest}"), None)?);
            }
        }
        Ok(Meanings { full, short_for })
    }
}

const MAIN: &str = "main";

/// How a package is spelled where its path is not written in full.
fn spellings<'p>(path: &'p str, name: &'p str) -> impl Iterator<Item = &'p str> {
    let ends = path.match_indices('/').map(|(slash, _)| &path[slash + 1..]);
    ends.chain((path != MAIN).then_some(name).filter(|name| *name != path))
}

/// A name or a glob over full names of functions.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Over symbols, where a generic function has type arguments.
    symbols: Matcher,
    /// Over declarations, where it has none.
    declared: Matcher,
    /// The import path of package main, by which a glob may mean it.
    main: Option<String>,
}

#[derive(Clone, Debug)]
enum Matcher {
    Name(String),
    Glob(String, Glob),
}

impl Matcher {
    fn new(text: String) -> Result<Self, PatternError> {
        if !is_glob(&text) {
            return Ok(Self::Name(text));
        }
        match Glob::new(&text) {
            Ok(glob) => Ok(Self::Glob(text, glob)),
            Err(error) => Err(PatternError {
                reason: error.to_string(),
                pattern: text,
            }),
        }
    }
}

impl Pattern {
    /// Reads a pattern; `main` is the import path of package main.
    fn new(written: &str, main: Option<&str>) -> Result<Self, PatternError> {
        let plain = names::unescape(written);
        let local = main
            .and_then(|path| plain.strip_prefix(path))
            .and_then(|rest| rest.strip_prefix('.'));
        let text = match local {
            Some(rest) => format!("{MAIN}.{rest}"),
            None => plain.into_owned(),
        };
        let declared = names::without_type_arguments(&text);
        Ok(Self {
            declared: Matcher::new(names::canonical(&declared).into_owned())?,
            symbols: Matcher::new(text)?,
            main: main.map(str::to_owned),
        })
    }

    /// The pattern, with the package's path.
    #[must_use]
    pub fn text(&self) -> &str {
        match &self.symbols {
            Matcher::Name(text) | Matcher::Glob(text, _) => text,
        }
    }

    /// Whether it is a glob.
    #[must_use]
    pub const fn is_glob(&self) -> bool {
        matches!(self.symbols, Matcher::Glob(..))
    }

    /// Whether it means the symbol of that name.
    #[must_use]
    pub fn matches_symbol(&self, name: &str) -> bool {
        match &self.symbols {
            Matcher::Name(text) => names::matches_exactly(text, name),
            Matcher::Glob(_, glob) => self.glob_matches(glob, name),
        }
    }

    /// Whether it means the function or literal that the source declares by that name, whatever its type arguments are.
    #[must_use]
    pub fn matches_declared(&self, name: &str) -> bool {
        let canonical = names::canonical(name);
        match &self.declared {
            Matcher::Name(text) => *text == canonical,
            Matcher::Glob(_, glob) => {
                self.glob_matches(glob, name) || self.glob_matches(glob, &canonical)
            }
        }
    }

    fn glob_matches(&self, glob: &Glob, name: &str) -> bool {
        let by_import_path = || {
            let rest = name.strip_prefix(MAIN)?;
            let path = self.main.as_ref().filter(|_| rest.starts_with('.'))?;
            Some(glob.matches(&format!("{path}{rest}")))
        };
        glob.matches(name) || by_import_path() == Some(true)
    }

    /// Whether it means something that the compiler makes of a declared function and names after it: a closure, a wrapper of
    /// `go` or `defer`, the body of a range over a function, a method value.
    pub(crate) fn is_made_of(&self, function: &str) -> bool {
        const MADE: [&str; 6] = [".func", ".gowrap", ".deferwrap", "-range", "-fm", "·dwrap"];
        match &self.declared {
            Matcher::Name(text) => text
                .strip_prefix(function)
                .is_some_and(|rest| MADE.iter().any(|made| rest.starts_with(made))),
            Matcher::Glob(..) => false,
        }
    }

    /// Whether it may mean a function of the package with that path.
    pub(crate) fn may_be_in(&self, path: &str) -> bool {
        let start = format!("{path}.");
        match &self.declared {
            Matcher::Name(text) => text.starts_with(&start),
            Matcher::Glob(text, _) => {
                let literal = text
                    .char_indices()
                    .find(|&(at, c)| c == '?' || (c == '*' && !text[..at].ends_with('(')))
                    .map_or(text.as_str(), |(at, _)| &text[..at]);
                let by_import_path = path == MAIN && self.main.is_some();
                literal.starts_with(&start) || start.starts_with(literal) || by_import_path
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail loudly")]
mod tests {
    use super::*;

    fn packages() -> Packages {
        let packages = [
            ("main", "main"),
            ("net", "net"),
            ("net/http", "http"),
            ("example.com/net", "net"),
            ("example.com/shop/api", "api"),
            ("example.com/old/api", "api"),
            ("gopkg.in/yaml.v3", "yaml"),
        ];
        Packages::new(Some("example.com/shop"), packages.into_iter())
    }

    /// The full name, and what it is short for.
    fn texts(written: &str) -> (String, Vec<String>) {
        let Meanings { full, short_for } = packages().meanings(written).unwrap();
        let short_for = short_for.iter().map(|pattern| pattern.text().to_owned());
        (full.text().to_owned(), short_for.collect())
    }

    fn full(written: &str) -> Pattern {
        packages().meanings(written).unwrap().full
    }

    #[test]
    fn a_package_is_written_by_its_path_its_end_or_its_name() {
        let apis = |rest: &str| {
            ["example.com/shop/api", "example.com/old/api"].map(|path| format!("{path}.{rest}"))
        };
        assert_eq!(texts("api.(*Server).login").1[1..], apis("(*Server).login"));
        assert_eq!(texts("api.*").1, apis("*"));
        assert_eq!(texts("shop/api.*").1, ["example.com/shop/api.*"]);
        assert_eq!(texts("http.(*conn).*").1, ["net/http.(*conn).*"]);
        for marshal in ["yaml.*", "yaml.v3.*", "yaml%2ev3.*"] {
            assert_eq!(texts(marshal).1, ["gopkg.in/yaml.v3.*"], "{marshal}");
        }
        assert_eq!(texts("tp.*").1, [""; 0]);
        assert_eq!(texts("*.Close").1, [""; 0]);
    }

    #[test]
    fn a_glob_is_short_for_nothing_where_a_package_has_that_path() {
        assert_eq!(texts("net.*").1, [""; 0]);
        assert_eq!(
            texts("net.Dial").1,
            ["main.net.Dial", "example.com/net.Dial"]
        );
    }

    #[test]
    fn package_main_goes_by_its_import_path_and_by_no_name() {
        assert_eq!(texts("example.com/shop.serve").0, "main.serve");
        assert_eq!(texts("serve.func1").1, ["main.serve.func1"]);
        assert_eq!(texts("(*store).insert").1, ["main.(*store).insert"]);
        assert!(full("example.com/*").matches_symbol("main.serve"));
        assert!(full("example.com/*").may_be_in("main"));
        assert!(!full("example.org/*").matches_symbol("main.serve"));
    }

    #[test]
    fn type_arguments_are_of_symbols() {
        for written in ["main.Map", "main.Map[...]", "main.Map[int]", "main.Map[*]"] {
            assert!(full(written).matches_declared("main.Map"), "{written}");
            let symbol = "main.Map[go.shape.int]";
            assert!(full(written).matches_symbol(symbol), "{written}");
        }
        assert!(!full("main.Map[int]").matches_symbol("main.Map[go.shape.string]"));
        assert!(full("main.(*List[...]).Push").matches_declared("main.(*List).Push"));
    }

    #[test]
    fn literals_outside_of_functions_have_two_names() {
        for written in [
            "main.glob..func1",
            "main.init.func1",
            "main.glob..*",
            "main.init.*",
        ] {
            assert!(
                full(written).matches_declared("main.glob..func1"),
                "{written}"
            );
        }
    }

    #[test]
    fn packages_that_can_not_be_meant_are_known() {
        assert!(full("net.(*Resolver).lookupIP").may_be_in("net"));
        assert!(!full("net.(*Resolver).lookupIP").may_be_in("net/http"));
        assert!(!full("main.f").may_be_in("mai"));
        assert!(full("net*").may_be_in("net/http"));
        assert!(full("*.Close").may_be_in("os"));
        assert!(full("a.test/*").may_be_in("a.test/shop/cart"));
        assert!(!full("a.test/*").may_be_in("b.test/shop"));
        assert!(full("gopkg.in/yaml%2ev3.Marshal").may_be_in("gopkg.in/yaml.v3"));
    }
}
