//! The HTTP driver: visitors that share the numbers of an entry's repetitions among them.

use std::{
    collections::BTreeMap,
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use kernel::clock;
use model::{Answer, Exchange};
use spec::document::{HttpVersion, RequestSpec};
use tokio::{sync::watch, task::JoinSet, time};

use super::{
    Carry, Context, DriveError, DriveResult, Driver, Interruption, dial::Endpoint, http1,
    http2::Connections, request::Prepared, sending::Sending,
};
use crate::target::TemplateVars;

/// How often to look whether to stop.
const LOOK: Duration = Duration::from_millis(10);

/// Sends requests over HTTP/1.1 and HTTP/2, in TLS where the program speaks it.
///
/// HTTP/1.1: a new connection for each request; with `repeat`, as many visitors as `concurrency` says, each with one
/// that is kept alive. HTTP/2: one connection for all requests of an entry, with as many streams at a time; when it is
/// lost, those that were under way have failed, and the rest goes over a new one.
///
/// No redirects, cookies only from the jar if there is one, and no headers but those declared, Host (`:authority` in HTTP/2), and with a body
/// Content-Length (and Content-Type for JSON and forms).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Http;

impl Driver for Http {
    fn run(
        &self,
        requests: &[RequestSpec],
        context: &Context<'_>,
    ) -> Result<DriveResult, DriveError> {
        if !context.address.ip().is_loopback() {
            return Err(DriveError::NotLoopback(context.address));
        }
        let entries: Vec<Arc<Entry>> = requests
            .iter()
            .enumerate()
            .map(|(index, spec)| Arc::new(Entry::new(index, spec, context)))
            .collect();
        // Values that are not known yet change nothing that is checked but what they are in.
        let values = context.carry.values_with(requests);
        for entry in &entries {
            entry.prepare(0, &values)?;
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        // Dropped with it: whatever is left of any connection.
        runtime.block_on(drive(entries, context))
    }
}

/// Sends all, and looks now and then whether to stop.
async fn drive(entries: Vec<Arc<Entry>>, context: &Context<'_>) -> Result<DriveResult, DriveError> {
    let (stop, stopped) = watch::channel(None);
    let mut work = std::pin::pin!(send_all(entries, stopped));
    loop {
        tokio::select! {
            biased;
            exchanges = &mut work => {
                return Ok(DriveResult { exchanges: exchanges?, interrupted: *stop.borrow() });
            }
            () = time::sleep(LOOK) => {
                if stop.borrow().is_none() && let Some(why) = interruption(context) {
                    stop.send_replace(Some(why));
                }
            }
        }
    }
}

fn interruption(context: &Context<'_>) -> Option<Interruption> {
    if context.cancel.load(Ordering::Relaxed) {
        return Some(Interruption::Cancelled);
    }
    let passed = context.deadline.is_some_and(|end| Instant::now() >= end);
    passed.then_some(Interruption::Deadline)
}

type Stopped = watch::Receiver<Option<Interruption>>;

async fn send_all(entries: Vec<Arc<Entry>>, stopped: Stopped) -> io::Result<Vec<Exchange>> {
    let mut all = Vec::new();
    for entry in entries {
        let mut visitors = JoinSet::new();
        for visitor in entry.visitors() {
            visitors.spawn(visit(Arc::clone(&entry), visitor, stopped.clone()));
        }
        let mut exchanges = Vec::new();
        while let Some(visited) = visitors.join_next().await {
            exchanges.extend(visited.map_err(io::Error::other)?);
        }
        exchanges.sort_by_key(|exchange: &Exchange| exchange.number);
        let is_saved = entry.save(&exchanges);
        all.extend(exchanges);
        // Those behind it need what it did not bring.
        if !is_saved {
            break;
        }
    }
    Ok(all)
}

/// One visitor: takes the next number until there is none.
async fn visit(entry: Arc<Entry>, mut visitor: Visitor, mut stopped: Stopped) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    while stopped.borrow().is_none() {
        let Some(number) = entry.take_number() else {
            break;
        };
        exchanges.push(entry.exchange(&mut visitor, number, &mut stopped).await);
    }
    exchanges
}

/// One who sends requests one after the other.
enum Visitor {
    /// Over connections of its own.
    Alone(http1::Visitor),
    /// As streams of the connection that all share.
    Sharing(Arc<Connections>),
}

impl Visitor {
    async fn exchange(
        &mut self,
        request: &Prepared,
        timeout: Duration,
        sending: &mut Sending,
    ) -> Answer {
        match self {
            Self::Alone(visitor) => visitor.exchange(request, timeout, sending).await,
            Self::Sharing(connections) => connections.exchange(request, timeout, sending).await,
        }
    }
}

/// A request entry of a test.
struct Entry {
    index: usize,
    spec: RequestSpec,
    vars: OwnFilling,
    carry: Carry,
    door: Endpoint,
    next: AtomicU32,
}

/// What fills the entry's placeholders, without borrowing.
struct OwnFilling {
    ports: Option<BTreeMap<String, u16>>,
    stubs: Option<BTreeMap<String, String>>,
    folder: Option<PathBuf>,
}

impl Entry {
    fn new(index: usize, spec: &RequestSpec, context: &Context<'_>) -> Self {
        Self {
            index,
            spec: spec.clone(),
            vars: OwnFilling {
                ports: context.vars.ports.cloned(),
                stubs: context.vars.stubs.cloned(),
                folder: context.vars.folder.map(PathBuf::from),
            },
            carry: context.carry.clone(),
            door: Endpoint {
                address: context.address,
                tls: context.tls.cloned(),
                version: spec.http,
            },
            next: AtomicU32::new(0),
        }
    }

    fn visitors(&self) -> Vec<Visitor> {
        let count = self.spec.concurrency.max(1).min(self.spec.repeat);
        let shared = Arc::new(Connections::new(self.door.clone(), count));
        let visitors = (0..count).map(|_| match self.spec.http {
            HttpVersion::One => {
                let keep_alive = self.spec.repeat > 1;
                Visitor::Alone(http1::Visitor::new(self.door.clone(), keep_alive))
            }
            HttpVersion::Two => Visitor::Sharing(Arc::clone(&shared)),
        });
        visitors.collect()
    }

    /// Each number once.
    fn take_number(&self) -> Option<u32> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.spec.repeat).then_some(number)
    }

    /// Saves what its answer must have for the requests behind it; false if it has not all of that.
    fn save(&self, exchanges: &[Exchange]) -> bool {
        match exchanges {
            [exchange] => self.carry.save(self.index, &self.spec, &exchange.answer),
            // Not sent, or several, of which nothing is saved.
            _ => true,
        }
    }

    fn prepare(
        &self,
        number: u32,
        saved: &BTreeMap<String, String>,
    ) -> Result<Prepared, DriveError> {
        let vars = TemplateVars {
            ports: self.vars.ports.as_ref(),
            stubs: self.vars.stubs.as_ref(),
            folder: self.vars.folder.as_deref(),
            number: Some(number),
            saved: Some(saved),
        };
        Prepared::new(self.index, &self.spec, &vars, &self.door, &self.carry)
    }

    async fn exchange(
        &self,
        visitor: &mut Visitor,
        number: u32,
        stopped: &mut Stopped,
    ) -> Exchange {
        let mut sending = Sending::not_yet();
        let (target, answer) = match self.prepare(number, &self.carry.values()) {
            Ok(request) => {
                let exchange = visitor.exchange(&request, self.spec.timeout, &mut sending);
                let answer = tokio::select! {
                    biased;
                    answer = exchange => answer,
                    why = interrupted(stopped) => Answer::Failed(why.to_owned()),
                };
                let target = request.target.to_string();
                let words = format!("{} {target}", self.spec.method);
                self.carry.keep_cookies(&words, &request.place, &answer);
                (target, answer)
            }
            // Was prepared with the number 0 before, so that it is for a saved value if at all.
            Err(error) => (String::new(), Answer::Failed(error.to_string())),
        };
        Exchange {
            entry: self.index,
            number,
            method: self.spec.method.clone(),
            target,
            local_port: sending.local_port,
            position: sending.position,
            stream: sending.stream,
            sent: sending.sent,
            took: clock::now().since(sending.sent),
            answer,
        }
    }
}

async fn interrupted(stopped: &mut Stopped) -> &'static str {
    match stopped.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(Interruption::Deadline)) => {
            "the test ran out of time before the response was complete"
        }
        _ => "cancelled before the response was complete",
    }
}

#[cfg(test)]
mod tests;
