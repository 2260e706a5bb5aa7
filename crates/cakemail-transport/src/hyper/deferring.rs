//! The stream of a connection, which defers the failure of a write until everything that arrived has been read.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::rt::{Read, ReadBufCursor, Write};

use super::connect::Stream;

/// A stream that defers the failure of a write.
///
/// After a failed write the response may still be readable: a server that refuses a large request responds early and
/// closes the connection. So a failed write waits, reads go on, and the failure is reported when there is no more to
/// read. Nothing is written after a failure.
pub(super) struct DeferringStream {
    stream: Stream,
    has_failed: bool,
    /// The error of the failed write, until a read reports it.
    unreported: Option<io::Error>,
}

impl DeferringStream {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, has_failed: false, unreported: None }
    }

    /// Calls `write`, unless a write has failed.
    fn write<T>(
        &mut self,
        context: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut Stream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if self.has_failed {
            return match self.unreported {
                Some(_) => Poll::Pending,
                None => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            };
        }
        match write(Pin::new(&mut self.stream), context) {
            Poll::Ready(Err(error)) => {
                self.has_failed = true;
                self.unreported = Some(error);
                context.waker().wake_by_ref(); // so that what has arrived is read
                Poll::Pending
            }
            result => result,
        }
    }
}

impl Read for DeferringStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Pending => self.unreported.take().map_or(Poll::Pending, |error| Poll::Ready(Err(error))),
            result => result,
        }
    }
}

impl Write for DeferringStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| stream.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(context, |stream, context| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(context, |stream, context| stream.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.has_failed {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
