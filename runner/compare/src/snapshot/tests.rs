//! What two snapshots differ in.

use super::{TextOptions, ValueKind, difference, varying};

const ACCEPTED: &str = "\
POST /orders → 201
  main.receive(\"POST\", \"\", \"coffee\") returned
    main.check(1) → true
    main.(*store).insert(&main.store{items: nil, At: 2026-11-30T19:00:01Z}, \"coffee\") → 1
  go main.publish.func1
    main.send(1) returned
    main.send(2) returned
GET /orders?page=1 → 200 ×2
  main.list() → []string{\"coffee\"}
";

fn lines(before: &str, after: &str) -> Vec<String> {
    difference(before, after, &|_| Vec::new()).lines(&TextOptions::default())
}

fn told(before: &str, after: &str) -> String {
    lines(before, after).join("\n")
}

#[test]
fn equal_texts_have_no_difference() {
    let difference = difference(ACCEPTED, ACCEPTED, &|_| Vec::new());
    assert!(difference.is_empty());
    assert_eq!(difference.counts().to_string(), "no call differs");
    assert_eq!(difference.rows.len(), 9);
}

#[test]
fn a_changed_value_is_told_by_its_path_and_the_parameters_name() {
    let seen = ACCEPTED.replace("items: nil", "items: []string{\"tea\"}");
    let names = |function: &str| match function {
        "main.(*store).insert" => vec!["s".to_owned(), "item".to_owned()],
        _ => Vec::new(),
    };
    let difference = difference(ACCEPTED, &seen, &names);
    assert_eq!(difference.counts().to_string(), "1 call changed");
    let changes: Vec<String> = difference
        .rows
        .iter()
        .flat_map(|row| &row.changes)
        .map(ToString::to_string)
        .collect();
    assert_eq!(changes, ["s.items: nil → []string{\"tea\"}"]);
}

#[test]
fn calls_that_came_and_went_are_told_with_what_is_below_them() {
    let seen = ACCEPTED.replace("    main.check(1) → true\n", "").replace(
        "  go main.publish.func1\n",
        "  main.audit() returned\n    main.log() returned\n  go main.publish.func1\n",
    );
    assert_eq!(
        told(ACCEPTED, &seen),
        "  POST /orders → 201
    main.receive(\"POST\", \"\", \"coffee\") returned
-     main.check(1) → true
      main.(*store).insert(&main.store{items: nil, At: 2026-11-30T19:00:01Z}, \"coffee\") → 1
+   main.audit() returned
+     main.log() returned
    go main.publish.func1
      main.send(1) returned
  … 3 lines that are the same"
    );
}

#[test]
fn a_call_that_moved_is_no_call_that_went() {
    let earlier = ACCEPTED.replace(
        "    main.send(1) returned\n    main.send(2) returned\n",
        "    main.send(2) returned\n    main.send(1) returned\n",
    );
    let moved = difference(ACCEPTED, &earlier, &|_| Vec::new());
    assert_eq!(moved.counts().to_string(), "1 call moved");
    let elsewhere = ACCEPTED.replace("    main.check(1) → true\n", "").replace(
        "    main.send(2) returned\n",
        "    main.send(2) returned\n    main.check(1) → true\n",
    );
    let moved = difference(ACCEPTED, &elsewhere, &|_| Vec::new());
    assert_eq!(moved.counts().to_string(), "1 call moved");
    let notes: Vec<_> = moved
        .rows
        .iter()
        .filter_map(|row| row.note.as_deref())
        .collect();
    assert_eq!(
        notes,
        [
            "is now below go main.publish.func1",
            "was below main.receive"
        ]
    );
}

#[test]
fn how_a_call_was_made_and_ended_and_how_often_are_changes_too() {
    let seen = ACCEPTED
        .replace("GET /orders?page=1 → 200 ×2", "GET /orders?page=2 → 500 ×3")
        .replace("main.check(1) → true", "go main.check(1) panicked");
    let difference = difference(ACCEPTED, &seen, &|_| Vec::new());
    let changes: Vec<String> = difference
        .rows
        .iter()
        .flat_map(|row| &row.changes)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        changes,
        [
            "started by: a call → `go`",
            "ended: returned → panicked",
            "returns[0]: true → nothing",
            "query: ?page=1 → ?page=2",
            "answer: 200 → 500",
            "times: ×2 → ×3",
        ]
    );
}

#[test]
fn a_long_line_loses_its_middle() {
    let long = format!("start\n  main.f(\"{}\") → 1\n", "x".repeat(300));
    let difference = difference("start\n", &long, &|_| Vec::new());
    let options = TextOptions {
        width: 60,
        ..TextOptions::default()
    };
    for line in difference.lines(&options) {
        assert!(line.chars().count() <= 60, "{line}");
    }
}

#[test]
fn values_that_vary_are_named_once_whatever_element_they_stand_in() {
    let run = |at: u32| {
        format!(
            "start\n  main.insert(main.Order{{At: 2026-11-30T19:00:0{at}Z, Items: []main.Item{{{{ID: \"7f9c24e5-2f1b-4c3d-9a8e-01234567890{at}\"}}}}}}) → (\"/tmp/a{at}\", nil)\n"
        )
    };
    let varying = varying(&run(1), &run(2), &|_| vec!["order".to_owned()]);
    assert!(varying.are_all && varying.is_explained());
    let values: Vec<_> = varying
        .values
        .iter()
        .map(|value| (value.path.as_str(), value.kind))
        .collect();
    assert_eq!(
        values,
        [
            ("order.At", ValueKind::Time),
            ("order.Items.ID", ValueKind::Uuid),
            ("returns[0]", ValueKind::Temporary),
        ]
    );
}

#[test]
fn a_call_more_is_not_explained_by_values() {
    let seen = ACCEPTED.replace("19:00:01Z", "19:00:02Z");
    assert!(varying(ACCEPTED, &seen, &|_| Vec::new()).is_explained());
    let more = format!("{seen}  main.more() returned\n");
    assert!(!varying(ACCEPTED, &more, &|_| Vec::new()).is_explained());
    let other = seen.replace("\"coffee\") → 1", "\"tea\") → 1");
    assert!(!varying(ACCEPTED, &other, &|_| Vec::new()).is_explained());
    assert!(!varying(ACCEPTED, ACCEPTED, &|_| Vec::new()).is_explained());
}

/// Whatever stands in two texts, each line is in a row, and equal texts do not differ.
#[test]
fn no_line_is_lost() {
    let mut random = fastrand::Rng::with_seed(17);
    let pieces = [
        "start",
        "  main.f(1) → 2",
        "    main.g(\"a\", (",
        "  go main.h",
        "      )",
        "GET /a → 200",
        "",
        "  main.f(2) → 2 ×3",
        "    x: {",
    ];
    for _ in 0..500 {
        let mut text = || {
            let lines = (0..random.usize(0..9)).map(|_| pieces[random.usize(0..pieces.len())]);
            lines.collect::<Vec<_>>().join("\n")
        };
        let (before, after) = (text(), text());
        let difference_of = |before: &str, after: &str| difference(before, after, &|_| Vec::new());
        assert!(difference_of(&before, &before).is_empty(), "{before}");
        let nodes = |text: &str| {
            super::node::read(text)
                .iter()
                .map(super::node::Node::size)
                .sum::<usize>()
        };
        let difference = difference_of(&before, &after);
        if difference
            .rows
            .iter()
            .all(|row| row.mark != super::Mark::Moved)
        {
            assert_eq!(
                difference
                    .rows
                    .iter()
                    .filter(|row| row.before.is_some())
                    .count(),
                nodes(&before)
            );
            assert_eq!(
                difference
                    .rows
                    .iter()
                    .filter(|row| row.after.is_some())
                    .count(),
                nodes(&after)
            );
        }
    }
}
