//! What it costs to watch a server that other people have written while it has more to do than it can: prometheus, which
//! answers one query again and again.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use model::Retention;
use plan::WatchedLabel;

use super::{
    Outcome, Setup,
    board::{Board, Unit},
    program::{self, PerCall},
    watched::{Probed, RING, Returns, Watched},
};

/// How often all take their turn.
const ROUNDS: usize = 5;
/// How many queries a turn sends.
const QUERIES: u64 = 2_000;
/// How many of them at a time.
const CLIENTS: u64 = 4;
/// How long prometheus may take until it has scraped so much of itself that a rate is known.
const START: Duration = Duration::from_secs(60);
/// The bar: what fast returns cost, in percent of what returns cost.
const FAST: f64 = 100.0 / 3.0;

/// What is asked for: how many requests were answered with which status.
const QUERY: &str =
    "/api/v1/query?query=sum%20by%20(code)%20(rate(prometheus_http_requests_total%5B5m%5D))";
/// What its answer has in it when something is known.
const ANSWER: &str = "\"value\":";

/// What a query calls; some for each of the series that the query reads, most once.
const FUNCTIONS: [&str; 20] = [
    "github.com/prometheus/common/route.(*Router).ServeHTTP",
    "github.com/prometheus/prometheus/web/api/v1.(*API).query",
    "github.com/prometheus/prometheus/web/api/v1.(*API).respond",
    "github.com/prometheus/prometheus/promql.(*Engine).NewInstantQuery",
    "github.com/prometheus/prometheus/promql.(*Engine).newQuery",
    "github.com/prometheus/prometheus/promql.(*Engine).exec",
    "github.com/prometheus/prometheus/promql.(*Engine).execEvalStmt",
    "github.com/prometheus/prometheus/promql.(*Engine).populateSeries",
    "github.com/prometheus/prometheus/promql.(*query).Exec",
    "github.com/prometheus/prometheus/promql.(*query).Close",
    "github.com/prometheus/prometheus/promql.(*evaluator).Eval",
    "github.com/prometheus/prometheus/promql.(*evaluator).eval",
    "github.com/prometheus/prometheus/promql.(*evaluator).rangeEvalAgg",
    "github.com/prometheus/prometheus/promql.(*evaluator).aggregation",
    "github.com/prometheus/prometheus/promql.(*evaluator).expandSeriesSet",
    "github.com/prometheus/prometheus/promql.(*evaluator).checkAndExpandSeriesSet",
    "github.com/prometheus/prometheus/promql.funcRate",
    "github.com/prometheus/prometheus/promql.extrapolatedRate",
    "github.com/prometheus/prometheus/promql/parser.(*parser).Lex",
    "github.com/prometheus/prometheus/tsdb.(*blockQuerier).Select",
];

/// A prometheus that runs, and ends with this.
struct Prometheus {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Prometheus {
    /// Starts the program, which scrapes itself.
    fn start(binary: &Path) -> Outcome<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let folder = binary.with_extension("folder");
        fs::create_dir_all(&folder)?;
        let config = folder.join("prometheus.yml");
        let scrape = format!(
            "global:\n  scrape_interval: 2s\nscrape_configs:\n- job_name: self\n  static_configs:\n\
             \x20 - targets: ['127.0.0.1:{port}']\n"
        );
        fs::write(&config, scrape)?;
        let log = folder.join("log");
        let child = Command::new(binary)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!(
                "--storage.tsdb.path={}",
                folder.join("data").display()
            ))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()?;
        Ok(Self { child, port, log })
    }

    /// Sends queries; gives what one took.
    fn ask(&self, load: &Path, queries: u64) -> Outcome<PerCall> {
        let output = Command::new(load)
            .arg(format!("-url=http://127.0.0.1:{}{QUERY}", self.port))
            .arg(format!("-contains={ANSWER}"))
            .arg(format!("-requests={queries}"))
            .arg(format!("-clients={CLIENTS}"))
            .output()?;
        match output.status.success() {
            true => PerCall::parse(&String::from_utf8_lossy(&output.stdout)),
            false => Err(String::from_utf8_lossy(&output.stderr).into()),
        }
    }

    /// Waits until the query has an answer.
    fn wait(&mut self, load: &Path) -> Outcome<()> {
        let begin = Instant::now();
        loop {
            let Err(error) = self.ask(load, 1) else {
                return Ok(());
            };
            if begin.elapsed() > START || self.child.try_wait()?.is_some() {
                let log = fs::read_to_string(&self.log)?;
                let last = log.lines().last().unwrap_or_default();
                return Err(format!("prometheus does not answer: {error}: {last}").into());
            }
            thread::sleep(Duration::from_millis(500));
        }
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A copy of the program that is watched in one way.
struct Way {
    watched: Watched,
    server: Prometheus,
}

impl Way {
    fn begin(binary: &Path, probed: Probed, returns: Returns) -> Outcome<Self> {
        let labels = FUNCTIONS.iter().enumerate();
        let labels =
            labels.map(|(number, function)| WatchedLabel::new(format!("f{number}"), *function));
        Ok(Self {
            watched: Watched::with(binary, labels.collect(), probed, returns, RING)?,
            server: Prometheus::start(binary)?,
        })
    }

    /// What a query took, in ms, and how many records were lost; each function must have been seen in each query.
    fn turn(&self, load: &Path) -> Outcome<(f64, u64)> {
        let window = self.watched.open(Retention::Totals)?;
        let took = self.server.ask(load, QUERIES)?;
        let (seen, lost) = self.watched.observe(&window)?;
        let counted = seen.totals.as_ref().map_or(0, |totals| totals.count());
        if lost == 0 && counted < QUERIES * FUNCTIONS.len() as u64 {
            return Err(format!("{counted} calls were seen in {QUERIES} queries").into());
        }
        Ok((took.wall / 1e6, lost))
    }
}

/// Measures the query unwatched and watched in several ways, each against the others.
pub(crate) fn measure(setup: &Setup, board: &mut Board) -> Outcome<()> {
    let load = program::build_package(setup, "./load", "load", &[])?;
    let copy = |name: &str| -> Outcome<PathBuf> {
        let copy = setup.scratch.path().join(name);
        fs::copy(&setup.prometheus, &copy)?;
        Ok(copy)
    };
    let begin = |name: &str, probed, returns| Way::begin(&copy(name)?, probed, returns);
    let mut plain = Prometheus::start(&copy("prometheus")?)?;
    let mut entries = begin("prometheus-entries", Probed::EntriesUnread, Returns::Plain)?;
    let mut counted = begin("prometheus-counted", Probed::Unread, Returns::Plain)?;
    let mut fast = begin("prometheus-fast", Probed::Unread, Returns::Fast)?;
    plain.wait(&load)?;
    for way in [&mut entries, &mut counted, &mut fast] {
        way.server.wait(&load)?;
    }

    let [mut alone, mut at_entries, mut ours, mut ours_fast] = [(); 4].map(|()| Vec::new());
    let mut lost = Vec::new();
    for _ in 0..ROUNDS {
        alone.push(plain.ask(&load, QUERIES)?.wall / 1e6);
        let mut missing = 0;
        for (way, took) in [
            (&entries, &mut at_entries),
            (&counted, &mut ours),
            (&fast, &mut ours_fast),
        ] {
            let (turn, lost) = way.turn(&load)?;
            took.push(turn);
            missing += lost;
        }
        lost.push(missing as f64);
    }
    let name = format!("{QUERIES} queries to prometheus, unwatched, a query");
    let us = |values: &[f64]| values.iter().map(|ms| ms * 1e3).collect::<Vec<f64>>();
    board.tell(&name, Unit::Us, &us(&alone))?;
    board.tell(
        "— 20 functions counted at entry",
        Unit::Us,
        &us(&at_entries),
    )?;
    let name = "— counts and latency: entry and return";
    board.tell(name, Unit::Us, &us(&ours))?;
    let name = "— counts and latency, returns fast";
    board.tell(name, Unit::Us, &us(&ours_fast))?;
    board.judge("— lost of all these", Unit::Count, &lost, 0.0)?;
    let times = |with: &[f64]| -> Vec<f64> {
        let with = with.iter().zip(&alone);
        with.map(|(with, alone)| with / alone).collect()
    };
    let name = "— counts and latency, as many times unwatched";
    board.tell(name, Unit::Times, &times(&ours))?;
    let name = "— with fast returns, as many times unwatched";
    board.tell(name, Unit::Times, &times(&ours_fast))?;
    let above = |with: &[f64]| -> Vec<f64> {
        let with = with.iter().zip(&at_entries);
        with.map(|(with, entries)| with - entries).collect()
    };
    let share = above(&ours_fast).into_iter().zip(above(&ours));
    let share: Vec<f64> = share.map(|(fast, plain)| fast / plain * 100.0).collect();
    let name = "— what fast returns cost, of what returns cost";
    board.judge(name, Unit::Percent, &share, FAST)?;
    Ok(())
}
