//! What it costs to judge some tests of other people's suites: each suite as it is, under `goproctor test` and under `go test` with a
//! program in `-exec` that does nothing. What it takes to start is told apart from that: it is the same for the longest suite.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    Outcome, Setup,
    board::{Board, Unit, ms},
};

/// How often both take their turn.
const ROUNDS: usize = 5;
/// How often with chi's suite: its bar is a small part of the time that it takes, and of how much that varies.
const MANY_ROUNDS: usize = 15;
/// The bar: as many times the time of `go test`.
const TIMES: f64 = 1.15;
/// The bar for chi, whose suite creates [`GOROUTINES`]: µs each.
const PER_GOROUTINE: f64 = 0.8;
const GOROUTINES: f64 = 1e6;
/// The bar: goproctor's own memory.
const MEGABYTES: f64 = 300.0;
/// How many test binaries, of which [`WITH_SPEC`] have a spec.
const BINARIES: usize = 50;
const WITH_SPEC: usize = 2;
/// The bars: what a binary may take more, with a spec and without, in ms.
const START: (f64, f64) = (150.0, 20.0);
/// How long a look at goproctor's memory waits for the next one.
const PAUSE: Duration = Duration::from_millis(20);

/// A suite of other people's.
struct Suite {
    name: &'static str,
    module: &'static str,
    packages: &'static [&'static str],
    /// The package with the spec.
    folder: &'static str,
    functions: &'static str,
    /// Three tests, each with a function that it calls.
    tests: [(&'static str, &'static str); 3],
}

const SUITES: [Suite; 5] = [
    Suite {
        name: "chi",
        module: "github.com/go-chi/chi/v5@v5.5.0",
        packages: &["."],
        folder: ".",
        functions: "mount = \"chi/v5.(*Mux).Mount\"\nmissing = \"chi/v5.(*Mux).NotFound\"\nrouter = \"chi/v5.NewRouter\"\n",
        tests: [
            ("TestMuxMounts", "mount"),
            ("TestMuxNestedNotFound", "missing"),
            ("TestMuxBasic", "router"),
        ],
    },
    Suite {
        name: "gorilla/mux",
        module: "github.com/gorilla/mux@v1.8.1",
        packages: &["."],
        folder: ".",
        functions: "match = \"mux.(*Router).Match\"\nuse = \"mux.(*Router).Use\"\n",
        tests: [
            ("TestMiddlewareAdd", "use"),
            ("TestMiddleware", "match"),
            ("TestMiddlewareSubrouter", "match"),
        ],
    },
    Suite {
        name: "testify",
        module: "github.com/stretchr/testify@v1.12.1",
        packages: &["./suite", "./mock", "./require"],
        folder: "suite",
        functions: "run = \"suite.Run\"\n",
        tests: [
            ("TestRunSuite", "run"),
            ("TestSuiteLogging", "run"),
            ("TestSkippingSuiteSetup", "run"),
        ],
    },
    Suite {
        name: "x/net/http2",
        module: "golang.org/x/net@v0.62.0",
        packages: &["./http2/..."],
        folder: "http2",
        functions: "reset = \"http2.(*Framer).WriteRSTStream\"\nwindow = \"http2.(*Framer).WriteWindowUpdate\"\naway = \"http2.(*Framer).WriteGoAway\"\n",
        tests: [
            ("TestWriteRST", "reset"),
            ("TestWriteWindowUpdate", "window"),
            ("TestWriteGoAway", "away"),
        ],
    },
    Suite {
        name: "pgx",
        module: "github.com/jackc/pgx/v5@v5.13.0",
        packages: &["./internal/...", "./pgconn/ctxwatch"],
        folder: "internal/sanitize",
        functions: "new = \"sanitize.NewQuery\"\nquery = \"sanitize.(*Query).Sanitize\"\nquote = \"sanitize.QuoteString\"\n",
        tests: [
            ("TestNewQuery", "new"),
            ("TestQuerySanitize", "query"),
            ("TestQuoteString", "quote"),
        ],
    },
];

impl Suite {
    /// A copy of its module, with a spec.
    fn prepare(&self, setup: &Setup) -> Outcome<PathBuf> {
        // Other figures have programs of these names.
        let name = format!("suite-{}", self.name.replace('/', "-"));
        let module = setup.scratch.path().join(name);
        let found = run(Command::new("go")
            .args(["mod", "download", "-json", self.module])
            .current_dir(setup.scratch.path())
            .env("GOENV", "off"))?;
        let folder = serde_json::from_slice::<serde_json::Value>(&found)?;
        let folder = folder["Dir"].as_str().ok_or("go says no folder")?;
        run(Command::new("cp")
            .args(["-r", "--no-preserve=mode", folder])
            .arg(&module))?;
        let tests = self.tests.map(|(test, label)| {
            format!("[[test]]\ngo-test = \"{test}\"\ncount = {{ {label} = {{ ge = 1 }} }}\n")
        });
        let spec = format!("[functions]\n{}{}", self.functions, tests.concat());
        fs::write(module.join(self.folder).join("bench.proctor.toml"), spec)?;
        Ok(module)
    }

    fn measure(&self, setup: &Setup, board: &mut Board) -> Outcome<()> {
        let module = self.prepare(setup)?;
        let rounds = match self.name {
            "chi" => MANY_ROUNDS,
            _ => ROUNDS,
        };
        let pairs = pairs(setup, &module, self.packages, rounds)?;
        let none = [&["-run=^$"], self.packages].concat();
        let start: Vec<f64> = self::pairs(setup, &module, &none, rounds)?.more().collect();
        let name = format!("the suite of {}, `go test` with an -exec", self.name);
        board.tell(&name, Unit::Ms, &pairs.plain)?;
        board.tell(
            "— goproctor test, three tests in a spec",
            Unit::Ms,
            &pairs.ours,
        )?;
        let start = board.tell("— of it start-up, beyond `go test`", Unit::Ms, &start)?;
        if self.name == "chi" {
            let each = pairs.more().map(|ms| (ms - start) * 1e3 / GOROUTINES);
            let name = "— without that, more for each of a million goroutines";
            board.judge(name, Unit::Us, &each.collect::<Vec<_>>(), PER_GOROUTINE)?;
        } else {
            let times = pairs.ours.iter().zip(&pairs.plain);
            let times: Vec<f64> = times.map(|(ours, plain)| (ours - start) / plain).collect();
            let name = "— without that, as many times `go test`";
            board.judge(name, Unit::Times, &times, TIMES)?;
        }
        board.judge("— its memory", Unit::Megabytes, &pairs.memory, MEGABYTES)?;
        Ok(())
    }
}

/// What both took, in ms, and goproctor's memory, in MB.
#[derive(Default)]
struct Pairs {
    plain: Vec<f64>,
    ours: Vec<f64>,
    memory: Vec<f64>,
}

impl Pairs {
    /// What goproctor took more.
    fn more(&self) -> impl Iterator<Item = f64> {
        self.ours
            .iter()
            .zip(&self.plain)
            .map(|(ours, plain)| ours - plain)
    }
}

/// Lets both run `go test` with these arguments in turns, after each has built the packages once.
fn pairs(setup: &Setup, module: &Path, arguments: &[&str], rounds: usize) -> Outcome<Pairs> {
    let plain = || -> Outcome<f64> {
        let begin = Instant::now();
        run(Command::new("go")
            .args(["test", "-count=1", "-exec=/usr/bin/env"])
            .args(arguments)
            .current_dir(module)
            .env("GOENV", "off"))?;
        Ok(ms(begin.elapsed()))
    };
    let ours = || -> Outcome<(f64, f64)> {
        let begin = Instant::now();
        let mut child = Command::new(&setup.goproctor)
            .args(["test", "-count=1"])
            .args(arguments)
            .current_dir(module)
            .env("GOENV", "off")
            .stdout(Stdio::null())
            .spawn()?;
        let memory = highest_memory(&mut child)?;
        let took = ms(begin.elapsed());
        let status = child.wait()?;
        match status.success() {
            true => Ok((took, memory)),
            false => Err(format!("goproctor test {arguments:?}: {status}").into()),
        }
    };
    plain()?;
    ours()?;
    let mut pairs = Pairs::default();
    for _ in 0..rounds {
        pairs.plain.push(plain()?);
        let (took, memory) = ours()?;
        pairs.ours.push(took);
        pairs.memory.push(memory);
    }
    Ok(pairs)
}

/// The most memory that a process had when last looked at, in MB; comes back when it has ended.
fn highest_memory(child: &mut Child) -> Outcome<f64> {
    let status = format!("/proc/{}/status", child.id());
    let mut highest = 0.0;
    while child.try_wait()?.is_none() {
        if let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse().ok());
            highest = kib.map_or(highest, |kib: f64| kib * 1024.0 / 1e6);
        }
        thread::sleep(PAUSE);
    }
    Ok(highest)
}

/// Runs a command to its end, which must be good, and gives what it printed.
fn run(command: &mut Command) -> Outcome<Vec<u8>> {
    let output = command.output()?;
    if !output.status.success() {
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        return Err(format!("{command:?}: {}: {said}", output.status).into());
    }
    Ok(output.stdout)
}

/// A module of many packages, each with one test; some have a spec.
fn many(setup: &Setup) -> Outcome<PathBuf> {
    let module = setup.scratch.path().join("many");
    for number in 0..BINARIES {
        let folder = module.join(format!("p{number}"));
        fs::create_dir_all(&folder)?;
        let code = format!("package p{number}\n\nfunc Next(n int) int {{ return n + 1 }}\n");
        fs::write(folder.join("p.go"), code)?;
        let test = format!(
            "package p{number}\n\nimport \"testing\"\n\nfunc TestNext(t *testing.T) {{\n\tif Next(1) != 2 {{\n\t\tt.Fatal()\n\t}}\n}}\n"
        );
        fs::write(folder.join("p_test.go"), test)?;
        if number < WITH_SPEC {
            let spec = format!(
                "[functions]\nnext = \"p{number}.Next\"\n[[test]]\ngo-test = \"TestNext\"\ncount = {{ next = 1 }}\n"
            );
            fs::write(folder.join("p.proctor.toml"), spec)?;
        }
    }
    fs::write(module.join("go.mod"), "module bench.test/many\n\ngo 1.20\n")?;
    Ok(module)
}

/// Measures the suites, and what it takes to start many binaries.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    for suite in &SUITES {
        suite.measure(setup, board)?;
    }
    let pairs = pairs(setup, &many(setup)?, &["./..."], ROUNDS)?;
    let name = format!("{BINARIES} test binaries, `go test` with an -exec");
    board.tell(&name, Unit::Ms, &pairs.plain)?;
    board.tell("— goproctor test, two specs", Unit::Ms, &pairs.ours)?;
    let bar = START.0 * WITH_SPEC as f64 + START.1 * (BINARIES - WITH_SPEC) as f64;
    let more: Vec<f64> = pairs.more().collect();
    board.judge("— more than `go test`", Unit::Ms, &more, bar)?;
    Ok(())
}
