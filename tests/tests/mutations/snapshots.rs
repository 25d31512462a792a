//! Snapshots of the tour.

use std::fs;

use goproctor_tests::command;

use crate::mutated::{Mutated, committed, fails_at_its_places};

#[test]
fn a_changed_snapshot_fails_at_its_place() {
    let (head, tests) = committed("tour");
    let accepted = "the answer is prepared from the query and the site's status";
    let snapshots = command::repository().join("testdata/snapshots");
    let file = |stem: &str, name: &str| format!("{stem}__{}.snap", spec::slug(name));
    let snapshot = fs::read_to_string(snapshots.join(file("tour", accepted))).unwrap();
    let mut spec = Mutated::new(head);
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("snapshots")).unwrap();
    spec.add(&tests[0], "unchanged", &[]);
    let changes = [
        ("unchanged", ("", "")),
        ("an argument", (", 2020, 200)", ", 2020, 201)")),
        ("a result", ("→ 200\n", "→ 503\n")),
        (
            "a goroutine",
            ("go main.checkSite.func1()", "main.checkSite.func1()"),
        ),
        (
            "a call more",
            (
                "    main.prepareAnswer(",
                "    main.healthz()\n    main.prepareAnswer(",
            ),
        ),
    ];
    for (name, (from, to)) in changes {
        assert!(snapshot.contains(from), "{snapshot}");
        let path = folder.path().join("snapshots").join(file("mutated", name));
        fs::write(path, snapshot.replacen(from, to, 1)).unwrap();
        if name != "unchanged" {
            spec.add(&tests[0], name, &[("snapshot = true", "snapshot = «true»")]);
        }
    }
    fails_at_its_places(folder.path(), &spec);
}
