//! What function literals capture.

use super::{types::everything, *};

const CLOSURES: &str = include_str!("../fixtures/closures.go");

/// The closures of package main: the function's name, and its variables as far as they are told.
fn closures(binary: &Binary) -> Vec<String> {
    let description = everything(binary, &[]);
    let types = &description.types;
    let mut found: Vec<_> = description
        .closures
        .iter()
        .map(|closure| (only_at(binary, closure.code), closure.captured))
        .filter(|(name, _)| name.starts_with("main."))
        .map(|(name, captured)| {
            let Some(captured) = captured else {
                return format!("{name}: not told");
            };
            let Kind::Struct { fields } = &types.get(captured).unwrap().kind else {
                panic!("{captured:?}");
            };
            let fields: Vec<_> = fields
                .iter()
                .map(|field| {
                    format!(
                        "{} {} at {}",
                        field.name,
                        types.name(field.ty),
                        field.offset
                    )
                })
                .collect();
            format!("{name}: {}", fields.join(", "))
        })
        .collect();
    found.sort();
    found
}

fn only_at(binary: &Binary, code: Address) -> &str {
    let function = binary.function_at(code).unwrap();
    assert_eq!(function.start, code);
    &function.name
}

/// The line of the program's output that begins with that number.
fn line(told: &str, first: u64) -> Vec<u64> {
    let lines = told.lines().map(|line| {
        let words = line.split(' ').map(|word| word.parse().unwrap());
        words.collect::<Vec<u64>>()
    });
    let mut lines = lines.filter(|words| words[0] == first);
    lines.next().unwrap()
}

#[test]
fn captured_variables_stand_where_the_program_keeps_them() {
    for release in ["go1.24.13", "go1.26.8", "go1.27.3"] {
        for flags in [&[][..], &["-gcflags=-N -l"]] {
            let program = Program::build(release, "1.18", CLOSURES, flags);
            let binary = program.open();
            let description = everything(&binary, &[]);
            let told = output(&mut Command::new(&program.path));
            let count: u64 = told.lines().nth(1).unwrap().parse().unwrap();
            let mut compared = 0;
            for closure in &description.closures {
                let name = only_at(&binary, closure.code);
                let wanted = [
                    ("main.byReference.", 51),
                    ("main.byValue.", 41),
                    ("main.partly.", 61),
                    ("main.addressed.", 31),
                    ("main.spacious.", 71),
                    ("main.changed.", 0),
                ];
                let mut wanted = wanted.iter();
                let Some((_, n)) = wanted.find(|(prefix, _)| name.starts_with(prefix)) else {
                    continue;
                };
                let memory = line(&told, closure.code.0);
                let captured = description.types.get(closure.captured.unwrap()).unwrap();
                let Kind::Struct { fields } = &captured.kind else {
                    panic!("{captured:?}");
                };
                for field in fields {
                    let place = usize::try_from(field.offset / 8).unwrap();
                    match field.name.as_str() {
                        "n" => assert_eq!(memory[place], *n, "{name} {release}"),
                        "small" => assert_eq!(memory[place] & 0xff, 7, "{name} {release}"),
                        "count" => assert_eq!(memory[place], count, "{name} {release}"),
                        "text" => {
                            let length = if *n == 41 { 4 } else { 5 };
                            assert_eq!(memory[place + 1], length, "{name} {release}");
                        }
                        "it" if *n == 0 => {
                            assert_eq!(description.types.name(field.ty), "*main.item");
                        }
                        "it" => {
                            assert_eq!(description.types.name(field.ty), "main.item");
                            assert_eq!(memory[place + 1], *n, "{name} {release}");
                        }
                        "big" => {
                            assert_eq!(description.types.name(field.ty), "main.large");
                            assert_eq!(memory[place + 4], *n, "{name} {release}");
                        }
                        _ => assert_eq!((field.name.as_str(), flags.len()), ("?", 0)),
                    }
                    compared += 1;
                }
            }
            // Of `big` the optimised code keeps no whole: two words of it are read.
            let expected = if flags.is_empty() { 11 } else { 10 };
            assert_eq!(compared, expected, "{release} {flags:?}");
        }
    }
}

#[test]
fn what_captures_nothing_is_not_listed_and_what_is_not_told_is_not_made_up() {
    for release in ["go1.15.15", "go1.16.15", "go1.18.10", "go1.22.12"] {
        let program = Program::build(release, "1.15", CLOSURES, &[]);
        let expected = [
            "main.T.Sum-fm: not told",
            "main.addressed.func1: not told",
            "main.byReference.func1: not told",
            "main.byValue.func1: not told",
            "main.changed.func1: not told",
            "main.partly.func1: not told",
            "main.spacious.func1: not told",
        ];
        assert_eq!(closures(&program.open()), expected, "with {release}");
    }
    // The optimised code keeps these nowhere as a whole, which the DWARF then leaves out.
    let program = Program::build("go1.27.3", "1.18", CLOSURES, &[]);
    let expected = [
        "main.T.Sum-fm: not told",
        "main.addressed.func1: it main.item at 8",
        "main.byReference.func1: count *int at 8, n int at 16",
        "main.byValue.func1: text string at 8, n int at 24, ? ? at 32",
        "main.changed.func1: it *main.item at 8",
        "main.partly.func1: n int at 8, ? ? at 24",
        "main.spacious.func1: ? ? at 24, ? ? at 40",
    ];
    assert_eq!(closures(&program.open()), expected);
}
