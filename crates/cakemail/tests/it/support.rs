//! Shared fixtures: a sandbox with a client over one of the real transports, and a stub server.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cakemail::sandbox::{Builder, Clock, Sandbox};
use cakemail::senders::NewSender;
use cakemail::transport::Settings;
use cakemail::{
    Client, Content, Credentials, EmailId, HyperTransport, ListId, NewEmail, ReqwestTransport, RetryPolicy, SenderId,
    Timestamp, Transport,
};

pub type MakeTransport = fn() -> Box<dyn Transport>;

/// Both real transports, without the proxies of the environment.
pub const TRANSPORTS: [MakeTransport; 2] = [
    || Box::new(ReqwestTransport::with_settings(Settings::new().no_proxy()).unwrap()),
    || Box::new(HyperTransport::with_settings(Settings::new().no_proxy()).unwrap()),
];

/// A sandbox whose clock stands still, and a client of it. On drop it checks that the sandbox has no findings.
pub struct TestBed {
    pub sandbox: Sandbox,
    pub client: Client,
}

impl TestBed {
    pub async fn over(transport: MakeTransport) -> Self {
        Self::with(transport, Sandbox::builder()).await
    }

    pub async fn with(transport: MakeTransport, sandbox: Builder) -> Self {
        let sandbox = sandbox.clock(Clock::frozen(UNIX_EPOCH + NOON)).start().await.unwrap();
        let client = Client::builder()
            .base_url(sandbox.url())
            .credentials(Credentials::password(sandbox.email(), sandbox.password()))
            .transport(transport())
            .build()
            .unwrap();
        Self { sandbox, client }
    }

    /// Uses the default transport.
    pub async fn new() -> Self {
        Self::over(TRANSPORTS[0]).await
    }

    /// Creates a confirmed sender.
    pub async fn sender(&self) -> SenderId {
        self.client.senders().create(&NewSender::new("Ada", self.sandbox.email())).await.unwrap().id
    }

    pub async fn list(&self) -> ListId {
        self.client.lists().list(Default::default()).next().await.unwrap().unwrap().id
    }

    /// A valid email.
    pub async fn email(&self, recipient: &str) -> NewEmail {
        let content = Content::html("Welcome", "<p>Hello.</p>");
        NewEmail::transactional(self.sender().await, self.list().await, recipient, content)
    }

    pub async fn send(&self, recipient: &str) -> EmailId {
        self.client.emails().send(&self.email(recipient).await).await.unwrap().id
    }

    pub fn advance(&self, seconds: u64) {
        self.sandbox.clock().advance(Duration::from_secs(seconds));
    }

    pub fn now(&self) -> Timestamp {
        self.sandbox.clock().now().into()
    }

    /// The number of requests for an operation.
    pub fn request_count(&self, operation: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.operation == Some(operation)).count()
    }
}

impl Drop for TestBed {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.sandbox.assert_no_findings();
        }
    }
}

/// 2026-11-23T12:00:00Z: a report of that day has hours before and after it.
const NOON: Duration = Duration::from_secs(1_795_435_200);

#[test]
fn noon_is_at_12_00_utc() {
    assert_eq!(Timestamp::from(SystemTime::UNIX_EPOCH + NOON).to_string(), "2026-11-23T12:00:00Z");
}

/// Retries without backoff.
pub fn retry_immediately() -> RetryPolicy {
    let mut retry = RetryPolicy::default();
    retry.initial_backoff = Duration::ZERO;
    retry
}

/// A server that answers every request with the same bytes and closes the connection. It runs until the process ends.
pub struct StubServer {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl StubServer {
    /// Answers with these bytes.
    pub fn raw(response: impl Into<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (response, connections) = (response.into(), Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&connections);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                // The test sees a failure in the client.
                let _ = reply(stream, &response);
            }
        });
        Self { address, connections }
    }

    /// Answers with an HTTP response.
    pub fn respond(status: &str, headers: &str, body: &str) -> Self {
        let length = body.len();
        Self::raw(format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"))
    }

    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Reads a request, or a TLS handshake, and writes the response.
fn reply(mut stream: TcpStream, response: &[u8]) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut read = Vec::new();
    let mut piece = [0; 16 * 1024];
    while !is_complete(&read) {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            break;
        }
        read.extend_from_slice(&piece[..length]);
    }
    stream.write_all(response)?;
    stream.shutdown(Shutdown::Write)?;
    while stream.read(&mut piece)? > 0 {}
    Ok(())
}

fn is_complete(read: &[u8]) -> bool {
    const HANDSHAKE: u8 = 22;
    let text = String::from_utf8_lossy(read).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return read.first() == Some(&HANDSHAKE) };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}
