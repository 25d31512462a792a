//! HTTP/2: many requests at a time as streams of one connection.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use h2::{
    Reason, RecvStream,
    client::{self, Connection, ResponseFuture, SendRequest},
};
use hyper::{Method, StatusCode, body::Bytes, header::CONTENT_LENGTH, http::response::Parts};
use kernel::clock;
use model::Answer;
use tokio::{
    sync::{Mutex, OwnedSemaphorePermit, Semaphore, TryAcquireError, watch},
    time::{self, Instant},
};

use super::{
    answer::{ResponseBody, in_words},
    dial::{Endpoint, Stream},
    request::Prepared,
    sending::Sending,
};

/// How many bytes of one response the program may send before we take them, and of all on a connection.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// The connections of a request entry: one, and another one when that is lost.
pub(super) struct Connections {
    door: Endpoint,
    /// How many streams are asked for at a time.
    concurrency: usize,
    current: Mutex<Option<Arc<Line>>>,
}

impl Connections {
    pub(super) fn new(door: Endpoint, concurrency: u32) -> Self {
        Self {
            door,
            concurrency: concurrency.try_into().unwrap_or(Semaphore::MAX_PERMITS),
            current: Mutex::default(),
        }
    }

    /// Sends the request on a stream of its own, and waits until the response is whole. `sending` is true as soon as
    /// something is sent, so that it holds when this is dropped half-way; the stream is then cancelled.
    ///
    /// The timeout holds for the connection to be made, the request to be sent and the response to be whole; that
    /// other requests have to end first, since the program allows no more streams at a time, does not count.
    pub(super) async fn exchange(
        &self,
        request: &Prepared,
        timeout: Duration,
        sending: &mut Sending,
    ) -> Answer {
        match self.try_exchange(request, timeout, sending).await {
            Ok(answer) => answer,
            Err(Unanswered::TimedOut) => Answer::TimedOut,
            Err(Unanswered::Failed(reason)) => Answer::Failed(reason),
        }
    }

    async fn try_exchange(
        &self,
        request: &Prepared,
        timeout: Duration,
        sending: &mut Sending,
    ) -> Result<Answer, Unanswered> {
        let mut until = Instant::now() + timeout;
        loop {
            let line = time::timeout_at(until, self.line()).await??;
            let opened = match line.room(timeout).await {
                Ok(room) => {
                    if room.waited {
                        until = Instant::now() + timeout;
                    }
                    line.open(request, sending).map(|response| (room, response))
                }
                Err(NoRoom::TimedOut) => return Err(Unanswered::TimedOut),
                Err(NoRoom::Lost(reason)) => Err(reason),
            };
            match opened {
                Ok((_room, response)) => {
                    let receiving = receive(response, request.method == Method::HEAD);
                    return Ok(time::timeout_at(until, receiving).await??);
                }
                // The program closed the connection between requests, and nothing was sent: that is no answer.
                Err(_) if line.used.load(Ordering::Relaxed) > 0 => self.leave(&line).await,
                Err(reason) => return Err(Unanswered::Failed(reason)),
            }
        }
    }

    /// The connection that is open, or a new one.
    async fn line(&self) -> Result<Arc<Line>, String> {
        let mut current = self.current.lock().await;
        if let Some(line) = current.as_ref().filter(|line| line.is_open()) {
            return Ok(Arc::clone(line));
        }
        *current = None;
        let line = Arc::new(Line::new(&self.door, self.concurrency).await?);
        *current = Some(Arc::clone(&line));
        Ok(line)
    }

    /// Nothing more goes over this connection; what is under way goes on.
    async fn leave(&self, line: &Arc<Line>) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|open| Arc::ptr_eq(open, line)) {
            *current = None;
        }
    }
}

/// Why there is no answer.
enum Unanswered {
    TimedOut,
    Failed(String),
}

impl From<time::error::Elapsed> for Unanswered {
    fn from(_: time::error::Elapsed) -> Self {
        Self::TimedOut
    }
}

impl From<String> for Unanswered {
    fn from(reason: String) -> Self {
        Self::Failed(reason)
    }
}

/// An open connection.
struct Line {
    sender: SendRequest<Bytes>,
    local_port: u16,
    used: AtomicU32,
    /// A permit for each stream that the program allows at a time; closed when the connection is lost.
    room: Arc<Semaphore>,
    state: watch::Receiver<State>,
}

/// The state of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    /// The program allows so many streams at a time; none while its settings have not come.
    Allows(usize),
    /// It is gone.
    Lost(String),
}

/// Leave to open a stream, given back when this is dropped.
struct Room {
    waited: bool,
    _permit: OwnedSemaphorePermit,
}

/// Why no stream can be opened.
enum NoRoom {
    TimedOut,
    Lost(String),
}

impl Line {
    /// Connects and waits until the program has said how many streams it allows.
    async fn new(door: &Endpoint, concurrency: usize) -> Result<Self, String> {
        let dialled = door.dial().await?;
        let (sender, connection) = client::Builder::new()
            .enable_push(false)
            .initial_max_send_streams(0)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            // The program is let go on, however many of its late answers to what was given up are refused.
            .max_local_error_reset_streams(None)
            .handshake(dialled.stream)
            .await
            .map_err(|error| door.said(&reason(&error)))?;
        let room = Arc::new(Semaphore::new(0));
        let (changes, mut state) = watch::channel(State::Allows(0));
        tokio::spawn(carry(connection, Arc::clone(&room), concurrency, changes));
        let ready = state.wait_for(|state| *state != State::Allows(0)).await;
        match ready.as_deref() {
            Ok(State::Lost(reason)) => Err(door.said(&format!(
                "the program does not speak HTTP/2 there: {reason}"
            ))),
            Ok(State::Allows(_)) => {
                drop(ready);
                Ok(Self {
                    sender,
                    local_port: dialled.local_port,
                    used: AtomicU32::new(0),
                    room,
                    state,
                })
            }
            Err(_) => Err(door.said("the connection was given up")),
        }
    }

    fn is_open(&self) -> bool {
        !self.room.is_closed()
    }

    /// Waits until a stream may be opened; while none is allowed at all, no longer than `timeout`.
    async fn room(&self, timeout: Duration) -> Result<Room, NoRoom> {
        match Arc::clone(&self.room).try_acquire_owned() {
            Ok(permit) => {
                return Ok(Room {
                    waited: false,
                    _permit: permit,
                });
            }
            Err(TryAcquireError::Closed) => return Err(self.lost()),
            Err(TryAcquireError::NoPermits) => {}
        }
        let mut acquiring = pin!(Arc::clone(&self.room).acquire_owned());
        loop {
            match time::timeout(timeout, &mut acquiring).await {
                Ok(Ok(permit)) => {
                    return Ok(Room {
                        waited: true,
                        _permit: permit,
                    });
                }
                Ok(Err(_)) => return Err(self.lost()),
                Err(_) if *self.state.borrow() == State::Allows(0) => return Err(NoRoom::TimedOut),
                // Those before us have their own timeouts.
                Err(_) => {}
            }
        }
    }

    fn lost(&self) -> NoRoom {
        NoRoom::Lost(match &*self.state.borrow() {
            State::Lost(reason) => reason.clone(),
            State::Allows(_) => "the connection was given up".to_owned(),
        })
    }

    /// Opens a stream and sends the request.
    fn open(&self, request: &Prepared, sending: &mut Sending) -> Result<ResponseFuture, String> {
        let (message, body) = request.stream();
        let mut sender = self.sender.clone();
        let sent = clock::now();
        let (response, mut upload) = sender
            .send_request(message, body.is_empty())
            .map_err(|error| reason(&error))?;
        *sending = Sending {
            local_port: self.local_port,
            position: self.used.fetch_add(1, Ordering::Relaxed),
            stream: Some(response.stream_id().as_u32()),
            sent,
        };
        if !body.is_empty() {
            // Fails only if the stream is broken already, which the response says with its reason.
            let _ = upload.send_data(body, true);
        }
        Ok(response)
    }
}

/// Carries a connection's bytes until it ends, and keeps as many permits as the program allows streams.
async fn carry(
    mut connection: Connection<Box<dyn Stream>, Bytes>,
    room: Arc<Semaphore>,
    concurrency: usize,
    state: watch::Sender<State>,
) {
    let mut granted = 0;
    let ended = poll_fn(|context| {
        let polled = Future::poll(Pin::new(&mut connection), context);
        let allowed = connection.max_concurrent_send_streams().min(concurrency);
        if allowed > granted {
            room.add_permits(allowed - granted);
            granted = allowed;
        } else if allowed < granted {
            granted -= room.forget_permits(granted - allowed);
        }
        state.send_if_modified(|state| {
            let changed = *state != State::Allows(allowed);
            *state = State::Allows(allowed);
            changed
        });
        polled
    })
    .await;
    let reason = match ended {
        Ok(()) => "the program closed the connection".to_owned(),
        Err(error) => reason(&error),
    };
    state.send_replace(State::Lost(reason));
    room.close();
}

async fn receive(response: ResponseFuture, only_head: bool) -> Result<Answer, String> {
    let response = response.await.map_err(|error| reason(&error))?;
    let (head, mut rest) = response.into_parts();
    let mut body = ResponseBody::default();
    while let Some(data) = next(&mut rest).await {
        match data {
            Ok(data) => body.add(&data),
            // A response that is whole may be followed by this, when the program does not want the rest of the
            // request (RFC 9113, 8.1).
            Err(error)
                if error.is_reset()
                    && error.is_remote()
                    && error.reason() == Some(Reason::NO_ERROR)
                    && (only_head || is_whole(&head, body.length())) =>
            {
                break;
            }
            Err(error) => return Err(reason(&error)),
        }
    }
    Ok(body.answer(&head))
}

/// The next part of a body, for which the program gets leave to send as much more.
async fn next(stream: &mut RecvStream) -> Option<Result<Bytes, h2::Error>> {
    let data = stream.data().await?;
    Some(data.and_then(|data| {
        stream.flow_control().release_capacity(data.len())?;
        Ok(data)
    }))
}

/// Whether a body of that length is all that the head promises, as far as it does.
fn is_whole(head: &Parts, length: u64) -> bool {
    let promised = head.headers.get(CONTENT_LENGTH);
    head.status == StatusCode::NOT_MODIFIED
        || promised.is_none_or(|promised| promised.as_bytes() == length.to_string().as_bytes())
}

/// What became of a stream or a connection, in words.
fn reason(error: &h2::Error) -> String {
    let Some(code) = error.reason() else {
        return match error.get_io() {
            Some(error) => format!("the connection broke: {}", in_words(error)),
            None => in_words(error),
        };
    };
    match (error.is_go_away(), error.is_remote()) {
        (true, true) => format!("the program ended the connection with GOAWAY {code:?}: {error}"),
        (true, false) => format!("what the program sent is not HTTP/2: {code:?}: {error}"),
        (false, true) => format!("the program reset the stream with {code:?}: {error}"),
        (false, false) => {
            format!("the program's response breaks the rules of HTTP/2: {code:?}: {error}")
        }
    }
}

#[cfg(test)]
mod tests;
