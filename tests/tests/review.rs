//! `goproctor review` in a real terminal: tmux, whose screen is read and whose keys are pressed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use goproctor_tests::{
    command,
    git::{commit, conflict},
};
use judge::snapshot::{Comparison, Rest, Store};
use tempfile::TempDir;

const OLD: &str = "POST /orders → 201\n  main.insert(\"coffee\") → 1";
const NEW: &str = "POST /orders → 201\n  main.insert(\"tea\") → 1\n  main.audit() returned";

/// How long something on the screen may take.
const SOON: Duration = Duration::from_secs(20);
const TICK: Duration = Duration::from_millis(20);

/// A folder with a spec, and snapshots that changed.
struct Folder(TempDir);

impl Folder {
    fn new(changed: usize) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(
            folder.path().join("shop.proctor.toml"),
            "# Nobody reads it.\n",
        )
        .unwrap();
        let folder = Self(folder);
        for number in 0..changed {
            let store = folder.store();
            store
                .write_new(&name(number), OLD, &Rest::default())
                .unwrap();
            store.accept(&name(number)).unwrap();
            store
                .write_new(&name(number), NEW, &Rest::default())
                .unwrap();
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn store(&self) -> Store {
        Store::new(self.path(), "shop")
    }

    fn waiting(&self) -> Vec<String> {
        let pending = self.store().pending().unwrap();
        pending.into_iter().map(|pending| pending.test).collect()
    }

    fn is_accepted(&self, test: &str) -> bool {
        self.store().compare(test, NEW).unwrap() == Comparison::Same
    }
}

fn name(number: usize) -> String {
    format!("order {number:02}")
}

/// A terminal with a process in it.
struct Screen {
    server: TempDir,
}

impl Screen {
    /// Runs a command of a shell in a terminal.
    fn run(folder: &Path, shell: &str, (width, height): (usize, usize)) -> Self {
        let screen = Self {
            server: TempDir::new().unwrap(),
        };
        let (width, height) = (width.to_string(), height.to_string());
        let folder = folder.to_str().unwrap();
        let session = [
            "new-session",
            "-d",
            "-x",
            &width,
            "-y",
            &height,
            "-c",
            folder,
            shell,
        ];
        screen.tmux(&["-f", "/dev/null"], &session);
        screen
    }

    /// `goproctor review` behind a shell, which says how it ended and goes on.
    fn review(folder: &Path, size: (usize, usize)) -> Self {
        let binary = command::path().display();
        let shell =
            format!("trap : INT; NO_COLOR=1 {binary} review; echo ended $?; stty; exec cat");
        Self::run(folder, &shell, size)
    }

    fn tmux(&self, before: &[&str], words: &[&str]) -> String {
        let output = self.try_tmux(before, words);
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn try_tmux(&self, before: &[&str], words: &[&str]) -> Output {
        let socket = self.server.path().join("tmux");
        let mut command = Command::new("tmux");
        command.arg("-S").arg(socket).args(before).args(words);
        command
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TMUX");
        command.env_remove("CI").env_remove("COLUMNS");
        command.output().unwrap()
    }

    fn press(&self, keys: &[&str]) {
        let words: Vec<&str> = ["send-keys"].iter().chain(keys).copied().collect();
        self.tmux(&[], &words);
    }

    fn text(&self) -> String {
        self.tmux(&[], &["capture-pane", "-p"])
    }

    /// Waits until the screen shows all of this.
    fn shows(&self, wanted: &[&str]) -> String {
        let begin = Instant::now();
        loop {
            let text = self.text();
            if wanted.iter().all(|wanted| text.contains(wanted)) {
                return text;
            }
            assert!(begin.elapsed() < SOON, "{wanted:?} is not shown:\n{text}");
            thread::sleep(TICK);
        }
    }

    fn told(&self, format: &str) -> String {
        self.tmux(&[], &["display-message", "-p", format])
            .trim()
            .to_owned()
    }

    /// That the terminal is as it was before.
    fn is_restored(&self) {
        let text = self.shows(&["ended", "speed"]);
        assert!(
            !text.contains("-icanon") && !text.contains("-echo\n") && !text.contains("-echo "),
            "{text}"
        );
        assert_eq!(self.told("#{alternate_on} #{cursor_flag}"), "0 1");
    }

    /// The process that the shell started.
    fn child(&self) -> i32 {
        let shell = self.told("#{pane_pid}");
        let begin = Instant::now();
        loop {
            let children =
                fs::read_to_string(format!("/proc/{shell}/task/{shell}/children")).unwrap();
            if let Some(child) = children.split_whitespace().next() {
                return child.parse().unwrap();
            }
            assert!(begin.elapsed() < SOON);
            thread::sleep(TICK);
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.try_tmux(&[], &["kill-server"]);
    }
}

#[test]
fn thirty_changed_snapshots_are_reviewed_with_keys() {
    let folder = Folder::new(30);
    let screen = Screen::review(folder.path(), (100, 30));
    for number in 0..30 {
        let text = screen.shows(&[&format!("{} of 30", number + 1), &name(number)]);
        for part in [
            "1 call changed, 1 added",
            "~   main.insert(\"tea\") → 1",
            "argument 1: \"coffee\" → \"tea\"",
            "+   main.audit() returned",
        ] {
            assert!(text.contains(part), "{text}");
        }
        match number % 5 {
            0 | 1 => screen.press(&["a"]),
            2 => screen.press(&["r"]),
            3 => screen.press(&["s"]),
            _ => {
                // Decided, taken back, looked at in all views, decided otherwise.
                screen.press(&["r"]);
                let next = format!("{} of 30", (number + 2).min(30));
                screen.shows(&[&next]);
                screen.press(&["u"]);
                screen.shows(&["taken back", &name(number)]);
                assert!(folder.waiting().contains(&name(number)));
                screen.press(&["d", "d"]);
                screen.shows(&[" │ "]);
                screen.press(&["d", "d", "a"]);
            }
        }
    }
    screen.shows(&["all are decided of", "18 accepted, 6 rejected, 6 waiting"]);
    screen.press(&["q"]);
    let text = screen.shows(&["ended 0"]);
    assert!(
        text.contains("18 accepted, 6 rejected, 6 waiting"),
        "{text}"
    );
    screen.is_restored();
    for number in 0..30 {
        let name = name(number);
        assert_eq!(
            folder.is_accepted(&name),
            matches!(number % 5, 0 | 1 | 4),
            "{name}"
        );
        assert_eq!(folder.waiting().contains(&name), number % 5 == 3, "{name}");
    }
}

#[test]
fn whatever_ends_it_nothing_is_taken_by_half() {
    let mut random = fastrand::Rng::with_seed(17);
    let mut midway = 0;
    for round in 0..20 {
        let folder = Folder::new(30);
        let binary = command::path().display().to_string();
        let screen = Screen::run(folder.path(), &format!("exec {binary} review"), (100, 30));
        screen.shows(&["1 of 30"]);
        let process = screen.told("#{pane_pid}");
        let keys: Vec<&str> = (0..30)
            .map(|_| ["a", "a", "r", "u"][random.usize(0..4)])
            .collect();
        let pause = Duration::from_micros(random.u64(0..6_000));
        screen.press(&keys);
        thread::sleep(pause);
        let signal = nix::sys::signal::Signal::SIGKILL;
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(process.parse().unwrap()), signal)
            .unwrap();
        while Path::new(&format!("/proc/{process}/exe")).exists() {
            thread::sleep(TICK);
        }
        let store = folder.store();
        let waiting = folder.waiting();
        midway += usize::from((1..30).contains(&waiting.len()));
        for number in 0..30 {
            let name = name(number);
            let is_old = store.compare(&name, OLD).unwrap() == Comparison::Same;
            assert!(
                is_old || folder.is_accepted(&name),
                "round {round}: {name} is whole"
            );
            let new = fs::read_to_string(store.new_path(&name));
            assert!(
                new.is_err() || new.unwrap().ends_with(&format!("{NEW}\n")),
                "round {round}: {name} is whole"
            );
            assert!(
                is_old || !waiting.contains(&name),
                "round {round}: {name} is decided of"
            );
        }
    }
    assert!(midway > 0, "no round ended in the middle");
}

#[test]
fn every_signal_that_can_be_caught_leaves_the_terminal_as_it_was() {
    use nix::sys::signal::Signal::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
        let folder = Folder::new(3);
        let screen = Screen::review(folder.path(), (100, 30));
        screen.shows(&["1 of 3"]);
        screen.press(&["a"]);
        screen.shows(&["2 of 3"]);
        nix::sys::signal::kill(nix::unistd::Pid::from_raw(screen.child()), signal).unwrap();
        let ended = format!("ended {}", 128 + signal as i32);
        let text = screen.shows(&[&ended, "1 accepted, 2 waiting"]);
        assert!(!text.contains("2 of 3"), "{text}");
        screen.is_restored();
        assert!(folder.is_accepted(&name(0)) && folder.waiting().len() == 2);
    }
    // As somebody presses it.
    let folder = Folder::new(3);
    let screen = Screen::review(folder.path(), (100, 30));
    screen.shows(&["1 of 3"]);
    screen.press(&["C-c"]);
    screen.shows(&["ended 130", "3 waiting"]);
    screen.is_restored();
}

#[test]
fn a_window_that_changes_is_filled_anew() {
    let folder = Folder::new(2);
    let screen = Screen::review(folder.path(), (80, 24));
    screen.shows(&["1 of 2"]);
    assert!(!screen.text().contains(" │ "));
    screen.tmux(&[], &["resize-window", "-x", "160", "-y", "30"]);
    screen.shows(&["1 of 2", " │ "]);
    screen.tmux(&[], &["resize-window", "-x", "40", "-y", "5"]);
    screen.shows(&["1 of 2"]);
    screen.press(&["q"]);
    screen.shows(&["ended 0"]);
}

/// Three snapshots that two branches changed.
fn merged() -> Folder {
    let folder = Folder::new(0);
    let accept = |what: &str| {
        for number in 0..3 {
            let store = folder.store();
            let text =
                format!("POST /orders → 201\n  main.insert(\"{what}\") → 1\n  main.log() returned");
            store
                .write_new(&name(number), &text, &Rest::default())
                .unwrap();
            store.accept(&name(number)).unwrap();
        }
    };
    conflict(folder.path(), ["base", "theirs", "ours"], &accept);
    folder
}

/// What was inserted by the accepted snapshot of a test.
fn inserted(folder: &Folder, number: usize) -> String {
    let text = fs::read_to_string(folder.store().path(&name(number))).unwrap();
    assert!(!text.contains("<<<<<<<"), "{text}");
    let (_, rest) = text.split_once("main.insert(\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn three_snapshots_in_conflict_are_settled_with_keys() {
    let folder = merged();
    // What a run after the merge saw.
    let text = "POST /orders → 201\n  main.insert(\"both\") → 1\n  main.log() returned";
    folder
        .store()
        .write_new(&name(2), text, &Rest::default())
        .unwrap();
    let screen = Screen::review(folder.path(), (100, 30));
    let text = screen.shows(&["1 of 3", "o ours  t theirs"]);
    assert!(text.contains("argument 1: \"ours\" → \"theirs\""), "{text}");
    screen.press(&["o"]);
    screen.shows(&["2 of 3"]);
    screen.press(&["t"]);
    let text = screen.shows(&["3 of 3"]);
    assert!(text.contains("argument 1: \"ours\" → \"both\""), "{text}");
    screen.press(&["n"]);
    screen.shows(&["1 accepted, 2 settled"]);
    screen.press(&["q"]);
    screen.shows(&["ended 0"]);
    let all: Vec<String> = (0..3).map(|number| inserted(&folder, number)).collect();
    assert_eq!(all, ["ours", "theirs", "both"]);
    commit(folder.path(), "merged");
    assert!(folder.waiting().is_empty());
}

#[test]
fn three_snapshots_in_conflict_are_settled_by_the_verb() {
    let folder = merged();
    for (words, settled) in [
        (&["--theirs", "order 01"][..], 1),
        (&["--ours", "order*"], 2),
    ] {
        let mut command = command::goproctor();
        command
            .current_dir(folder.path())
            .args(["snapshot", "resolve"])
            .args(words);
        let output = command.output().unwrap();
        let out = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{out}");
        assert_eq!(out.lines().count(), settled, "{out}");
    }
    let all: Vec<String> = (0..3).map(|number| inserted(&folder, number)).collect();
    assert_eq!(all, ["ours", "theirs", "ours"]);
}
