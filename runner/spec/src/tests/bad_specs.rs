//! Bad specs and what a user sees of them.

use std::path::PathBuf;

use super::{testdata, understood};
use crate::read::{MAX_SIZE, read, read_config};

/// The files of a folder of `testdata` that are specs, by name.
fn specs(folder: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(testdata().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".proctor.toml"))
        .collect();
    paths.sort();
    paths
}

/// Every file of `testdata/bad-specs` beside what a user sees of it.
#[test]
fn bad_specs_are_refused_with_carets() {
    let paths = specs("bad-specs");
    assert!(paths.len() > 100, "the folder is there");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(testdata().join("bad-specs/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in paths {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let Err(mut errors) = read(&path) else {
                panic!("{name} was understood");
            };
            errors.source.path = PathBuf::from(&name);
            let stem = name.trim_end_matches(".proctor.toml");
            insta::assert_snapshot!(stem, errors.render(false, false, 110));
        }
    });
}

/// Every file of `testdata/bad-configs` beside what a user sees of it.
#[test]
fn bad_configs_are_refused_with_carets() {
    let folder = testdata().join("bad-configs");
    let entries = std::fs::read_dir(&folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.is_file()).collect();
    paths.sort();
    assert!(paths.len() >= 5, "the folder is there");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder.join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for path in paths {
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            let Err(mut errors) = read_config(&path) else {
                panic!("{stem} was understood");
            };
            errors.source.path = PathBuf::from("goproctor.toml");
            insta::assert_snapshot!(stem, errors.render(false, false, 110));
        }
    });
}

#[test]
fn a_config_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let not_a_file = read_config(folder.path()).unwrap_err();
    let message = "the config file is not a regular file";
    assert!(not_a_file.to_string().contains(message), "{not_a_file}");
}

#[test]
fn a_file_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let missing = read(&folder.path().join("missing.proctor.toml")).unwrap_err();
    assert!(missing.to_string().contains("No such file"), "{missing}");
    let not_a_file = read(folder.path()).unwrap_err();
    assert!(
        not_a_file.to_string().contains("not a regular file"),
        "{not_a_file}"
    );
}

#[test]
fn a_huge_file_is_refused_before_it_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("huge.proctor.toml");
    std::fs::write(&path, "#".repeat(MAX_SIZE + 1)).unwrap();
    let errors = read(&path).unwrap_err();
    assert!(
        errors
            .render(false, false, 200)
            .contains("larger than 1 MiB")
    );
    let errors = understood(&"#".repeat(MAX_SIZE + 1)).unwrap_err();
    assert!(errors.to_string().contains("1 MiB"));
}

#[test]
fn a_rendering_has_colour_and_boxes_only_if_wanted() {
    let errors = understood("[program]\n").unwrap_err();
    assert!(errors.render(true, true, 80).contains('\u{1b}'));
    assert!(errors.render(false, true, 80).contains('╭'));
    assert!(errors.render(false, false, 80).is_ascii());
    assert!(errors.render(false, true, 0).contains("`test` is missing"));
}

#[test]
fn an_error_is_also_one_line() {
    let errors = understood("[program]\npakcage = 1\n").unwrap_err();
    let lines = errors.to_string();
    let line = "site.proctor.toml:2:1: unknown key `pakcage`";
    assert!(lines.lines().any(|l| l == line), "{lines}");
}
