//! A connection of our own to the program: its local port is known, and nothing is sent over it but what was asked.

use std::{error::Error, net::SocketAddr};

use http_body_util::{BodyExt, Full};
use hyper::{
    Response,
    body::{Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::clock;
use crate::model::{Answer, Timestamp};

use super::request::Prepared;

/// How many bytes of a response's body are kept.
const BODY: usize = 1 << 20;

/// An open connection.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    local_port: u16,
    used: u32,
}

/// Where and when a request was sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sending {
    pub(super) local_port: u16,
    pub(super) position: u32,
    pub(super) sent: Timestamp,
}

/// One who sends requests one after the other: over one connection while it lasts, or over a new one each.
pub(super) struct Visitor {
    address: SocketAddr,
    keep_alive: bool,
    connection: Option<Connection>,
}

impl Visitor {
    pub(super) const fn new(address: SocketAddr, keep_alive: bool) -> Self {
        Self {
            address,
            keep_alive,
            connection: None,
        }
    }

    /// Sends the request, and waits until the response is whole. `sending` is true as soon as something is sent,
    /// so that it holds when this is dropped half-way; the connection is then gone, too.
    pub(super) async fn exchange(
        &mut self,
        request: &Prepared,
        sending: &mut Sending,
    ) -> Result<Answer, String> {
        let mut message = request.message();
        loop {
            let mut connection = match self.take().await {
                Some(connection) => connection,
                None => open(self.address).await?,
            };
            *sending = Sending {
                local_port: connection.local_port,
                position: connection.used,
                sent: clock::now(),
            };
            connection.used += 1;
            match connection.sender.try_send_request(message).await {
                Ok(response) => {
                    let answer = receive(response).await?;
                    self.connection = self.keep_alive.then_some(connection);
                    return Ok(answer);
                }
                Err(mut error) => match error.take_message() {
                    // The program closed the idle connection, and nothing was sent: that is no answer.
                    Some(unsent) if sending.position > 0 => message = unsent,
                    _ => return Err(in_words(&error.into_error())),
                },
            }
        }
    }

    /// The connection that is kept, if it can be used again.
    async fn take(&mut self) -> Option<Connection> {
        let mut connection = self.connection.take()?;
        connection.sender.ready().await.ok().map(|()| connection)
    }
}

async fn open(address: SocketAddr) -> Result<Connection, String> {
    let failed = |error: &dyn Error| format!("connecting to {address}: {}", in_words(error));
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| failed(&error))?;
    let local = stream.local_addr().map_err(|error| failed(&error))?;
    // While nobody listens, the kernel may give our end the very port that we dial: TCP then connects
    // the socket with itself.
    if local == address {
        return Err(format!("connecting to {address}: nobody listens"));
    }
    stream.set_nodelay(true).map_err(|error| failed(&error))?;
    let (sender, connection) = http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(&error))?;
    // What breaks the connection is told to who waits for the response.
    tokio::spawn(async { drop(connection.await) });
    Ok(Connection {
        sender,
        local_port: local.port(),
        used: 0,
    })
}

async fn receive(response: Response<Incoming>) -> Result<Answer, String> {
    let (head, mut rest) = response.into_parts();
    let mut body = Vec::new();
    let mut truncated = false;
    while let Some(frame) = rest.frame().await {
        let frame = frame.map_err(|error| in_words(&error))?;
        if let Some(data) = frame.data_ref() {
            let room = BODY - body.len();
            body.extend_from_slice(&data[..data.len().min(room)]);
            truncated |= data.len() > room;
        }
    }
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    });
    Ok(Answer::Response {
        status: head.status.as_u16(),
        headers: headers.collect(),
        body,
        truncated,
    })
}

/// An error with its causes.
fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
