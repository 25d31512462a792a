//! The service that a stub stands for: it is asked in the stub's place, so that its answers can be recorded.

use std::{net::SocketAddr, time::Duration};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{
        ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TE,
        TRAILER, TRANSFER_ENCODING, UPGRADE,
    },
    http::request::Parts,
};
use model::{Answer, Forwarded};
use spec::document::HttpVersion;
use tokio::time;

use super::{
    answer::in_words,
    dial::Endpoint,
    http1::{handshake, receive},
};

/// How long an upstream may take for one answer.
const WITHIN: Duration = Duration::from_secs(30);

/// How many bytes the body of a request may have.
const REQUEST_BODY: usize = 16 << 20;

/// How many answers are kept of one stub.
const ANSWERS: usize = 1_000;

/// How many bytes their bodies may have together.
const BODIES: usize = 16 << 20;

/// What belongs to one connection, and not to the message that is passed on (RFC 9110, 7.6.1).
const OF_CONNECTION: [HeaderName; 7] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// What upstreams answered, as much of it as there is room for.
#[derive(Debug, Default)]
pub(super) struct ForwardLog {
    answers: Vec<Forwarded>,
    bytes: usize,
}

impl ForwardLog {
    /// Keeps an answer, and gives it back; one that there is no room for is a failure.
    pub(super) fn add(&mut self, mut forwarded: Forwarded) -> Answer {
        if let Answer::Response { body, .. } = &forwarded.answer {
            self.bytes += body.len();
        }
        if self.answers.len() > ANSWERS {
            // Said already, by the one before.
            return forwarded.answer;
        }
        if self.answers.len() == ANSWERS || self.bytes > BODIES {
            let reason = format!(
                "more than {ANSWERS} answers or {} MiB were to be recorded",
                BODIES >> 20
            );
            forwarded.answer = Answer::Failed(reason);
        }
        self.answers.push(forwarded.clone());
        forwarded.answer
    }

    /// Gives what there is, and begins anew.
    pub(super) fn take(&mut self) -> Vec<Forwarded> {
        std::mem::take(self).answers
    }
}

/// The body of a request that is to be passed on.
///
/// # Errors
/// In words: it broke off, or is too long.
pub(super) async fn whole(body: Incoming) -> Result<Bytes, String> {
    match Limited::new(body, REQUEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(format!(
            "the request's body is longer than {} MiB",
            REQUEST_BODY >> 20
        )),
        Err(error) => Err(in_words(&*error)),
    }
}

/// Asks the upstream what the program asked the stub.
pub(super) async fn forward(upstream: SocketAddr, head: Parts, body: Bytes) -> Answer {
    match time::timeout(WITHIN, ask(upstream, head, body)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(reason)) => Answer::Failed(reason),
        Err(_) => Answer::TimedOut,
    }
}

async fn ask(upstream: SocketAddr, mut head: Parts, body: Bytes) -> Result<Answer, String> {
    let endpoint = Endpoint {
        address: upstream,
        tls: None,
        version: HttpVersion::One,
    };
    let (mut sender, _) = handshake(&endpoint).await?;
    without_connection(&mut head.headers);
    // Its length is known, and text is to be recorded as text.
    head.headers.remove(CONTENT_LENGTH);
    head.headers.remove(ACCEPT_ENCODING);
    let host = HeaderValue::from_str(&upstream.to_string()).map_err(|error| in_words(&error))?;
    head.headers.insert(HOST, host);
    let request = Request::from_parts(head, Full::new(body));
    let response = sender.send_request(request).await;
    match receive(response.map_err(|error| in_words(&error))?).await? {
        Answer::Response { truncated, .. } if truncated => {
            Err("the answer is longer than 1 MiB".to_owned())
        }
        answer => Ok(answer),
    }
}

fn without_connection(headers: &mut HeaderMap) {
    for name in OF_CONNECTION {
        headers.remove(name);
    }
}

/// The upstream's answer, or what the program gets if there is none.
pub(super) fn passed_on(answer: Answer) -> Response<Full<Bytes>> {
    let (status, headers, body) = match answer {
        Answer::Response {
            status,
            headers,
            body,
            ..
        } => (StatusCode::from_u16(status).ok(), headers, body),
        Answer::TimedOut | Answer::Failed(_) => {
            let text = format!("the upstream gave no answer that can be recorded: {answer}\n");
            (None, Vec::new(), text.into_bytes())
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status.unwrap_or(StatusCode::BAD_GATEWAY);
    let map = response.headers_mut();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
            map.append(name, value);
        }
    }
    without_connection(map);
    map.remove(CONTENT_LENGTH);
    response
}
