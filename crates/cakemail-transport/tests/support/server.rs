//! A server made of raw sockets, which counts the connections and requests that it sees.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The time limit after which a hanging test fails.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// The number of connections and complete requests that a server saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub connections: usize,
    pub requests: usize,
}

/// A server that runs a script for each connection.
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

    /// Starts a server that speaks TLS if it has an acceptor.
    pub async fn start_over<F, S>(acceptor: Option<TlsAcceptor>, script: S) -> Self
    where
        F: Future<Output = io::Result<()>> + Send + 'static,
        S: Fn(Peer) -> F + Send + Sync + 'static,
    {
        let script = Arc::new(script);
        let script = move |peer: Peer| {
            let (acceptor, script) = (acceptor.clone(), Arc::clone(&script));
            async move {
                match acceptor {
                    Some(acceptor) => script(peer.accept_tls(&acceptor).await?).await,
                    None => script(peer).await,
                }
            }
        };
        Self::start(script).await
    }

    /// The base URI of the server, with this scheme.
    pub fn base(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// The URI of the server as a proxy with a user and a password.
    pub fn proxy(&self) -> http::Uri {
        format!("http://me:secret@{}", self.address).parse().unwrap()
    }

    /// Stops the server and returns what it saw. Drop the transport first, so that no connection stays open.
    pub async fn finish(self) -> Seen {
        self.stop.send(()).unwrap();
        tokio::time::timeout(TIMEOUT, self.served).await.expect("a connection stays open").unwrap()
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
    let mut serve_connection = |stream: TcpStream| {
        connections += 1;
        peers.spawn(script(Peer { stream: Stream::Plain(stream), requests: Arc::clone(&requests) }));
    };
    loop {
        tokio::select! {
            accepted = listener.accept() => serve_connection(accepted.unwrap().0),
            _ = &mut stopped => break,
        }
    }
    // Connections in the backlog count as well.
    let listener = listener.into_std().unwrap();
    while let Ok((stream, _)) = listener.accept() {
        stream.set_nonblocking(true).unwrap();
        serve_connection(TcpStream::from_std(stream).unwrap());
    }
    // A script ends with an error when the client closes the connection. Tests check the counts instead.
    while peers.join_next().await.transpose().unwrap().is_some() {}
    Seen { connections, requests: requests.load(Ordering::SeqCst) }
}

/// A connection, on the server's side.
pub struct Peer {
    pub stream: Stream,
    requests: Arc<AtomicUsize>,
}

/// A stream with or without TLS.
pub enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Peer {
    /// Reads and counts one complete request. Fails when the connection closes first.
    pub async fn request(&mut self) -> io::Result<String> {
        let text = self.message().await?;
        self.requests.fetch_add(1, Ordering::SeqCst);
        Ok(text)
    }

    /// Reads one complete request without counting it, such as a request to a proxy.
    pub async fn message(&mut self) -> io::Result<String> {
        let mut text = String::new();
        while !is_complete(&text) {
            let mut buffer = [0; 4096];
            let length = self.stream.read(&mut buffer).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            text += std::str::from_utf8(&buffer[..length]).unwrap();
        }
        Ok(text)
    }

    pub async fn write(&mut self, bytes: &str) -> io::Result<()> {
        self.stream.write_all(bytes.as_bytes()).await?;
        self.stream.flush().await
    }

    /// Writes a response with a `content-length`, and keeps the connection open.
    pub async fn respond(&mut self, status: u16, body: &str) -> io::Result<()> {
        self.write(&format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await
    }

    /// Waits until the client closes the connection.
    pub async fn until_closed(mut self) -> io::Result<()> {
        while self.stream.read(&mut [0; 4096]).await? > 0 {}
        Ok(())
    }

    /// Waits for the first byte of a request, counts the request, and leaves it unread. Over TLS the first byte is read,
    /// since the bytes may already have left the socket.
    pub async fn unread_request(&mut self) -> io::Result<()> {
        let byte = &mut [0];
        let length = match &mut self.stream {
            Stream::Plain(tcp) => tcp.peek(byte).await?,
            Stream::Tls(tls) => tls.read(byte).await?,
        };
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.requests.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Resets the connection.
    pub fn reset(self) -> io::Result<()> {
        self.tcp().set_zero_linger()
    }

    /// Accepts TLS on the connection.
    pub async fn accept_tls(self, acceptor: &TlsAcceptor) -> io::Result<Self> {
        let Stream::Plain(tcp) = self.stream else { return Err(io::ErrorKind::InvalidInput.into()) };
        Ok(Self { stream: Stream::Tls(Box::new(acceptor.accept(tcp).await?)), ..self })
    }

    /// The socket beneath the stream.
    pub fn tcp(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_read(context, buffer),
            Self::Tls(tls) => Pin::new(tls).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Self::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            Self::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            Self::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }
}

fn is_complete(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().filter_map(|line| line.split_once(": "));
    let mut length = length.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.next().is_none_or(|(_, value)| body.len() >= value.parse().unwrap())
}
