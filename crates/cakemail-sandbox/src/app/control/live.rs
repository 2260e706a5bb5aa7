//! `/_sandbox/live`: tells what changes, while it does.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Body, Frame};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use super::{Handler, Table};
use crate::app::context::Core;

pub(super) const OPERATIONS: Table = &[("streamChanges", Handler::Live(live))];

/// A line at least this often, so that a connection that broke is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The least time between two events: whoever watches asks for much with each.
const PAUSE: Duration = Duration::from_millis(50);

/// A body of server-sent events that goes on until its reader goes.
pub(crate) struct Live(Pin<Box<dyn Future<Output = (Watch, Bytes)> + Send>>);

struct Watch {
    changes: watch::Receiver<u64>,
    /// When the next event may be told.
    next: Instant,
}

fn live(core: &Core) -> Live {
    let mut changes = core.changes();
    let serial = *changes.borrow_and_update();
    let watch = Watch { changes, next: Instant::now() };
    Live(Box::pin(std::future::ready((watch, event(serial)))))
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
            // The sandbox ends, and its connections with it.
            Ok(Err(_)) => std::future::pending().await,
            Err(_) => (self, Bytes::from_static(b": still here\n\n")),
        }
    }
}

fn event(serial: u64) -> Bytes {
    format!("event: change\ndata: {{\"serial\": {serial}}}\n\n").into()
}

impl Live {
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

impl Body for Live {
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
