//! How many of a program's returns can be probed at a jump to another function's end.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use golang::{Binary, FunctionSymbol, Redirector, SymbolKind, code};
use model::Address;

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    program,
};

/// The bar: percent of the returns of functions that people wrote in Go, which are those that can be watched whole.
const BAR: f64 = 80.0;

/// What became of a program's returns.
#[derive(Default)]
struct Count {
    fast: usize,
    /// Those that stay, by the reason.
    plain: BTreeMap<String, usize>,
}

/// Counts the returns of four programs.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let testprogram = program::build_of(setup, "testprogram", ".", "share-testprogram", &[])?;
    let httpbin = setup.root.join("target/peers/go-httpbin");
    for (name, path) in [
        ("testprogram", testprogram),
        ("caddy", setup.caddy.clone()),
        ("go-httpbin", httpbin),
        ("the go command", go_command(setup)?),
    ] {
        let count = count(&path)?;
        let all = count.fast + count.plain.values().sum::<usize>();
        let of = |number: usize| number as f64 / all as f64 * 100.0;
        let name = format!("fast returns of {name}, of {all}");
        board.judge_at_least(&name, Unit::Percent, &[of(count.fast)], BAR)?;
        for (why, number) in &count.plain {
            board.tell(&format!("— {why}"), Unit::Percent, &[of(*number)])?;
        }
    }
    Ok(())
}

/// The go command, built anew: the one on the path has no debug information.
fn go_command(setup: &Setup) -> Outcome<PathBuf> {
    let path = setup.scratch.path().join("share-go");
    let mut build = Command::new("go");
    let build = build.env("GOENV", "off").args(["build", "-o"]).arg(&path);
    match build.arg("cmd/go").status()?.success() {
        true => Ok(path),
        false => Err("cmd/go can't be built".into()),
    }
}

fn count(path: &Path) -> Outcome<Count> {
    let binary = Binary::open(path)?;
    let nobody = BTreeSet::new();
    let mut redirector = Redirector::new(&binary, &nobody, false).ok_or("no table of functions")?;
    let mut count = Count::default();
    let is_written =
        |function: &&FunctionSymbol| function.kind == SymbolKind::Source && !function.abi0;
    for function in binary.functions().iter().filter(is_written) {
        for ret in returns(&binary, function) {
            match redirector.redirect(function, ret) {
                Ok(_) => count.fast += 1,
                Err(why) => *count.plain.entry(why.to_string()).or_default() += 1,
            }
        }
    }
    Ok(count)
}

fn returns(binary: &Binary, function: &FunctionSymbol) -> Vec<Address> {
    let code = binary.code(function.start..function.end);
    let body = code
        .ok()
        .and_then(|code| code::decode(code, function.start, |_| None).ok());
    body.map_or_else(Vec::new, |body| body.returns)
}
