//! The TCP stream of a connection, which counts the bytes of a request that the socket accepted.

use std::io::{self, IoSlice, Read as _};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::TcpStream;

/// What a connection shares with its TCP stream, which hyper owns.
///
/// Both are used by one task at a time. The atomics only make them `Sync`.
#[derive(Debug, Default)]
pub(super) struct Shared {
    accepted: AtomicU64,
    is_idle: AtomicBool,
}

impl Shared {
    /// Counts from zero for the next request.
    pub(super) fn reset(&self) {
        self.accepted.store(0, Ordering::Relaxed);
    }

    /// The number of bytes that the socket accepted since the last reset.
    ///
    /// Over TLS these bytes are encrypted. They are never fewer than the bytes of the request in them.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// Reads go to the socket itself, until nothing is left to read or something is written.
    pub(super) fn set_idle(&self) {
        self.is_idle.store(true, Ordering::Relaxed);
    }

    fn is_idle(&self) -> bool {
        self.is_idle.load(Ordering::Relaxed)
    }

    fn end_idle(&self) {
        if self.is_idle() {
            self.is_idle.store(false, Ordering::Relaxed);
        }
    }
}

/// A TCP stream that counts what its socket accepted. It is below TLS, since rustls may keep bytes that it accepted.
pub(super) struct CountedStream {
    tcp: TokioIo<TcpStream>,
    shared: Arc<Shared>,
}

impl CountedStream {
    pub(super) fn new(tcp: TokioIo<TcpStream>) -> Self {
        Self { tcp, shared: Arc::default() }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    fn count(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.shared.end_idle();
        if let Poll::Ready(Ok(written)) = written {
            self.shared.accepted.fetch_add(written as u64, Ordering::Relaxed);
        }
        written
    }

    /// Reads from the socket itself. The runtime notices that something arrived only between the polls of its tasks, and
    /// not at all while it is not running.
    fn read_now(&self, buffer: &mut ReadBufCursor<'_>) -> io::Result<()> {
        let bytes = &mut [0; 256];
        let length = buffer.remaining().min(bytes.len());
        let read = (&*SockRef::from(self.tcp.inner())).read(&mut bytes[..length])?;
        buffer.put_slice(&bytes[..read]);
        Ok(())
    }
}

impl Connection for CountedStream {
    fn connected(&self) -> Connected {
        self.tcp.connected()
    }
}

impl Read for CountedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.shared.is_idle() {
            match self.read_now(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.shared.end_idle(),
                result => return Poll::Ready(result),
            }
        }
        Pin::new(&mut self.tcp).poll_read(context, buffer)
    }
}

impl Write for CountedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write(context, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.tcp).poll_write_vectored(context, slices);
        self.count(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.tcp.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}
