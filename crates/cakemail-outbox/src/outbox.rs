//! The application's handle of an outbox.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use cakemail_client::{Client, IdempotencyKey};
use cakemail_model::EmailId;

use crate::state::{Decision, Remote, Rules};
use crate::worker::{Worker, dispatch};
use crate::{Counts, Enqueued, Error, Filter, Ledger, OutboxEmail, Record, Result};

/// Emails that are to be sent, in the application's own database.
///
/// A clone is cheap and shares the connection.
#[derive(Clone)]
pub struct Outbox {
    ledger: Arc<dyn Ledger>,
    rules: Arc<Rules>,
}

impl Outbox {
    /// An outbox over a ledger whose tables exist.
    pub fn new(ledger: Arc<dyn Ledger>) -> Self {
        Self { ledger, rules: Arc::default() }
    }

    /// An outbox in a SQLite file, which is created if it is missing. It may be the application's own database.
    ///
    /// # Errors
    /// [`Error::NewerSchema`], [`Error::Database`].
    #[cfg(feature = "sqlite")]
    #[cfg_attr(docsrs, doc(cfg(feature = "sqlite")))]
    pub async fn open(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let ledger = crate::sqlite::SqliteLedger::open(path).await?;
        ledger.migrate().await?;
        Ok(Self::new(Arc::new(ledger)))
    }

    /// An outbox in the PostgreSQL database with this URL, such as `postgres://user:password@host/database`. Creates its
    /// tables or brings them up to date.
    ///
    /// # Errors
    /// [`Error::Database`].
    #[cfg(feature = "postgres")]
    #[cfg_attr(docsrs, doc(cfg(feature = "postgres")))]
    pub async fn connect(url: &str) -> Result<Self> {
        let ledger = crate::postgres::PostgresLedger::connect(url).await?;
        Ok(Self::new(Arc::new(ledger)))
    }

    /// Sets the times of the state machine. All workers of a ledger need the same ones.
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = Arc::new(rules);
        self
    }

    /// Enqueues an email in a transaction of its own. Does nothing if the same email was enqueued under its key before.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it cannot be sent as it is, [`Error::KeyConflict`] when its key was used for another email,
    /// [`Error::Database`].
    pub async fn enqueue(&self, email: &OutboxEmail) -> Result<Enqueued> {
        let enqueued = self.enqueue_all(std::slice::from_ref(email)).await?;
        enqueued.into_iter().next().ok_or_else(|| Error::Database("the ledger returned nothing".into()))
    }

    /// Enqueues emails in one transaction: all of them, or none if there is an error.
    ///
    /// # Errors
    /// As [`enqueue`](Self::enqueue).
    pub async fn enqueue_all(&self, emails: &[OutboxEmail]) -> Result<Vec<Enqueued>> {
        self.ledger.enqueue(emails).await
    }

    /// The email with this key. `None` if none was enqueued, or it was [removed](Self::prune).
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn get(&self, key: &IdempotencyKey) -> Result<Option<Record>> {
        self.ledger.get(key).await
    }

    /// The content of the email with this key, as it was enqueued: see [`payload`](crate::payload).
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn payload(&self, key: &IdempotencyKey) -> Result<Option<Vec<u8>>> {
        self.ledger.payload(key).await
    }

    /// Emails, the newest first, one page at a time: the next page is the one before the last id.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Record>> {
        self.ledger.list(filter).await
    }

    /// How many emails are in each state, and how old the oldest waiting one is.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn counts(&self) -> Result<Counts> {
        self.ledger.counts().await
    }

    /// Sends an email that is parked, refused or cancelled and has not expired. If it may have been accepted before, the recipient may
    /// get it twice.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAllowed`] in another state, [`Error::Database`].
    pub async fn resend(&self, key: &IdempotencyKey) -> Result<Record> {
        self.decide(key, &Decision::Resend).await
    }

    /// Looks for an email in the logs once more, if it may have been accepted and is parked or unknown.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAllowed`] in another state, [`Error::Database`].
    pub async fn look(&self, key: &IdempotencyKey) -> Result<Record> {
        self.decide(key, &Decision::Look).await
    }

    /// Records that an email that may have been accepted was.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAllowed`] in another state, [`Error::Database`].
    pub async fn mark_accepted(&self, key: &IdempotencyKey, id: Option<EmailId>) -> Result<Record> {
        self.decide(key, &Decision::MarkAccepted(Remote::new(id))).await
    }

    /// Cancels an email that is queued or parked.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NotAllowed`] in another state, [`Error::Database`].
    pub async fn cancel(&self, key: &IdempotencyKey) -> Result<Record> {
        self.decide(key, &Decision::Cancel).await
    }

    /// Removes emails that ended and did not change for `age`, in small transactions. Returns how many. Emails that are
    /// parked stay.
    ///
    /// A key that was removed is free: enqueued again, its email is sent again.
    ///
    /// # Errors
    /// [`Error::Database`]. What was removed before stays removed.
    pub async fn prune(&self, age: Duration) -> Result<u64> {
        const BATCH: u32 = 500;
        /// A receiver of webhooks accepts an event for less than this time.
        const WEBHOOK_AGE: Duration = Duration::from_secs(7 * 24 * 3600);
        while self.ledger.prune_webhooks(age.max(WEBHOOK_AGE), BATCH).await? >= u64::from(BATCH) {}
        let mut removed = 0;
        loop {
            let batch = self.ledger.prune(age, BATCH).await?;
            removed += batch;
            if batch < u64::from(BATCH) {
                return Ok(removed);
            }
        }
    }

    #[cfg(feature = "webhook")]
    pub(crate) fn ledger(&self) -> &Arc<dyn Ledger> {
        &self.ledger
    }

    /// A worker that sends this outbox's emails through the client. The client keeps its account, its headers and its
    /// attempt timeout; the worker decides itself when to submit and when to retry.
    pub fn worker(&self, client: &Client) -> Worker {
        Worker::new(Arc::clone(&self.ledger), Arc::clone(&self.rules), client.clone())
    }

    /// Does the next step of one email now, if it is due: submits it, or looks for it in the logs. Returns its record
    /// afterwards; one that has not [ended](crate::state::State::is_ended) is to be dispatched again when it is
    /// [due](crate::state::Progress::due).
    ///
    /// For applications and queues that decide themselves when. It is safe under any redelivery and beside workers: an
    /// email that another call or a worker holds is left to it. The step goes on in a task when this future is dropped.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Client`] when the client's transport cannot be kept from writing after a lease;
    /// [`Error::Database`]: the email's record says what became known of it, and another call continues.
    pub async fn dispatch(&self, client: &Client, key: &IdempotencyKey) -> Result<Record> {
        let (ledger, rules) = (Arc::clone(&self.ledger), Arc::clone(&self.rules));
        let step = tokio::spawn(dispatch(ledger, rules, client.clone(), key.clone()));
        match step.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(error) => Err(Error::Database(error.into())), // the runtime is shutting down
            },
        }
    }

    async fn decide(&self, key: &IdempotencyKey, decision: &Decision) -> Result<Record> {
        self.ledger.decide(key, decision, &self.rules).await
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("rules", &self.rules).finish_non_exhaustive()
    }
}
