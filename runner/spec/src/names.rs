//! Names as Go has them, as far as their form shows: identifiers, members of packages, types.

/// Whether a text is a Go identifier: letters, digits and `_`, no digit first.
pub(crate) fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(char::is_numeric)
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Whether a text names something of a package: `io.EOF`, `database/sql.ErrNoRows`, `gopkg.in/yaml.v3.ErrX`.
pub(crate) fn is_member(text: &str) -> bool {
    text.rsplit_once('.').is_some_and(|(package, name)| {
        is_identifier(name)
            && !package.is_empty()
            && !package.starts_with('/')
            && !package.ends_with(['/', '.'])
            && !package
                .contains(|c: char| c.is_whitespace() || c.is_control() || "()[]*\"".contains(c))
    })
}

/// Whether a text can be a type as Go writes it: `int`, `*net.OpError`, `map[string][]int`, `main.Pair[int,string]`.
pub(crate) fn is_type(text: &str) -> bool {
    let begins_well = |c: char| c.is_alphabetic() || matches!(c, '_' | '*' | '[' | '(' | '<');
    text.starts_with(begins_well)
        && !text.ends_with(char::is_whitespace)
        && !text.ends_with(['.', '*', '/'])
        && !text.contains(char::is_control)
        && is_balanced(text)
}

/// Whether a type names a package: `*net.OpError`, but not `*OpError`.
pub(crate) fn has_package(ty: &str) -> bool {
    let plain = ty.trim_start_matches('*');
    let plain = plain.split_once('[').map_or(plain, |(name, _)| name);
    is_member(plain)
}

/// Whether every bracket has its counterpart.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for character in text.chars() {
        match character {
            '(' => open.push(')'),
            '[' => open.push(']'),
            '{' => open.push('}'),
            ')' | ']' | '}' if open.pop() != Some(character) => return false,
            _ => {}
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{has_package, is_identifier, is_member, is_type};

    #[test]
    fn identifiers_are_those_of_go() {
        for sound in ["x", "URL", "_x", "größe", "x1"] {
            assert!(is_identifier(sound), "{sound}");
        }
        for wrong in ["", "1x", "a.b", "a-b", "a b", "*"] {
            assert!(!is_identifier(wrong), "{wrong}");
        }
    }

    #[test]
    fn members_have_a_package() {
        for sound in ["io.EOF", "database/sql.ErrNoRows", "gopkg.in/yaml.v3.Err"] {
            assert!(is_member(sound), "{sound}");
        }
        for wrong in [
            "EOF", ".EOF", "io.", "io/.EOF", "*io.EOF", "io.E F", "i o.EOF",
        ] {
            assert!(!is_member(wrong), "{wrong}");
        }
    }

    #[test]
    fn types_are_known_by_their_form() {
        for sound in [
            "int",
            "*net.OpError",
            "map[string][]int",
            "main.Pair[int,string]",
            "func(int) (string, error)",
            "struct { A int }",
            "<-chan int",
            "[]*example.com/shop.Item",
        ] {
            assert!(is_type(sound), "{sound}");
        }
        for wrong in ["", " int", "int ", "*", "map[string", "a)", "net.", "1"] {
            assert!(!is_type(wrong), "{wrong}");
        }
        assert!(has_package("*net.OpError") && has_package("main.Pair[int,a.B]"));
        assert!(!has_package("*OpError") && !has_package("[]a.B"));
    }
}
