//! Arguments of commands.

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

/// What an argument has after its one or two dashes; none if it has none.
pub(super) fn undashed(argument: &str) -> Option<&str> {
    let argument = argument.strip_prefix('-')?;
    Some(argument.strip_prefix('-').unwrap_or(argument))
}

#[cfg(test)]
mod tests {
    use super::split;

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
