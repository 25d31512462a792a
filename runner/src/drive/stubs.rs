//! Stubs: services that the program calls, served on loopback by one thread of our own.

use std::{
    collections::BTreeMap,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING},
    http::request::Parts,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use model::{Forwarded, StubUse};
use nix::sys::socket::Backlog;
use spec::document::{Answer, AnswerAction, Stub};
use tokio::sync::oneshot;

use super::{
    stub_log::{StubBody, StubLog},
    upstream::{ForwardLog, forward, passed_on, whole},
};

/// How long to wait before accepting again when the system has no descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(10);

/// Why stubs cannot be served as declared.
#[derive(Debug, thiserror::Error)]
pub enum StubError {
    /// There is no stub of that name to answer otherwise.
    #[error("there is no stub {0:?}: declare [stubs.{0}]")]
    Unknown(String),
    /// A part of an answer cannot be sent as HTTP.
    #[error("the stub {stub:?} cannot answer with {what}: {error}")]
    Answer {
        /// The stub's name.
        stub: String,
        /// Which part.
        what: String,
        /// Why.
        error: String,
    },
    /// A stub has an upstream, and none of its answers yet.
    #[error(
        "the stub {0:?} has no answers yet: record those of its upstream with \
         `goproctor run --record-stubs FILE SPEC`, and paste them into the spec"
    )]
    NotRecorded(String),
    /// The system refuses to serve.
    #[error("cannot serve the stub {stub:?} on 127.0.0.1: {error}")]
    System {
        /// The stub's name.
        stub: String,
        /// Why.
        error: io::Error,
    },
}

/// Running stubs; they end when this is dropped.
#[derive(Debug)]
pub(crate) struct Stubs {
    services: Vec<Arc<Service>>,
    urls: BTreeMap<String, String>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Stubs {
    /// Serves each stub on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// [`StubError::Answer`], [`StubError::NotRecorded`] and [`StubError::System`].
    pub(crate) fn start(stubs: &[Stub]) -> Result<Self, StubError> {
        let mut services = Vec::new();
        let mut listeners = Vec::new();
        let mut urls = BTreeMap::new();
        for stub in stubs {
            let name = &stub.name.value;
            let script = Script::new(stub)?;
            let (listener, url) = listen().map_err(|error| system(name, error))?;
            listeners.push(listener);
            urls.insert(name.clone(), url);
            services.push(Arc::new(Service {
                name: name.clone(),
                declared: script.clone(),
                round: Mutex::new(Round::new(script)),
                forwarded: Mutex::default(),
            }));
        }
        let mut stubs = Self {
            services,
            urls,
            stop: None,
            thread: None,
        };
        if let Some(first) = stubs.services.first() {
            let name = first.name.clone();
            stubs
                .serve(listeners)
                .map_err(|error| system(&name, error))?;
        }
        Ok(stubs)
    }

    fn serve(&mut self, listeners: Vec<TcpListener>) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        let listeners = {
            let _inside = runtime.enter();
            listeners
                .into_iter()
                .map(tokio::net::TcpListener::from_std)
                .collect::<io::Result<Vec<_>>>()?
        };
        let services = self.services.clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::Builder::new().name("stubs".into()).spawn(move || {
            for (listener, service) in listeners.into_iter().zip(services) {
                runtime.spawn(accept(listener, service));
            }
            // Sent, or its sender dropped: the same. All connections are dropped with the runtime.
            let _ = runtime.block_on(stopped);
        })?;
        self.stop = Some(stop);
        self.thread = Some(thread);
        Ok(())
    }

    /// The URL of each stub by name, without a slash at the end: the values of `${stub.NAME}`.
    #[must_use]
    pub(crate) const fn urls(&self) -> &BTreeMap<String, String> {
        &self.urls
    }

    /// Begins anew, for the next test: no requests so far, every list of answers from its first. A stub that is named
    /// in `overrides` with answers of its own answers so, routes and all; the others as declared.
    ///
    /// # Errors
    /// [`StubError::Unknown`] and [`StubError::Answer`]; nothing has changed then.
    pub(crate) fn reset(&self, overrides: &[Stub]) -> Result<(), StubError> {
        let mut scripts = BTreeMap::new();
        for stub in overrides {
            let name = &stub.name.value;
            if !self.urls.contains_key(name) {
                return Err(StubError::Unknown(name.clone()));
            }
            if stub.has_answers {
                scripts.insert(name.as_str(), Script::new(stub)?);
            }
        }
        for service in &self.services {
            let script = scripts
                .remove(service.name.as_str())
                .unwrap_or_else(|| service.declared.clone());
            let mut round = service.round();
            let number = round.number + 1;
            *round = Round {
                number,
                ..Round::new(script)
            };
        }
        Ok(())
    }

    /// What each stub was asked since the last reset, in the order of declaration; what was answered in its place since
    /// this was called last.
    #[must_use]
    pub(crate) fn uses(&self) -> Vec<StubUse> {
        let uses = self.services.iter().map(|service| {
            let round = service.round();
            StubUse {
                name: service.name.clone(),
                requests: round.requests.clone(),
                unanswered: round.unanswered.clone(),
                received: round.log.received(),
                forwarded: service.forwarded().take(),
            }
        });
        uses.collect()
    }
}

impl Drop for Stubs {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A panic there was reported already.
            let _ = thread.join();
        }
    }
}

fn system(stub: &str, error: io::Error) -> StubError {
    StubError::System {
        stub: stub.to_owned(),
        error,
    }
}

fn listen() -> io::Result<(TcpListener, String)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    // As many as the system lets wait; of the 128 that bind asks for, the next one would be dropped and try again
    // a second later, when all handlers of a program call the stub at once.
    nix::sys::socket::listen(&listener, Backlog::MAXCONN)?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    Ok((listener, url))
}

#[derive(Debug)]
struct Service {
    name: String,
    declared: Script,
    round: Mutex<Round>,
    forwarded: Mutex<ForwardLog>,
}

impl Service {
    fn forwarded(&self) -> MutexGuard<'_, ForwardLog> {
        // As below.
        self.forwarded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn round(&self) -> MutexGuard<'_, Round> {
        // No code panics while it holds the lock; if it did, the data is still whole.
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a stub answers, checked.
#[derive(Clone, Debug)]
struct Script {
    /// The answers, the first route's first; those for all else last.
    lists: Vec<Arc<[Reply]>>,
    /// Method and path of each but the last of `lists`.
    routes: Vec<(String, String)>,
}

impl Script {
    fn new(stub: &Stub) -> Result<Self, StubError> {
        let name = &stub.name.value;
        match stub.upstream {
            Some(upstream) if upstream.is_asked => return Ok(Self::forward(upstream.address)),
            Some(_) if stub.answers.is_empty() && stub.routes.is_empty() => {
                return Err(StubError::NotRecorded(name.clone()));
            }
            _ => {}
        }
        let check = |answers: &[Answer]| {
            let replies = answers.iter().map(|answer| Reply::new(name, answer));
            replies.collect::<Result<Arc<[Reply]>, StubError>>()
        };
        let mut lists = Vec::new();
        let mut routes = Vec::new();
        for route in &stub.routes {
            routes.push((route.method.clone(), route.path.clone()));
            lists.push(check(&route.answers)?);
        }
        lists.push(check(&stub.answers)?);
        Ok(Self { lists, routes })
    }

    /// Whatever is asked, the upstream answers.
    fn forward(upstream: SocketAddr) -> Self {
        let reply = Reply {
            action: ReplyAction::Forward(upstream),
            delay: Duration::ZERO,
        };
        Self {
            lists: vec![Arc::from([reply])],
            routes: Vec::new(),
        }
    }

    /// Which list answers.
    fn list(&self, method: &str, path: &str) -> usize {
        let taken = self
            .routes
            .iter()
            .position(|(m, p)| m == method && p == path);
        taken.unwrap_or(self.routes.len())
    }
}

/// An answer that can be sent as it is.
#[derive(Clone, Debug)]
struct Reply {
    action: ReplyAction,
    delay: Duration,
}

#[derive(Clone, Debug)]
enum ReplyAction {
    Respond(StatusCode, HeaderMap, Bytes),
    /// The connection is closed.
    Drop,
    /// The service there is asked.
    Forward(SocketAddr),
}

impl Reply {
    fn new(stub: &str, answer: &Answer) -> Result<Self, StubError> {
        let action = match &answer.action {
            AnswerAction::Drop => ReplyAction::Drop,
            AnswerAction::Respond {
                status,
                body,
                headers,
            } => Self::respond(stub, *status, body, headers)?,
        };
        Ok(Self {
            action,
            delay: answer.delay,
        })
    }

    fn respond(
        stub: &str,
        status: u16,
        body: &str,
        headers: &[(String, String)],
    ) -> Result<ReplyAction, StubError> {
        let unfit = |what: String, error: String| StubError::Answer {
            stub: stub.to_owned(),
            what,
            error,
        };
        let code = StatusCode::from_u16(status)
            .ok()
            .filter(|code| !code.is_informational())
            .ok_or_else(|| {
                unfit(
                    format!("status {status}"),
                    "give one from 200 to 999".into(),
                )
            })?;
        // RFC 9110, 6.4.1.
        if matches!(status, 204 | 304) && !body.is_empty() {
            let error = "such a response has no body; remove it".to_owned();
            return Err(unfit(format!("a body to status {status}"), error));
        }
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let what = || format!("the header {name}: {value}");
            let key = HeaderName::from_bytes(name.as_bytes())
                .map_err(|error| unfit(what(), error.to_string()))?;
            if key == CONTENT_LENGTH || key == TRANSFER_ENCODING {
                let error = "goproctor sends the length of the body; remove it".to_owned();
                return Err(unfit(what(), error));
            }
            let value =
                HeaderValue::from_str(value).map_err(|error| unfit(what(), error.to_string()))?;
            map.append(key, value);
        }
        let body = Bytes::copy_from_slice(body.as_bytes());
        Ok(ReplyAction::Respond(code, map, body))
    }
}

/// What happened since the last reset.
#[derive(Debug)]
struct Round {
    /// How many there were before it: a body may come in when another one has begun.
    number: u64,
    script: Script,
    /// How often each of the script's lists was asked.
    asked: Vec<usize>,
    requests: Vec<String>,
    /// Which of them there is no answer to.
    unanswered: Vec<usize>,
    log: StubLog,
}

/// Where the body of a request belongs.
#[derive(Clone, Copy, Debug)]
struct LogPlace {
    round: u64,
    /// None: there is no room for it.
    index: Option<usize>,
}

impl Round {
    fn new(script: Script) -> Self {
        Self {
            number: 0,
            log: StubLog::default(),
            asked: vec![0; script.lists.len()],
            script,
            requests: Vec::new(),
            unanswered: Vec::new(),
        }
    }

    /// Notes the request; gives its answer, if there is one.
    fn answer(&mut self, method: &str, path: &str) -> Option<Reply> {
        let reply = self.reply(method, path);
        if reply.is_none() {
            self.unanswered.push(self.requests.len());
        }
        self.requests.push(format!("{method} {path}"));
        reply
    }

    fn reply(&mut self, method: &str, path: &str) -> Option<Reply> {
        let list = self.script.list(method, path);
        let replies = self.script.lists.get(list)?;
        let asked = self.asked.get_mut(list)?;
        let reply = replies.get((*asked).min(replies.len().checked_sub(1)?))?;
        *asked += 1;
        Some(reply.clone())
    }
}

async fn accept(listener: tokio::net::TcpListener, service: Arc<Service>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // Without it answers are merely slower.
        let _ = stream.set_nodelay(true);
        let service = Arc::clone(&service);
        tokio::spawn(async move {
            let answer = service_fn(|request| respond(&service, request));
            let connection = http1::Builder::new()
                .auto_date_header(false)
                .title_case_headers(true)
                .serve_connection(TokioIo::new(stream), answer);
            // That the program broke it off, or that we did: both are as wanted.
            let _ = connection.await;
        });
    }
}

/// Closes the connection without a response.
#[derive(Debug, thiserror::Error)]
#[error("the stub drops the connection")]
struct Dropped;

/// Notes a request, before its body has come in. Gives its answer, if there is one, and where its body belongs.
fn note(service: &Service, request: &Request<Incoming>) -> (Option<Reply>, LogPlace) {
    let mut round = service.round();
    let reply = round.answer(request.method().as_str(), request.uri().path());
    let place = LogPlace {
        round: round.number,
        index: round.log.begin(request),
    };
    (reply, place)
}

/// The body of a request has come in.
fn complete(service: &Service, place: LogPlace, body: StubBody) {
    let mut round = service.round();
    if let Some(index) = place.index.filter(|_| round.number == place.round) {
        round.log.complete(index, body);
    }
}

async fn respond(
    service: &Service,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    // In order of arrival, which is before the body has arrived.
    let (reply, place) = note(service, &request);
    let (head, body) = request.into_parts();
    if let Some(ReplyAction::Forward(upstream)) = reply.as_ref().map(|reply| &reply.action) {
        return Ok(ask_upstream(service, *upstream, place, head, body).await);
    }
    complete(service, place, drain(body).await);
    let Some(reply) = reply else {
        return Ok(not_declared(&service.name, &head));
    };
    tokio::time::sleep(reply.delay).await;
    match reply.action {
        ReplyAction::Respond(status, headers, body) => Ok(response(status, headers, body)),
        ReplyAction::Drop | ReplyAction::Forward(_) => Err(Dropped),
    }
}

/// Has the upstream answer, and notes how it did.
async fn ask_upstream(
    service: &Service,
    upstream: SocketAddr,
    place: LogPlace,
    head: Parts,
    body: Incoming,
) -> Response<Full<Bytes>> {
    let (method, path) = (head.method.to_string(), head.uri.path().to_owned());
    let answer = match whole(body).await {
        Ok(body) => {
            let mut seen = StubBody::new();
            seen.add(&body);
            complete(service, place, seen);
            forward(upstream, head, body).await
        }
        Err(reason) => model::Answer::Failed(reason),
    };
    let answer = service.forwarded().add(Forwarded {
        round: place.round,
        method,
        path,
        answer,
    });
    passed_on(answer)
}

fn response(status: StatusCode, headers: HeaderMap, body: Bytes) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

async fn drain(mut body: Incoming) -> StubBody {
    let mut kept = StubBody::new();
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Some(data) = frame.data_ref() {
                    kept.add(data);
                }
            }
            Err(_) => {
                kept.broke();
                break;
            }
        }
    }
    kept
}

fn not_declared(stub: &str, head: &Parts) -> Response<Full<Bytes>> {
    let (method, path) = (&head.method, head.uri.path());
    let text = format!("the stub {stub:?} declares no answer to {method} {path}\n");
    response(StatusCode::NOT_FOUND, HeaderMap::new(), text.into())
}

#[cfg(test)]
mod tests;
