//! What goproctor costs and how quick it is, with the peers of the field measured in the same run.
//!
//! `make bench` runs it. Each figure is the middle one of several rounds, in which all that are compared take turns.
//! The bars are the project's promises; the exit code is 1 if one is missed.

mod board;
mod edit;
mod handler;
mod hit;
mod jobs;
mod latency;
mod memory;
mod peers;
mod plan;
mod probes;
mod program;
mod request;
mod run;
mod server;
mod share;
mod suites;
mod sustained;
mod tracer;
mod watched;

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode};

use board::Board;

/// What a measurement gives; why there is none is for a person to read.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// What is measured and with what; scripts/bench sees to all of it.
struct Setup {
    /// The repository.
    root: PathBuf,
    /// The goproctor that is measured as a command.
    goproctor: PathBuf,
    /// A large program: caddy.
    caddy: PathBuf,
    /// A large program that answers queries: prometheus.
    prometheus: PathBuf,
    /// The debugger to compare with.
    dlv: PathBuf,
    /// Where programs are built.
    scratch: tempfile::TempDir,
}

impl Setup {
    fn from_environment() -> Outcome<Self> {
        let path = |name: &str| {
            let value = env::var_os(name);
            let value = value.ok_or_else(|| format!("{name} is not set: run `make bench`"))?;
            fs::canonicalize(&value)
                .map_err(|error| format!("{name}={}: {error}", value.display()).into())
        };
        let path: &dyn Fn(&str) -> Outcome<PathBuf> = &path;
        Ok(Self {
            root: fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))?,
            goproctor: path("GOPROCTOR")?,
            caddy: path("CADDY")?,
            prometheus: path("PROMETHEUS")?,
            dlv: path("DLV")?,
            scratch: tempfile::tempdir()?,
        })
    }
}

/// A part of the table.
type Measure = fn(&Setup, &mut Board) -> Outcome<()>;

const ALL: [(&str, Measure); 15] = [
    ("hit", hit::measure),
    ("request", request::measure),
    ("handler", handler::measure),
    ("server", server::measure),
    ("sustained", sustained::measure),
    ("latency", latency::measure),
    ("memory", memory::measure),
    ("probes", probes::measure),
    ("plan", plan::measure),
    ("share", share::measure),
    ("suites", suites::measure),
    ("run", run::measure),
    ("jobs", jobs::measure),
    ("edit", edit::measure),
    ("tracer", tracer::measure),
];

/// Measures the parts whose names have a word of the command line in them, all of them without one.
fn measure() -> Outcome<bool> {
    let words: Vec<String> = env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let names = ALL.map(|(name, _)| name);
    if let Some(word) = words
        .iter()
        .find(|word| !names.iter().any(|name| name.contains(*word)))
    {
        return Err(format!("there is no figure {word}, but {}", names.join(", ")).into());
    }
    let setup = Setup::from_environment()?;
    let mut board = Board::begin()?;
    for (name, measure) in ALL {
        if words.is_empty() || words.iter().any(|word| name.contains(word)) {
            measure(&setup, &mut board)?;
        }
    }
    board.end()
}

fn main() -> ExitCode {
    let measured = match memory::asked() {
        Some(arguments) => memory::observe(&arguments).map(|()| true),
        None => measure(),
    };
    match measured {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::from(3)
        }
    }
}
