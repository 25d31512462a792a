//! Values that are others in each run, in real programs: named, and held still by the line that goproctor offers.

use std::{fs, path::Path};

use goproctor_tests::{
    command::{goproctor, repository},
    git::{commit, conflict},
    harness::Test,
};

use crate::go_test_verdicts::Module;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("snapshots_hold_with_the_line_that_is_offered", of_a_program),
    (
        "snapshots_of_go_tests_hold_with_the_line_that_is_offered",
        of_go_tests,
    ),
    (
        "snapshots_conflict_in_a_merge_until_a_run_settles_them",
        merged,
    ),
];

/// What varies, and what it is taken for.
const KINDS: [&str; 8] = [
    "insert: o.CreatedAt is a time",
    "insert: o.Lines.ID is a UUID",
    "stamp: at is a time",
    "stamp: nanoseconds is a time",
    "newID: returns[0] is a UUID",
    "workspace: returns[0] is a temporary name",
    "callback: returns[0] is a port",
    "announce: pid is the number of a process",
];

const FUNCTIONS: &str = r#"
[functions]
insert    = "PACKAGE.insert"
stamp     = "PACKAGE.stamp"
newID     = "PACKAGE.newID"
workspace = "PACKAGE.workspace"
callback  = "PACKAGE.callback"
announce  = "PACKAGE.announce"
"#;

/// What a command wrote to standard error and output, and how it ended.
fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = goproctor()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output.status.code(), text)
}

/// The lines that are to be written into the spec.
fn offered(text: &str) -> String {
    let mut lines = text
        .lines()
        .skip_while(|line| !line.contains("to hold it still, write into shop.proctor.toml:"));
    lines
        .next()
        .unwrap_or_else(|| panic!("nothing is offered:\n{text}"));
    let lines: Vec<&str> = lines.take(2).map(str::trim).collect();
    assert_eq!(lines[0], "[redact]", "{text}");
    lines.join("\n")
}

fn names_all(text: &str) {
    for kind in KINDS {
        assert!(text.contains(kind), "{kind}:\n{text}");
    }
    assert!(
        text.contains("insert: o.Extra"),
        "what an interface holds is named:\n{text}"
    );
}

fn of_a_program() {
    let folder = tempfile::tempdir().unwrap();
    let spec = folder.path().join("shop.proctor.toml");
    let package = repository().join("go-fixtures/base/varying");
    let text = format!(
        "[program]\npackage = \"{}\"\nargs = [\"-listen=127.0.0.1:${{port}}\"]\n{}\n[[test]]\nname = \"an order\"\nrequest = {{ post = \"/orders\" }}\nsnapshot = true\n",
        package.display(),
        FUNCTIONS.replace("PACKAGE", "main")
    );
    fs::write(&spec, &text).unwrap();
    let (code, said) = run(folder.path(), &["run"]);
    assert_eq!(code, Some(0), "{said}");
    names_all(&said);
    let listed = run(folder.path(), &["snapshot", "list"]).1;
    assert!(
        listed.contains("announce: pid is the number of a process"),
        "{listed}"
    );
    // As it is, it does not hold.
    assert_eq!(run(folder.path(), &["run", "--accept"]).0, Some(0));
    let (code, failed) = run(folder.path(), &["run"]);
    assert_eq!(code, Some(1), "{failed}");
    names_all(&failed);
    assert_eq!(offered(&failed), offered(&said), "found either way");

    fs::write(&spec, format!("{text}\n{}\n", offered(&said))).unwrap();
    fs::remove_dir_all(folder.path().join("snapshots")).unwrap();
    let (code, said) = run(folder.path(), &["run", "--accept"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.contains("next time"), "{said}");
    for _ in 0..2 {
        let (code, said) = run(folder.path(), &["run"]);
        assert_eq!(code, Some(0), "{said}");
    }
    let accepted = fs::read_to_string(folder.path().join("snapshots/shop__an-order.snap")).unwrap();
    for label in ["[time]", "[uuid]", "[temp]", "[port]", "[pid]"] {
        assert!(accepted.contains(label), "{accepted}");
    }
}

fn of_go_tests() {
    let module = Module::new("");
    let program =
        fs::read_to_string(repository().join("go-fixtures/base/varying/main.go")).unwrap();
    let program = program
        .replace("package main", "package shop")
        .replace("func main()", "func serve()");
    module.write("shop.go", &program);
    module.write(
        "shop_test.go",
        "package shop\n\nimport (\n\t\"net/http/httptest\"\n\t\"testing\"\n)\n\nfunc TestOrder(t *testing.T) {\n\ttake(httptest.NewRecorder(), httptest.NewRequest(\"POST\", \"/orders\", nil))\n}\n",
    );
    let spec = format!(
        "{}\n[[test]]\ngo-test = \"TestOrder\"\nsnapshot = true\n",
        FUNCTIONS.replace("PACKAGE", "shop")
    );
    module.write("shop.proctor.toml", &spec);
    let folder = module.folder.path();
    let test = |flags: &[&str]| run(folder, &[&["test"], flags, &["-count=1", "."]].concat());
    let (code, said) = test(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains(
            "shop__TestOrder.snap.new: run `goproctor review`, or `goproctor test --accept`"
        ),
        "{said}"
    );
    // The run before left a snapshot, too.
    let (_, said) = test(&[]);
    names_all(&said);
    let (code, accepted) = test(&["--accept"]);
    assert_eq!(code, Some(0), "{accepted}");
    assert!(
        accepted.contains("accepted") && accepted.contains("shop__TestOrder.snap\n"),
        "{accepted}"
    );
    let (code, failed) = test(&[]);
    assert_eq!(code, Some(1), "{failed}");
    names_all(&failed);
    assert_eq!(offered(&failed), offered(&said), "found either way");

    module.write(
        "shop.proctor.toml",
        &format!("{spec}\n{}\n", offered(&said)),
    );
    let (code, said) = run(folder, &["test", "--accept", "."]);
    assert_eq!(code, Some(0), "{said}");
    for _ in 0..2 {
        let (code, said) = test(&[]);
        assert_eq!(code, Some(0), "{said}");
    }
}

fn merged() {
    let folder = tempfile::tempdir().unwrap();
    let package = repository().join("go-fixtures/base/orders");
    let mut spec = format!(
        "[program]\npackage = \"{}\"\nargs = [\"-listen=127.0.0.1:${{port}}\"]\n\n[functions]\ninsert = \"main.(*store).insert\"\n",
        package.display()
    );
    for number in 1..=3 {
        spec.push_str(&format!("\n[[test]]\nname = \"order {number}\"\nrequest = {{ post = \"/orders\", send = {{ text = \"ITEM\" }} }}\nsnapshot = true\n"));
    }
    let accept = |item: &str| {
        fs::write(
            folder.path().join("shop.proctor.toml"),
            spec.replace("ITEM", item),
        )
        .unwrap();
        let (code, said) = run(folder.path(), &["run", "--accept"]);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(said.matches("goproctor: accepted ").count(), 3, "{said}");
    };
    // The spec conflicts, too.
    conflict(folder.path(), ["tea", "juice", "coffee"], &accept);
    fs::write(
        folder.path().join("shop.proctor.toml"),
        spec.replace("ITEM", "milk"),
    )
    .unwrap();
    let (code, said) = run(folder.path(), &["run"]);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(
        said.matches("a merge left two snapshots").count(),
        3,
        "{said}"
    );
    for (choice, name, item) in [
        ("--ours", "order 1", "coffee"),
        ("--theirs", "order 2", "juice"),
        ("--new", "order 3", "milk"),
    ] {
        let (code, said) = run(folder.path(), &["snapshot", "resolve", choice, name]);
        assert_eq!(code, Some(0), "{said}");
        let file = format!("snapshots/shop__{}.snap", name.replace(' ', "-"));
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(
            text.contains(&format!("{item:?}")) && !text.contains("<<<<"),
            "{text}"
        );
    }
    // The two that are not what the run saw wait for a decision.
    let (code, said) = run(folder.path(), &["snapshot", "accept"]);
    assert_eq!((code, said.lines().count()), (Some(0), 2), "{said}");
    let (code, said) = run(folder.path(), &["run"]);
    assert_eq!(code, Some(0), "{said}");
    commit(folder.path(), "merged");
}
