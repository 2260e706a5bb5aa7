//! Tells the application what became known of its emails, at least once each.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use cakemail_client::BoxError;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::warn;

use crate::state::{Record, Rules, State};
use crate::{Completion, Ledger, Result, Ticked};

pub(super) type Handler =
    Arc<dyn Fn(Record) -> Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>> + Send + Sync>;

/// The most records that wait for the handler. More are read from the ledger later.
const QUEUE: usize = 1000;
/// The most records that one transaction stores as told, or reads.
const BATCH: usize = 100;
/// The interval at which the ledger is asked for what was not told.
const SWEEP: Duration = Duration::from_secs(10);
/// How long the worker that stored an end has to tell it, until another one does.
const AGE: Duration = Duration::from_secs(30);
/// How long a worker that stops waits for the handler.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// Calls a handler for each email that ended or is parked.
pub(super) struct Teller {
    rules: Arc<Rules>,
    queue: mpsc::Sender<Record>,
    /// One task, which ends when this is dropped.
    task: JoinSet<()>,
}

impl Teller {
    pub(super) fn start(handler: Handler, ledger: Arc<dyn Ledger>, rules: Arc<Rules>) -> Self {
        let (queue, receiver) = mpsc::channel(QUEUE);
        let mut task = JoinSet::new();
        task.spawn(Telling { handler, ledger, told: Vec::new() }.run(receiver));
        Self { rules, queue, task }
    }

    /// Tells what the completions of a transaction came to. What does not fit into the queue is told later.
    pub(super) fn tell(&self, completed: &[Completion], ticked: &Ticked) {
        if ticked.stale > 0 {
            return; // it is not known of which ones; the ledger has them
        }
        for Completion { record, event } in completed {
            let progress = record.complete(record.progress.epoch, event, &self.rules, ticked.now);
            let Some(progress) = progress else { continue };
            if progress.state.is_ended() || progress.state == State::Parked {
                let record = Record { progress, changed_at: ticked.now, ..record.clone() };
                if self.queue.try_send(record).is_err() {
                    return;
                }
            }
        }
    }

    /// Tells what is in the queue, for a limited time.
    pub(super) async fn finish(self) {
        let Self { queue, mut task, .. } = self;
        drop(queue);
        if timeout(STOP_LIMIT, task.join_next()).await.is_err() {
            warn!("the handler of outcomes did not end: it is called again later");
        }
    }
}

struct Telling {
    handler: Handler,
    ledger: Arc<dyn Ledger>,
    told: Vec<Record>,
}

impl Telling {
    async fn run(mut self, mut queue: mpsc::Receiver<Record>) {
        let mut sweep = interval(SWEEP);
        sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                record = queue.recv() => match record {
                    Some(record) => {
                        self.tell(record).await;
                        if queue.is_empty() || self.told.len() >= BATCH {
                            self.store().await;
                        }
                    }
                    None => return,
                },
                _ = sweep.tick() => {
                    if let Err(error) = self.sweep().await {
                        warn!(%error, "the outcomes that were not told cannot be read");
                    }
                }
            }
        }
    }

    /// Tells what other workers, or this one, did not tell.
    async fn sweep(&mut self) -> Result<()> {
        let mut last = 0;
        loop {
            let records = self.ledger.untold(AGE, last, BATCH as u32).await?;
            let Some(record) = records.last() else { return Ok(()) };
            last = record.id;
            for record in records {
                self.tell(record).await;
            }
            self.store().await;
        }
    }

    /// Calls the handler. One that fails or panics is called again later.
    async fn tell(&mut self, record: Record) {
        // In a task of its own: a panic ends only that.
        let handler = Arc::clone(&self.handler);
        let mut task = JoinSet::new();
        let told = record.clone();
        task.spawn(async move { handler(told).await });
        match task.join_next().await {
            Some(Ok(Ok(()))) => self.told.push(record),
            Some(Ok(Err(error))) => warn!(%error, key = record.key.tag(), "the handler of outcomes failed"),
            Some(Err(_)) | None => warn!(key = record.key.tag(), "the handler of outcomes panicked"),
        }
    }

    async fn store(&mut self) {
        let told = std::mem::take(&mut self.told);
        if let Err(error) = self.ledger.told(&told).await {
            warn!(%error, "outcomes that were told cannot be stored: they are told again");
        }
    }
}
