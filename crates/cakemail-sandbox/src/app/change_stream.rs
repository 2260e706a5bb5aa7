//! A server-sent event for each change, without an end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

/// How often a line is sent at least, so that a broken connection is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The least time between two events, since a page loads much after each.
const PAUSE: Duration = Duration::from_millis(50);

/// A body of server-sent events. It ends when the client disconnects, or the sandbox is closing.
pub(crate) struct ChangeStream {
    next: Pin<Box<dyn Future<Output = (Watch, Bytes)> + Send>>,
    closing: Pin<Box<dyn Future<Output = ()> + Send>>,
}

struct Watch {
    changes: watch::Receiver<u64>,
    /// When the next event may be sent.
    next: Instant,
}

impl Watch {
    async fn next(mut self) -> (Self, Bytes) {
        sleep_until(self.next).await;
        self.next = Instant::now() + PAUSE;
        match timeout(HEARTBEAT, self.changes.changed()).await {
            Ok(Ok(())) => {
                let serial = *self.changes.borrow_and_update();
                (self, event(serial))
            }
            // The sandbox has ended, and its connections with it.
            Ok(Err(_)) => std::future::pending().await,
            Err(_) => (self, Bytes::from_static(b": still here\n\n")),
        }
    }
}

fn event(serial: u64) -> Bytes {
    format!("event: change\ndata: {{\"serial\": {serial}}}\n\n").into()
}

impl ChangeStream {
    /// Sends an event now, and one after each change. It ends when `closing` completes.
    pub(crate) fn new(mut changes: watch::Receiver<u64>, closing: impl Future<Output = ()> + Send + 'static) -> Self {
        let serial = *changes.borrow_and_update();
        let watch = Watch { changes, next: Instant::now() };
        Self { next: Box::pin(std::future::ready((watch, event(serial)))), closing: Box::pin(closing) }
    }
}

impl Body for ChangeStream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if self.closing.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        self.next.as_mut().poll(context).map(|(watch, bytes)| {
            self.next = Box::pin(watch.next());
            Some(Ok(Frame::data(bytes)))
        })
    }
}
