//! The stream of a connection, which counts the bytes of a request that it accepted.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::net::TcpStream;

pub(super) type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// What a connection shares with its stream, which hyper owns.
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

    /// The number of bytes that the stream accepted since the last reset, or more.
    ///
    /// Over TLS these are the bytes that rustls accepted, of which some may not have left it.
    pub(super) fn accepted(&self) -> u64 {
        self.accepted.load(Ordering::Relaxed)
    }

    /// The next read, if it comes before a write and has to wait, asks the operating system whether the connection is still
    /// open.
    pub(super) fn set_idle(&self) {
        self.is_idle.store(true, Ordering::Relaxed);
    }

    /// Whether it was idle until now.
    fn end_idle(&self) -> bool {
        let was_idle = self.is_idle.load(Ordering::Relaxed);
        if was_idle {
            self.is_idle.store(false, Ordering::Relaxed);
        }
        was_idle
    }
}

/// A stream that counts what it accepted.
///
/// After a failed write the response may still be readable: a server that refuses a large request responds early and
/// closes the connection. So a failed write waits, reads go on, and the failure is reported when there is no more to
/// read. Nothing is written after a failure, so the count stays true.
pub(super) struct CountedStream {
    stream: Stream,
    shared: Arc<Shared>,
    failure: Failure,
}

enum Failure {
    None,
    /// A write failed, and no read has reported it.
    Unreported(io::Error),
    Reported,
}

impl CountedStream {
    pub(super) fn new(stream: Stream, shared: Arc<Shared>) -> Self {
        Self { stream, shared, failure: Failure::None }
    }

    fn written(&mut self, context: &Context<'_>, offered: usize, result: io::Result<usize>) -> Poll<io::Result<usize>> {
        self.shared.end_idle();
        // Rustls may have accepted the bytes of a failed write; a socket has not.
        let may_have_accepted = matches!(self.stream, MaybeHttpsStream::Https(_));
        let accepted = result.as_ref().map_or(if may_have_accepted { offered } else { 0 }, |written| *written);
        self.shared.accepted.fetch_add(accepted as u64, Ordering::Relaxed);
        match result {
            Ok(written) => Poll::Ready(Ok(written)),
            Err(error) => self.fail(context, error),
        }
    }

    fn fail<T>(&mut self, context: &Context<'_>, error: io::Error) -> Poll<io::Result<T>> {
        self.failure = Failure::Unreported(error);
        context.waker().wake_by_ref(); // so that what has arrived is read
        Poll::Pending
    }

    /// The result of a write after a failure, or `None` while nothing failed.
    fn after_failure<T>(&self) -> Option<Poll<io::Result<T>>> {
        match &self.failure {
            Failure::None => None,
            Failure::Unreported(_) => Some(Poll::Pending),
            Failure::Reported => Some(Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))),
        }
    }

    /// Whether the server closed the connection or sent something unasked that the runtime has not noticed. A runtime
    /// notices events only between the polls of its tasks, and not at all while it is not running.
    fn has_unnoticed_event(&self) -> bool {
        let tcp = match &self.stream {
            MaybeHttpsStream::Http(tcp) => tcp.inner(),
            MaybeHttpsStream::Https(tls) => tls.inner().get_ref().0.inner().inner(),
        };
        let peeked = SockRef::from(tcp).peek(&mut [MaybeUninit::uninit()]);
        !peeked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }
}

impl Read for CountedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let was_idle = self.shared.end_idle();
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if result.is_ready() {
            return result;
        }
        if was_idle && self.has_unnoticed_event() {
            return Poll::Ready(Ok(())); // the end of the stream
        }
        match std::mem::replace(&mut self.failure, Failure::None) {
            Failure::None => Poll::Pending,
            Failure::Unreported(error) => {
                self.failure = Failure::Reported;
                Poll::Ready(Err(error))
            }
            Failure::Reported => {
                self.failure = Failure::Reported;
                Poll::Pending
            }
        }
    }
}

impl Write for CountedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if let Some(result) = self.after_failure() {
            return result;
        }
        match Pin::new(&mut self.stream).poll_write(context, bytes) {
            Poll::Ready(result) => self.written(context, bytes.len(), result),
            Poll::Pending => Poll::Pending,
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Some(result) = self.after_failure() {
            return result;
        }
        match Pin::new(&mut self.stream).poll_write_vectored(context, slices) {
            Poll::Ready(result) => {
                let offered = slices.iter().map(|slice| slice.len()).sum();
                self.written(context, offered, result)
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if let Some(result) = self.after_failure() {
            return result;
        }
        match Pin::new(&mut self.stream).poll_flush(context) {
            Poll::Ready(Err(error)) => self.fail(context, error),
            result => result,
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &self.failure {
            Failure::None => Pin::new(&mut self.stream).poll_shutdown(context),
            _ => Poll::Ready(Ok(())),
        }
    }
}
