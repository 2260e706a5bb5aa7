//! The TCP stream of a connection, which counts the bytes of a request that the socket accepted, and writes none after the
//! request's [`SendBy`].

use std::io::{self, IoSlice, Read as _};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::TcpStream;

use crate::SendBy;

/// What a connection shares with its TCP stream, which hyper owns.
///
/// Both are used by one task at a time. The atomics only make them `Sync`.
#[derive(Debug, Default)]
pub(super) struct Shared {
    accepted: AtomicU64,
    is_idle: AtomicBool,
    /// Whether `send_by` is set: it is rare.
    has_send_by: AtomicBool,
    send_by: Mutex<Option<SendBy>>,
}

impl Shared {
    /// Counts from zero for the next request, which may be written until `send_by`.
    pub(super) fn begin(&self, send_by: Option<&SendBy>) {
        self.accepted.store(0, Ordering::Relaxed);
        if send_by.is_some() || self.has_send_by.load(Ordering::Relaxed) {
            self.has_send_by.store(send_by.is_some(), Ordering::Relaxed);
            *self.send_by.lock().unwrap_or_else(PoisonError::into_inner) = send_by.cloned();
        }
    }

    /// Whether the request may no longer be written.
    fn is_too_late(&self) -> bool {
        self.has_send_by.load(Ordering::Relaxed)
            && self.send_by.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(SendBy::has_passed)
    }

    /// The number of bytes of the request that the socket accepted.
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
    /// Whether a write was refused: rustls may keep bytes of that request, so nothing is written ever after.
    is_shut: bool,
}

impl CountedStream {
    pub(super) fn new(tcp: TokioIo<TcpStream>) -> Self {
        Self { tcp, shared: Arc::default(), is_shut: false }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Called immediately before each write.
    fn check_send_by(&mut self) -> io::Result<()> {
        if !self.is_shut && !self.shared.is_too_late() {
            return Ok(());
        }
        self.is_shut = true;
        // The system discards what it has not sent when the stream is dropped, and resets the connection.
        SockRef::from(self.tcp.inner()).set_linger(Some(Duration::ZERO))?;
        Err(io::Error::new(io::ErrorKind::TimedOut, "the time to send the request by has passed"))
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
        self.check_send_by()?;
        let written = Pin::new(&mut self.tcp).poll_write(context, bytes);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_send_by()?;
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
