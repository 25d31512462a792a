//! HTTP/1.1: one request at a time on a connection, and nothing is sent over it but what was asked.

use std::{error::Error, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    Response,
    body::{Body, Bytes, Incoming},
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use kernel::clock;
use model::Answer;
use tokio::time;

use super::{
    answer::{ResponseBody, in_words},
    dial::Endpoint,
    request::Prepared,
    sending::Sending,
};

/// An open connection.
struct Connection {
    sender: SendRequest<Full<Bytes>>,
    local_port: u16,
    used: u32,
}

/// One who sends requests one after the other: over one connection while it lasts, or over a new one each.
pub(super) struct Visitor {
    door: Endpoint,
    keep_alive: bool,
    connection: Option<Connection>,
}

impl Visitor {
    pub(super) const fn new(door: Endpoint, keep_alive: bool) -> Self {
        Self {
            door,
            keep_alive,
            connection: None,
        }
    }

    /// Sends the request, and waits until the response is whole. `sending` is true as soon as something is sent,
    /// so that it holds when this is dropped half-way; the connection is then gone, too.
    pub(super) async fn exchange(
        &mut self,
        request: &Prepared,
        timeout: Duration,
        sending: &mut Sending,
    ) -> Answer {
        match time::timeout(timeout, self.send(request, sending)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(reason)) => Answer::Failed(reason),
            Err(_) => Answer::TimedOut,
        }
    }

    async fn send(&mut self, request: &Prepared, sending: &mut Sending) -> Result<Answer, String> {
        let mut message = request.message();
        loop {
            let mut connection = match self.take().await {
                Some(connection) => connection,
                None => open(&self.door).await?,
            };
            *sending = Sending {
                local_port: connection.local_port,
                position: connection.used,
                stream: None,
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

async fn open(door: &Endpoint) -> Result<Connection, String> {
    let (sender, local_port) = handshake(door).await?;
    Ok(Connection {
        sender,
        local_port,
        used: 0,
    })
}

/// Opens a connection; gives what sends requests over it, and our end's port.
pub(crate) async fn handshake<B>(door: &Endpoint) -> Result<(SendRequest<B>, u16), String>
where
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let dialled = door.dial().await?;
    let (sender, connection) = http1::Builder::new()
        .title_case_headers(true)
        .handshake(TokioIo::new(dialled.stream))
        .await
        .map_err(|error| door.said(&in_words(&error)))?;
    // Whoever waits for the response learns what breaks the connection.
    tokio::spawn(async { drop(connection.await) });
    Ok((sender, dialled.local_port))
}

/// The response when its body has come in.
pub(super) async fn receive(response: Response<Incoming>) -> Result<Answer, String> {
    let (head, mut rest) = response.into_parts();
    let mut body = ResponseBody::default();
    while let Some(frame) = rest.frame().await {
        let frame = frame.map_err(|error| in_words(&error))?;
        if let Some(data) = frame.data_ref() {
            body.add(data);
        }
    }
    Ok(body.answer(&head))
}
