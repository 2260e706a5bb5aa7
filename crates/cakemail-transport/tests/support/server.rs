//! A server made of raw sockets, which counts the connections and requests that it sees.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a test may hang before it fails.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often the server was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub connections: usize,
    pub requests: usize,
}

/// A server that treats every connection by a script.
pub struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Seen>,
}

impl Server {
    pub async fn start<F, S>(script: S) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
        S: Fn(Peer) -> F + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        Self { address, stop, served: tokio::spawn(serve(listener, script, stopped)) }
    }

    /// The URI of the server, of this scheme.
    pub fn base(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// The URI of the server as a proxy that wants a user and password.
    pub fn proxy(&self) -> http::Uri {
        format!("http://me:secret@{}", self.address).parse().unwrap()
    }

    /// What came, to the last connection. Drop the transport first, so that none is left open.
    pub async fn finish(self) -> Seen {
        self.stop.send(()).unwrap();
        tokio::time::timeout(PATIENCE, self.served).await.expect("a connection stays open").unwrap()
    }
}

async fn serve<F, S>(listener: TcpListener, script: S, mut stopped: oneshot::Receiver<()>) -> Seen
where
    F: Future<Output = io::Result<()>> + Send + 'static,
    S: Fn(Peer) -> F + Send + Sync + 'static,
{
    let requests = Arc::new(AtomicUsize::new(0));
    let mut peers = JoinSet::new();
    let mut connections = 0;
    let mut meet = |stream: TcpStream| {
        connections += 1;
        peers.spawn(script(Peer { stream, requests: Arc::clone(&requests) }));
    };
    loop {
        tokio::select! {
            accepted = listener.accept() => meet(accepted.unwrap().0),
            _ = &mut stopped => break,
        }
    }
    // Those that wait in the backlog came too.
    let listener = listener.into_std().unwrap();
    while let Ok((stream, _)) = listener.accept() {
        stream.set_nonblocking(true).unwrap();
        meet(TcpStream::from_std(stream).unwrap());
    }
    // A script ends with an error when the client hangs up: not a fault here, the counts tell.
    while peers.join_next().await.transpose().unwrap().is_some() {}
    Seen { connections, requests: requests.load(Ordering::SeqCst) }
}

/// A connection, seen from the server.
pub struct Peer<S = TcpStream> {
    pub stream: S,
    requests: Arc<AtomicUsize>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    /// Reads one request to its end, and counts it. Fails when there is none.
    pub async fn request(&mut self) -> io::Result<String> {
        let text = self.message().await?;
        self.requests.fetch_add(1, Ordering::SeqCst);
        Ok(text)
    }

    /// Reads one request to its end, such as a proxy's, which does not count.
    pub async fn message(&mut self) -> io::Result<String> {
        let mut text = String::new();
        while !complete(&text) {
            let mut piece = [0; 4096];
            let length = self.stream.read(&mut piece).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            text += std::str::from_utf8(&piece[..length]).unwrap();
        }
        Ok(text)
    }

    pub async fn write(&mut self, bytes: &str) -> io::Result<()> {
        self.stream.write_all(bytes.as_bytes()).await?;
        self.stream.flush().await
    }

    /// Answers with a body of a known length, keeping the connection open.
    pub async fn answer(&mut self, status: u16, body: &str) -> io::Result<()> {
        self.write(&format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await
    }

    /// Waits until the client hangs up.
    pub async fn until_closed(mut self) -> io::Result<()> {
        while self.stream.read(&mut [0; 4096]).await? > 0 {}
        Ok(())
    }
}

impl Peer {
    /// Waits for a request to arrive, counts it, and leaves it unread.
    pub async fn arrival(&mut self) -> io::Result<()> {
        if self.stream.peek(&mut [0]).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Ends the connection by a TCP reset.
    pub fn reset(self) -> io::Result<()> {
        self.stream.set_zero_linger()
    }

    /// Goes on in TLS.
    pub async fn secure(self, acceptor: &TlsAcceptor) -> io::Result<Peer<TlsStream<TcpStream>>> {
        Ok(Peer { stream: acceptor.accept(self.stream).await?, requests: self.requests })
    }
}

fn complete(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().filter_map(|line| line.split_once(": "));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.next().is_none_or(|(_, value)| body.len() >= value.parse().unwrap())
}
