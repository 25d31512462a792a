//! Layouts of maps, by which programs find the entries of their own maps.

use model::{MapLayout, Slots};

use super::*;

const MAPS: &str = include_str!("../fixtures/maps.go");

fn words(layout: &MapLayout) -> Vec<String> {
    let (name, numbers, block) = match *layout {
        MapLayout::Buckets {
            header,
            count,
            flags,
            buckets,
            old_buckets,
            block,
            overflow,
        } => (
            "buckets",
            [
                header,
                count,
                flags,
                buckets,
                old_buckets,
                block.size,
                overflow,
            ],
            block,
        ),
        MapLayout::Groups {
            header,
            used,
            directory,
            writing,
            table,
            groups,
            block,
        } => (
            "groups",
            [header, used, directory, writing, table, groups, block.size],
            block,
        ),
    };
    let slots = |slots: Slots| [slots.offset, slots.stride, u32::from(slots.indirect)];
    let numbers = numbers.into_iter();
    let numbers = numbers.chain(slots(block.keys)).chain(slots(block.values));
    std::iter::once(name.to_owned())
        .chain(numbers.map(|number| number.to_string()))
        .collect()
}

fn check(program: &Program, minor: u32, groups: bool) {
    let binary = program.open();
    let start = only(&binary, "main.watched").start;
    let (types, signatures) = binary.signatures(&BTreeSet::from([start])).unwrap();
    let mut arguments = Vec::new();
    for parameter in &signatures[&start].parameters {
        let Kind::Map { layout, .. } = &types.get(parameter.ty).unwrap().kind else {
            panic!("{}", types.name(parameter.ty));
        };
        let layout = layout.as_deref().unwrap();
        assert_eq!(matches!(layout, MapLayout::Groups { .. }), groups);
        if parameter.name != "j" {
            arguments.push(parameter.name.clone());
            arguments.extend(words(layout));
        }
    }
    let checked = output(Command::new(&program.path).args(arguments));
    let checked: u32 = checked.trim().parse().unwrap();
    assert!(checked > 500, "{checked} with 1.{minor}");
}

#[test]
fn programs_find_the_entries_of_their_maps_by_the_layouts() {
    for (release, minor) in [
        ("go1.15.15", 15),
        ("go1.16.15", 16),
        ("go1.18.10", 18),
        ("go1.22.12", 22),
        ("go1.24.13", 24),
        ("go1.26.8", 26),
        ("go1.27.3", 27),
    ] {
        check(
            &Program::build(release, "1.15", MAPS, &[]),
            minor,
            minor >= 24,
        );
    }
}

#[test]
fn experiments_with_maps_are_understood() {
    for (release, experiment, minor, groups) in [
        ("go1.24.13", "noswissmap", 24, false),
        ("go1.27.3", "mapsplitgroup", 27, true),
    ] {
        let environment = [("CGO_ENABLED", "0"), ("GOEXPERIMENT", experiment)];
        let program = Program::build_with(release, "1.15", MAPS, &[], &environment);
        check(&program, minor, groups);
    }
}
