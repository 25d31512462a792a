//! Cases of the command line as plain files: a folder a case, in a folder that names the outcome.
//!
//! ```text
//! testdata/cases/fails/another-count/
//!     count.proctor.toml   input; all files but those below are
//!     commands             what is run, a line each; without it: goproctor run
//!     stdout, stderr       what each command wrote, after the substitutions of [`stable`]; absent where it is nothing
//!     exit                 how each command ended; the last as the outcome's folder says
//!     files                what is in the folder afterwards that was not there before, or is different
//! ```
//!
//! A command is `goproctor` with arguments, `'quoted like this'` where they have spaces, after variables of the
//! environment (`CI=true goproctor run`). `git` and `go` make what it is about: a repository, a binary. Each case runs in a copy of its folder, with the Go fixtures beside it as
//! `../go-fixtures`. Each is a test of its own (`cargo test -p goproctor-tests --test cli -- another-count`). With
//! `UPDATE_CASES=1` its expectations are written anew.

use std::{
    collections::BTreeMap,
    env,
    fmt::Write as _,
    fs, io,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use regex::Regex;

use crate::{
    command::{goproctor, path, repository},
    git,
};

/// The folders of cases, and the exit code that goproctor documents for what they are named after.
const OUTCOMES: [(&str, i32); 5] = [
    ("passes", 0),
    ("fails", 1),
    ("wrong-spec", 2),
    ("cannot-run", 3),
    ("inconclusive", 4),
];

/// The files of a case that are no input.
const EXPECTED: [&str; 4] = ["stdout", "stderr", "exit", "files"];

/// A case.
pub struct Case {
    folder: PathBuf,
    /// `fails/another-count`
    pub name: String,
    exit: i32,
}

/// All cases, by name.
///
/// # Errors
/// A folder can't be read, or has no case.
pub fn all() -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for (outcome, exit) in OUTCOMES {
        let folder = repository().join("testdata/cases").join(outcome);
        let before = cases.len();
        for entry in fs::read_dir(&folder)? {
            let folder = entry?.path();
            if let (true, Some(name)) = (folder.is_dir(), folder.file_name()) {
                let name = format!("{outcome}/{}", name.to_string_lossy());
                cases.push(Case { folder, name, exit });
            }
        }
        if cases.len() == before {
            return Err(io::Error::other(format!("there is no case of {outcome}")));
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

impl Case {
    /// Runs the case and gives what is not as expected, in full; nothing where all is.
    ///
    /// # Errors
    /// It can't be read, copied or run.
    pub fn run(&self) -> io::Result<String> {
        let seen = Seen::of(&self.folder)?;
        let last = seen.exits.last().copied().flatten();
        if last != Some(self.exit) {
            return Ok(format!(
                "the last command ends with {last:?}, not {}:\n{}{}",
                self.exit, seen.files["stdout"], seen.files["stderr"]
            ));
        }
        if env::var_os("UPDATE_CASES").is_some_and(|update| update == "1") {
            seen.write(&self.folder)?;
            return Ok(String::new());
        }
        seen.differences(&self.folder)
    }
}

/// What was seen of a case.
struct Seen {
    exits: Vec<Option<i32>>,
    files: BTreeMap<&'static str, String>,
}

impl Seen {
    fn of(case: &Path) -> io::Result<Self> {
        let place = tempfile::Builder::new().prefix("case-").tempdir()?;
        symlink(
            repository().join("go-fixtures"),
            place.path().join("go-fixtures"),
        )?;
        let folder = place.path().join("case");
        copy(case, &folder)?;
        let before = contents(&folder)?;
        let commands = fs::read_to_string(case.join("commands"));
        let commands = commands.unwrap_or_else(|_| "goproctor run\n".to_owned());
        let commands: Vec<&str> = commands
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .collect();
        let mut seen = Self {
            exits: Vec::new(),
            files: EXPECTED.map(|name| (name, String::new())).into(),
        };
        for command in &commands {
            let output = one(command, &folder)?;
            let heading = match commands.len() {
                1 => String::new(),
                _ => format!("$ {command}\n"),
            };
            for (name, bytes) in [("stdout", output.stdout), ("stderr", output.stderr)] {
                let text = stable(&String::from_utf8_lossy(&bytes), place.path());
                if !text.is_empty() {
                    seen.add(name, &format!("{heading}{text}"));
                }
            }
            let exit = output.status.code();
            seen.add(
                "exit",
                &exit.map_or_else(
                    || format!("{}\n", output.status),
                    |exit| format!("{exit}\n"),
                ),
            );
            seen.exits.push(exit);
        }
        for (path, bytes) in contents(&folder)? {
            match before.get(&path) {
                None => seen.add("files", &format!("new: {}\n", path.display())),
                Some(old) if *old != bytes => {
                    seen.add("files", &format!("changed: {}\n", path.display()));
                }
                Some(_) => {}
            }
        }
        Ok(seen)
    }

    fn add(&mut self, name: &'static str, text: &str) {
        self.files.entry(name).or_default().push_str(text);
    }

    fn write(&self, case: &Path) -> io::Result<()> {
        for (name, text) in &self.files {
            let path = case.join(name);
            match text.as_str() {
                "" if path.exists() => fs::remove_file(path)?,
                "" => {}
                text => fs::write(path, text)?,
            }
        }
        Ok(())
    }

    fn differences(&self, case: &Path) -> io::Result<String> {
        let mut all = String::new();
        for (name, text) in &self.files {
            let expected = match fs::read_to_string(case.join(name)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
                read => read?,
            };
            if expected != *text {
                let _ = writeln!(
                    all,
                    "{}/{name} (UPDATE_CASES=1 writes it anew)\n--- expected\n{expected}--- seen\n{text}",
                    case.display()
                );
            }
        }
        Ok(all)
    }
}

fn one(line: &str, folder: &Path) -> io::Result<Output> {
    let words = words(line);
    let is_program = |word: &&String| !word.contains('=');
    let mut command = match words.iter().find(is_program).map(String::as_str) {
        Some(program @ ("git" | "go")) => Command::new(program),
        _ => goproctor(),
    };
    command.current_dir(folder);
    command.envs(git::SETTINGS);
    let mut words = words.into_iter();
    for word in words.by_ref() {
        match word.split_once('=') {
            _ if ["goproctor", "git", "go"].contains(&word.as_str()) => break,
            Some((name, value)) => {
                if name == "CLICOLOR_FORCE" {
                    command.env_remove("NO_COLOR");
                }
                command.env(name, value)
            }
            None => return Err(io::Error::other(format!("no command of a case: {line}"))),
        };
    }
    command.args(words).output()
}

/// The words of a command, with single quotes around those that have spaces.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    words
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if !EXPECTED.iter().any(|name| entry.file_name() == *name)
            && entry.file_name() != "commands"
        {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// All files below a folder, by their paths from there; not those of git's own.
fn contents(folder: &Path) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next)? {
            let entry = entry?;
            if entry.file_name() == ".git" {
                continue;
            }
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                let path = entry.path();
                let inside = path.strip_prefix(folder).map(Path::to_path_buf);
                all.insert(inside.unwrap_or_else(|_| path.clone()), fs::read(&path)?);
            }
        }
    }
    Ok(all)
}

/// A span of time as reports write it.
const TIME: &str = r"\d+(?:\.\d+)?(?:ns|µs|ms|s|m)";

/// What differs from run to run, and what stands for it in expectations.
fn substitutions() -> &'static [(Regex, &'static str)] {
    static ALL: OnceLock<Vec<(Regex, &'static str)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let all = [
            // Who the program runs as is said where the tests run as root.
            (r"(?m)^goproctor: running as root.*\n".to_owned(), ""),
            (r"\bgo1\.\d+(?:\.\d+)?\b".to_owned(), "[go]"),
            (r"/\S*/src/net/http/".to_owned(), "[go]/src/net/http/"),
            (r"\b127\.0\.0\.1:\d{4,}".to_owned(), "127.0.0.1:[port]"),
            // What `trace --flow` writes: when, and on which goroutine.
            (r"(?m)^ *\d+\.\d{6}  g\d+ +".to_owned(), "[seconds]  g[id]  "),
            (r"(\b|\x1b\[\d+m)g\d+\b(  +)?".to_owned(), "${1}g[id]$2"),
            // In trees, the column of times, whose width differs too.
            (
                format!(r"(?m) {{2,}}<?{TIME}( {{2}}\S+:\d+)?(\x1b\[0m)?$"),
                "  [took]$1$2",
            ),
            // A call that runs has no time, but room for one.
            (r"(?m) {3,}(\S+\.go:\d+)$".to_owned(), "  $1"),
            // In verdicts, what was measured, and how exactly.
            (format!(r"{TIME} ±{TIME}"), "[took]"),
            (format!(r"\b(got|is|began|took|min|max|mean|raw|own|p\d+) +{TIME}\b"), "$1 [took]"),
            (format!(r"\b{TIME} (after|before|later)\b"), "[took] $1"),
            (format!(r"\b(with the program, after) {TIME}"), "$1 [took]"),
            // The parts of a session's time.
            (
                format!(r"(?m)\b(go build|build|read|plan|verify|calibrate|attach|start|work|settle|stop|detach) (?:{TIME})+(\)?,|\)|$|\x1b| \()"),
                "$1 [took]$2",
            ),
            (r"\bat 0x[0-9a-f]+\b".to_owned(), "at [address]"),
            // In what the program wrote.
            (r"\b\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\b".to_owned(), "[date]"),
            (r"\bgoroutine \d+ \[".to_owned(), "goroutine [id] ["),
            (
                format!(r"\b(expectations?|could not run), (?:{TIME})+"),
                "$1, [seconds]",
            ),
            (format!(r"  \((?:{TIME})+\)"), "  ([seconds])"),
            // What go-fixtures/base/checkout numbers at random.
            (r"\b(ord|ses|csrf)_[0-9a-f]{16}\b".to_owned(), "${1}_[random]"),
            // In JUnit XML.
            (r#"\b(time|timestamp)="[0-9][^"]*""#.to_owned(), r#"$1="[$1]""#),
            // Places in the Go library and numbers of return instructions are each release's own.
            (r"\b\d+ probes\b".to_owned(), "[n] probes"),
            (r"(src/net/http/\w+\.go:)\d+".to_owned(), "$1[line]"),
            // In JSON; a connection's goroutine may or may not have ended by then.
            (r#""ended_ns":null"#.to_owned(), r#""ended_ns":"[ended_ns]""#),
            (
                r#""(goroutine|creator|goid|thread|process|seconds|time|[a-z_]+_(?:ns|seconds))":-?\d+(?:\.\d+)?(?:e-?\d+)?"#.to_owned(),
                r#""$1":"[$1]""#,
            ),
        ];
        all.into_iter()
            .map(|(pattern, instead)| {
                #[expect(clippy::expect_used, reason = "each of the patterns above is one")]
                let pattern = Regex::new(&pattern).expect("a regular expression");
                (pattern, instead)
            })
            .collect()
    })
}

/// A tree moves to the right with the digits of its first goroutine: back to where one digit puts it.
fn at_one_digit(text: &str) -> String {
    let mut more = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        let start = line.trim_start_matches([' ', '▶']);
        let digits = start
            .strip_prefix('g')
            .map_or(0, |id| id.bytes().take_while(u8::is_ascii_digit).count());
        if digits > 0 {
            more = digits - 1;
            return line.to_owned();
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let drawn = start.starts_with(['├', '└', '│']) && indent >= more;
        line[if drawn { more } else { 0 }..].to_owned()
    });
    lines.collect()
}

/// A text with all that differs from run to run replaced: paths, ports, times, ids, the Go release.
#[must_use]
pub fn stable(text: &str, place: &Path) -> String {
    let text = text
        .replace(&path().display().to_string(), "[goproctor]")
        .replace(&place.display().to_string(), "[place]")
        .replace(&repository().display().to_string(), "[repository]");
    substitutions()
        .iter()
        .fold(at_one_digit(&text), |text, (pattern, instead)| {
            pattern.replace_all(&text, *instead).into_owned()
        })
}
