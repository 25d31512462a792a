//! What the pages of docs show is what happens: their files are written, their commands run, their output compared,
//! but for what differs from run to run. How a page says what its blocks are for: `goproctor_tests::page`.

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use goproctor_tests::{
    cases::stable,
    command::{self, repository},
    harness::Test,
    page::{self, Action, Step},
};
use regex::Regex;
use tempfile::TempDir;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("the_tutorial_shows_what_happens", tutorial),
    ("the_pages_lead_where_they_say", links),
];

/// The pages whose links are followed.
const PAGES: [&str; 3] = ["README.md", "docs/tutorial.md", "docs/limits.md"];

fn tutorial() {
    Reader::new().follow("docs/tutorial.md");
}

/// Somebody who follows a page, in a folder of their own.
struct Reader {
    place: TempDir,
}

/// What a block's commands did.
struct Ran {
    exit: Option<i32>,
    output: String,
}

impl Reader {
    fn new() -> Self {
        let place = tempfile::Builder::new().prefix("page-").tempdir().unwrap();
        let reader = Self { place };
        for folder in ["work", "bin"] {
            fs::create_dir(reader.place.path().join(folder)).unwrap();
        }
        symlink(command::path(), reader.place.path().join("bin/goproctor")).unwrap();
        // What is installed is the goproctor that is tested; that the target exists is all that is looked at.
        reader.command(
            "make",
            &format!(
                "exec /usr/bin/make --dry-run --directory='{}' \"$@\" >/dev/null",
                repository().display()
            ),
        );
        fs::write(reader.state("cwd"), reader.folder().display().to_string()).unwrap();
        fs::write(reader.state("env"), "").unwrap();
        reader
    }

    /// A command that stands for one of the reader's machine.
    fn command(&self, name: &str, script: &str) {
        let path = self.place.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn folder(&self) -> PathBuf {
        self.place.path().join("work")
    }

    fn state(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    /// Where the commands so far have led.
    fn current(&self) -> PathBuf {
        PathBuf::from(fs::read_to_string(self.state("cwd")).unwrap().trim())
    }

    /// Does what a page says, and fails with all that is not as it shows.
    fn follow(&self, page: &str) {
        let text = fs::read_to_string(repository().join(page)).unwrap();
        let steps = page::steps(&text).unwrap_or_else(|error| panic!("{page}, {error}"));
        let mut wrong = String::new();
        let mut ran = None;
        for step in &steps {
            if let Err(why) = self.take(step, &mut ran) {
                let _ = writeln!(wrong, "{page}:{}: {why}\n", step.line);
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }

    fn take(&self, step: &Step, ran: &mut Option<Ran>) -> Result<(), String> {
        match &step.action {
            Action::Write(name) => write(&self.current().join(name), &step.text),
            Action::Append(name) => {
                let path = self.current().join(name);
                let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
                write(&path, &format!("{text}\n{}", step.text))
            }
            Action::Excerpt(name) => excerpt(&step.text, name),
            Action::Run { exit } => {
                let seen = ran.insert(self.run(&step.text, &[]));
                match seen.exit {
                    Some(code) if code == *exit => Ok(()),
                    code => Err(format!("exit {code:?}, not {exit}:\n{}", seen.output)),
                }
            }
            Action::Output => match ran {
                Some(ran) => self.compare(&step.text, &ran.output),
                None => Err("no commands before it".to_owned()),
            },
        }
    }

    /// Runs commands where the ones before have led, with the variables that they have exported.
    fn run(&self, commands: &str, environment: &[(String, String)]) -> Ran {
        let state = |name| self.state(name).display().to_string();
        let script = format!(
            "exec 2>&1\nset -euo pipefail\ncd '{0}'\n. '{1}'\ntrap 'pwd >\"{2}\"; export -p >\"{1}\"' EXIT\n{commands}",
            self.current().display(),
            state("env"),
            state("cwd"),
        );
        let path = std::env::var("PATH").unwrap_or_default();
        let mut bash = Command::new("bash");
        bash.args(["-c", &script])
            .stdin(Stdio::null())
            .env("NO_COLOR", "1")
            .env("PATH", format!("{}:{path}", state("bin")))
            .envs(environment.iter().cloned());
        for name in [
            "CI",
            "COLUMNS",
            "GITHUB_ACTIONS",
            "GITHUB_STEP_SUMMARY",
            "SUDO_UID",
        ] {
            bash.env_remove(name);
        }
        let output = bash.output().unwrap();
        Ran {
            exit: output.status.code(),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
        }
    }

    fn compare(&self, shown: &str, seen: &str) -> Result<(), String> {
        // How long go says that a package took.
        let took = Regex::new(r"(?m)\t[\d.]+s$").unwrap();
        let stable = |text: &str| {
            took.replace_all(&stable(text, self.place.path()), "\t[took]")
                .into_owned()
        };
        // Where the page says that somebody works.
        let here = self.folder().display().to_string();
        let (wanted, found) = (stable(&shown.replace("/home/ada", &here)), stable(seen));
        let lines = |text: &'_ str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        if page::matches(&lines(&wanted), &lines(&found)) {
            return Ok(());
        }
        Err(format!(
            "not as shown, but\n{seen}\ncompared are, as shown\n{wanted}\nand as seen\n{found}"
        ))
    }
}

fn links() {
    let mut broken = String::new();
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    for page in PAGES {
        let path = repository().join(page);
        let text = fs::read_to_string(&path).unwrap();
        for link in link
            .captures_iter(&text)
            .map(|found| found.get(1).unwrap().as_str())
        {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path.parent().unwrap().join(file),
            };
            let leads = match fs::read_to_string(&target) {
                Ok(text) => anchor.is_empty() || anchors(&text).contains(anchor),
                Err(_) => target.is_dir() && anchor.is_empty(),
            };
            if !leads && !file.starts_with("http") {
                let _ = writeln!(broken, "{page}: {link}");
            }
        }
    }
    assert!(broken.is_empty(), "{broken}");
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter_map(|line| {
        line.trim_start_matches('#')
            .strip_prefix(' ')
            .filter(|_| line.starts_with('#'))
    });
    let letters = |heading: &str| {
        heading
            .to_lowercase()
            .chars()
            .filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter))
            .map(|letter| if letter == ' ' { '-' } else { letter })
            .collect()
    };
    headings.map(letters).collect()
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// A part of a file of the repository stands there word for word.
fn excerpt(text: &str, name: &str) -> Result<(), String> {
    let file =
        fs::read_to_string(repository().join(name)).map_err(|error| format!("{name}: {error}"))?;
    if file.contains(text) {
        Ok(())
    } else {
        Err(format!("{name} has it otherwise"))
    }
}
