//! A proxy between the client and the sandbox. It breaks connections and requests at any step, on TCP and on TLS, and
//! counts what it passes on: the truth that the client's reports are compared with.

mod certificate;
mod connection;
mod fault;
mod message;
mod mix;
mod stream;

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::Result;
pub use certificate::certificate;
pub use connection::LARGE;
pub use fault::{End, Fault, Step};
pub use message::Message;
pub use mix::Mix;

/// What happens at the proxy; its plan decides which fault follows.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// A connection was accepted.
    Connection,
    /// A request arrives, of which the first bytes were read.
    Request {
        /// The bytes.
        start: &'a [u8],
        /// Whether the connection served another request before.
        reused: bool,
    },
    /// The head of a request was read whose body fits in no socket's buffer.
    LargeBody,
}

/// Decides the fault of a connection or a request.
pub type Plan = Box<dyn Fn(Event<'_>) -> Option<Fault> + Send + Sync>;

/// Which transport security the proxy uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// None.
    Tcp,
    /// TLS with a certificate that signs itself.
    Tls,
}

impl Security {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
        }
    }
}

/// A proxy that runs until it is dropped.
pub struct Proxy {
    /// Where it listens.
    pub url: String,
    shared: Arc<Shared>,
    _serving: JoinSet<()>,
}

struct Shared {
    sandbox: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    plan: Plan,
    /// The start of the requests that are counted.
    counted: &'static str,
    requests: AtomicU64,
    whole_requests: AtomicU64,
    applied: AtomicU64,
    /// The recipients of the submissions that were read whole.
    recipients: Mutex<HashSet<String>>,
    /// Connections whose requests may still reach the sandbox.
    live: AtomicUsize,
    refuse: Notify,
    /// How long a counted request takes, in microseconds.
    latency: AtomicU64,
}

impl Proxy {
    /// Starts a proxy. It counts the requests that start with `counted`, such as `POST /v2/emails`.
    pub async fn start(sandbox: SocketAddr, security: Security, counted: &'static str, plan: Plan) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (scheme, acceptor) = match security {
            Security::Tcp => ("http", None),
            Security::Tls => ("https", Some(certificate()?.acceptor)),
        };
        let shared = Arc::new(Shared {
            sandbox,
            acceptor,
            plan,
            counted,
            requests: AtomicU64::new(0),
            whole_requests: AtomicU64::new(0),
            applied: AtomicU64::new(0),
            recipients: Mutex::default(),
            live: AtomicUsize::new(0),
            refuse: Notify::new(),
            latency: AtomicU64::new(0),
        });
        let mut serving = JoinSet::new();
        serving.spawn(accept(Arc::clone(&shared), listener));
        Ok(Self { url: format!("{scheme}://localhost:{}", address.port()), shared, _serving: serving })
    }

    /// How many of the counted requests arrived.
    pub fn requests(&self) -> u64 {
        self.shared.requests.load(Ordering::SeqCst)
    }

    /// How many of them were read whole.
    pub fn whole_requests(&self) -> u64 {
        self.shared.whole_requests.load(Ordering::SeqCst)
    }

    /// How many of them the sandbox answered with a success.
    pub fn applied(&self) -> u64 {
        self.shared.applied.load(Ordering::SeqCst)
    }

    /// Holds each counted request for this time before the sandbox gets it.
    pub fn set_latency(&self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.shared.latency.store(micros, Ordering::SeqCst);
    }

    /// Closes the listener for a moment, so that the system refuses connections.
    pub fn refuse_connections(&self) {
        self.shared.refuse.notify_one();
    }

    /// Whether a whole submission to this recipient was read.
    pub fn has_read(&self, recipient: &str) -> bool {
        self.shared.recipients().contains(recipient)
    }

    /// Waits until no connection is open whose requests may still reach the sandbox. A connection may be in the queue of
    /// the listener, so it takes a moment in any case.
    pub async fn quiet(&self) {
        let mut quiet = 0;
        while quiet < 20 {
            quiet = if self.shared.live.load(Ordering::SeqCst) == 0 { quiet + 1 } else { 0 };
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Shared {
    /// Counts a request that was read whole.
    fn record(&self, request: &Message) {
        self.count(&self.whole_requests, request);
        let start = String::from_utf8_lossy(&request.bytes[..request.bytes.len().min(8192)]);
        if let Some((_, rest)) = start.split_once(r#""email":""#)
            && let Some((recipient, _)) = rest.split_once('"')
        {
            self.recipients().insert(recipient.to_owned());
        }
    }

    fn recipients(&self) -> MutexGuard<'_, HashSet<String>> {
        self.recipients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, counter: &AtomicU64, request: &Message) {
        if self.is_counted(request) {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn is_counted(&self, request: &Message) -> bool {
        request.bytes.starts_with(self.counted.as_bytes())
    }

    async fn hold(&self, request: &Message) {
        let latency = Duration::from_micros(self.latency.load(Ordering::SeqCst));
        if self.is_counted(request) && !latency.is_zero() {
            tokio::time::sleep(latency).await;
        }
    }
}

async fn accept(shared: Arc<Shared>, mut listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move { connection::serve(&shared, stream).await });
                while connections.try_join_next().is_some() {}
            }
            () = shared.refuse.notified() => match reopened(listener).await {
                Ok(opened) => listener = opened,
                Err(_) => return,
            },
        }
    }
}

/// Closes a listener, and opens it again after a moment.
async fn reopened(listener: TcpListener) -> io::Result<TcpListener> {
    let address = listener.local_addr()?;
    drop(listener);
    tokio::time::sleep(Duration::from_millis(100)).await;
    TcpListener::bind(address).await
}
