//! Packages that are called otherwise than their import paths end.

use std::collections::BTreeMap;

/// The names of the packages whose import paths end otherwise: `fiber` for `github.com/gofiber/fiber/v3`, `yaml` for
/// `gopkg.in/yaml.v3`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageNames {
    names: BTreeMap<String, String>,
}

impl PackageNames {
    /// Adds the package of that path, if its path does not end with its name.
    pub fn add(&mut self, path: &str, name: &str) {
        let last = path.rsplit('/').next();
        if last != Some(name) && !path.is_empty() && !name.is_empty() {
            self.names.insert(path.to_owned(), name.to_owned());
        }
    }

    /// The paths and the names, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let names = self.names.iter();
        names.map(|(path, name)| (path.as_str(), name.as_str()))
    }

    /// The name of the package of that path.
    #[must_use]
    pub fn name_of<'a>(&'a self, path: &'a str) -> &'a str {
        let last = || path.rsplit('/').next().unwrap_or(path);
        self.names.get(path).map_or_else(last, String::as_str)
    }

    /// The package's path and its name, where a qualified name such as `gopkg.in/yaml.v3.Node` begins with one of them.
    #[must_use]
    pub fn of<'a>(&'a self, qualified: &str) -> Option<(&'a str, &'a str)> {
        let named = |(path, _): &(&String, &String)| {
            let rest = qualified.strip_prefix(path.as_str());
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let (path, name) = self
            .names
            .iter()
            .filter(named)
            .max_by_key(|(path, _)| path.len())?;
        Some((path.as_str(), name.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::PackageNames;

    #[test]
    fn the_longest_path_is_the_package() {
        let mut names = PackageNames::default();
        for (path, name) in [
            ("net/http", "http"),
            ("gopkg.in/yaml.v3", "yaml"),
            ("a.b/c", "d"),
            ("a.b/c.x", "e"),
        ] {
            names.add(path, name);
        }
        assert_eq!(
            names.of("gopkg.in/yaml.v3.Node"),
            Some(("gopkg.in/yaml.v3", "yaml"))
        );
        assert_eq!(
            names.of("gopkg.in/yaml.v3."),
            Some(("gopkg.in/yaml.v3", "yaml"))
        );
        assert_eq!(names.of("a.b/c.x.T"), Some(("a.b/c.x", "e")));
        assert_eq!(names.of("a.b/c.T"), Some(("a.b/c", "d")));
        assert_eq!(names.of("a.b/cd.T"), None);
        assert_eq!(names.of("net/http.Request"), None);
    }
}
