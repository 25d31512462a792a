//! How long a whole run of the tour takes beyond go's own time.

use std::{
    error::Error,
    fs,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use super::{
    Outcome, Setup,
    board::{Board, Unit, ms},
};

const ROUNDS: usize = 7;
/// The bar, in ms, beyond `go build`.
const BAR: f64 = 1_500.0;

/// Measures `goproctor run` on the tour beside `go build` of its program, both with a warm build cache.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let spec = setup.root.join("testdata/tour.proctor.toml");
    let mut run = Command::new(&setup.goproctor);
    run.arg("run").arg(&spec);
    let mut build = Command::new("go");
    // Into a file that is not there: go would leave one that is up to date as it is, without linking.
    let built = setup.scratch.path().join("testprogram");
    build.args(["build", "-o"]).arg(&built);
    build.current_dir(setup.root.join("go-fixtures/testprogram"));
    // What is not in the build cache yet gets there.
    time(&mut run)?;
    let mut build = || {
        let took = time(&mut build)?;
        fs::remove_file(&built)?;
        Ok::<_, Box<dyn Error>>(took)
    };
    build()?;
    let (mut runs, mut builds, mut beyond) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let alone = ms(build()?);
        let ran = ms(time(&mut run)?);
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
    Ok(())
}

fn time(command: &mut Command) -> Outcome<Duration> {
    let begin = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = begin.elapsed();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{command:?}: {}\n{said}{error}", output.status).into());
    }
    Ok(took)
}
