//! A ledger in PostgreSQL, for workers on many machines.
//!
//! One connection, the session, holds the locks of this process's owners and makes their ticks. A few others make
//! everything else.

/// Tries again when the database asks for it: a deadlock, or a serialization failure. The attempt is one transaction.
macro_rules! retried {
    ($attempt:expr) => {{
        let mut retries = 0..5;
        loop {
            match $attempt {
                Err(error) if $crate::postgres::is_transient(&error) && retries.next().is_some() => {}
                result => break result,
            }
        }
    }};
}

mod connect;
mod connection;
mod enqueue;
mod floors;
mod migrate;
mod pool;
mod queries;
mod rows;
mod session;
mod tick;
mod webhook;

pub use enqueue::enqueue;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::IdempotencyKey;
use cakemail_model::EmailId;
use tokio::sync::Mutex;
use tokio_postgres::error::SqlState;

use self::connect::Connector;
use self::pool::Pool;
use self::session::Session;
use crate::state::{Decision, Rules};
use crate::{
    Claimed, Counts, Delivery, Enqueued, Error, Filter, Ledger, OutboxEmail, Owner, OwnerLock, Record, Result, Tick,
    Ticked, Time,
};

/// A ledger in PostgreSQL. It needs advisory locks of sessions, so a proxy that shares connections between transactions
/// must not be in between.
pub struct PostgresLedger {
    connector: Arc<Connector>,
    pool: Pool,
    session: Mutex<Option<Arc<Session>>>,
}

impl PostgresLedger {
    /// Connects to the database with this URL, such as `postgres://user:password@host/database?sslmode=verify-full`, and
    /// brings its tables up to date. They are in the schema that comes first in the connection's `search_path`.
    ///
    /// With TLS, the server's certificate is verified by the system's certificates, or by the ones in the PEM file that the
    /// URL's parameter `sslrootcert` names.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn connect(url: &str) -> Result<Self> {
        let connector = Arc::new(Connector::new(url)?);
        let ledger = Self { pool: Pool::new(connector.clone()), connector, session: Mutex::default() };
        ledger.migrate().await?;
        Ok(ledger)
    }

    /// The open session, or a new one.
    async fn session(&self) -> Result<Arc<Session>> {
        let mut session = self.session.lock().await;
        if let Some(open) = session.as_ref().filter(|session| session.is_open()) {
            return Ok(open.clone());
        }
        let opened = Arc::new(Session::new(self.connector.connect().await?).await?);
        *session = Some(opened.clone());
        Ok(opened)
    }

    /// The session that has the owner's lock.
    async fn session_of(&self, owner: Owner) -> Result<Arc<Session>> {
        let session = self.session.lock().await.clone();
        session.filter(|session| session.holds(owner)).ok_or(Error::OwnerLost)
    }
}

#[async_trait]
impl Ledger for PostgresLedger {
    async fn migrate(&self) -> Result<()> {
        migrate::migrate(&*self.pool.get().await?).await
    }

    async fn lock(&self) -> Result<OwnerLock> {
        self.session().await?.lock().await
    }

    async fn enqueue(&self, emails: &[OutboxEmail]) -> Result<Vec<Enqueued>> {
        let connection = self.pool.get().await?;
        retried!({
            let transaction = connection.transaction();
            transaction.begin().await?;
            match enqueue::enqueue(&connection.client, emails).await {
                Ok(enqueued) => transaction.commit().await.map(|()| enqueued),
                Err(error) => Err(error),
            }
        })
    }

    async fn tick(&self, tick: Tick<'_>) -> Result<Ticked> {
        // A completion counts by its epoch, also when the lock has ended: an acceptance that we know is not lost.
        let is_completion = tick.room == 0 && tick.room_for_looks == 0;
        let session = if is_completion { self.session().await? } else { self.session_of(tick.owner).await? };
        let _busy = session.exclusive().await;
        tick::tick(&session, &tick).await
    }

    async fn release(&self, owner: Owner, except: &[i64]) -> Result<u64> {
        let session = self.session().await?;
        if session.holds(owner) {
            let _busy = session.exclusive().await;
            return retried!(queries::release(&session.connection, owner, except, None).await);
        }
        let connection = self.pool.get().await?;
        retried!(queries::release(&connection, owner, except, Some(session.class)).await)
    }

    async fn claim(&self, owner: Owner, key: &IdempotencyKey, rules: &Rules) -> Result<Option<Claimed>> {
        let session = self.session_of(owner).await?;
        let _busy = session.exclusive().await;
        retried!(queries::claim(&session, owner, key, rules).await)
    }

    async fn decide(&self, key: &IdempotencyKey, decision: &Decision, rules: &Rules) -> Result<Record> {
        let connection = self.pool.get().await?;
        retried!(queries::decide(&connection, key, decision, rules).await)
    }

    async fn pause(&self, wait: Duration) -> Result<()> {
        let connection = self.pool.get().await?;
        retried!(queries::pause(&connection, wait).await)
    }

    async fn accepted_after(&self, time: Time) -> Result<Option<IdempotencyKey>> {
        queries::accepted_after(&*self.pool.get().await?, time).await
    }

    async fn get(&self, key: &IdempotencyKey) -> Result<Option<Record>> {
        queries::get(&*self.pool.get().await?, key).await
    }

    async fn payload(&self, key: &IdempotencyKey) -> Result<Option<Vec<u8>>> {
        queries::payload(&*self.pool.get().await?, key).await
    }

    async fn record_delivery(
        &self,
        key: &IdempotencyKey,
        id: Option<&EmailId>,
        delivery: &Delivery,
    ) -> Result<Option<Record>> {
        let connection = self.pool.get().await?;
        retried!(webhook::record_delivery(&connection, key, id, delivery).await)
    }

    #[cfg(feature = "webhook")]
    async fn begin_webhook(&self, claim: cakemail_webhook::Claim) -> Result<cakemail_webhook::DeliveryState> {
        webhook::begin(&*self.pool.get().await?, claim).await
    }

    #[cfg(feature = "webhook")]
    async fn complete_webhook(&self, claim: cakemail_webhook::Claim) -> Result<()> {
        webhook::complete(&*self.pool.get().await?, claim).await
    }

    #[cfg(feature = "webhook")]
    async fn forget_webhook(&self, claim: cakemail_webhook::Claim) -> Result<()> {
        webhook::forget(&*self.pool.get().await?, claim).await
    }

    async fn prune_webhooks(&self, age: Duration, limit: u32) -> Result<u64> {
        webhook::prune(&*self.pool.get().await?, age, limit).await
    }

    async fn list(&self, filter: &Filter) -> Result<Vec<Record>> {
        queries::list(&*self.pool.get().await?, filter).await
    }

    async fn counts(&self) -> Result<Counts> {
        queries::counts(&*self.pool.get().await?).await
    }

    async fn prune(&self, age: Duration, limit: u32) -> Result<u64> {
        let connection = self.pool.get().await?;
        retried!(queries::prune(&connection, age, limit).await)
    }

    async fn untold(&self, age: Duration, after: i64, limit: u32) -> Result<Vec<Record>> {
        queries::untold(&*self.pool.get().await?, age, after, limit).await
    }

    async fn told(&self, records: &[Record]) -> Result<()> {
        let connection = self.pool.get().await?;
        retried!(queries::told(&connection, records).await)
    }
}

impl fmt::Debug for PostgresLedger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresLedger").finish_non_exhaustive()
    }
}

fn database(error: tokio_postgres::Error) -> Error {
    Error::Database(error.into())
}

fn is_transient(error: &Error) -> bool {
    let Error::Database(error) = error else { return false };
    let code = error.downcast_ref::<tokio_postgres::Error>().and_then(tokio_postgres::Error::code);
    code.is_some_and(|code| [SqlState::T_R_DEADLOCK_DETECTED, SqlState::T_R_SERIALIZATION_FAILURE].contains(code))
}
