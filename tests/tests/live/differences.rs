//! `goproctor diff` on programs of which one thing was changed: it is found, told where it begins, and nothing else is. And none differs
//! from itself.
//!
//! The programs stand below testdata/differences, each with its changes in `seeds.toml`. A few of them are tried here; `make differences`
//! tries all.

use std::{
    env, fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use goproctor_tests::{
    command::{self, repository},
    git,
    harness::Test,
};
use serde::Deserialize;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::{
    go_map_since::without_settings,
    go_test_verdicts::{Run, in_folder},
};

pub(crate) const TESTS: &[Test<'static>] = &[(
    "differences_are_told_where_they_begin_and_nothing_else_is",
    differences,
)];

/// The programs.
const PROGRAMS: [&str; 3] = ["shop", "ledger", "parcels"];

/// Those of the changes that are tried where not all are asked for: of each kind of program, one that is easily told otherwise.
const TRIED: [&str; 4] = [
    "shop: one retry more",
    "shop: the answer has another status, and all calls are the same",
    "ledger: a panic is no panic any more",
    "parcels: a stage drops something else",
];

/// How many comparisons run at once.
const AT_ONCE: usize = 2;

/// The changes of a program.
#[derive(Deserialize)]
struct Seeds {
    seed: Vec<Seed>,
}

/// One thing that is changed.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    name: String,
    file: String,
    /// A text that is there once.
    from: String,
    to: String,
    root: Root,
}

/// What must be told. What is not given here may be anything.
#[derive(Clone, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Root {
    kind: String,
    function: Option<String>,
    /// For an order: both functions.
    functions: Option<Vec<String>>,
    caller: Option<String>,
    /// The paths of the values that differ.
    values: Option<Vec<String>>,
    /// How often before and after.
    counts: Option<[u64; 2]>,
    /// What the stub is asked.
    request: Option<String>,
}

impl Root {
    /// What a difference is instead; nothing if it is this.
    fn otherwise(&self, told: &Json) -> Vec<String> {
        let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all
        };
        let mut wrong = Vec::new();
        let mut check = |what: &str, is: String, wanted: Option<String>| {
            if wanted.as_ref().is_some_and(|wanted| *wanted != is) {
                wrong.push(format!("{what} is {is}"));
            }
        };
        check("kind", text(&told["kind"]), Some(self.kind.clone()));
        check("function", text(&told["function"]), self.function.clone());
        let both = sorted(vec![text(&told["function"]), text(&told["other"])]);
        let wanted = self.functions.clone().map(|both| sorted(both).join(", "));
        check("functions", both.join(", "), wanted);
        let stack = told["stack"].as_array();
        let caller = stack.and_then(|stack| stack.last()).map(text);
        check("caller", caller.unwrap_or_default(), self.caller.clone());
        let values = told["values"].as_array().into_iter().flatten();
        let values = sorted(values.map(|value| text(&value["path"])).collect());
        let wanted = self.values.clone().map(|paths| sorted(paths).join(", "));
        check("values", values.join(", "), wanted);
        let counts = format!("{} → {}", told["before"], told["after"]);
        let wanted = self
            .counts
            .map(|[before, after]| format!("{before} → {after}"));
        check("counts", counts, wanted);
        check("request", text(&told["request"]), self.request.clone());
        wrong
    }
}

/// A program in a repository of its own.
struct Repository(TempDir);

impl Repository {
    fn of(program: &str) -> Self {
        let repository = Self(tempfile::tempdir().unwrap());
        let folder = self::repository()
            .join("testdata/differences")
            .join(program);
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name() != "seeds.toml" {
                fs::copy(entry.path(), repository.path().join(entry.file_name())).unwrap();
            }
        }
        git::git(repository.path(), &["init", "-q", "."]);
        repository.commit();
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn change(&self, seed: &Seed) {
        let path = self.path().join(&seed.file);
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches(&seed.from).count(), 1, "{}", seed.name);
        fs::write(path, text.replace(&seed.from, &seed.to)).unwrap();
    }

    fn commit(&self) {
        git::commit(self.path(), "x");
    }

    /// What differs between the last commit and the working tree.
    fn diff(&self, further: &[&str]) -> Diff {
        let mut command = command::goproctor();
        command.args(["diff", "--rev", "HEAD", "--json"]);
        command.args(further);
        Diff::of(Run::of(without_settings(in_folder(
            &mut command,
            self.path(),
        ))))
    }
}

/// What `goproctor diff` said.
struct Diff {
    code: Option<i32>,
    errors: String,
    differences: Vec<Json>,
    /// What could not be compared.
    unknown: Vec<Json>,
    /// Expectations that are judged otherwise.
    verdicts: Vec<Json>,
    /// Functions that take longer, or less.
    times: Vec<Json>,
}

impl Diff {
    fn of(run: Run) -> Self {
        let mut diff = Self {
            code: run.code,
            errors: run.errors,
            differences: Vec::new(),
            unknown: Vec::new(),
            verdicts: Vec::new(),
            times: Vec::new(),
        };
        for line in run.out.lines() {
            let event: Json = serde_json::from_str(line).unwrap();
            match event["event"].as_str().unwrap() {
                "difference" => diff.differences.push(event),
                "verdict_change" => diff.verdicts.push(event),
                "slower" | "faster" => diff.times.push(event),
                "diff_start" | "diff_end" | "difference_again" | "unstable" => {}
                _ => diff.unknown.push(event),
            }
        }
        diff
    }

    /// What is wrong where one difference with this root is to be told.
    fn is_one(&self, root: &Root) -> Vec<String> {
        let mut wrong = self.is_whole(1);
        match self.differences.as_slice() {
            [one] => wrong.extend(root.otherwise(one)),
            all => wrong.push(format!("{} differences are told", all.len())),
        }
        self.with_all(wrong)
    }

    /// What is wrong where one function is to be told as slower, with its callers as consequences.
    fn is_slower(&self, function: &str) -> Vec<String> {
        let mut wrong = self.is_whole(1);
        let told = self.differences.len() + self.verdicts.len();
        if told > 0 {
            wrong.push(format!("{told} other differences are told"));
        }
        let roots = self.times.iter().filter(|time| time["root"] == true);
        let roots: Vec<_> = roots
            .map(|time| (&time["event"], &time["function"]))
            .collect();
        if !matches!(roots.as_slice(), [(event, name)] if *event == "slower" && *name == function) {
            wrong.push(format!("the times of {roots:?} change by themselves"));
        }
        if self.times.iter().any(|time| time["event"] == "faster") {
            wrong.push("something is faster".to_owned());
        }
        self.with_all(wrong)
    }

    /// What is wrong where nothing differs.
    fn is_none(&self) -> Vec<String> {
        let mut wrong = self.is_whole(0);
        let told = self.differences.len() + self.verdicts.len() + self.times.len();
        if told > 0 {
            wrong.push(format!(
                "{told} differences are told, of a program to itself"
            ));
        }
        self.with_all(wrong)
    }

    fn is_whole(&self, code: i32) -> Vec<String> {
        let mut wrong: Vec<String> = self.unknown.iter().map(ToString::to_string).collect();
        if self.code != Some(code) {
            wrong.push(format!("the exit code is {:?}: {}", self.code, self.errors));
        }
        wrong
    }

    /// With all differences, where anything is wrong.
    fn with_all(&self, mut wrong: Vec<String>) -> Vec<String> {
        if !wrong.is_empty() {
            let all = [&self.differences, &self.verdicts, &self.times];
            wrong.extend(all.into_iter().flatten().map(ToString::to_string));
        }
        wrong
    }
}

/// A program with one change, or as it is.
struct Case {
    program: &'static str,
    seed: Option<Seed>,
}

impl Case {
    fn name(&self) -> String {
        let seed = self.seed.as_ref().map_or("as it is", |seed| &seed.name);
        format!("{}: {seed}", self.program)
    }

    /// What is wrong: of the change, and of the changed program against itself.
    fn wrong(&self) -> [Vec<String>; 2] {
        let repository = Repository::of(self.program);
        let Some(seed) = &self.seed else {
            return [Vec::new(), repository.diff(&[]).is_none()];
        };
        repository.change(seed);
        let further: &[&str] = if is_slower(self) { &["--latency"] } else { &[] };
        let diff = repository.diff(further);
        let wrong = match &seed.root.function {
            Some(function) if is_slower(self) => diff.is_slower(function),
            _ => diff.is_one(&seed.root),
        };
        repository.commit();
        [wrong, repository.diff(further).is_none()]
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for program in PROGRAMS {
        let path = repository().join("testdata/differences").join(program);
        let text = fs::read_to_string(path.join("seeds.toml")).unwrap();
        let seeds: Seeds = toml::from_str(&text).unwrap();
        cases.push(Case {
            program,
            seed: None,
        });
        let seeds = seeds.seed.into_iter().map(Some);
        cases.extend(seeds.map(|seed| Case { program, seed }));
    }
    cases
}

/// Whether a change is told by how long calls take: that wants the machine for itself.
fn is_slower(case: &Case) -> bool {
    let seed = case.seed.as_ref();
    seed.is_some_and(|seed| seed.root.kind == "slower")
}

fn differences() {
    let all = env::var_os("GOPROCTOR_DIFFERENCES").is_some_and(|asked| asked == "all");
    let cases = cases();
    let is_asked = |case: &&Case| all || TRIED.contains(&case.name().as_str());
    let cases: Vec<&Case> = cases.iter().filter(is_asked).collect();
    assert!(cases.len() >= TRIED.len());
    let (slower, others): (Vec<&Case>, Vec<&Case>) =
        cases.into_iter().partition(|case| is_slower(case));
    let mut wrong = wrong_ones(&others, AT_ONCE);
    wrong.extend(wrong_ones(&slower, 1));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong of cases, so many of which are tried at once.
fn wrong_ones(cases: &[&Case], at_once: usize) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            let name = case.name();
            let [changed, itself] = case.wrong();
            let word = |wrong: &[String]| if wrong.is_empty() { "ok" } else { "WRONG" };
            println!("{name}: {}, with itself: {}", word(&changed), word(&itself));
            for line in changed.into_iter().chain(itself) {
                wrong.lock().unwrap().push(format!("{name}: {line}"));
            }
        }
    };
    thread::scope(|scope| (0..at_once).for_each(|_| drop(scope.spawn(work))));
    wrong.into_inner().unwrap()
}
