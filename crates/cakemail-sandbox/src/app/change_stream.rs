//! A server-sent event for each change, which names what changed, without an end.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::domain::{ChangedEmails, State};
use crate::engine::{Changes, Engine, Topic, Watcher, Watching};

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
    changes: watch::Receiver<Changes>,
    /// The changes that the client knows of.
    known: Changes,
    /// When the next event may be sent.
    next: Instant,
    _watching: Watching,
}

impl Watch {
    async fn next(mut self) -> (Self, Bytes) {
        sleep_until(self.next).await;
        self.next = Instant::now() + PAUSE;
        match timeout(HEARTBEAT, self.changes.wait_for(|changes| *changes != self.known))
            .await
            .map(|it| it.map(|it| *it))
        {
            Ok(Ok(changes)) => {
                let event = event(changes, changes.since(self.known));
                self.known = changes;
                (self, event)
            }
            // The sandbox has ended, and its connections with it.
            Ok(Err(_)) => std::future::pending().await,
            Err(_) => (self, Bytes::from_static(b": still here\n\n")),
        }
    }
}

fn event(changes: Changes, changed: impl IntoIterator<Item = Topic>) -> Bytes {
    let changed: Vec<_> = changed.into_iter().map(Topic::as_str).collect();
    format!("event: change\ndata: {}\n\n", json!({"serial": changes.serial(), "changed": changed})).into()
}

impl ChangeStream {
    /// Sends an event that names everything now, and one after each change. It ends when `closing` completes.
    pub(crate) fn new(engine: &Engine, closing: impl Future<Output = ()> + Send + 'static) -> Self {
        let mut changes = engine.subscribe();
        let known = *changes.borrow_and_update();
        let watch = Watch { changes, known, next: Instant::now(), _watching: engine.watch(Spectator) };
        let first = (watch, event(known, Topic::ALL));
        Self { next: Box::pin(std::future::ready(first)), closing: Box::pin(closing) }
    }
}

/// Wants planned events to be recorded on time.
struct Spectator;

impl Watcher for Spectator {
    fn emails_changed(&mut self, _: &State, _: &[(i64, ChangedEmails)]) {}
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
