//! Servers that speak HTTP/2 as it should be, and write down what they are asked.

use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use h2::{
    RecvStream,
    server::{Builder, SendResponse},
};
use hyper::{Request, body::Bytes};
use kernel::clock;
use model::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;

/// A request as the server got it.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) port: u16,
    pub(super) stream: u32,
    /// When its head had come.
    pub(super) time: Timestamp,
    pub(super) body: Vec<u8>,
    head: String,
    path: String,
}

impl Asked {
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    async fn take(port: u16, request: Request<RecvStream>, stream: u32) -> Self {
        let time = clock::now();
        let (head, mut rest) = request.into_parts();
        let headers: Vec<String> = head
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        let mut body = Vec::new();
        while let Some(Ok(data)) = rest.data().await {
            let _ = rest.flow_control().release_capacity(data.len());
            body.extend_from_slice(&data);
        }
        Self {
            port,
            stream,
            time,
            body,
            path: head.uri.path().to_owned(),
            head: format!("{} {} [{}]", head.method, head.uri, headers.join(", ")),
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.head)?;
        match &self.body[..] {
            [] => Ok(()),
            body => write!(formatter, " {}", String::from_utf8_lossy(body)),
        }
    }
}

#[derive(Default)]
struct Seen {
    asked: Mutex<Vec<Asked>>,
    connections: AtomicUsize,
    now: AtomicUsize,
    most: AtomicUsize,
}

/// A running server; it ends with the test's process.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Seen>,
}

/// How a server is made.
struct Way<B, A> {
    build: B,
    answer: A,
    tls: Option<TlsAcceptor>,
    /// After how many requests a connection is ended gracefully.
    last: Option<usize>,
}

/// A server that answers so.
pub(super) fn serve<A, F>(answer: A) -> Server
where
    A: Fn(Asked, SendResponse<Bytes>) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    Server::start(|_| {}, answer)
}

fn loopback() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

impl Server {
    pub(super) fn start<A, F>(
        build: impl Fn(&mut Builder) + Send + Sync + 'static,
        answer: A,
    ) -> Self
    where
        A: Fn(Asked, SendResponse<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        Self::on(loopback(), build, answer)
    }

    pub(super) fn on<A, F>(
        listener: TcpListener,
        build: impl Fn(&mut Builder) + Send + Sync + 'static,
        answer: A,
    ) -> Self
    where
        A: Fn(Asked, SendResponse<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let way = Way {
            build,
            answer,
            tls: None,
            last: None,
        };
        Self::run(listener, way)
    }

    /// Answers within TLS.
    pub(super) fn secure<A, F>(config: Arc<rustls::ServerConfig>, answer: A) -> Self
    where
        A: Fn(Asked, SendResponse<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let way = Way {
            build: |_: &mut Builder| {},
            answer,
            tls: Some(config.into()),
            last: None,
        };
        Self::run(loopback(), way)
    }

    /// Says goodbye on each connection when so many requests came.
    pub(super) fn ending_connections_after(last: usize) -> Self {
        let way = Way {
            build: |_: &mut Builder| {},
            answer: super::ok,
            tls: None,
            last: Some(last),
        };
        Self::run(loopback(), way)
    }

    fn run<B, A, F>(listener: TcpListener, way: Way<B, A>) -> Self
    where
        B: Fn(&mut Builder) + Send + Sync + 'static,
        A: Fn(Asked, SendResponse<Bytes>) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let server = Self {
            address,
            seen: Arc::clone(&seen),
        };
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime
                .block_on(accept(listener, seen, Arc::new(way)))
                .unwrap();
        });
        server
    }

    /// What it was asked, by the end of each request's body.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.seen.asked.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::Relaxed)
    }

    pub(super) fn most_at_a_time(&self) -> usize {
        self.seen.most.load(Ordering::Relaxed)
    }
}

async fn accept<B, A, F>(
    listener: TcpListener,
    seen: Arc<Seen>,
    way: Arc<Way<B, A>>,
) -> io::Result<()>
where
    B: Fn(&mut Builder) + Send + Sync + 'static,
    A: Fn(Asked, SendResponse<Bytes>) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        let (stream, peer) = listener.accept().await?;
        seen.connections.fetch_add(1, Ordering::Relaxed);
        let (seen, way) = (Arc::clone(&seen), Arc::clone(&way));
        tokio::spawn(async move {
            match &way.tls {
                None => converse(stream, peer.port(), seen, &way).await,
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        converse(stream, peer.port(), seen, &way).await;
                    }
                }
            }
        });
    }
}

async fn converse<B, A, F>(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    port: u16,
    seen: Arc<Seen>,
    way: &Arc<Way<B, A>>,
) where
    B: Fn(&mut Builder) + Send + Sync + 'static,
    A: Fn(Asked, SendResponse<Bytes>) -> F + Send + Sync + 'static,
    F: Future<Output = ()> + Send + 'static,
{
    let mut builder = Builder::new();
    (way.build)(&mut builder);
    let Ok(mut connection) = builder.handshake::<_, Bytes>(stream).await else {
        return;
    };
    let mut taken = 0;
    while let Some(Ok((request, respond))) = connection.accept().await {
        taken += 1;
        if way.last == Some(taken) {
            connection.graceful_shutdown();
        }
        let (seen, way) = (Arc::clone(&seen), Arc::clone(way));
        let now = seen.now.fetch_add(1, Ordering::Relaxed) + 1;
        seen.most.fetch_max(now, Ordering::Relaxed);
        tokio::spawn(async move {
            let stream = respond.stream_id().as_u32();
            let asked = Asked::take(port, request, stream).await;
            seen.asked.lock().unwrap().push(asked.clone());
            let _leaving = Leaving(&seen.now);
            (way.answer)(asked, respond).await;
        });
    }
}

/// One request less at a time, whatever became of it.
struct Leaving<'a>(&'a AtomicUsize);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
