//! Function literals that a spec pins by their text: `{ func = "main.serve", closure = "http.Get" }`.
//!
//! A literal's number moves when another one is added above it; its text does not. The source is at hand where
//! goproctor builds the program.

use golang::{
    names,
    toolchain::{Declarations, Literal},
};

use super::WatchedFunction;

/// Texts of closures that mean no literal of their functions, or several.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ClosureErrors(pub Vec<ClosureError>);

/// A text that means no literal of its function, or several.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}{}", .help.iter().map(|help| format!("; {help}")).collect::<String>())]
pub struct ClosureError {
    /// Which of the watched functions it belongs to.
    pub index: usize,
    /// What is wrong.
    pub message: String,
    /// What there is instead.
    pub help: Option<String>,
    /// Whether the function has no literals at all.
    pub has_none: bool,
}

/// The name or glob that each watched function stands for, in their order; `declarations` are those of the program's
/// source, if there is one.
///
/// # Errors
/// A text that no literal of its function contains, or several.
pub(super) fn patterns(
    functions: &[WatchedFunction],
    declarations: Option<&Declarations>,
) -> Result<Vec<String>, ClosureErrors> {
    let mut errors = Vec::new();
    let mut patterns = Vec::new();
    for (index, function) in functions.iter().enumerate() {
        let pattern = &function.label.pattern;
        let found = match &function.closure {
            None => Ok(pattern.clone()),
            Some(text) => pinned(pattern, text, declarations),
        };
        match found {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => errors.push(ClosureError { index, ..error }),
        }
    }
    if errors.is_empty() {
        return Ok(patterns);
    }
    Err(ClosureErrors(errors))
}

/// The name of the one literal of a function that contains a text; of literals within each other, the innermost.
fn pinned(
    outer: &str,
    text: &str,
    declarations: Option<&Declarations>,
) -> Result<String, ClosureError> {
    let refuse = |message: String, help: Option<String>| ClosureError {
        index: 0,
        message,
        help,
        has_none: false,
    };
    let Some(declarations) = declarations else {
        return Err(refuse(
            "a closure's text is looked for in the source, and `binary` has none".to_owned(),
            Some(format!(
                "build the program with `package`, or name the closure by its number: func = \"{outer}.func1\""
            )),
        ));
    };
    let literals = literals_of(outer, declarations);
    Err(match holding(&literals, text)[..] {
        [only] => return Ok(names::canonical(&only.name).into_owned()),
        [] if literals.is_empty() => ClosureError {
            has_none: true,
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
        // How a literal begins, others do too; what it does tells more.
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
    let outer = names::without_type_arguments(outer);
    let begin = format!("{outer}.func");
    declarations
        .literals()
        .filter(|literal| names::canonical(&literal.name).starts_with(&begin))
        .collect()
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
    use plan::WatchedLabel;

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

    fn found(outer: &str, closure: &str) -> Result<Vec<String>, String> {
        let function = WatchedFunction {
            label: WatchedLabel::new("a", outer),
            closure: Some(closure.to_owned()),
            floats: false,
        };
        let declarations = golang::testing::declarations_of("main", SOURCE);
        patterns(&[function], Some(&declarations)).map_err(|errors| errors.to_string())
    }

    #[test]
    fn a_literal_is_the_innermost_one_with_the_text() {
        for (closure, name) in [
            (r#"fetch("a")"#, "main.serve.func1"),
            (r#"fetch("b")"#, "main.serve.func2"),
            ("func(n int)", "main.serve.func2"),
            ("close(n)", "main.serve.func2.1"),
        ] {
            assert_eq!(found("main.serve", closure).unwrap(), [name]);
        }
        assert_eq!(found("main.init", "show()").unwrap(), ["main.init.func1"]);
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
             line 6: main.serve.func1  func() { fetch(\"a\") }\n\
             line 7: main.serve.func2  func(n int) {"
        );
        let message = found("main.serve", "nothing").unwrap_err();
        assert!(message.starts_with("no function literal of main.serve contains this text; "));
        assert!(message.contains("line 8: main.serve.func2.1  func() { close(n) }"));
        let message = found("main.other", "nothing").unwrap_err();
        assert_eq!(message, "main.other has no function literals");
    }
}
