//! How much sooner ten specs are done two at a time.

use std::{fs, process::Command};

use serde_json::Value as Json;

use super::{
    Outcome, Setup,
    board::{Board, Unit, ms},
    run::time,
};

const ROUNDS: usize = 5;
const SPECS: usize = 10;
/// The bar: as many times the time of one after the other.
const BAR: f64 = 0.7;

/// Measures `goproctor run` of ten specs, with `--jobs 1` and `--jobs 2`.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let folder = setup.scratch.path().join("jobs");
    fs::create_dir_all(&folder)?;
    for number in 0..SPECS {
        let package = setup.root.join("go-fixtures/testprogram");
        let text = spec(&package.display().to_string(), number);
        fs::write(folder.join(format!("s{number}.proctor.toml")), text)?;
    }
    let run = |jobs: &str| {
        let mut run = Command::new(&setup.goproctor);
        run.args(["run", "-json", "--jobs", jobs]).arg(&folder);
        let (took, said) = time(&mut run)?;
        Ok::<_, Box<dyn std::error::Error>>((ms(took), verdicts(&said)))
    };
    // What is not in the build cache yet gets there.
    let (_, wanted) = run("1")?;
    let (mut ones, mut twos, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (one, _) = run("1")?;
        let (two, seen) = run("2")?;
        if seen != wanted {
            return Err(format!("--jobs 2 has other verdicts: {seen:?}").into());
        }
        ones.push(one);
        twos.push(two);
        ratios.push(two / one);
    }
    board.tell("ten specs one after the other", Unit::Ms, &ones)?;
    board.tell("— with --jobs 2", Unit::Ms, &twos)?;
    board.judge("— as many times", Unit::Ratio, &ratios, BAR)?;
    Ok(())
}

/// The spec of a server with three tests; each watches a function more.
fn spec(package: &str, number: usize) -> String {
    const FUNCTIONS: [&str; SPECS] = [
        "main.handler",
        "main.checkSite",
        "main.prepareAnswer",
        "main.healthz",
        "main.main",
        "net/http.(*ServeMux).ServeHTTP",
        "net/http.(*Client).Get",
        "net/http.(*Client).Do",
        "net/http.(*Transport).RoundTrip",
        "net/url.Parse",
    ];
    let functions = FUNCTIONS.iter().take(number + 1).enumerate();
    let functions: String = functions
        .map(|(number, name)| format!("f{number} = \"{name}\"\n"))
        .collect();
    let tests: String = (0..3)
        .map(|test| {
            format!(
                "\n[[test]]\nname = \"visit {test}\"\nrequest = {{ get = \"/?name=a&year=202{test}\", repeat = 5 }}\ncount = {{ f0 = 5 }}\n"
            )
        })
        .collect();
    format!(
        "[program]\npackage = \"{package}\"\nargs = [\"-listen=127.0.0.1:${{port}}\", \"-site=${{stub.site}}\"]\n\n\
        [stubs.site]\n\n[functions]\n{functions}{tests}"
    )
}

/// The outcome of each expectation, in order.
fn verdicts(said: &str) -> Vec<String> {
    let lines = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let verdicts = lines.filter(|line: &Json| line["event"] == "verdict");
    let verdicts = verdicts.map(|line| {
        format!(
            "{} {} {} {}",
            line["spec"], line["test"], line["subject"], line["outcome"]
        )
    });
    verdicts.collect()
}
