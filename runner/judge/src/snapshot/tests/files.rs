//! Snapshots on disk.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use crate::snapshot::{Accepted, Comparison, Pending, Rest, Side, Store, StoreError, file};

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
    let new = store
        .write_new(TEST, "a\nb\n", &Rest::default())
        .unwrap()
        .unwrap();
    assert!(new.ends_with("snapshots/site__the-site-s-answer-100-prepared.snap.new"));
    assert_eq!(store.compare(TEST, "a\nb\n").unwrap(), Comparison::Missing);
    store.accept(TEST).unwrap();
    assert_eq!(
        names(folder.path()),
        ["site__the-site-s-answer-100-prepared.snap"]
    );
    assert_eq!(store.compare(TEST, "a\nb").unwrap(), Comparison::Same);
    assert_eq!(
        store.compare(TEST, "a\nc\n").unwrap(),
        Comparison::Different {
            accepted: "a\nb".to_owned()
        }
    );
}

#[test]
fn the_format_is_instas() {
    let text = "GET / → 200\n  main.f(\"---\") returned\n---\nlast";
    let whole = file::compose("site.proctor.toml", TEST, &[], text);
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
        fs::write(
            &path,
            file::compose(name, name, &[("advice", name)], "text"),
        )
        .unwrap();
        let read = insta::Snapshot::from_file(&path).unwrap();
        assert_eq!(read.metadata().expression(), Some(name));
        let whole = fs::read_to_string(&path).unwrap();
        for key in ["expression", "advice"] {
            assert_eq!(file::header(&whole, key).as_deref(), Some(name));
        }
    }
}

#[test]
fn line_ends_do_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    store.write_new("a", "x\ny", &Rest::default()).unwrap();
    let path = store.accept("a").unwrap();
    let text = fs::read_to_string(&path).unwrap().replace('\n', "\r\n");
    fs::write(&path, text).unwrap();
    assert_eq!(store.compare("a", "x\ny\n").unwrap(), Comparison::Same);
}

#[test]
fn an_empty_snapshot_is_one_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    store.write_new("a", "", &Rest::default()).unwrap();
    store.accept("a").unwrap();
    assert_eq!(store.compare("a", "").unwrap(), Comparison::Same);
}

#[test]
fn in_ci_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site").read_only(true);
    assert_eq!(store.write_new("a", "x", &Rest::default()).unwrap(), None);
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
    store.write_new("a", "x", &Rest::default()).unwrap();
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
    let error = store
        .write_new("a", "x", &Rest::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("site__a.snap.new can't be written"),
        "{error}"
    );
}

#[test]
fn a_snapshot_may_be_read_by_all_that_the_umask_lets() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    let path = store
        .write_new("a", "x", &Rest::default())
        .unwrap()
        .unwrap();
    let probe = folder.path().join("probe");
    fs::File::create(&probe).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&probe));
}

/// The only snapshot that waits.
fn waiting(store: &Store) -> Pending {
    let mut pending = store.pending().unwrap();
    assert_eq!(pending.len(), 1, "{pending:?}");
    pending.remove(0)
}

#[test]
fn what_waits_says_how_the_rest_of_its_test_went() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    assert!(store.pending().unwrap().is_empty());
    let rest = Rest {
        wrong: "1 of 2 expectations does not hold".to_owned(),
        advice: "a\nb".to_owned(),
    };
    let path = store.write_new(TEST, "x", &rest).unwrap().unwrap();
    let pending = waiting(&store);
    assert_eq!(
        (pending.test.as_str(), pending.spec.as_str()),
        (TEST, "site.proctor.toml")
    );
    assert_eq!(
        (&pending.rest, &pending.accepted),
        (&rest, &Accepted::Nothing)
    );
    // One that an older goproctor wrote does not say it.
    fs::write(&path, file::compose("site.proctor.toml", TEST, &[], "x")).unwrap();
    assert!(waiting(&store).rest.wrong.contains("run the test again"));
    store.write_new(TEST, "x", &Rest::default()).unwrap();
    assert_eq!(waiting(&store).rest, Rest::default());
    waiting(&store).accept().unwrap();
    let accepted = fs::read_to_string(store.path(TEST)).unwrap();
    assert!(!accepted.contains("rest-of-test"), "{accepted}");
    assert!(store.pending().unwrap().is_empty());
}

#[test]
fn a_decision_can_be_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    for accepted in [None, Some("old")] {
        if let Some(accepted) = accepted {
            store.write_new("a", accepted, &Rest::default()).unwrap();
            store.accept("a").unwrap();
        }
        store.write_new("a", "new", &Rest::default()).unwrap();
        let pending = waiting(&store);
        let kept = pending.accept().unwrap();
        assert_eq!(store.compare("a", "new").unwrap(), Comparison::Same);
        kept.restore().unwrap();
        assert_eq!(waiting(&store), pending);
        let kept = pending.reject().unwrap();
        assert!(store.pending().unwrap().is_empty());
        kept.restore().unwrap();
        assert_eq!(waiting(&store), pending);
    }
}

#[test]
fn what_changed_after_it_was_shown_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    store.write_new("a", "shown", &Rest::default()).unwrap();
    let pending = waiting(&store);
    store.write_new("a", "another", &Rest::default()).unwrap();
    for decided in [pending.accept(), pending.reject()] {
        assert!(matches!(decided, Err(StoreError::Changed { .. })));
    }
    assert_eq!(waiting(&store).new.as_deref(), Some("another"));
}

#[test]
fn a_decision_that_was_interrupted_leaves_nothing_to_decide() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    store.write_new("a", "x", &Rest::default()).unwrap();
    let new = fs::read(store.new_path("a")).unwrap();
    store.accept("a").unwrap();
    fs::write(store.new_path("a"), new).unwrap();
    assert!(store.pending().unwrap().is_empty());
}

#[test]
fn a_conflict_is_ended_with_one_of_its_sides_or_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "site");
    let merged = "---\nsource: site.proctor.toml\nexpression: a\n---\nGET / → 200\n<<<<<<< HEAD\n  main.f(1) returned\n=======\n  main.f(2) returned\n>>>>>>> topic\n";
    let text = |number: u8| format!("GET / → 200\n  main.f({number}) returned");
    let conflict = || {
        fs::create_dir_all(folder.path().join("snapshots")).unwrap();
        fs::write(store.path("a"), merged).unwrap();
        assert_eq!(store.compare("a", "x").unwrap(), Comparison::Conflict);
        waiting(&store)
    };
    let pending = conflict();
    assert!(pending.is_in_conflict() && pending.new.is_none());
    assert_eq!(pending.test, "a");
    let kept = pending.resolve(Side::Theirs).unwrap();
    assert_eq!(store.compare("a", &text(2)).unwrap(), Comparison::Same);
    kept.restore().unwrap();
    waiting(&store).resolve(Side::Ours).unwrap();
    assert_eq!(store.compare("a", &text(1)).unwrap(), Comparison::Same);
    assert!(store.pending().unwrap().is_empty());
    // A new one that is the same as that side goes with the conflict; another waits.
    for (number, waits) in [(1, 0), (3, 1)] {
        conflict();
        store
            .write_new("a", &text(number), &Rest::default())
            .unwrap();
        waiting(&store).resolve(Side::Ours).unwrap();
        assert_eq!(store.pending().unwrap().len(), waits);
    }
    conflict().accept().unwrap();
    assert_eq!(store.compare("a", &text(3)).unwrap(), Comparison::Same);
}

#[test]
fn orphans_are_told_by_what_they_say_themselves_too() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::new(folder.path(), "shop").of_go_tests(true);
    for test in ["TestX/a", "TestX/b", "TestY"] {
        store.write_new(test, "x", &Rest::default()).unwrap();
        store.accept(test).unwrap();
    }
    let orphans = store
        .orphans_but(|test| test.starts_with("TestX/"))
        .unwrap();
    assert_eq!(orphans, [store.path("TestY")]);
}
