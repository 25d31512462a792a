//! How soon after an edit of a Go file its verdict is there, under `--watch` and with a run that is started for it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Lines},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{
    Outcome, Setup,
    board::{Board, Unit, ms},
    run::time,
};

const ROUNDS: usize = 7;
/// The bar: as many times the time of a plain run after such an edit.
const BAR: f64 = 1.3;

/// How long after a verdict a person edits the next thing, at least.
const BETWEEN: Duration = Duration::from_secs(1);

/// Measures the tour on a copy of its program, of which a file is written anew each time.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let folder = setup.scratch.path().join("edit");
    fs::create_dir_all(&folder)?;
    let program = setup.root.join("go-fixtures/testprogram");
    for name in ["go.mod", "main.go"] {
        fs::copy(program.join(name), folder.join(name))?;
    }
    let tour = fs::read_to_string(setup.root.join("testdata/tour.proctor.toml"))?;
    let tour = tour.replace("\"../go-fixtures/testprogram\"", "\".\"");
    // What was accepted of the program elsewhere holds here.
    let tour = tour.replace("snapshot = true", "");
    let spec = folder.join("tour.proctor.toml");
    fs::write(&spec, tour)?;
    let source = folder.join("main.go");
    let mut edits = 0;
    let mut plain = Vec::new();
    let mut run = Command::new(&setup.goproctor);
    run.arg("run").arg(&spec);
    time(&mut run)?;
    let mut watching = Watching::begin(setup, &spec)?;
    let mut watched = Vec::new();
    for _ in 0..ROUNDS {
        thread::sleep(BETWEEN);
        edits += 1;
        edit(&source, edits)?;
        watched.push(ms(watching.round()?));
        thread::sleep(BETWEEN);
        // The one that watches would run beside the plain run.
        watching.pause(true)?;
        edits += 1;
        edit(&source, edits)?;
        plain.push(ms(time(&mut run)?.0));
        watching.pause(false)?;
        watching.round()?;
    }
    let mut ratios = Vec::new();
    for (watched, plain) in watched.iter().zip(&plain) {
        ratios.push(watched / plain);
    }
    board.tell("goproctor run of the tour after an edit", Unit::Ms, &plain)?;
    board.tell(
        "— from the edit to the verdict under --watch",
        Unit::Ms,
        &watched,
    )?;
    board.judge("— as many times", Unit::Ratio, &ratios, BAR)?;
    Ok(())
}

/// Changes what is compiled, and nothing that is judged.
fn edit(source: &Path, number: usize) -> Outcome<()> {
    let text = fs::read_to_string(source)?;
    let text = text.split("\n// edit").next().unwrap_or_default();
    let text = format!("{text}\n// edit\nvar edited = {number}\n");
    let new = source.with_extension("new~");
    fs::write(&new, text)?;
    fs::rename(&new, source)?;
    Ok(())
}

/// A goproctor that watches.
struct Watching {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watching {
    /// Begins to watch; the first run is over then, and the files are known.
    fn begin(setup: &Setup, spec: &Path) -> Outcome<Self> {
        let mut child = Command::new(&setup.goproctor)
            .args(["run", "--watch"])
            .arg(spec)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let out = child.stdout.take().ok_or("no output")?;
        let errors = child.stderr.take().ok_or("no errors")?;
        let mut watching = Self {
            child,
            lines: BufReader::new(out).lines(),
        };
        watching.round()?;
        let mut errors = BufReader::new(errors).lines();
        let is_ready = |line: &std::io::Result<String>| {
            line.as_ref()
                .is_ok_and(|line| line.contains("watching the"))
        };
        let _ready = errors.find(is_ready).ok_or("it does not watch")?;
        thread::spawn(move || errors.for_each(drop));
        Ok(watching)
    }

    /// Waits for a run's last line; gives how long that took.
    fn round(&mut self) -> Outcome<Duration> {
        let begun = Instant::now();
        loop {
            let line = self.lines.next().ok_or("it ended")??;
            if line.starts_with("3 tests: ") {
                return match line.contains("3 passed") {
                    true => Ok(begun.elapsed()),
                    false => Err(line.into()),
                };
            }
        }
    }

    /// Holds it still, or lets it go on.
    fn pause(&self, pause: bool) -> Outcome<()> {
        let signal = match pause {
            true => Signal::SIGSTOP,
            false => Signal::SIGCONT,
        };
        Ok(kill(Pid::from_raw(self.child.id().cast_signed()), signal)?)
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = kill(Pid::from_raw(self.child.id().cast_signed()), Signal::SIGINT);
        let _ = self.child.wait();
    }
}
