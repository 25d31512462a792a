//! Reviews without a terminal: keys in, lines and files out.

use std::path::Path;

use compare::snapshot::difference;
use judge::snapshot::{Accepted, Comparison, Rest, Store};

use super::{
    key::Key,
    lines::width,
    state::{Entry, Next, Review},
};

const OLD: &str = "POST /orders → 201\n  main.insert(\"coffee\") → 1\n  main.log() returned";
const NEW: &str = "POST /orders → 201\n  main.insert(\"tea\") → 1\n  main.audit() returned\n  main.log() returned";

fn store(folder: &Path) -> Store {
    Store::new(folder, "shop")
}

/// A changed snapshot for each name; the test of `broken` failed otherwise.
fn waiting(folder: &Path, names: &[&str]) {
    let store = store(folder);
    for name in names {
        store.write_new(name, OLD, &Rest::default()).unwrap();
        store.accept(name).unwrap();
        let wrong = match *name {
            "broken" => "1 of 2 expectations does not hold".to_owned(),
            _ => String::new(),
        };
        let rest = Rest {
            wrong,
            advice: String::new(),
        };
        store.write_new(name, NEW, &rest).unwrap();
    }
}

fn review(folder: &Path) -> Review {
    let pending = store(folder).pending().unwrap().into_iter();
    let entries = pending.map(|pending| {
        let before = match &pending.accepted {
            Accepted::Text(text) => text.clone(),
            Accepted::Conflict { ours, .. } => ours.clone(),
            Accepted::Nothing => String::new(),
        };
        Entry {
            title: format!("shop › {}", pending.test),
            difference: difference(&before, pending.new.as_deref().unwrap_or_default(), &|_| {
                Vec::new()
            }),
            refusal: Some(pending.rest.wrong.clone()).filter(|wrong| !wrong.is_empty()),
            pending,
        }
    });
    Review::new(entries.collect())
}

fn press(review: &mut Review, keys: &str) {
    for key in keys.chars() {
        assert_eq!(review.press(Key::Letter(key)), Next::Go);
        review.screen(100, 30, false);
    }
}

fn is_accepted(folder: &Path, test: &str) -> bool {
    store(folder).compare(test, NEW).unwrap() == Comparison::Same
}

fn shown(review: &mut Review, columns: usize, height: usize) -> String {
    let lines = review.screen(columns, height, false);
    assert_eq!(lines.len(), height);
    for line in &lines {
        assert!(width(line) <= columns, "{line}");
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n").trim_end().replace("\n\n\n", "\n")
}

#[test]
fn a_key_decides_and_shows_the_next() {
    let folder = tempfile::tempdir().unwrap();
    waiting(folder.path(), &["a", "b", "c", "d"]);
    let mut review = review(folder.path());
    press(&mut review, "ars");
    assert!(is_accepted(folder.path(), "a") && !is_accepted(folder.path(), "b"));
    let left: Vec<String> = store(folder.path())
        .pending()
        .unwrap()
        .into_iter()
        .map(|it| it.test)
        .collect();
    assert_eq!(left, ["c", "d"]);
    press(&mut review, "a");
    assert_eq!(review.counts(), "2 accepted, 1 rejected, 1 waiting");
    assert!(shown(&mut review, 80, 12).contains("4 of 4  all are decided of"));
    // At the end, no key decides any more.
    press(&mut review, "arstou");
    assert_eq!(review.counts(), "1 accepted, 1 rejected, 2 waiting");
    press(&mut review, "uuuu");
    assert_eq!(review.message, "nothing was decided yet");
    assert_eq!(store(folder.path()).pending().unwrap().len(), 4);
    assert_eq!(review.press(Key::Letter('q')), Next::End);
}

#[test]
fn what_failed_otherwise_is_not_accepted() {
    let folder = tempfile::tempdir().unwrap();
    waiting(folder.path(), &["broken"]);
    let mut review = review(folder.path());
    press(&mut review, "a");
    assert_eq!(
        review.message,
        "not accepted: 1 of 2 expectations does not hold"
    );
    assert!(!is_accepted(folder.path(), "broken"));
    assert!(shown(&mut review, 80, 20).contains("! not to be accepted: 1 of 2"));
}

#[test]
fn a_file_that_changed_meanwhile_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    waiting(folder.path(), &["a"]);
    let mut review = review(folder.path());
    store(folder.path())
        .write_new("a", "another", &Rest::default())
        .unwrap();
    press(&mut review, "a");
    assert!(
        review.message.contains("changed after it was shown"),
        "{}",
        review.message
    );
    assert_eq!(review.counts(), "1 waiting");
}

#[test]
fn a_difference_is_shown_by_the_width_there_is() {
    let folder = tempfile::tempdir().unwrap();
    waiting(folder.path(), &["a"]);
    let mut review = review(folder.path());
    let place = folder.path().display().to_string();
    let mut at = |columns| shown(&mut review, columns, 14).replace(&place, "");
    let narrow = at(90);
    let unified = "  POST /orders → 201\n~   main.insert(\"tea\") → 1\n        argument 1: \"coffee\" → \"tea\"\n+   main.audit() returned\n    main.log() returned\n";
    assert!(narrow.contains(unified), "{narrow}");
    let wide = at(150);
    for (left, right) in [
        (
            "~   main.insert(\"coffee\") → 1",
            "main.insert(\"tea\") → 1",
        ),
        ("~       argument 1: \"coffee\"", "argument 1: \"tea\""),
        ("+ ", "main.audit() returned"),
        ("    main.log() returned", "main.log() returned"),
    ] {
        let is_row = |line: &str| {
            let halves = line.split_once('│');
            halves.is_some_and(|(l, r)| l.trim_end() == left.trim_end() && r.trim() == right)
        };
        assert!(wide.lines().any(is_row), "{left}:\n{wide}");
    }
    for columns in 8..200 {
        at(columns);
    }
}

#[test]
fn long_snapshots_are_scrolled() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let lines: Vec<String> = (0..100)
        .map(|line| format!("  main.f({line}) returned"))
        .collect();
    store
        .write_new(
            "a",
            &format!("start\n{}", lines.join("\n")),
            &Rest::default(),
        )
        .unwrap();
    let mut review = review(folder.path());
    assert!(shown(&mut review, 80, 13).contains("91 lines more"));
    press(&mut review, "jj");
    assert_eq!(review.top, 2);
    assert_eq!(review.press(Key::Up), Next::Go);
    assert_eq!(review.top, 1);
    review.screen(80, 13, false);
    review.press(Key::End);
    assert_eq!(review.top, 91);
    assert!(shown(&mut review, 80, 13).contains("main.f(99)"));
    review.press(Key::Letter('g'));
    assert_eq!(review.top, 0);
}

#[test]
fn a_conflict_has_keys_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    std::fs::create_dir(folder.path().join("snapshots")).unwrap();
    let merged = "---\nsource: shop.proctor.toml\nexpression: a\n---\nstart\n<<<<<<< HEAD\n  main.f(1) returned\n=======\n  main.f(2) returned\n>>>>>>> topic\n";
    std::fs::write(store.path("a"), merged).unwrap();
    let mut review = review(folder.path());
    assert!(shown(&mut review, 100, 14).contains("o ours  t theirs  n new run's"));
    press(&mut review, "t");
    assert_eq!(
        store.compare("a", "start\n  main.f(2) returned").unwrap(),
        Comparison::Same
    );
    press(&mut review, "u");
    assert_eq!(std::fs::read_to_string(store.path("a")).unwrap(), merged);
    press(&mut review, "r");
    assert!(review.message.contains("o takes ours"));
    press(&mut review, "o");
    assert_eq!(review.counts(), "1 settled");
}

#[test]
fn help_is_left_with_any_key_and_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    waiting(folder.path(), &["a"]);
    let mut review = review(folder.path());
    press(&mut review, "?");
    assert!(shown(&mut review, 80, 24).contains("undo the last decision"));
    press(&mut review, "a");
    assert!(!is_accepted(folder.path(), "a"));
    press(&mut review, "x");
    assert_eq!(review.message, "press ? for the keys");
}
