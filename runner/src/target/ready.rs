//! Whether the target is ready: one try at a time, over loopback.

use std::{io, net::Ipv4Addr, time::Duration};

use http_body_util::{BodyExt, Empty};
use hyper::{
    Request,
    body::{Bytes, Incoming},
    header::{CONNECTION, HOST},
};
use model::Answer;
use spec::document::{HttpVersion, ReadyProbe};
use tokio::{
    runtime::{self, Runtime},
    time::{self, Instant},
};

use crate::{
    drive::{Endpoint, handshake},
    tls::TlsClient,
};

/// How long one try may take: a program that accepts but does not answer is asked again.
const TRY: Duration = Duration::from_secs(1);

/// How often to look whether it is over while an answer is waited for.
const LOOK: Duration = Duration::from_millis(10);

/// What shows whether the target is ready.
pub(super) struct Readiness<'p> {
    endpoint: Endpoint,
    /// What is asked for; none where it is enough that the port accepts.
    path: Option<&'p str>,
    runtime: Runtime,
}

impl<'p> Readiness<'p> {
    pub(super) fn new(
        probe: &'p ReadyProbe,
        port: u16,
        tls: Option<&TlsClient>,
    ) -> io::Result<Self> {
        let (path, tls) = match probe {
            ReadyProbe::Accepts => (None, None),
            ReadyProbe::Get(path) => (Some(path.as_str()), tls.cloned()),
        };
        Ok(Self {
            endpoint: Endpoint {
                address: (Ipv4Addr::LOCALHOST, port).into(),
                tls,
                version: HttpVersion::One,
            },
            path,
            runtime: runtime::Builder::new_current_thread()
                .enable_io()
                .enable_time()
                .build()?,
        })
    }

    /// Tries once; takes no longer than `left`, and gives up when `over`. The error says why the target is not ready.
    pub(super) fn attempt(&self, left: Duration, over: &dyn Fn() -> bool) -> Result<(), String> {
        self.runtime.block_on(async {
            let until = Instant::now() + left.min(TRY).max(Duration::from_millis(1));
            let tried = within(until, over, self.answer()).await;
            let body = tried.unwrap_or_else(|| {
                let path = self.path.unwrap_or_default();
                Err(format!("GET {path}: {}", Answer::TimedOut))
            })?;
            if let Some(mut body) = body {
                // Closing on unread data would reset the connection under the handler that still writes.
                let whole = async { while let Some(Ok(_)) = body.frame().await {} };
                within(until, over, whole).await;
            }
            Ok(())
        })
    }

    /// Connects and asks, if there is anything to ask for; gives the body of an answer that says that it is ready.
    async fn answer(&self) -> Result<Option<Incoming>, String> {
        let Some(path) = self.path else {
            return self.endpoint.dial().await.map(|_| None);
        };
        let (mut sender, _) = handshake(&self.endpoint).await?;
        let request = Request::get(path)
            .header(HOST, self.endpoint.address.to_string())
            .header(CONNECTION, "close")
            .body(Empty::<Bytes>::new())
            .map_err(|error| format!("GET {path}: {error}"))?;
        let response =
            sender
                .send_request(request)
                .await
                .map_err(|error| match error.is_parse() {
                    true => {
                        format!("GET {path} is answered with something that is not HTTP: {error}")
                    }
                    false => format!("GET {path}: {error}"),
                })?;
        match response.status().as_u16() {
            ..400 => Ok(Some(response.into_body())),
            status => Err(format!("GET {path} is answered with status {status}")),
        }
    }
}

/// What the work brings; none if it takes longer or is over before.
async fn within<T>(
    until: Instant,
    over: &dyn Fn() -> bool,
    work: impl Future<Output = T>,
) -> Option<T> {
    let given_up = async {
        while !over() {
            time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        biased;
        done = work => Some(done),
        () = given_up => None,
        () = time::sleep_until(until) => None,
    }
}

#[cfg(test)]
mod tests;
