//! Certificates that are made for the test, and what becomes of them.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{ClientConnection, ServerConfig, ServerConnection, pki_types::PrivateKeyDer};

use super::*;

/// What a server shows, and the PEM of who issued it.
pub(crate) struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    pub(crate) issuer: String,
}

impl Shown {
    /// A certificate for these names, from an issuer of its own.
    pub(crate) fn for_names(names: &[&str]) -> Self {
        Self::changed(names, |_| {})
    }

    fn changed(names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut issuer = CertificateParams::new(Vec::new()).unwrap();
        issuer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(issuer, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let mut params = params(names);
        change(&mut params);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        Self {
            chain: vec![certificate.der().clone()],
            key: key.into(),
            issuer: issuer.pem(),
        }
    }

    /// A certificate that is its own issuer.
    fn by_itself(names: &[&str], is_ca: IsCa) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = params(names);
        params.is_ca = is_ca;
        let certificate = params.self_signed(&key).unwrap();
        Self {
            chain: vec![certificate.der().clone()],
            issuer: certificate.pem(),
            key: key.into(),
        }
    }

    /// How a server shows it that agrees to these protocols; to none if there are none.
    pub(crate) fn config(&self, protocols: &[&[u8]]) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .unwrap();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Arc::new(config)
    }
}

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.into()).collect();
    CertificateParams::new(names).unwrap()
}

/// A client that trusts what is in a PEM file.
fn trusting(pem: &str) -> Result<TlsClient, TlsError> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ca.pem"), pem).unwrap();
    TlsClient::new(&Tls::Trusting("ca.pem".into()), folder.path())
}

/// A server that answers each connection's first bytes with "hello".
fn server(shown: &Shown) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let config = shown.config(&[]);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut session = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::Stream::new(&mut session, &mut stream);
            if stream.read(&mut [0; 16]).is_ok() {
                stream.write_all(b"hello").unwrap();
            }
        }
    });
    address
}

/// What a client makes of a server.
fn meet(client: &TlsClient, shown: &Shown) -> Result<(), String> {
    let mut stream = TcpStream::connect(server(shown)).unwrap();
    let config = client.config(HttpVersion::One);
    let mut session = ClientConnection::new(config, server_name()).unwrap();
    let mut stream = rustls::Stream::new(&mut session, &mut stream);
    let mut answer = [0; 5];
    stream
        .write_all(b"hi")
        .and_then(|()| stream.read_exact(&mut answer))
        .map_err(|error| reason(&error, HttpVersion::One))?;
    assert_eq!(answer, *b"hello");
    Ok(())
}

fn refused(client: &TlsClient, shown: &Shown) -> String {
    let reason = meet(client, shown).unwrap_err();
    assert!(
        reason.starts_with("the program's certificate is not what `tls.ca` demands: "),
        "{reason}"
    );
    reason
}

#[test]
fn a_certificate_of_a_known_issuer_for_loopback_is_taken() {
    for names in [
        &["localhost"][..],
        &["127.0.0.1"],
        &["localhost", "127.0.0.1"],
        &["shop.example", "127.0.0.1"],
    ] {
        let shown = Shown::for_names(names);
        assert_eq!(
            meet(&trusting(&shown.issuer).unwrap(), &shown),
            Ok(()),
            "{names:?}"
        );
    }
}

#[test]
fn another_name_issuer_or_time_is_refused() {
    let shown = Shown::for_names(&["shop.example", "192.0.2.1"]);
    let said = refused(&trusting(&shown.issuer).unwrap(), &shown);
    assert!(said.contains("not valid for name"), "{said}");

    let shown = Shown::for_names(&["localhost"]);
    let other = Shown::for_names(&["localhost"]);
    refused(&trusting(&other.issuer).unwrap(), &shown);
    let both = format!("{}{}", other.issuer, shown.issuer);
    assert_eq!(meet(&trusting(&both).unwrap(), &shown), Ok(()));

    for years in [(2001, 2002), (2990, 2991)] {
        let shown = Shown::changed(&["localhost"], |params| {
            params.not_before = date_time_ymd(years.0, 1, 1);
            params.not_after = date_time_ymd(years.1, 1, 1);
        });
        refused(&trusting(&shown.issuer).unwrap(), &shown);
        let whoever = TlsClient::new(&Tls::Unverified, Path::new(".")).unwrap();
        assert_eq!(meet(&whoever, &shown), Ok(()));
    }
}

#[test]
fn a_certificate_that_issued_itself_is_taken_if_it_is_given() {
    for is_ca in [
        IsCa::NoCa,
        IsCa::ExplicitNoCa,
        IsCa::Ca(BasicConstraints::Unconstrained),
    ] {
        for name in ["localhost", "127.0.0.1"] {
            let shown = Shown::by_itself(&[name], is_ca);
            assert_eq!(
                meet(&trusting(&shown.issuer).unwrap(), &shown),
                Ok(()),
                "{is_ca:?}"
            );
            let other = Shown::by_itself(&[name], is_ca);
            refused(&trusting(&other.issuer).unwrap(), &shown);
        }
        let shown = Shown::by_itself(&["shop.example"], is_ca);
        refused(&trusting(&shown.issuer).unwrap(), &shown);
    }
}

#[test]
fn whoever_it_is_is_taken_if_the_spec_says_so() {
    let whoever = TlsClient::new(&Tls::Unverified, Path::new(".")).unwrap();
    for names in [&["shop.example"][..], &[], &["192.0.2.7"]] {
        assert_eq!(meet(&whoever, &Shown::for_names(names)), Ok(()));
        let itself = Shown::by_itself(names, IsCa::Ca(BasicConstraints::Unconstrained));
        assert_eq!(meet(&whoever, &itself), Ok(()));
    }
}

#[test]
fn what_is_wrong_with_the_file_is_said_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let error = |name: &str| {
        let error = TlsClient::new(&Tls::Trusting(name.into()), folder.path()).unwrap_err();
        let said = error.to_string();
        let path = folder.path().join(name).display().to_string();
        assert!(said.contains(&path), "{said}");
        (error, said)
    };
    let (missing, said) = error("missing.pem");
    assert!(matches!(missing, TlsError::Read { .. }), "{said}");
    assert!(said.contains("No such file"), "{said}");

    let key = KeyPair::generate().unwrap().serialize_pem();
    for (name, text) in [
        ("empty.pem", ""),
        ("key.pem", &*key),
        ("text.pem", "hello\n"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
        let (none, said) = error(name);
        assert!(matches!(none, TlsError::NoCertificate { .. }), "{said}");
    }

    let good = Shown::for_names(&["localhost"]).issuer;
    let cut = &good[..good.len() / 2];
    let nothing = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let other = "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n";
    for (text, number) in [
        (cut.to_owned(), 1),
        (format!("{good}{nothing}"), 2),
        (format!("{good}{good}{other}"), 3),
    ] {
        fs::write(folder.path().join("bad.pem"), text).unwrap();
        let (bad, said) = error("bad.pem");
        assert!(
            matches!(bad, TlsError::Malformed { number: n, .. } if n == number),
            "{said}"
        );
    }
}
