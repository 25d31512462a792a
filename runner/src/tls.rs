//! TLS to the program under test: who it may be, and what is spoken over it.
//!
//! ```no_run
//! use std::path::Path;
//! use spec::document::Tls;
//! use goproctor::tls::TlsClient;
//!
//! # fn client() -> Result<(), goproctor::tls::TlsError> {
//! let whoever = TlsClient::new(&Tls::Unverified, Path::new("."))?;
//! let trusted = TlsClient::new(&Tls::Trusting("ca.pem".into()), Path::new("specs"))?;
//! # let _ = (whoever, trusted); Ok(())
//! # }
//! ```

mod verifier;

use std::{
    error::Error as _,
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    AlertDescription, ClientConfig, RootCertStore,
    client::{Resumption, danger::ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use spec::document::{HttpVersion, Tls};
use verifier::{AnyCertificate, Issued};

/// Why the program can't be spoken TLS to as the spec says.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The file of certificates can't be read.
    #[error("cannot read the certificates that `tls.ca` names, {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no certificate in it.
    #[error("there is no certificate in {}, which `tls.ca` names; it must be a PEM file with BEGIN CERTIFICATE", path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// It holds something that is not a certificate.
    #[error("certificate {number} in {}, which `tls.ca` names, can't be used: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Which, from 1.
        number: usize,
        /// Why.
        reason: String,
    },
    /// The library has none of what it needs.
    #[error("cannot speak TLS: {0}")]
    Library(#[from] rustls::Error),
}

/// Our side of TLS connections to the program. Each connection begins anew (no session is resumed), so that all are
/// alike to the program.
#[derive(Clone)]
pub struct TlsClient {
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
}

impl fmt::Debug for TlsClient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TlsClient").finish_non_exhaustive()
    }
}

impl TlsClient {
    /// Makes ready what the spec says; `folder` is where relative paths in it start.
    ///
    /// # Errors
    /// [`TlsError`]: what is wrong with the file of certificates.
    pub fn new(tls: &Tls, folder: &Path) -> Result<Self, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ServerCertVerifier> = match tls {
            Tls::Unverified => Arc::new(AnyCertificate),
            Tls::Trusting(path) => Arc::new(trusting(&folder.join(path), &provider)?),
        };
        let mut base = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        base.resumption = Resumption::disabled();
        let speaking = |protocol: &[u8]| {
            let mut config = base.clone();
            config.alpn_protocols = vec![protocol.to_vec()];
            Arc::new(config)
        };
        Ok(Self {
            http1: speaking(b"http/1.1"),
            http2: speaking(ALPN_HTTP2),
        })
    }

    /// What rustls needs for a connection over which that version is spoken: it alone is offered by ALPN.
    pub(crate) fn config(&self, version: HttpVersion) -> Arc<ClientConfig> {
        Arc::clone(match version {
            HttpVersion::One => &self.http1,
            HttpVersion::Two => &self.http2,
        })
    }
}

/// The name of HTTP/2 over TLS (RFC 9113, 3.1).
pub(crate) const ALPN_HTTP2: &[u8] = b"h2";

/// The message for a program that speaks TLS, but not HTTP/2.
pub(crate) const NO_HTTP2: &str =
    "the program does not speak HTTP/2 over TLS: it does not agree to h2 by ALPN";

/// The name that the program is called by (SNI). Its certificate may be for its address as well.
pub(crate) fn server_name() -> ServerName<'static> {
    verifier::localhost()
}

/// Why a handshake failed, in words.
pub(crate) fn reason(error: &io::Error, version: HttpVersion) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    match inner {
        Some(rustls::Error::InvalidMessage(error)) => format!(
            "the program does not speak TLS there, which `program.tls` says: it sent something else ({error:?})"
        ),
        Some(rustls::Error::AlertReceived(AlertDescription::NoApplicationProtocol)) => {
            match version {
                HttpVersion::Two => NO_HTTP2.to_owned(),
                HttpVersion::One => {
                    "the program does not speak HTTP/1.1 over TLS: it does not agree to http/1.1 by ALPN"
                        .to_owned()
                }
            }
        }
        Some(rustls::Error::InvalidCertificate(error)) => {
            format!("the program's certificate is not what `tls.ca` demands: {error}")
        }
        Some(error) => format!("TLS: {error}"),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "TLS: the program closed the connection in the middle of the handshake".to_owned()
        }
        None => match error.source() {
            Some(cause) => format!("TLS: {error}: {cause}"),
            None => format!("TLS: {error}"),
        },
    }
}

fn trusting(path: &Path, provider: &Arc<CryptoProvider>) -> Result<Issued, TlsError> {
    let bytes = fs::read(path).map_err(|error| TlsError::Read {
        path: path.to_path_buf(),
        error,
    })?;
    let malformed = |index: usize, reason: String| TlsError::Malformed {
        path: path.to_path_buf(),
        number: index + 1,
        reason,
    };
    let mut roots = RootCertStore::empty();
    let mut certificates = Vec::new();
    for (index, certificate) in CertificateDer::pem_slice_iter(&bytes).enumerate() {
        let certificate = certificate.map_err(|error| malformed(index, error.to_string()))?;
        roots
            .add(certificate.clone())
            .map_err(|error| malformed(index, error.to_string()))?;
        certificates.push(certificate);
    }
    if certificates.is_empty() {
        let path = path.to_path_buf();
        return Err(TlsError::NoCertificate { path });
    }
    Issued::new(roots, certificates, provider).map_err(|error| malformed(0, error.to_string()))
}

#[cfg(test)]
pub(crate) mod tests;
