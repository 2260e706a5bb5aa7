//! A ledger that has traps around its transactions.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use cakemail::IdempotencyKey;
use cakemail_outbox::state::{Decision, Rules, State, Step};
use cakemail_outbox::{
    Claimed, Counts, Enqueued, Filter, Ledger, OutboxEmail, Owner, OwnerLock, Record, Result, Tick, Ticked, Time,
};

use crate::load::Load;
use crate::traps::{Point, Traps};

/// Delegates to a ledger.
pub struct TrappedLedger {
    pub inner: Arc<dyn Ledger>,
    pub traps: Arc<Traps>,
    /// Submits what should be looked up in the logs first, to show that this makes duplicates.
    pub never_looks: bool,
    pub load: Arc<Load>,
}

#[async_trait]
impl Ledger for TrappedLedger {
    async fn tick(&self, tick: Tick<'_>) -> Result<Ticked> {
        let completes = !tick.completed.is_empty();
        self.traps.pass(if completes { Point::Completing } else { Point::Tick });
        let began = Instant::now();
        let mut ticked = self.inner.tick(tick).await?;
        self.load.ticked(began);
        if completes {
            self.traps.pass(Point::Completed);
        }
        if !ticked.claimed.is_empty() {
            self.traps.pass(Point::Claimed);
        }
        if self.never_looks {
            ticked.claimed.iter_mut().for_each(submit);
        }
        Ok(ticked)
    }

    async fn migrate(&self) -> Result<()> {
        self.inner.migrate().await
    }

    async fn lock(&self) -> Result<OwnerLock> {
        self.inner.lock().await
    }

    async fn enqueue(&self, emails: &[OutboxEmail]) -> Result<Vec<Enqueued>> {
        self.inner.enqueue(emails).await
    }

    async fn release(&self, owner: Owner, except: &[i64]) -> Result<u64> {
        self.inner.release(owner, except).await
    }

    async fn claim(&self, owner: Owner, key: &IdempotencyKey, rules: &Rules) -> Result<Option<Claimed>> {
        self.inner.claim(owner, key, rules).await
    }

    async fn decide(&self, key: &IdempotencyKey, decision: &Decision, rules: &Rules) -> Result<Record> {
        self.inner.decide(key, decision, rules).await
    }

    async fn pause(&self, wait: Duration) -> Result<()> {
        self.inner.pause(wait).await
    }

    async fn accepted_after(&self, time: Time) -> Result<Option<IdempotencyKey>> {
        self.inner.accepted_after(time).await
    }

    async fn get(&self, key: &IdempotencyKey) -> Result<Option<Record>> {
        self.inner.get(key).await
    }

    async fn payload(&self, key: &IdempotencyKey) -> Result<Option<Vec<u8>>> {
        self.inner.payload(key).await
    }

    async fn list(&self, filter: &Filter) -> Result<Vec<Record>> {
        self.inner.list(filter).await
    }

    async fn counts(&self) -> Result<Counts> {
        self.inner.counts().await
    }

    async fn prune(&self, age: Duration, limit: u32) -> Result<u64> {
        self.inner.prune(age, limit).await
    }

    async fn untold(&self, age: Duration, after: i64, limit: u32) -> Result<Vec<Record>> {
        self.inner.untold(age, after, limit).await
    }

    async fn told(&self, records: &[Record]) -> Result<()> {
        self.inner.told(records).await
    }
}

/// Makes the worker submit a claimed email.
fn submit(claimed: &mut Claimed) {
    if let State::Dispatching { step, .. } = &mut claimed.record.progress.state {
        *step = Step::Submit;
    }
}
