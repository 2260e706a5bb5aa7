//! A response that never ends: a server-sent event for each change.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

/// How often a line is sent at least, so that a broken connection is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The least time between two events, since a page loads much after each.
const PAUSE: Duration = Duration::from_millis(50);

/// A body of server-sent events. It ends when the client disconnects.
pub(crate) struct ChangeStream(Pin<Box<dyn Future<Output = (Watch, Bytes)> + Send>>);

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
            // The sandbox is closing, and its connections with it.
            Ok(Err(_)) => std::future::pending().await,
            Err(_) => (self, Bytes::from_static(b": still here\n\n")),
        }
    }
}

fn event(serial: u64) -> Bytes {
    format!("event: change\ndata: {{\"serial\": {serial}}}\n\n").into()
}

impl ChangeStream {
    /// Sends an event now, and one after each change.
    pub(crate) fn new(mut changes: watch::Receiver<u64>) -> Self {
        let serial = *changes.borrow_and_update();
        let watch = Watch { changes, next: Instant::now() };
        Self(Box::pin(std::future::ready((watch, event(serial)))))
    }

    pub(crate) fn into_response(self) -> http::Response<UnsyncBoxBody<Bytes, Infallible>> {
        let mut response = http::Response::new(UnsyncBoxBody::new(self));
        let headers = response.headers_mut();
        for (name, value) in [
            ("content-type", "text/event-stream"),
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("x-sandbox-fidelity", "assumed"),
        ] {
            headers.insert(name, http::HeaderValue::from_static(value));
        }
        response
    }
}

impl Body for ChangeStream {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.as_mut().poll(context).map(|(watch, bytes)| {
            self.0 = Box::pin(watch.next());
            Some(Ok(Frame::data(bytes)))
        })
    }
}
