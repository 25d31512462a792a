//! What is an architecture's own stands in its folder: nothing else names its registers or its decoder.
//!
//! Tests may: their code and their records are some architecture's.

use std::{collections::BTreeSet, fmt::Write as _};

use arch::Register;
use quote::ToTokens as _;

use crate::source::{File, attributes, crates, is_for_tests};

const FOLDER: &str = "runner/arch/src/amd64/";

/// The words that no other file has, in whatever it says.
fn own_words() -> BTreeSet<String> {
    let general = Register::ALL.map(|register| [register.to_string(), format!("{register:?}")]);
    let vectors = (0..=15).flat_map(|number| [format!("X{number}"), format!("XMM{number}")]);
    general
        .into_iter()
        .flatten()
        .chain(vectors)
        .chain(["iced_x86", "asm", "global_asm"].map(str::to_owned))
        .collect()
}

/// Names, texts and docs of a file, but for what is compiled for tests.
fn content(file: &File) -> String {
    let mut text = String::new();
    for attribute in &file.content.attrs {
        write!(text, "{} ", attribute.to_token_stream()).unwrap();
    }
    let items = file.content.items.iter();
    for item in items.filter(|item| !is_for_tests(attributes(item))) {
        write!(text, "{} ", item.to_token_stream()).unwrap();
    }
    text
}

#[test]
fn only_an_architectures_folder_names_what_is_its_own() {
    let own = own_words();
    let crates = crates();
    // The kernel program is compiled for one architecture, too.
    let crates = crates
        .iter()
        .filter(|one| !["runner-ebpf", "tests"].contains(&one.folder.as_str()));
    let files = crates.flat_map(|one| &one.files);
    let mut found = Vec::new();
    for file in files.filter(|file| !file.is_for_tests && !file.path.starts_with(FOLDER)) {
        let text = content(file);
        let words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        let words: BTreeSet<_> = words.filter(|word| own.contains(*word)).collect();
        if !words.is_empty() {
            found.push(format!("{}: {words:?}", file.path));
        }
    }
    assert!(
        found.is_empty(),
        "these name what is amd64's own; name it in {FOLDER} and use that name:\n{}",
        found.join("\n")
    );
}
