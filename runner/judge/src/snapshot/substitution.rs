//! Values that goproctor chose at random are written back as what the spec calls them.

use model::Exchange;

use crate::expect::Evidence;

/// Replaces values by their placeholders, the longest first. A value that begins or ends with a letter or a digit is
/// replaced only where no other letter or digit adjoins it: port 4000 does not occur in 140001.
#[derive(Clone, Debug, Default)]
pub struct Substitutions {
    /// Value and placeholder, the longest value first.
    pairs: Vec<(String, String)>,
}

impl Substitutions {
    /// Values that were chosen at random for a test, each with the placeholder that is written in its place, e.g. `("40001", "${port}")`;
    /// our own ends of connections become `${client}`.
    #[must_use]
    pub fn of(evidence: &Evidence, chosen: &[(String, String)]) -> Self {
        let connected = |exchange: &&Exchange| exchange.local_port != 0;
        let clients = evidence.exchanges.iter().filter(connected);
        let clients = clients.map(|exchange| {
            let client = format!("127.0.0.1:{}", exchange.local_port);
            (client, "127.0.0.1:${client}".to_owned())
        });
        Self::new(chosen.iter().cloned().chain(clients))
    }

    /// The pairs of value and placeholder, in any order.
    pub(super) fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut pairs: Vec<_> = pairs
            .into_iter()
            .filter(|(value, _)| !value.is_empty())
            .collect();
        pairs.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        pairs.dedup_by(|(a, _), (b, _)| a == b);
        Self { pairs }
    }

    /// The text with placeholders.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut replaced = String::with_capacity(text.len());
        let mut previous = None;
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            match self.at(previous, rest) {
                Some((value, placeholder)) => {
                    replaced.push_str(placeholder);
                    previous = value.chars().next_back();
                    rest = rest.get(value.len()..).unwrap_or_default();
                }
                None => {
                    replaced.push(character);
                    previous = Some(character);
                    rest = rest.get(character.len_utf8()..).unwrap_or_default();
                }
            }
        }
        replaced
    }

    /// The pair whose value begins here.
    fn at(&self, previous: Option<char>, rest: &str) -> Option<(&str, &str)> {
        let pair = self.pairs.iter().find(|(value, _)| {
            let Some(after) = rest.strip_prefix(value.as_str()) else {
                return false;
            };
            let adjoins = |inner: Option<char>, outer: Option<char>| {
                inner.is_some_and(char::is_alphanumeric) && outer.is_some_and(char::is_alphanumeric)
            };
            !adjoins(value.chars().next(), previous)
                && !adjoins(value.chars().next_back(), after.chars().next())
        })?;
        Some((&pair.0, &pair.1))
    }
}

#[cfg(test)]
mod tests {
    use super::Substitutions;

    fn substitutions() -> Substitutions {
        Substitutions::new(
            [
                ("4000", "${port}"),
                ("http://127.0.0.1:4000", "${stub.site}"),
                ("/tmp/x", "${dir}"),
                ("", "${nothing}"),
            ]
            .map(|(value, placeholder)| (value.to_owned(), placeholder.to_owned())),
        )
    }

    #[test]
    fn the_longest_value_comes_first() {
        let text = "\"http://127.0.0.1:4000/a\" at 127.0.0.1:4000 in /tmp/x/y";
        assert_eq!(
            substitutions().apply(text),
            "\"${stub.site}/a\" at 127.0.0.1:${port} in ${dir}/y"
        );
    }

    #[test]
    fn a_port_is_not_found_inside_a_number() {
        let text = "14000 40001 4000x /tmp/xy http://127.0.0.1:40001";
        assert_eq!(substitutions().apply(text), text);
        assert_eq!(substitutions().apply("4000"), "${port}");
        assert_eq!(substitutions().apply("(4000, 4000)"), "(${port}, ${port})");
    }
}
