//! A ledger in a SQLite file: nothing to install, on one machine.
//!
//! The file may be the application's own database: then [`enqueue`] takes part in its transactions.

mod claims;
mod enqueue;
mod error;
mod executor;
mod files;
mod read;
mod rows;
mod schema;
mod tick;
mod webhooks;

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use cakemail_client::IdempotencyKey;
use cakemail_model::EmailId;
use rusqlite::Connection;

use crate::state::{Decision, Rules};
use crate::{
    Claimed, Counts, Delivery, Enqueued, Error, Filter, Ledger, OutboxEmail, Owner, OwnerLock, Record, Result, Tick,
    Ticked, Time, insert,
};
use executor::Executor;
use files::Files;

pub use enqueue::enqueue;

/// A ledger in a SQLite file. All processes that use it are on one machine.
///
/// Each commit is synced to the disk. Calls are made on threads of the ledger's own, and those that wait are committed
/// together. Beside the file are SQLite's own files (`-wal`, `-shm`) and a lock file of each running worker (`-owner-…`).
pub struct SqliteLedger {
    writer: Executor,
    reader: Executor,
    files: Arc<Files>,
    clock: Clock,
}

type Clock = Arc<dyn Fn() -> Time + Send + Sync>;

impl SqliteLedger {
    /// Opens or creates the file. The tables are created by [`migrate`](Ledger::migrate). A new file can be read by its
    /// owner only.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let opened = tokio::task::spawn_blocking(move || Self::open_blocking(&path)).await;
        opened.map_err(|error| Error::Database(Box::new(error)))?
    }

    fn open_blocking(path: &Path) -> Result<Self> {
        let files = Files::create(path)?;
        Ok(Self {
            writer: Executor::writer(files.connect()?)?,
            reader: Executor::reader(files.connect()?)?,
            files: Arc::new(files),
            clock: Arc::new(|| SystemTime::now().into()),
        })
    }

    /// Sets the clock that the ledger's times come from: by default the system's.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> Time + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Runs a call in a transaction that writes, at the time at which it has begun.
    async fn write<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Connection, &Files, Time) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (files, clock) = (Arc::clone(&self.files), Arc::clone(&self.clock));
        self.writer.run(move |connection| call(connection, &files, clock())).await
    }

    async fn read<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Connection, Time) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let clock = Arc::clone(&self.clock);
        self.reader.run(move |connection| call(connection, clock())).await
    }
}

impl fmt::Debug for SqliteLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteLedger").field("files", &self.files).finish_non_exhaustive()
    }
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn migrate(&self) -> Result<()> {
        self.write(|connection, _, _| schema::migrate(connection)).await
    }

    async fn lock(&self) -> Result<OwnerLock> {
        self.write(|connection, files, _| {
            // Random, so that a copy of the database does not bring back an owner.
            let owner = connection.query_row("select random() & 0x7fffffffffffffff", (), |row| row.get(0))?;
            files.lock(Owner(owner))
        })
        .await
    }

    async fn enqueue(&self, emails: &[OutboxEmail]) -> Result<Vec<Enqueued>> {
        let rows = insert::values(emails).await?;
        self.write(move |connection, _, now| enqueue::insert(connection, &rows, now)).await
    }

    async fn tick(&self, tick: Tick<'_>) -> Result<Ticked> {
        let Tick { owner, completed, room, room_for_looks, rate, rules, is_told } = tick;
        let (completed, rules) = (completed.to_vec(), rules.clone());
        self.write(move |connection, files, now| {
            let (completed, rules) = (&completed, &rules);
            let tick = Tick { owner, completed, room, room_for_looks, rate, rules, is_told };
            tick::tick(connection, files, &tick, now)
        })
        .await
    }

    async fn release(&self, owner: Owner, except: &[i64]) -> Result<u64> {
        let except = except.to_vec();
        self.write(move |connection, _, now| tick::release(connection, owner, &except, now)).await
    }

    async fn claim(&self, owner: Owner, key: &IdempotencyKey, rules: &Rules) -> Result<Option<Claimed>> {
        let (key, rules) = (key.tag().to_owned(), rules.clone());
        self.write(move |connection, files, now| claims::claim_one(connection, files, (owner, &key), &rules, now)).await
    }

    async fn decide(&self, key: &IdempotencyKey, decision: &Decision, rules: &Rules) -> Result<Record> {
        let (key, decision, rules) = (key.tag().to_owned(), decision.clone(), rules.clone());
        self.write(move |connection, _, now| tick::decide(connection, &key, &decision, &rules, now)).await
    }

    async fn pause(&self, wait: Duration) -> Result<()> {
        self.write(move |connection, _, now| tick::pause(connection, now.after(wait))).await
    }

    async fn accepted_after(&self, time: Time) -> Result<Option<IdempotencyKey>> {
        self.read(move |connection, _| read::accepted_after(connection, time)).await
    }

    async fn get(&self, key: &IdempotencyKey) -> Result<Option<Record>> {
        let key = key.tag().to_owned();
        self.read(move |connection, _| rows::by_key(connection, &key)).await
    }

    async fn payload(&self, key: &IdempotencyKey) -> Result<Option<Vec<u8>>> {
        let key = key.tag().to_owned();
        self.read(move |connection, _| read::payload(connection, &key)).await
    }

    async fn list(&self, filter: &Filter) -> Result<Vec<Record>> {
        let filter = filter.clone();
        self.read(move |connection, _| read::list(connection, &filter)).await
    }

    async fn counts(&self) -> Result<Counts> {
        self.read(read::counts).await
    }

    async fn record_delivery(
        &self,
        key: &IdempotencyKey,
        id: Option<&EmailId>,
        delivery: &Delivery,
    ) -> Result<Option<Record>> {
        let (key, id, delivery) = (key.tag().to_owned(), id.cloned(), delivery.clone());
        self.write(move |connection, _, _| webhooks::record_delivery(connection, &key, id.as_ref(), delivery)).await
    }

    #[cfg(feature = "webhook")]
    async fn begin_webhook(&self, claim: cakemail_webhook::Claim) -> Result<cakemail_webhook::DeliveryState> {
        self.write(move |connection, _, _| webhooks::begin(connection, claim)).await
    }

    #[cfg(feature = "webhook")]
    async fn complete_webhook(&self, claim: cakemail_webhook::Claim) -> Result<()> {
        self.write(move |connection, _, _| webhooks::complete(connection, claim)).await
    }

    #[cfg(feature = "webhook")]
    async fn forget_webhook(&self, claim: cakemail_webhook::Claim) -> Result<()> {
        self.write(move |connection, _, _| webhooks::forget(connection, claim)).await
    }

    async fn prune_webhooks(&self, age: Duration, limit: u32) -> Result<u64> {
        self.write(move |connection, _, now| webhooks::prune(connection, now.before(age), limit)).await
    }

    async fn prune(&self, age: Duration, limit: u32) -> Result<u64> {
        self.write(move |connection, _, now| read::prune(connection, now.before(age), limit)).await
    }

    async fn untold(&self, age: Duration, after: i64, limit: u32) -> Result<Vec<Record>> {
        self.read(move |connection, now| read::untold(connection, now, age, after, limit)).await
    }

    async fn told(&self, records: &[Record]) -> Result<()> {
        let rows: Vec<_> = records.iter().map(|record| (record.id, record.progress.epoch)).collect();
        self.write(move |connection, _, _| read::told(connection, &rows)).await
    }
}
