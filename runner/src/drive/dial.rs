//! Connections of our own to the program, whose local port is known.

use std::{net::SocketAddr, sync::Arc};

use spec::document::HttpVersion;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::tls::{self, TlsClient};

/// Where the program is reached, and what is spoken there.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    pub(crate) address: SocketAddr,
    pub(crate) tls: Option<TlsClient>,
    pub(crate) version: HttpVersion,
}

/// Bytes to and from the program, behind TLS if it speaks that.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// An open connection.
pub(crate) struct Dialled {
    pub(super) stream: Box<dyn Stream>,
    pub(super) local_port: u16,
}

impl Endpoint {
    /// Connects, and agrees on TLS. Nothing of HTTP is sent yet.
    pub(crate) async fn dial(&self) -> Result<Dialled, String> {
        let (stream, local_port) = self.connect().await.map_err(|reason| self.said(&reason))?;
        let stream: Box<dyn Stream> = match &self.tls {
            None => Box::new(stream),
            Some(tls) => {
                let stream = self.agree(tls, stream).await;
                Box::new(stream.map_err(|reason| self.said(&reason))?)
            }
        };
        Ok(Dialled { stream, local_port })
    }

    /// What failed, with where.
    pub(super) fn said(&self, reason: &str) -> String {
        format!("connecting to {}: {reason}", self.address)
    }

    async fn connect(&self) -> Result<(TcpStream, u16), String> {
        let connected = async {
            let stream = TcpStream::connect(self.address).await?;
            stream.set_nodelay(true)?;
            let local = stream.local_addr()?;
            std::io::Result::Ok((stream, local))
        };
        let (stream, local) = connected.await.map_err(|error| error.to_string())?;
        // While connection refused, the kernel may give our end the very port that we dial: TCP then connects
        // the socket with itself.
        if local == self.address {
            return Err("connection refused".to_owned());
        }
        Ok((stream, local.port()))
    }

    async fn agree(
        &self,
        tls: &TlsClient,
        stream: TcpStream,
    ) -> Result<tokio_rustls::client::TlsStream<TcpStream>, String> {
        let config = tls.config(self.version);
        let stream = TlsConnector::from(Arc::clone(&config))
            .connect(tls::server_name(), stream)
            .await
            .map_err(|error| tls::reason(&error, self.version))?;
        let (_, session) = stream.get_ref();
        match self.version {
            HttpVersion::Two if session.alpn_protocol() != Some(tls::ALPN_HTTP2) => {
                Err(tls::NO_HTTP2.to_owned())
            }
            HttpVersion::One | HttpVersion::Two => Ok(stream),
        }
    }
}
