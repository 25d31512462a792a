//! What the pages of docs show is what happens: their files are written, their commands run, their output compared,
//! but for what differs from run to run. How a page says what its blocks are for: `goproctor_tests::page`.

use std::{
    collections::{BTreeMap, BTreeSet},
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
    postgres::Postgres,
};
use regex::Regex;
use serde::{Deserialize, de::IgnoredAny};
use tempfile::TempDir;

pub(crate) const TESTS: &[Test<'static>] = &[
    ("the_tutorial_shows_what_happens", tutorial),
    ("the_cookbook_shows_what_happens", cookbook),
    ("the_pages_lead_where_they_say", links),
];

/// The pages whose links are followed.
const PAGES: [&str; 4] = [
    "README.md",
    "docs/tutorial.md",
    "docs/cookbook.md",
    "docs/limits.md",
];

fn tutorial() {
    Reader::new().follow("docs/tutorial.md");
}

fn cookbook() {
    let mut reader = Reader::new();
    reader.postgres = Some(Postgres::start());
    copy(&repository().join("go-fixtures/service"), &reader.folder());
    reader.follow("docs/cookbook.md");
}

/// A container has the capabilities that Docker gives without being asked, and those that are added; the image is the
/// machine of the tests.
const DOCKER: &str = r#"added=
while [ "$1" != shop-ci ]; do
  if [ "$1" = --cap-add ]; then added=$added,+$(echo "$2" | tr A-Z a-z); fi
  shift
done
shift
exec setpriv --bounding-set "-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap,+net_bind_service,\
+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap$added" -- "$@""#;

/// Somebody who follows a page, in a folder of their own.
struct Reader {
    place: TempDir,
    /// What a CI's service would be.
    postgres: Option<Postgres>,
}

/// What a block's commands did.
struct Ran {
    exit: Option<i32>,
    output: String,
}

impl Reader {
    fn new() -> Self {
        let place = tempfile::Builder::new().prefix("page-").tempdir().unwrap();
        let reader = Self {
            place,
            postgres: None,
        };
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
        // The tests run as root.
        reader.command(
            "sudo",
            "while case \"${1-}\" in -*) true;; *) false;; esac; do shift; done; exec \"$@\"",
        );
        reader.command("docker", DOCKER);
        // The file is the one that is tested, and stays as it is.
        reader.command("setcap", ":");
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
            Action::Workflow => self.workflow(&step.text),
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

    /// Runs the commands of a CI's job, with the service that it would have started.
    fn workflow(&self, text: &str) -> Result<(), String> {
        // GitHub takes `on` for a word; YAML 1.1 takes it for a bool.
        let text = text.replace("\non:", "\n\"on\":");
        let workflow: Yaml = serde_saphyr::from_str(&text).map_err(|error| error.to_string())?;
        let commands = workflow.commands();
        if commands.is_empty() {
            return Err("it runs nothing".to_owned());
        }
        let url = self
            .postgres
            .iter()
            .map(|postgres| ("DATABASE_URL".to_owned(), postgres.url.clone()));
        let environment: Vec<_> = url.collect();
        for command in commands {
            let ran = self.run(&command, &environment);
            if ran.exit != Some(0) {
                return Err(format!("{command}: exit {:?}\n{}", ran.exit, ran.output));
            }
        }
        Ok(())
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

/// YAML of a CI, of which the commands matter.
#[derive(Deserialize)]
#[serde(untagged)]
enum Yaml {
    Map(BTreeMap<String, Self>),
    List(Vec<Self>),
    Text(String),
    Other(IgnoredAny),
}

impl Yaml {
    /// What `run` and `script` say, wherever they stand.
    fn commands(&self) -> Vec<String> {
        match self {
            Self::Map(fields) => fields
                .iter()
                .flat_map(|(key, value)| match (key.as_str(), value) {
                    ("run", Self::Text(command)) => vec![command.clone()],
                    ("script", Self::List(commands)) => {
                        commands.iter().filter_map(Self::text).collect()
                    }
                    _ => value.commands(),
                })
                .collect(),
            Self::List(elements) => elements.iter().flat_map(Self::commands).collect(),
            Self::Text(_) | Self::Other(_) => Vec::new(),
        }
    }

    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            _ => None,
        }
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

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
