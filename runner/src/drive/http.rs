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

use tokio::{sync::watch, task::JoinSet, time};

use crate::{
    clock,
    model::{Answer, Exchange},
    spec::document::RequestSpec,
    target::Filling,
};

use super::{
    Context, DriveError, Driven, Driver, Interruption,
    connection::{Sending, Visitor},
    request::Prepared,
};

/// How often to look whether to stop.
const LOOK: Duration = Duration::from_millis(10);

/// Sends requests over HTTP/1.1. A new connection for each; with `repeat`, as many visitors as `concurrency` says,
/// each with one that is kept alive. No redirects, no cookies, and no headers but those declared, Host, and with a
/// body Content-Length (and Content-Type for JSON and forms).
#[derive(Clone, Copy, Debug, Default)]
pub struct Http;

impl Driver for Http {
    fn run(&self, requests: &[RequestSpec], context: &Context<'_>) -> Result<Driven, DriveError> {
        if !context.address.ip().is_loopback() {
            return Err(DriveError::NotLoopback(context.address));
        }
        let entries: Vec<Arc<Entry>> = requests
            .iter()
            .enumerate()
            .map(|(index, spec)| Arc::new(Entry::new(index, spec, context)))
            .collect();
        for entry in &entries {
            entry.prepare(0)?;
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
async fn drive(entries: Vec<Arc<Entry>>, context: &Context<'_>) -> Result<Driven, DriveError> {
    let (stop, stopped) = watch::channel(None);
    let mut work = std::pin::pin!(send_all(entries, stopped));
    loop {
        tokio::select! {
            biased;
            exchanges = &mut work => {
                return Ok(Driven { exchanges: exchanges?, interrupted: *stop.borrow() });
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
        for _ in 0..entry.visitors() {
            visitors.spawn(visit(Arc::clone(&entry), stopped.clone()));
        }
        let mut exchanges = Vec::new();
        while let Some(visited) = visitors.join_next().await {
            exchanges.extend(visited.map_err(io::Error::other)?);
        }
        exchanges.sort_by_key(|exchange: &Exchange| exchange.number);
        all.extend(exchanges);
    }
    Ok(all)
}

/// One visitor: takes the next number until there is none.
async fn visit(entry: Arc<Entry>, mut stopped: Stopped) -> Vec<Exchange> {
    let mut visitor = Visitor::new(entry.filling.address, entry.spec.repeat > 1);
    let mut exchanges = Vec::new();
    while stopped.borrow().is_none() {
        let Some(number) = entry.take_number() else {
            break;
        };
        exchanges.push(entry.exchange(&mut visitor, number, &mut stopped).await);
    }
    exchanges
}

/// A request entry of a test.
struct Entry {
    index: usize,
    spec: RequestSpec,
    filling: OwnFilling,
    next: AtomicU32,
}

/// What fills the entry's placeholders, without borrowing.
struct OwnFilling {
    address: std::net::SocketAddr,
    ports: Option<BTreeMap<String, u16>>,
    stubs: Option<BTreeMap<String, String>>,
    folder: Option<PathBuf>,
}

impl Entry {
    fn new(index: usize, spec: &RequestSpec, context: &Context<'_>) -> Self {
        Self {
            index,
            spec: spec.clone(),
            filling: OwnFilling {
                address: context.address,
                ports: context.filling.ports.cloned(),
                stubs: context.filling.stubs.cloned(),
                folder: context.filling.folder.map(PathBuf::from),
            },
            next: AtomicU32::new(0),
        }
    }

    fn visitors(&self) -> u32 {
        self.spec.concurrency.max(1).min(self.spec.repeat)
    }

    /// Each number once.
    fn take_number(&self) -> Option<u32> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        (number < self.spec.repeat).then_some(number)
    }

    fn prepare(&self, number: u32) -> Result<Prepared, DriveError> {
        let filling = Filling {
            ports: self.filling.ports.as_ref(),
            stubs: self.filling.stubs.as_ref(),
            folder: self.filling.folder.as_deref(),
            number: Some(number),
        };
        let host = self.filling.address.to_string();
        Prepared::new(self.index, &self.spec, &filling, &host)
    }

    async fn exchange(
        &self,
        visitor: &mut Visitor,
        number: u32,
        stopped: &mut Stopped,
    ) -> Exchange {
        let mut sending = Sending {
            local_port: 0,
            position: 0,
            sent: clock::now(),
        };
        let (target, answer) = match self.prepare(number) {
            Ok(request) => {
                let answer = tokio::select! {
                    biased;
                    done = time::timeout(self.spec.timeout, visitor.exchange(&request, &mut sending)) => {
                        match done {
                            Ok(Ok(answer)) => answer,
                            Ok(Err(reason)) => Answer::Failed(reason),
                            Err(_) => Answer::TimedOut,
                        }
                    }
                    why = interrupted(stopped) => Answer::Failed(why.to_owned()),
                };
                (request.target.to_string(), answer)
            }
            // Was prepared with the number 0 before; another number changes nothing that is checked.
            Err(error) => (String::new(), Answer::Failed(error.to_string())),
        };
        Exchange {
            stream: None,
            entry: self.index,
            number,
            method: self.spec.method.clone(),
            target,
            local_port: sending.local_port,
            position: sending.position,
            sent: sending.sent,
            took: clock::now().since(sending.sent),
            answer,
        }
    }
}

async fn interrupted(stopped: &mut Stopped) -> &'static str {
    match stopped.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(Interruption::Deadline)) => {
            "the test's time was over before the response was whole"
        }
        _ => "cancelled before the response was whole",
    }
}

#[cfg(test)]
mod tests;
