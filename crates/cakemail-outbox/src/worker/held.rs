//! The emails that a worker holds: those that wait for their slot, and those in flight.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;
use tracing::{Instrument, debug_span, error};

use super::sender::{Claim, Sender, is_look};
use super::stats::WorkerStats;
use super::verdict::{Signal, Verdict};
use crate::state::{Event, Reason, Record};
use crate::{Completion, OwnerLock, Time};

pub(super) struct Held {
    sender: Arc<Sender>,
    stats: WorkerStats,
    in_flight: usize,
    /// By slot, then in the order of the claims.
    waiting: BTreeMap<(Instant, u64), (Claim, Arc<OwnerLock>)>,
    claimed: u64,
    /// How many of all are to be looked for.
    looks: usize,
    sending: JoinSet<Verdict>,
    /// What is in flight.
    records: HashMap<Id, Record>,
}

impl Held {
    pub(super) fn new(sender: Arc<Sender>, stats: WorkerStats, in_flight: usize) -> Self {
        Self {
            sender,
            stats,
            in_flight,
            waiting: BTreeMap::new(),
            claimed: 0,
            looks: 0,
            sending: JoinSet::new(),
            records: HashMap::new(),
        }
    }

    /// Is told the ledger's time at each transaction.
    pub(super) fn ticked(&self, now: Time) {
        self.sender.ticked(now);
    }

    /// Adds a claimed email, to begin at `slot`. `lock` is held until its step ends.
    pub(super) fn add(&mut self, claim: Claim, slot: Instant, lock: Arc<OwnerLock>) {
        self.claimed += 1;
        self.looks += usize::from(claim.is_look());
        self.waiting.insert((slot, self.claimed), (claim, lock));
    }

    /// Begins what has its slot, as far as there is room in flight.
    pub(super) fn begin(&mut self, now: Instant) {
        while self.sending.len() < self.in_flight {
            let Some(first) = self.waiting.first_entry().filter(|first| first.key().0 <= now) else { return };
            let (claim, lock) = first.remove();
            self.stats.began();
            let record = claim.record.clone();
            let span = debug_span!("outbox_email", key = record.key.tag(), id = record.id, look = claim.is_look());
            let sender = Arc::clone(&self.sender);
            let step = async move {
                let verdict = sender.step(&claim).await;
                drop(lock);
                verdict
            };
            let task = self.sending.spawn(step.instrument(span));
            self.records.insert(task.id(), record);
        }
    }

    /// When the next email can begin. `None` if none waits, or all room is in flight.
    pub(super) fn next_slot(&self) -> Option<Instant> {
        let ((slot, _), _) = self.waiting.first_key_value()?;
        (self.sending.len() < self.in_flight).then_some(*slot)
    }

    /// The next step that ends. Waits for ever while none is in flight.
    pub(super) async fn ended(&mut self) -> Option<(Completion, Option<Signal>)> {
        let (id, verdict) = match self.sending.join_next_with_id().await {
            Some(Ok((id, verdict))) => (id, Ok(verdict)),
            Some(Err(error)) => (error.id(), Err(error)),
            None => std::future::pending().await,
        };
        let record = self.records.remove(&id)?;
        self.looks -= usize::from(is_look(&record));
        let Verdict { event, signal } = verdict.unwrap_or_else(|error| interrupted(&record, &error));
        self.stats.ended(&event, is_look(&record));
        Some((Completion { record, event }, signal))
    }

    /// Gives back what has not begun.
    pub(super) fn release_waiting(&mut self) -> Vec<Completion> {
        let waiting = std::mem::take(&mut self.waiting).into_values();
        self.looks = self.records.values().filter(|record| is_look(record)).count();
        waiting.map(|(claim, _)| Completion { record: claim.record, event: Event::Released }).collect()
    }

    /// Ends what is in flight, wherever it is: the emails may have been accepted.
    pub(super) fn abort(&mut self) {
        self.sending.abort_all();
    }

    /// The emails that are held.
    pub(super) fn records(&self) -> impl Iterator<Item = &Record> {
        self.waiting.values().map(|(claim, _)| &claim.record).chain(self.records.values())
    }

    /// The number of emails that are held to be submitted, and to be looked for.
    pub(super) fn counts(&self) -> (usize, usize) {
        (self.waiting.len() + self.records.len() - self.looks, self.looks)
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn in_flight(&self) -> usize {
        self.records.len()
    }
}

/// The verdict on a step that panicked or was aborted.
fn interrupted(record: &Record, error: &JoinError) -> Verdict {
    let reason = match error.is_panic() {
        true => Reason::new("Panic", "the worker panicked while it handled the email"),
        false => Reason::new("Stopped", "the worker stopped while it handled the email"),
    };
    if error.is_panic() {
        error!(key = record.key.tag(), "a panic while the outbox handled an email");
    }
    match is_look(record) {
        true => Verdict::of_the_email(Event::LookFailed(reason)),
        false => Verdict { event: Event::Lost(reason), signal: Some(Signal::Failed) },
    }
}
