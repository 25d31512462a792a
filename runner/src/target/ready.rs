//! Whether the target is ready: one try at a time, over loopback.

use std::{
    io::{
        self,
        ErrorKind::{Interrupted, TimedOut, WouldBlock},
        Read, Write,
    },
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use rustls::{ClientConnection, StreamOwned};
use spec::document::{HttpVersion, ReadyProbe};

use crate::tls::{self, TlsClient};

/// How long one try may take: a program that accepts but does not answer is asked again.
const TRY: Duration = Duration::from_secs(1);

/// How often to look whether it is over while an answer is waited for.
const LOOK: Duration = Duration::from_millis(10);

/// The longest status line that is read, in bytes.
const STATUS_LINE: usize = 256;

/// How the target became ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// How long it took from the first try.
    pub took: Duration,
    /// Our ends of the connections that were tried with, so that the calls which they caused can be told apart.
    pub local_ports: Vec<u16>,
}

/// What one try gave.
pub(super) struct Try {
    /// Our end of the connection, if there was one.
    pub(super) local_port: Option<u16>,
    /// Whether the target is ready; else why not.
    pub(super) result: Result<(), String>,
}

/// Tries once; takes no longer than `left`, and gives up when `over`.
pub(super) fn attempt(
    probe: &ReadyProbe,
    port: u16,
    tls: Option<&TlsClient>,
    left: Duration,
    over: &dyn Fn() -> bool,
) -> Try {
    let limit = left.min(TRY).max(Duration::from_millis(1));
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let stream = match connect(address, limit) {
        Ok(stream) => stream,
        Err(error) => {
            return Try {
                local_port: None,
                result: Err(format!("connecting to {address}: {error}")),
            };
        }
    };
    let local_port = stream.local_addr().ok().map(|local| local.port());
    let result = match probe {
        ReadyProbe::Accepts => Ok(()),
        ReadyProbe::Get(path) => {
            let patience = Patience {
                until: Instant::now() + limit,
                over,
            };
            get(stream, address, tls, path, &patience)
        }
    };
    Try { local_port, result }
}

fn connect(address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, limit)?;
    // While connection refused, the kernel may give our end the very port that we dial: TCP then connects
    // the socket with itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(stream)
}

/// How long a try may go on.
struct Patience<'a> {
    until: Instant,
    over: &'a dyn Fn() -> bool,
}

impl Patience<'_> {
    /// Reads what there is, waiting for it.
    fn read(&self, stream: &mut dyn Stream, buffer: &mut [u8]) -> io::Result<usize> {
        self.retry(|| stream.read(buffer))
    }

    /// Does it again as long as there is nothing to read.
    fn retry<T>(&self, mut work: impl FnMut() -> io::Result<T>) -> io::Result<T> {
        loop {
            match work() {
                Err(error) if matches!(error.kind(), WouldBlock | Interrupted) => {}
                done => return done,
            }
            if Instant::now() >= self.until || (self.over)() {
                return Err(io::Error::new(TimedOut, "no answer yet"));
            }
        }
    }
}

/// Bytes to and from the target.
trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

fn get(
    stream: TcpStream,
    address: SocketAddr,
    tls: Option<&TlsClient>,
    path: &str,
    patience: &Patience<'_>,
) -> Result<(), String> {
    let failed = |error: io::Error| format!("GET {path}: {error}");
    stream.set_read_timeout(Some(LOOK)).map_err(failed)?;
    let mut stream: Box<dyn Stream> = match tls {
        None => Box::new(stream),
        Some(tls) => {
            let agreed = agree(stream, tls, patience);
            Box::new(agreed.map_err(|reason| format!("GET {path}: {reason}"))?)
        }
    };
    let line = status_line(&mut stream, address, path, patience).map_err(failed)?;
    match status_of(&line) {
        Some(status) if status < 400 => {
            // Closing on unread data would reset the connection under the handler that still writes.
            let mut chunk = [0; 4096];
            while patience
                .read(&mut stream, &mut chunk)
                .is_ok_and(|length| length > 0)
                && Instant::now() < patience.until
            {}
            Ok(())
        }
        Some(status) => Err(format!("GET {path} is answered with status {status}")),
        None => Err(format!(
            "GET {path} is answered with something that is not HTTP: {:?}",
            String::from_utf8_lossy(&line)
        )),
    }
}

/// Agrees on TLS.
fn agree(
    mut stream: TcpStream,
    tls: &TlsClient,
    patience: &Patience<'_>,
) -> Result<StreamOwned<ClientConnection, TcpStream>, String> {
    let config = tls.config(HttpVersion::One);
    let mut session = ClientConnection::new(config, tls::server_name())
        .map_err(|error| format!("TLS: {error}"))?;
    while session.is_handshaking() {
        patience
            .retry(|| session.complete_io(&mut stream))
            .map_err(|error| tls::reason(&error, HttpVersion::One))?;
    }
    Ok(StreamOwned::new(session, stream))
}

fn status_line(
    stream: &mut dyn Stream,
    address: SocketAddr,
    path: &str,
    patience: &Patience<'_>,
) -> io::Result<Vec<u8>> {
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut line = Vec::new();
    let mut byte = [0];
    while line.len() < STATUS_LINE && patience.read(stream, &mut byte)? == 1 && byte != *b"\n" {
        line.push(byte[0]);
    }
    Ok(line)
}

/// The status code in a status line (RFC 9112, 4): `HTTP/1.1 200 OK`.
fn status_of(line: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(line).ok()?;
    let (_, rest) = line.strip_prefix("HTTP/1.")?.split_once(' ')?;
    let code = rest.get(..3)?;
    code.parse().ok().filter(|code| (100..=599).contains(code))
}

#[cfg(test)]
mod tests;
