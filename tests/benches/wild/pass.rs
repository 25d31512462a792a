//! A server under goproctor alone, then under both.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    Outcome, Setup,
    choose::choose,
    compare,
    dlv::{Client, Delve},
    http::Request,
    ours::{Goproctor, Refused, Told},
    process::{self, Process},
    servers::{Place, Server},
    symbols::{Symbols, holders},
    tally::Tally,
    value::Variable,
    verdict::{Readings, Verdict},
};

/// How long a server may take to answer at first.
const READY: Duration = Duration::from_secs(60);
/// How long delve may follow a server.
const FOLLOW: Duration = Duration::from_secs(200);
/// The time between two requests: what is told of one is to be written before the next, else the room for it ends. Where
/// calls are lost, the next is tried.
const PACES: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];
/// How many levels of structs and elements delve follows.
const DEPTH: u32 = 3;
/// Of names that are not taken, goproctor may tell one at a time.
const ATTEMPTS: usize = 12;
/// The byte that stops a thread.
const TRAP: u8 = 0xcc;

/// What a server came to.
pub(crate) struct Compared {
    pub(crate) tally: Tally,
    /// How many functions were chosen.
    pub(crate) chosen: usize,
    /// How many requests were sent while both watched.
    pub(crate) requests: usize,
    /// The differences by verdict, function and path, with how many there are and one of them.
    pub(crate) verdicts: BTreeMap<(Verdict, String, String), (u64, String, String)>,
    pub(crate) took: Duration,
}

/// Compares a server.
pub(crate) fn compare(setup: &Setup, server: &Server) -> Outcome<Compared> {
    let begin = Instant::now();
    let binary = setup.servers.join(server.name);
    let symbols = Symbols::read(&binary)?;
    let patterns: Vec<String> = server.patterns.iter().map(|text| (*text).into()).collect();
    let told = reached(setup, server, &patterns)?;
    let chosen = choose(&told, &symbols, setup.functions);
    drop(told);
    eprintln!("{}: {} functions are chosen", server.name, chosen.len());
    for pace in PACES {
        let watched = Watched::begin(setup, server, &symbols, &chosen)?;
        let (requests, stops, told) = watched.follow(setup, server, pace)?;
        if let Some(lost) = told.lost.first() {
            eprintln!(
                "{}: calls were lost at one request in {pace:?}, so that none can be told apart: {lost}",
                server.name
            );
            continue;
        }
        let mut compared = judge(server, &stops, &told);
        compared.chosen = chosen.len();
        compared.requests = requests;
        compared.took = begin.elapsed();
        return Ok(compared);
    }
    Err("calls were lost at every pace: run it on a machine with less to do".into())
}

/// A server that answers.
struct Running {
    process: Process,
    place: Place,
    requests: Vec<Request>,
    _folder: tempfile::TempDir,
}

impl Running {
    fn start(setup: &Setup, server: &Server) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let place = Place {
            binary: setup.servers.join(server.name),
            folder: folder.path().to_owned(),
            port: process::free_port()?,
            second_port: process::free_port()?,
        };
        let arguments = (server.prepare)(&place)?;
        let log = File::create(place.folder.join("log"))?;
        let mut process = Process::start(
            Command::new(&place.binary)
                .args(arguments)
                .current_dir(&place.folder)
                .env("HOME", &place.folder)
                // One thread runs Go code, and goes to another goroutine only where the code itself lets it: not between
                // the two readings.
                .env("GOMAXPROCS", "1")
                .env("GODEBUG", "asyncpreemptoff=1")
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log),
        )?;
        let begin = Instant::now();
        while Request::get(server.ready).send(place.port).is_err() {
            if begin.elapsed() > READY || process.try_wait()?.is_some() {
                let log = std::fs::read_to_string(place.folder.join("log"))?;
                let last = log.lines().rev().take(5).collect::<Vec<_>>().join("\n");
                return Err(format!("the server does not answer: {last}").into());
            }
            thread::sleep(Duration::from_millis(100));
        }
        let requests = (server.requests)(&place)?;
        Ok(Self {
            process,
            place,
            requests,
            _folder: folder,
        })
    }
}

/// The functions that the requests reach, as goproctor alone tells. Globs of too many functions are watched one after
/// the other.
fn reached(setup: &Setup, server: &Server, patterns: &[String]) -> Outcome<Told> {
    let running = Running::start(setup, server)?;
    let watch = Goproctor::watch(setup, running.process.id(), patterns, 2)?;
    let watch = watch.map_err(|refused| match refused {
        Refused::Said(lines) => lines.join("\n"),
        Refused::Late => "goproctor takes too long".to_owned(),
    })?;
    for request in &running.requests {
        thread::sleep(PACES[0]);
        let answer = request.send(running.place.port)?;
        if std::env::var_os("SHOW_ANSWERS").is_some() {
            eprintln!("{request:?}\n  {} {}", answer.status, answer.body);
        }
    }
    watch.end()
}

/// What delve read at a stop.
struct Stop {
    function: usize,
    goroutine: i64,
    arguments: Vec<Variable>,
}

/// A server that both watch; it stands still.
struct Watched {
    running: Running,
    delve: Delve,
    client: Client,
    goproctor: Goproctor,
    /// With the addresses where delve is to stop.
    functions: Vec<(String, Vec<u64>)>,
}

impl Watched {
    fn begin(
        setup: &Setup,
        server: &Server,
        symbols: &Symbols,
        chosen: &[String],
    ) -> Outcome<Self> {
        let running = Running::start(setup, server)?;
        let process = running.process.id();
        let delve = Delve::attach(&setup.dlv, process)?;
        let mut client = delve.client()?;
        // Before there are probes, which delve would take for the program's code.
        let mut functions = Vec::new();
        for function in chosen {
            let Ok(mut places) = client.places(function) else {
                continue;
            };
            places.retain(|place| symbols.holds(function, *place));
            if !places.is_empty() {
                functions.push((function.clone(), places));
            }
        }
        let goproctor = watch_named(setup, process, &mut functions)?;
        let mut memory = Memory::open(process)?;
        let mut free = Vec::new();
        for (function, places) in functions {
            let mut is_free = true;
            for place in &places {
                is_free &= memory.byte(*place)? != TRAP;
            }
            if is_free {
                free.push((function, places));
            }
        }
        Ok(Self {
            running,
            delve,
            client,
            goproctor,
            functions: free,
        })
    }

    /// Sends the requests and takes down what both tell.
    fn follow(
        mut self,
        setup: &Setup,
        server: &Server,
        pace: Duration,
    ) -> Outcome<(usize, Stops, Told)> {
        let mut breakpoints = BTreeMap::new();
        for (number, (_, places)) in self.functions.iter().enumerate() {
            let id = self.client.stop_at(places, DEPTH)?;
            breakpoints.insert(id, (number, 0_usize));
        }
        let over = AtomicBool::new(false);
        let stopped = AtomicBool::new(false);
        let sent = AtomicUsize::new(0);
        let mut halter = self.delve.client()?;
        let mut stops = Vec::new();
        let begin = Instant::now();
        let followed = thread::scope(|scope| {
            let (over, stopped, sent) = (&over, &stopped, &sent);
            let (requests, port) = (&self.running.requests, self.running.place.port);
            scope.spawn(move || {
                for request in requests {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    thread::sleep(pace);
                    match request.send(port) {
                        Ok(_) => {
                            sent.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) => eprintln!("{}: {request:?}: {error}", server.name),
                    }
                }
                over.store(true, Ordering::Relaxed);
            });
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) && begin.elapsed() < FOLLOW {
                    thread::sleep(Duration::from_millis(50));
                }
                over.store(true, Ordering::Relaxed);
                // It may stand at a breakpoint just then, which is no reason not to be asked again.
                while !stopped.load(Ordering::Relaxed) {
                    let _ = halter.halt();
                    thread::sleep(Duration::from_millis(200));
                }
            });
            let followed = stops_until(&mut self.client, over, setup, &mut breakpoints, &mut stops);
            over.store(true, Ordering::Relaxed);
            stopped.store(true, Ordering::Relaxed);
            // What waits for an answer gets one.
            self.client.detach().and(followed)
        });
        followed?;
        let told = self.goproctor.end()?;
        let stops = Stops {
            functions: self.functions.into_iter().map(|(name, _)| name).collect(),
            stops,
        };
        Ok((sent.into_inner(), stops, told))
    }
}

/// All stops in order.
struct Stops {
    functions: Vec<String>,
    stops: Vec<Stop>,
}

fn stops_until(
    client: &mut Client,
    over: &AtomicBool,
    setup: &Setup,
    breakpoints: &mut BTreeMap<i64, (usize, usize)>,
    stops: &mut Vec<Stop>,
) -> Outcome<()> {
    while !over.load(Ordering::Relaxed) {
        let state = client.go_on()?;
        if state.exited {
            return Err("the server ended".into());
        }
        for thread in state.threads {
            let (Some(breakpoint), Some(info)) = (thread.breakpoint, thread.info) else {
                continue;
            };
            let Some((function, hits)) = breakpoints.get_mut(&breakpoint.id) else {
                continue;
            };
            stops.push(Stop {
                function: *function,
                goroutine: thread.goroutine,
                arguments: info.arguments,
            });
            *hits += 1;
            if *hits == setup.hits {
                client.clear(breakpoint.id)?;
            }
        }
    }
    Ok(())
}

/// Has goproctor watch functions by their names. Those that it refuses by name are left out.
fn watch_named(
    setup: &Setup,
    process: u32,
    functions: &mut Vec<(String, Vec<u64>)>,
) -> Outcome<Goproctor> {
    let mut said = Vec::new();
    for _ in 0..ATTEMPTS {
        let names: Vec<String> = functions.iter().map(|(name, _)| name.clone()).collect();
        match Goproctor::watch(setup, process, &names, setup.hits)? {
            Ok(watch) => return Ok(watch),
            Err(Refused::Late) => break,
            Err(Refused::Said(lines)) => said = lines,
        }
        let words: BTreeSet<&str> = said.iter().flat_map(|line| line.split(' ')).collect();
        functions.retain(|(name, _)| !holders(name).any(|holder| words.contains(holder)));
    }
    Err(format!("goproctor does not watch: {}", said.join("\n")).into())
}

/// Compares call by call: a call is the n-th of its function on its goroutine.
fn judge(server: &Server, stops: &Stops, told: &Told) -> Compared {
    let mut tally = Tally::default();
    let mut turns: BTreeMap<(usize, i64), usize> = BTreeMap::new();
    for stop in &stops.stops {
        let turn = turns.entry((stop.function, stop.goroutine)).or_default();
        let function = &stops.functions[stop.function];
        let calls = told.calls.get(&(function.clone(), stop.goroutine));
        match calls.and_then(|calls| calls.values().nth(*turn)) {
            Some(ours) => {
                tally.calls += 1;
                if compare::call(&mut tally, function, ours, &stop.arguments) {
                    tally.functions.insert(function.clone());
                }
            }
            None => tally.miss(function, stop.goroutine, *turn),
        }
        *turn += 1;
    }
    let mut readings = Readings::of(&tally.differences);
    for variable in stops.stops.iter().flat_map(|stop| &stop.arguments) {
        readings.take(variable);
    }
    let mut verdicts = BTreeMap::new();
    for difference in &tally.differences {
        let key = (
            readings.judge(server.name, difference),
            difference.function.clone(),
            difference.path.clone(),
        );
        let (ours, theirs) = (difference.ours.clone(), difference.theirs.clone());
        verdicts.entry(key).or_insert((0, ours, theirs)).0 += 1;
    }
    Compared {
        tally,
        chosen: 0,
        requests: 0,
        verdicts,
        took: Duration::ZERO,
    }
}

/// A process's memory.
struct Memory(File);

impl Memory {
    fn open(process: u32) -> Outcome<Self> {
        let path: PathBuf = Path::new("/proc").join(process.to_string()).join("mem");
        Ok(Self(File::open(path)?))
    }

    fn byte(&mut self, address: u64) -> Outcome<u8> {
        let mut byte = [0];
        self.0.seek(SeekFrom::Start(address))?;
        self.0.read_exact(&mut byte)?;
        Ok(byte[0])
    }
}
