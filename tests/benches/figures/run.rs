//! How long a whole run of the tour takes beyond go's own time.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value as Json;

use super::{
    Outcome, Setup,
    board::{Board, Unit, ms},
};

const ROUNDS: usize = 7;
/// The bar, in ms, beyond `go build`.
const BAR: f64 = 400.0;
/// The parts of a run that are shown, as the event `spec_end` has them.
const PARTS: [&str; 11] = [
    "build",
    "read",
    "plan",
    "verify",
    "calibrate",
    "attach",
    "start",
    "work",
    "settle",
    "stop",
    "detach",
];

/// Measures `goproctor run` on the tour beside `go build` of its program, both with a warm build cache.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let spec = setup.root.join("testdata/tour.proctor.toml");
    let mut run = Command::new(&setup.goproctor);
    run.arg("run").arg("-json").arg(&spec);
    let mut build = Command::new("go");
    // Into a file that is not there: go would leave one that is up to date as it is, without linking.
    let built = setup.scratch.path().join("testprogram");
    build.args(["build", "-o"]).arg(&built);
    build.current_dir(setup.root.join("go-fixtures/testprogram"));
    // What is not in the build cache yet gets there.
    time(&mut run)?;
    let mut build = || {
        let (took, _) = time(&mut build)?;
        fs::remove_file(&built)?;
        Ok::<_, Box<dyn Error>>(took)
    };
    build()?;
    let (mut runs, mut builds, mut beyond) = (Vec::new(), Vec::new(), Vec::new());
    let mut parts: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let alone = ms(build()?);
        let (ran, said) = time(&mut run)?;
        let ran = ms(ran);
        let took = spec_end(&said)?;
        for name in PARTS.iter().chain(&["go_build"]) {
            let seconds = took["parts"][format!("{name}_seconds")].as_f64();
            let seconds = seconds.ok_or_else(|| format!("{name} is missing in {took}"))?;
            parts.entry(name).or_default().push(seconds * 1e3);
        }
        builds.push(alone);
        runs.push(ran);
        beyond.push(ran - alone);
    }
    board.judge(
        "goproctor run of the tour (3 tests), beyond go build",
        Unit::Ms,
        &beyond,
        BAR,
    )?;
    board.tell("— all of it", Unit::Ms, &runs)?;
    board.tell("— go build alone", Unit::Ms, &builds)?;
    board.tell("— go build in it", Unit::Ms, &parts["go_build"])?;
    for name in PARTS {
        board.tell(&format!("— of it {name}"), Unit::Ms, &parts[name])?;
    }
    Ok(())
}

/// What a run says of the time that it took.
fn spec_end(said: &str) -> Outcome<Json> {
    let mut lines = said.lines().map(serde_json::from_str::<Json>);
    let end = lines.find_map(|line| line.ok().filter(|line| line["event"] == "spec_end"));
    Ok(end.ok_or("the run does not say how long its parts took")?)
}

/// Runs a command that must pass; gives how long it took and what it wrote.
pub(crate) fn time(command: &mut Command) -> Outcome<(Duration, String)> {
    let begin = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = begin.elapsed();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{said}{error}", output.status).into());
    }
    Ok((took, String::from_utf8_lossy(&output.stdout).into_owned()))
}
