//! A spec whose tests are changed, and where they must fail.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use goproctor_tests::command;

/// The carets of a mutation are under what stands between these.
const MARKS: [char; 2] = ['«', '»'];

/// A change of a test: texts that stand in it once, each with what is there instead. One of these has marks.
pub(crate) type Edits<'a> = &'a [(&'a str, &'a str)];

/// A spec of `testdata`: what stands before its first test, and its tests.
pub(crate) fn committed(name: &str) -> (String, Vec<String>) {
    let repository = command::repository();
    let path = repository.join(format!("testdata/{name}.proctor.toml"));
    let text = fs::read_to_string(path).unwrap();
    let mut parts = text.split("[[test]]\n");
    let head = parts.next().unwrap();
    let fixtures = format!("\"{}/go-fixtures/", repository.display());
    (
        head.replace("\"../go-fixtures/", &fixtures),
        parts.map(|test| format!("[[test]]\n{test}")).collect(),
    )
}

/// A spec in the making, and where its tests' carets must be.
pub(crate) struct Mutated {
    text: String,
    /// By the test's name: the line, from 1, and what the carets stand under.
    places: BTreeMap<String, (usize, String)>,
}

impl Mutated {
    /// A spec that has no test yet.
    pub(crate) fn new(head: String) -> Self {
        Self {
            text: head,
            places: BTreeMap::new(),
        }
    }

    /// Adds a test under a name of its own, changed. Without marks in the edits it must pass.
    pub(crate) fn add(&mut self, test: &str, name: &str, edits: Edits<'_>) {
        let mut text = test.to_owned();
        for (from, to) in edits {
            assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
            text = text.replace(from, to);
        }
        let line = text
            .lines()
            .find(|line| line.starts_with("name "))
            .unwrap()
            .to_owned();
        text = text.replace(&line, &format!("name = {name:?}"));
        if let Some((before, rest)) = text.split_once(MARKS[0]) {
            let (marked, after) = rest.split_once(MARKS[1]).unwrap();
            let line = (self.text.clone() + before).matches('\n').count() + 1;
            self.places
                .insert(name.to_owned(), (line, marked.to_owned()));
            text = format!("{before}{marked}{after}");
        }
        assert!(!text.contains(MARKS), "{text}");
        self.text += &text;
    }
}

/// What was told of a test that failed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Failed {
    /// How many of its expectations failed, as its header has it.
    failures: usize,
    /// Line, from 1, and what the carets stand under.
    places: Vec<(usize, String)>,
}

/// Runs a spec, all of whose marked tests must fail and no others.
pub(crate) fn fails_at_its_places(folder: &Path, spec: &Mutated) {
    let path = folder.join("mutated.proctor.toml");
    fs::write(&path, &spec.text).unwrap();
    // Wide enough for the whole of every place.
    let mut run = command::goproctor();
    run.arg("run").arg(&path).env("COLUMNS", "1000");
    let output = run.output().unwrap();
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}\n{errors}");
    let mut told_failed = failed(&told);
    let mut wrong = String::new();
    for (name, place) in &spec.places {
        let wanted = Failed {
            failures: 1,
            places: vec![place.clone()],
        };
        let got = told_failed.remove(name.as_str());
        if got.as_ref() != Some(&wanted) {
            writeln!(wrong, "{name}: wanted {place:?}, got {got:?}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{told}");
    assert!(told_failed.is_empty(), "{told_failed:?}\n{told}");
    let passed = told.lines().filter(|line| line.starts_with("ok "));
    let all = spec.text.matches("[[test]]").count();
    assert_eq!(passed.count(), all - spec.places.len(), "{told}");
}

/// The tests that failed, by name.
fn failed(told: &str) -> BTreeMap<&str, Failed> {
    let mut tests: BTreeMap<&str, Failed> = BTreeMap::new();
    let mut current = None;
    let mut lines = told.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some((whole, header)) = line.split_once(" › ") {
            let (name, figures) = header.split_once("  ").unwrap();
            let failures = figures.trim().split_once(" of ").map(|(failed, _)| failed);
            current = whole.starts_with("FAIL").then_some(name);
            if let Some(name) = current {
                tests.entry(name).or_default().failures = failures.unwrap().parse().unwrap();
            }
        }
        let excerpt = line
            .split_once(".proctor.toml:")
            .and_then(|(_, place)| place.split_once("  "))
            .and_then(|(number, text)| Some((number.parse().ok()?, text)));
        if let (Some((number, text)), Some(name)) = (excerpt, current) {
            let start = line.chars().count() - text.chars().count();
            let carets: Vec<char> = lines.peek().unwrap().chars().collect();
            let before = carets.iter().take_while(|&&c| c == ' ').count();
            let count = carets[before..].iter().take_while(|&&c| c == '^').count();
            let under = text.chars().skip(before - start).take(count).collect();
            tests.get_mut(name).unwrap().places.push((number, under));
        }
    }
    tests
}
