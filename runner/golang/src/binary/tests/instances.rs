//! Instances of generic functions.

use super::{types::everything, *};

const INSTANCES: &str = include_str!("../fixtures/instances.go");

/// All instances with their signatures, by name.
fn instances(binary: &Binary) -> Vec<String> {
    let description = everything(binary, &[]);
    let types = &description.types;
    let mut found: Vec<_> = description
        .instances
        .values()
        .flatten()
        .filter(|instance| instance.name.starts_with("main."))
        .map(|instance| {
            let visible = |list: &[SignatureParameter]| {
                let list: Vec<_> = list.iter().filter(|p| !p.hidden).cloned().collect();
                super::list(types, &list)
            };
            let (parameters, results) = (visible(&instance.parameters), visible(&instance.results));
            format!("{} ({parameters}) ({results})", instance.name)
        })
        .collect();
    found.sort();
    found
}

#[test]
fn instances_have_the_types_that_the_source_gives_them() {
    for release in [
        "go1.18.10",
        "go1.20.14",
        "go1.22.12",
        "go1.24.13",
        "go1.26.8",
        "go1.27.3",
    ] {
        for flags in [&[][..], &["-buildmode=pie"]] {
            let program = Program::build(release, "1.18", INSTANCES, flags);
            let binary = program.open();
            let seen = instances(&binary);
            let told = output(&mut Command::new(&program.path));
            let expected: Vec<_> = told.lines().collect();
            assert_eq!(seen, expected, "with {release} {flags:?}");
        }
    }
}
