//! An outbox over the ledger and the API in memory.

use std::future::{Future, pending};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::emails::NewEmail;
use cakemail_model::{Content, ListId};
use cakemail_outbox::{Outbox, OutboxEmail, Result, Worker};
use cakemail_transport::BootClock;
use tokio::time::{Instant, sleep, timeout};

use crate::api::Api;
use crate::ledger::MemoryLedger;

pub struct World {
    pub ledger: MemoryLedger,
    pub api: Api,
    pub outbox: Outbox,
    start: Instant,
}

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub fn email(key: &str) -> OutboxEmail {
    let email = NewEmail::transactional("7", ListId::new(42), "ada@example.com", Content::text("Hi", "Hello."));
    OutboxEmail::new(IdempotencyKey::new(key).unwrap(), email)
}

impl World {
    pub fn new() -> Self {
        let ledger = MemoryLedger::new();
        Self { outbox: Outbox::new(Arc::new(ledger.clone())), ledger, api: Api::new(), start: Instant::now() }
    }

    /// Enqueues emails under the keys `0`, `1` and so on.
    pub async fn with(emails: usize) -> Self {
        let world = Self::new();
        let emails: Vec<_> = (0..emails).map(|number| email(&number.to_string())).collect();
        world.outbox.enqueue_all(&emails).await.unwrap();
        world
    }

    /// A worker whose leases are measured on paused time.
    pub fn worker(&self) -> Worker {
        let start = self.start;
        self.outbox.worker(&self.api.client()).clock(BootClock::from_fn(move || start.elapsed()))
    }

    /// Runs a worker until no email waits.
    pub async fn drain(&self) -> Result<()> {
        let drained = timeout(seconds(100_000), self.worker().run_until_empty(pending())).await;
        drained.expect("the worker does not end")
    }

    /// Runs a worker for a time, and stops it.
    pub async fn run_for(&self, worker: Worker, time: Duration) -> Result<()> {
        worker.run(sleep(time)).await
    }

    pub fn state(&self, key: &str) -> &'static str {
        self.ledger.record(key).progress.state.name()
    }
}

/// Polls a future until it is pending for the nth time, then drops it. `None` if it had not ended.
pub async fn poll_times<T>(future: impl Future<Output = T>, polls: usize) -> Option<T> {
    let mut future = Box::pin(future);
    let mut left = polls;
    std::future::poll_fn(move |context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}
