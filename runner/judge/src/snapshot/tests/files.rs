//! Snapshots on disk.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use crate::snapshot::{Comparison, Store, StoreError, file};

const TEST: &str = "the site's answer — 100% \"prepared\"";

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder.join("snapshots"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_snapshot_is_missing_then_new_then_accepted_then_different() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    assert_eq!(store.compare(TEST, "a\nb\n").unwrap(), Comparison::Missing);
    let new = store.write_new(TEST, "a\nb\n").unwrap().unwrap();
    assert!(new.ends_with("snapshots/site__the-site-s-answer-100-prepared.snap.new"));
    assert_eq!(store.compare(TEST, "a\nb\n").unwrap(), Comparison::Missing);
    store.accept(TEST).unwrap();
    assert_eq!(
        names(folder.path()),
        ["site__the-site-s-answer-100-prepared.snap"]
    );
    assert_eq!(store.compare(TEST, "a\nb").unwrap(), Comparison::Same);
    let Comparison::Different { diff } = store.compare(TEST, "a\nc\n").unwrap() else {
        panic!("it differs");
    };
    insta::assert_snapshot!(diff, @r"
    --- accepted
    +++ seen
    @@ -1,2 +1,2 @@
     a
    -b
    +c
    ");
}

#[test]
fn a_difference_has_its_surroundings_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    let text = |changed: &str| {
        (0..40)
            .map(|line| {
                if line == 20 {
                    format!("{changed}\n")
                } else {
                    format!("line {line}\n")
                }
            })
            .collect::<String>()
    };
    store.write_new(TEST, &text("before")).unwrap();
    store.accept(TEST).unwrap();
    let Comparison::Different { diff } = store.compare(TEST, &text("after")).unwrap() else {
        panic!("it differs");
    };
    assert_eq!(diff.lines().count(), 11, "{diff}");
}

#[test]
fn the_format_is_instas() {
    let text = "GET / → 200\n  main.f(\"---\") returned\n---\nlast";
    let whole = file::compose("site.proctor.toml", TEST, text);
    insta::assert_snapshot!(whole, @r#"
    ---
    source: site.proctor.toml
    expression: "the site's answer — 100% \"prepared\""
    ---
    GET / → 200
      main.f("---") returned
    ---
    last
    "#);
    assert_eq!(file::content(&whole).as_deref(), Some(text));
    // insta itself reads it as we do.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("site__a.snap");
    fs::write(&path, &whole).unwrap();
    let read = insta::Snapshot::from_file(&path).unwrap();
    assert_eq!(read.metadata().source(), Some("site.proctor.toml"));
    assert_eq!(read.metadata().expression(), Some(TEST));
    assert_eq!(read.as_text().unwrap().to_string(), text);
}

#[test]
fn every_name_comes_back_from_the_header() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "plain",
        "true",
        "No",
        "a: b",
        "# a",
        "- a",
        "7",
        "*a",
        "ends with blank ",
        "täst",
        "a\\b",
        "[a]",
        "'a'",
    ] {
        let path = folder.path().join("site__a.snap");
        fs::write(&path, file::compose(name, name, "text")).unwrap();
        let read = insta::Snapshot::from_file(&path).unwrap();
        assert_eq!(read.metadata().expression(), Some(name));
    }
}

#[test]
fn line_ends_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    store.write_new("a", "x\ny").unwrap();
    let path = store.accept("a").unwrap();
    let text = fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
    fs::write(&path, text).unwrap();
    assert_eq!(store.compare("a", "x\ny\n").unwrap(), Comparison::Same);
}

#[test]
fn an_empty_snapshot_is_one_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    store.write_new("a", "").unwrap();
    store.accept("a").unwrap();
    assert_eq!(store.compare("a", "").unwrap(), Comparison::Same);
}

#[test]
fn in_ci_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site").read_only(true);
    assert_eq!(store.write_new("a", "x").unwrap(), None);
    assert!(matches!(
        store.accept("a"),
        Err(StoreError::ReadOnly { .. })
    ));
    assert_eq!(store.compare("a", "x").unwrap(), Comparison::Missing);
    assert!(!folder.path().join("snapshots").exists());
}

#[test]
fn accepting_needs_something_new() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    let error = store.accept("a").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("site__a.snap.new; run the test first"),
        "{error}"
    );
    store.write_new("a", "x").unwrap();
    store.accept("a").unwrap();
}

#[test]
fn a_file_that_is_no_snapshot_is_not_taken_for_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    fs::create_dir(folder.path().join("snapshots")).unwrap();
    for bytes in [&b""[..], b"GET / \n", b"---\nsource: a\n", b"--- \n---\n"] {
        fs::write(store.path("a"), bytes).unwrap();
        let error = store.compare("a", "x").unwrap_err();
        assert!(matches!(error, StoreError::NoSnapshot { .. }), "{bytes:?}");
    }
    fs::write(store.path("a"), b"---\n---\n\xff").unwrap();
    assert!(matches!(
        store.compare("a", "x"),
        Err(StoreError::Read { .. })
    ));
    fs::write(store.new_path("a"), "half").unwrap();
    assert!(matches!(
        store.accept("a"),
        Err(StoreError::NoSnapshot { .. })
    ));
}

#[test]
fn orphans_are_the_files_of_this_spec_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    assert!(store.orphans(["a"]).unwrap().is_empty());
    let snapshots = folder.path().join("snapshots");
    fs::create_dir(&snapshots).unwrap();
    for name in [
        "site__a.snap",
        "site__b.snap",
        "site__c.snap.new",
        "site__x__d.snap",
        "site2__e.snap",
        "site__f.txt",
        "other__g.snap",
    ] {
        fs::write(snapshots.join(name), "").unwrap();
    }
    let orphans = store.orphans(["A!"]).unwrap();
    let names: Vec<_> = orphans
        .iter()
        .map(|path| path.file_name().unwrap())
        .collect();
    assert_eq!(names, ["site__b.snap", "site__c.snap.new"]);
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("snapshots/site__a.snap.new");
    file::write_whole(&path, |file| file.write_all(b"old")).unwrap();
    let error = file::write_whole(&path, |file| {
        file.write_all(b"half of it")?;
        Err(io::Error::from(io::ErrorKind::StorageFull))
    })
    .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(names(folder.path()), ["site__a.snap.new"]);
}

#[test]
fn an_unwritable_place_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("snapshots"), "a file").unwrap();
    let store = Store::new(folder.path(), "site");
    let error = store.write_new("a", "x").unwrap_err().to_string();
    assert!(
        error.contains("site__a.snap.new can't be written"),
        "{error}"
    );
}

#[test]
fn a_snapshot_may_be_read_by_all_that_the_umask_lets() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    let path = store.write_new("a", "x").unwrap().unwrap();
    let probe = folder.path().join("probe");
    fs::File::create(&probe).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&probe));
}
