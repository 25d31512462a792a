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

#[test]
fn captured_variables_stand_where_the_program_keeps_them() {
    for release in ["go1.24.13", "go1.26.8", "go1.27.3"] {
        for flags in [&[][..], &["-gcflags=-N -l"], &["-buildmode=pie"]] {
            let program = Program::build(release, "1.18", CLOSURES, flags);
            let binary = program.open();
            let seen = closures(&binary);
            println!("{release} {flags:?} {seen:#?}");
            println!("{}", output(&mut Command::new(&program.path)));
        }
    }
    for release in ["go1.15.15", "go1.16.15", "go1.18.10", "go1.22.12"] {
        let program = Program::build(release, "1.15", CLOSURES, &[]);
        let seen = closures(&program.open());
        println!("{release} {seen:#?}");
    }
}
