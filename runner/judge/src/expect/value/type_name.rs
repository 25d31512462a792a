//! Names of types as a spec writes them.

use model::{PackageNames, notation::short_name};

/// Whether a type of that full name is meant by a name in a spec: the full one, or the one with the packages' names, or with the
/// last elements of their paths. `any`, `byte` and `rune` are the types that they mean.
pub(in crate::expect) fn is_named(full: &str, wanted: &str, packages: &PackageNames) -> bool {
    if full == wanted {
        return true;
    }
    let (full, wanted) = (plain(full), plain(wanted));
    let short = |packages| short_name(&full, packages) == wanted;
    full == wanted || short(packages) || short(&PackageNames::default())
}

/// The name with all that has two spellings in one of them.
fn plain(name: &str) -> String {
    let name = name.replace("interface{}", "interface {}");
    let mut plain = String::with_capacity(name.len());
    let mut rest = name.as_str();
    while let Some(c) = rest.chars().next() {
        let is_of_word = |c: char| c.is_alphanumeric() || "_./-~%$@+!·".contains(c);
        let end = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() {
            plain.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        match word {
            "any" => plain.push_str("interface {}"),
            "byte" => plain.push_str("uint8"),
            "rune" => plain.push_str("int32"),
            // The linker writes the dots of a path's last element so.
            _ => plain.push_str(&word.replace("%2e", ".")),
        }
        rest = after;
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::PackageNames;

    fn is_named(full: &str, wanted: &str) -> bool {
        let mut packages = PackageNames::default();
        packages.add("gopkg.in/yaml.v3", "yaml");
        packages.add("github.com/gofiber/fiber/v3", "fiber");
        super::is_named(full, wanted, &packages)
    }

    #[test]
    fn full_and_short_names_mean_the_same_type() {
        for wanted in ["*net/http.Request", "*http.Request"] {
            assert!(is_named("*net/http.Request", wanted), "{wanted}");
        }
        for wanted in ["http.Request", "*Request", "*other/http.Request", ""] {
            assert!(!is_named("*net/http.Request", wanted), "{wanted}");
        }
        assert!(is_named("gopkg.in/yaml%2ev3.Node", "gopkg.in/yaml.v3.Node"));
        assert!(is_named("gopkg.in/yaml%2ev3.Node", "yaml.v3.Node"));
        assert!(is_named("gopkg.in/yaml.v3.Node", "yaml.Node"));
        for wanted in ["github.com/gofiber/fiber/v3", "fiber", "v3"] {
            let wanted = format!("[]*{wanted}.Error");
            assert!(is_named("[]*github.com/gofiber/fiber/v3.Error", &wanted));
        }
        assert!(!is_named(
            "github.com/gofiber/fiber/v3.Error",
            "gofiber/fiber.Error"
        ));
    }

    #[test]
    fn an_alias_is_its_type() {
        assert!(is_named("map[string]interface {}", "map[string]any"));
        assert!(is_named(
            "map[string]interface {}",
            "map[string]interface{}"
        ));
        assert!(is_named("[]uint8", "[]byte"));
        assert!(is_named("main.Set[int32]", "main.Set[rune]"));
        assert!(!is_named("main.any", "any"));
        assert!(!is_named("main.bytes", "main.uint8s"));
    }
}
