//! The layers: docs/architecture.md against the manifests.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use goproctor_tests::command::repository;

use crate::source::{Crate, crates};

/// The rows of the table of crates: a crate's folder and the folders of those that it depends on.
fn documented() -> BTreeMap<String, BTreeSet<String>> {
    let page = fs::read_to_string(repository().join("docs/architecture.md")).unwrap();
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| crate |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [name, .., uses] = cells[..] else {
            panic!("a row of two cells or more: {row}");
        };
        let uses = uses.split(',').map(|name| name.trim().trim_matches('`'));
        let uses = uses.filter(|name| *name != "–").map(str::to_owned);
        (name.trim_matches('`').to_owned(), uses.collect())
    })
    .collect()
}

#[test]
fn crates_depend_on_what_the_architecture_says() {
    let crates = crates();
    let folders: BTreeMap<_, _> = crates
        .iter()
        .map(|one| (&one.package, &one.folder))
        .collect();
    let found: BTreeMap<String, BTreeSet<String>> = crates
        .iter()
        .map(|one: &Crate| {
            let uses = one.uses.iter().map(|used| folders[used].clone());
            (one.folder.clone(), uses.collect())
        })
        .collect();
    assert_eq!(documented(), found);
}
