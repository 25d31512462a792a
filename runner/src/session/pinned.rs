//! Function literals that a spec pins by their text: `{ func = "main.serve", closure = "http.Get" }`.
//!
//! A literal's number moves when another one is added above it; its text does not. The source is at hand where
//! goproctor builds the program.

use golang::{
    Meanings, Pattern, names,
    toolchain::{Declarations, Literal},
};
use plan::WatchedLabel;

use super::{FunctionError, WatchedFunction, function_error::Named};

/// The name or glob that each watched function stands for, in their order; `declarations` are those of the program's
/// source, if there is one. A text that no literal of its function contains, or several, stands for none.
pub(super) fn patterns(
    functions: &[WatchedFunction],
    declarations: Option<&Declarations>,
) -> Vec<Result<String, FunctionError>> {
    let pattern = |function: &WatchedFunction| match &function.closure {
        None => Ok(function.label.pattern.clone()),
        Some(text) => pinned(&function.label, text, declarations),
    };
    functions.iter().map(pattern).collect()
}

/// The name of the one literal of a function that contains a text; of literals within each other, the innermost.
fn pinned(
    label: &WatchedLabel,
    text: &str,
    declarations: Option<&Declarations>,
) -> Result<String, FunctionError> {
    let outer = &label.pattern;
    let refuse = |message: String, help: Option<String>| FunctionError {
        label: label.label.clone(),
        by: Named::ByText,
        message,
        help,
    };
    let Some(declarations) = declarations else {
        return Err(refuse(
            "a closure's text is searched in the source, which `binary` does not have".to_owned(),
            Some(format!(
                "build the program with `package`, or name the closure by its number: func = \"{outer}.func1\""
            )),
        ));
    };
    let literals = literals_of(outer, declarations);
    Err(match holding(&literals, text)[..] {
        [only] => return Ok(names::canonical(&only.name).into_owned()),
        [] if literals.is_empty() => FunctionError {
            by: Named::ByTextOfNone,
            ..refuse(format!("{outer} has no function literals"), None)
        },
        [] => refuse(
            format!("no function literal of {outer} contains this text"),
            Some(listed(&literals)),
        ),
        ref several => refuse(
            format!(
                "{} function literals of {outer} contain this text",
                several.len()
            ),
            Some(listed(several)),
        ),
    })
}

/// A function literal that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatchedLiteral {
    /// As the source has it.
    pub literal: Literal,
    /// A line of it that no other literal of its function has, which pins it; none if there is no such line.
    pub pin: Option<String>,
}

impl WatchedLiteral {
    /// Finds what pins a literal.
    pub(super) fn of(literal: &Literal, declarations: &Declarations) -> Self {
        const MIN_LEN: usize = 4;
        let literals = literals_of(&literal.enclosing(), declarations);
        let pins = |line: &&str| line.len() >= MIN_LEN && holding(&literals, line)[..] == [literal];
        // How a literal begins, others do too; what it does says more.
        let (does, begins): (Vec<&str>, Vec<&str>) = literal
            .text
            .lines()
            .map(str::trim)
            .partition(|line| !line.ends_with('{'));
        let pin = does.into_iter().chain(begins).find(pins);
        Self {
            literal: literal.clone(),
            pin: pin.map(str::to_owned),
        }
    }
}

/// The literals that contain a text: of those within each other, the innermost.
fn holding<'d>(literals: &[&'d Literal], text: &str) -> Vec<&'d Literal> {
    let all = literals.iter().copied();
    let all: Vec<_> = all.filter(|literal| literal.text.contains(text)).collect();
    let innermost = all
        .iter()
        .filter(|literal| !all.iter().any(|other| is_within(other, literal)));
    innermost.copied().collect()
}

/// The literals of a function, those within others included; those of a package's variables for its `init`.
fn literals_of<'d>(outer: &str, declarations: &'d Declarations) -> Vec<&'d Literal> {
    let Ok(Meanings { full, short_for }) = declarations.packages.meanings(outer) else {
        return Vec::new();
    };
    let of = |patterns: &[Pattern]| -> Vec<_> {
        let literals = declarations.literals().filter(|literal| {
            let outer = literal.enclosing();
            patterns
                .iter()
                .any(|pattern| pattern.matches_declared(&outer))
        });
        literals.collect()
    };
    match of(&[full]) {
        found if found.is_empty() => of(&short_for),
        found => found,
    }
}

fn is_within(inner: &Literal, outer: &Literal) -> bool {
    inner.file == outer.file
        && inner.range != outer.range
        && outer.range.start <= inner.range.start
        && inner.range.end <= outer.range.end
}

/// Literals as a person finds them: line, name and how each begins.
fn listed(literals: &[&Literal]) -> String {
    const SHOWN: usize = 6;
    let shown: Vec<_> = literals
        .iter()
        .take(SHOWN)
        .map(|literal| {
            let name = names::canonical(&literal.name);
            format!("line {}: {name}  {}", literal.line, literal.first_line())
        })
        .collect();
    let more = match literals.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("\nand {more} more"),
    };
    format!("its literals are\n{}{more}", shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "package main

var atPackageLevel = func() { show() }

func serve() {
\tgo func() { fetch(\"a\") }()
\teach(func(n int) {
\t\tdefer func() { close(n) }()
\t\tfetch(\"b\")
\t})
}
";

    fn found(outer: &str, closure: &str) -> Result<String, String> {
        let function = WatchedFunction {
            label: WatchedLabel::new("a", outer),
            closure: Some(closure.to_owned()),
            floats: false,
        };
        let declarations = golang::testing::declarations_of("main", SOURCE);
        let pattern = patterns(&[function], Some(&declarations)).remove(0);
        pattern.map_err(|error| error.to_string())
    }

    #[test]
    fn a_literal_is_the_innermost_one_with_the_text() {
        for (closure, name) in [
            (r#"fetch("a")"#, "main.serve.func1"),
            (r#"fetch("b")"#, "main.serve.func2"),
            ("func(n int)", "main.serve.func2"),
            ("close(n)", "main.serve.func2.1"),
        ] {
            assert_eq!(found("main.serve", closure).unwrap(), name);
            assert_eq!(found("serve", closure).unwrap(), name);
        }
        assert_eq!(found("main.init", "show()").unwrap(), "main.init.func1");
    }

    #[test]
    fn a_line_of_its_own_pins_a_literal() {
        let declarations = golang::testing::declarations_of("main", SOURCE);
        for (name, pin) in [
            ("main.serve.func1", Some(r#"func() { fetch("a") }"#)),
            ("main.serve.func2", Some("defer func() { close(n) }()")),
            ("main.serve.func2.1", Some("func() { close(n) }")),
            ("main.glob..func1", Some("func() { show() }")),
        ] {
            let literal = declarations.literal(name).unwrap();
            let watched = WatchedLiteral::of(literal, &declarations);
            assert_eq!(watched.pin.as_deref(), pin, "{name}");
        }
    }

    #[test]
    fn a_text_of_none_or_of_several_is_refused_with_what_there_is() {
        let message = found("main.serve", "fetch").unwrap_err();
        assert_eq!(
            message,
            "2 function literals of main.serve contain this text; its literals are\n\
             \x20 line 6: main.serve.func1  func() { fetch(\"a\") }\n\
             \x20 line 7: main.serve.func2  func(n int) {"
        );
        let message = found("main.serve", "nothing").unwrap_err();
        assert!(message.starts_with("no function literal of main.serve contains this text; "));
        assert!(message.contains("line 8: main.serve.func2.1  func() { close(n) }"));
        let message = found("main.other", "nothing").unwrap_err();
        assert_eq!(message, "main.other has no function literals");
    }
}
