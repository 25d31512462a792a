//! What goproctor reads of other people's servers, beside what delve reads there.
//!
//! `make wild` runs it. Each server is started twice. The first time goproctor alone tells which functions the requests
//! reach; of those, the ones to compare are chosen. The second time both watch the same process, and every argument of
//! every call that delve stopped in is compared. The exit code is 1 if a difference is not explained.

mod board;
mod choose;
mod compare;
mod dlv;
mod http;
mod known;
mod ours;
mod pass;
mod process;
mod servers;
mod symbols;
mod tally;
mod value;
mod verdict;

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode};

use board::Board;

/// What a step gives; why there is nothing is for a person to read.
type Outcome<T> = Result<T, Box<dyn Error>>;

/// What is compared and with what; scripts/wild sees to all of it.
pub(crate) struct Setup {
    goproctor: PathBuf,
    dlv: PathBuf,
    /// The folder with the servers.
    servers: PathBuf,
    /// So many functions of each server are chosen.
    functions: usize,
    /// So many calls of each function are compared.
    hits: usize,
}

impl Setup {
    fn from_environment() -> Outcome<Self> {
        let path = |name: &str| {
            let value = env::var_os(name);
            let value = value.ok_or_else(|| format!("{name} is not set: run `make wild`"))?;
            fs::canonicalize(&value)
                .map_err(|error| format!("{name}={}: {error}", value.display()).into())
        };
        let path: &dyn Fn(&str) -> Outcome<PathBuf> = &path;
        let number = |name: &str, default: usize| match env::var(name) {
            Ok(text) => text
                .parse()
                .map_err(|error| format!("{name}={text}: {error}")),
            Err(_) => Ok(default),
        };
        Ok(Self {
            goproctor: path("GOPROCTOR")?,
            dlv: path("DLV")?,
            servers: path("SERVERS")?,
            functions: number("FUNCTIONS", 140)?,
            hits: number("HITS", 4)?,
        })
    }
}

/// Compares the servers that the command line names, all of them without a name.
fn run() -> Outcome<bool> {
    let names: Vec<String> = env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    if let Some(name) = names.iter().find(|name| servers::named(name).is_none()) {
        return Err(format!("no server is named {name}").into());
    }
    let setup = Setup::from_environment()?;
    let mut board = Board::default();
    for server in servers::ALL {
        if names.is_empty() || names.iter().any(|name| name == server.name) {
            let compared = pass::compare(&setup, server)
                .map_err(|error| format!("{}: {error}", server.name))?;
            board.add(server.name, compared);
        }
    }
    Ok(board.end())
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("wild: {error}");
            ExitCode::from(3)
        }
    }
}
