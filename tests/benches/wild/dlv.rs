//! delve, attached to a process and spoken to by its JSON-RPC.

use std::{
    io::{BufReader, Write as _},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Deserializer, Value as Json, de::IoRead, json};

use super::{
    Outcome,
    process::{self, Process},
    value::Variable,
};

/// How long it may take to load a program and stop it.
const START: Duration = Duration::from_secs(600);

/// A connection to it.
pub(crate) struct Client {
    stream: TcpStream,
    answers: Deserializer<IoRead<BufReader<TcpStream>>>,
    next: u64,
}

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error: Json,
}

/// What a thread stands at when the process is stopped.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Thread {
    #[serde(rename = "goroutineID")]
    pub(crate) goroutine: i64,
    #[serde(rename = "breakPoint")]
    pub(crate) breakpoint: Option<Breakpoint>,
    #[serde(rename = "breakPointInfo")]
    pub(crate) info: Option<Info>,
}

/// A breakpoint, as far as it is of interest.
#[derive(Deserialize)]
pub(crate) struct Breakpoint {
    pub(crate) id: i64,
}

/// What was read at a breakpoint.
#[derive(Deserialize)]
pub(crate) struct Info {
    #[serde(default)]
    pub(crate) arguments: Vec<Variable>,
}

/// How the process stands.
#[derive(Deserialize)]
pub(crate) struct State {
    #[serde(rename = "Threads", default)]
    pub(crate) threads: Vec<Thread>,
    #[serde(default)]
    pub(crate) exited: bool,
}

impl Client {
    fn connect(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let answers = Deserializer::from_reader(BufReader::new(stream.try_clone()?));
        let mut client = Self {
            stream,
            answers,
            next: 0,
        };
        client.call::<Json>("SetApiVersion", &json!({ "APIVersion": 2 }))?;
        Ok(client)
    }

    fn call<T: DeserializeOwned>(&mut self, method: &str, argument: &Json) -> Outcome<T> {
        self.next += 1;
        let call = json!({
            "method": format!("RPCServer.{method}"),
            "params": [argument],
            "id": self.next,
        });
        self.stream.write_all(call.to_string().as_bytes())?;
        let answer = Answer::deserialize(&mut self.answers)?;
        match (answer.error, answer.result) {
            (Json::Null, Some(result)) => Ok(result),
            (error, _) => Err(format!("delve: {method}: {error}").into()),
        }
    }

    /// Where a function begins, behind its prologue; of a generic one each instance's.
    pub(crate) fn places(&mut self, function: &str) -> Outcome<Vec<u64>> {
        #[derive(Deserialize)]
        struct Found {
            #[serde(rename = "Locations")]
            locations: Vec<Location>,
        }
        #[derive(Deserialize)]
        struct Location {
            #[serde(default)]
            pcs: Vec<u64>,
        }
        let found: Found = self.call(
            "FindLocation",
            &json!({ "Scope": { "GoroutineID": -1 }, "Loc": function }),
        )?;
        Ok(found
            .locations
            .into_iter()
            .flat_map(|place| place.pcs)
            .collect())
    }

    /// Has it stop at addresses and read the arguments there; gives the breakpoint's number.
    pub(crate) fn stop_at(&mut self, addresses: &[u64], depth: u32) -> Outcome<i64> {
        #[derive(Deserialize)]
        struct Created {
            #[serde(rename = "Breakpoint")]
            breakpoint: Breakpoint,
        }
        let created: Created = self.call(
            "CreateBreakpoint",
            &json!({ "Breakpoint": {
                "addr": addresses.first(),
                "addrs": addresses,
                "LoadArgs": {
                    "FollowPointers": true,
                    "MaxVariableRecurse": depth,
                    "MaxStringLen": 256,
                    "MaxArrayValues": 16,
                    "MaxStructFields": -1,
                },
            } }),
        )?;
        Ok(created.breakpoint.id)
    }

    /// Has it no longer stop there.
    pub(crate) fn clear(&mut self, breakpoint: i64) -> Outcome<()> {
        self.call::<Json>("ClearBreakpoint", &json!({ "Id": breakpoint }))?;
        Ok(())
    }

    /// Lets the process go on until it is stopped again.
    pub(crate) fn go_on(&mut self) -> Outcome<State> {
        #[derive(Deserialize)]
        struct Stopped {
            #[serde(rename = "State")]
            state: State,
        }
        let stopped: Stopped = self.call("Command", &json!({ "name": "continue" }))?;
        Ok(stopped.state)
    }

    /// Stops the process, if it is not; another client is told of it.
    pub(crate) fn halt(&mut self) -> Outcome<()> {
        self.call::<Json>("Command", &json!({ "name": "halt" }))?;
        Ok(())
    }

    /// Leaves the process, which goes on.
    pub(crate) fn detach(&mut self) -> Outcome<()> {
        self.call::<Json>("Detach", &json!({ "Kill": false }))?;
        Ok(())
    }
}

/// delve while it is attached.
pub(crate) struct Delve {
    _process: Process,
    address: String,
}

impl Delve {
    /// Attaches it; the process is stopped from then on.
    pub(crate) fn attach(dlv: &Path, process: u32) -> Outcome<Self> {
        let mut child = Process::start(
            Command::new(dlv)
                .args(["attach", &process.to_string()])
                .args(["--headless", "--api-version=2", "--accept-multiclient"])
                .args(["--check-go-version=false", "--listen=127.0.0.1:0"])
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null()),
        )?;
        let said = process::lines(child.stdout.take().ok_or("no standard output")?);
        let word = "listening at: ";
        let line = process::wait_for(&said, word, START).map_err(|error| format!("dlv {error}"))?;
        let address = line.rsplit(word).next().unwrap_or_default().to_owned();
        Ok(Self {
            _process: child,
            address,
        })
    }

    /// Another connection.
    pub(crate) fn client(&self) -> Outcome<Client> {
        Client::connect(&self.address)
    }
}
