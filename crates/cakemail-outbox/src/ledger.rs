//! What a ledger does. Every method is one transaction.

use std::any::Any;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use cakemail_client::IdempotencyKey;
use cakemail_model::EmailId;

use crate::state::{Decision, Event, Rules, State};
use crate::{Delivery, Error, OutboxEmail, Owner, Record, Result, Time};

/// The lock of an owner. It ends when this is dropped, and with the process.
pub struct OwnerLock {
    owner: Owner,
    _lock: Box<dyn Any + Send + Sync>,
}

impl OwnerLock {
    /// The lock of this owner, which ends when `lock` is dropped.
    pub fn new(owner: Owner, lock: impl Any + Send + Sync) -> Self {
        Self { owner, _lock: Box::new(lock) }
    }

    /// Whose lock it is.
    pub fn owner(&self) -> Owner {
        self.owner
    }
}

impl fmt::Debug for OwnerLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnerLock").field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// Stores the emails and their progress.
///
/// A ledger decides nothing: it loads a row, calls [`Record::claim`], [`Record::complete`] or [`Record::decide`], and stores
/// the progress that this returns.
#[async_trait]
pub trait Ledger: Send + Sync + 'static {
    /// Creates the tables or brings them up to date. Safe when several processes do it at once.
    async fn migrate(&self) -> Result<()>;

    /// Takes the lock of a new owner, which other processes can test. No two calls return the same owner.
    async fn lock(&self) -> Result<OwnerLock>;

    /// Enqueues in a transaction of its own. All or none: an email whose key another email has is an error.
    async fn enqueue(&self, emails: &[OutboxEmail]) -> Result<Vec<Enqueued>>;

    /// Stores what is completed, reserves slots of the shared rate, and claims emails: lookups, and submissions as far as
    /// there are slots. A row is not completed and claimed at once.
    ///
    /// # Errors
    /// [`OwnerLost`](crate::Error::OwnerLost) when the owner's lock ended, for instance with the connection. Nothing was
    /// stored or claimed then.
    async fn tick(&self, tick: Tick<'_>) -> Result<Ticked>;

    /// Gives back every email that this owner has claimed, except these rows: a claim whose response was lost. The owner
    /// submitted none of them.
    async fn release(&self, owner: Owner, except: &[i64]) -> Result<u64>;

    /// Claims one email if it is due, as `tick` does. It takes no slot of the shared rate, and its slot is not within a
    /// [pause](Self::pause).
    async fn claim(&self, owner: Owner, key: &IdempotencyKey, rules: &Rules) -> Result<Option<Claimed>>;

    /// Applies a decision of an operator or the application.
    async fn decide(&self, key: &IdempotencyKey, decision: &Decision, rules: &Rules) -> Result<Record>;

    /// No worker submits an email for this long. A pause that lasts longer stays.
    async fn pause(&self, wait: Duration) -> Result<()>;

    /// Of the emails that were claimed after this time and accepted by the response to their first submission, the one
    /// whose acceptance was stored first. The logs have it if they have caught up with this time.
    async fn accepted_after(&self, time: Time) -> Result<Option<IdempotencyKey>>;

    /// The email with this key.
    async fn get(&self, key: &IdempotencyKey) -> Result<Option<Record>>;

    /// The content of the email with this key, as it was enqueued.
    async fn payload(&self, key: &IdempotencyKey) -> Result<Option<Vec<u8>>>;

    /// Stores the latest event of the email with this key, if [`Record::is_updated_by`] says so. Its progress, its epoch and
    /// `changed_at` stay. `None` if no email has the key.
    async fn record_delivery(
        &self,
        _key: &IdempotencyKey,
        _id: Option<&EmailId>,
        _delivery: &Delivery,
    ) -> Result<Option<Record>> {
        Err(without_webhooks())
    }

    /// [`DeliveryStore::begin`](cakemail_webhook::DeliveryStore::begin), in the table `outbox_webhook`.
    #[cfg(feature = "webhook")]
    async fn begin_webhook(&self, _claim: cakemail_webhook::Claim) -> Result<cakemail_webhook::DeliveryState> {
        Err(without_webhooks())
    }

    /// [`DeliveryStore::complete`](cakemail_webhook::DeliveryStore::complete).
    #[cfg(feature = "webhook")]
    async fn complete_webhook(&self, _claim: cakemail_webhook::Claim) -> Result<()> {
        Err(without_webhooks())
    }

    /// [`DeliveryStore::forget`](cakemail_webhook::DeliveryStore::forget).
    #[cfg(feature = "webhook")]
    async fn forget_webhook(&self, _claim: cakemail_webhook::Claim) -> Result<()> {
        Err(without_webhooks())
    }

    /// Removes at most `limit` webhook deliveries that are done and began at least `age` ago. Returns how many.
    async fn prune_webhooks(&self, _age: Duration, _limit: u32) -> Result<u64> {
        Ok(0)
    }

    /// Emails by id, the newest first. `filter.before` gives the next page.
    async fn list(&self, filter: &Filter) -> Result<Vec<Record>>;

    /// How many emails are in each state, and how old the oldest waiting one is.
    async fn counts(&self) -> Result<Counts>;

    /// Removes at most `limit` ended emails that did not change for `age`. Returns how many.
    async fn prune(&self, age: Duration, limit: u32) -> Result<u64>;

    /// Emails that ended or were parked, did not change for `age`, and of which the application was not told: at most
    /// `limit`, by id, of the ids above `after`.
    async fn untold(&self, age: Duration, after: i64, limit: u32) -> Result<Vec<Record>>;

    /// Records that the application was told, if the epochs still match.
    async fn told(&self, records: &[Record]) -> Result<()>;
}

fn without_webhooks() -> Error {
    Error::Database("this ledger does not store webhooks".into())
}

/// An email that is in the ledger now.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Enqueued {
    /// Its row.
    pub id: i64,
    /// Whether this call added it. Otherwise it was there, with the same content.
    pub is_new: bool,
    /// Its state.
    pub state: State,
}

impl Enqueued {
    /// The email in this row, which is in this state.
    pub fn new(id: i64, is_new: bool, state: State) -> Self {
        Self { id, is_new, state }
    }
}

/// What a worker asks of one transaction.
#[derive(Debug)]
pub struct Tick<'a> {
    /// Who asks.
    pub owner: Owner,
    /// What its claims came to.
    pub completed: &'a [Completion],
    /// The most emails to claim for submission.
    pub room: u32,
    /// The most emails to claim besides, to be looked up in the logs.
    pub room_for_looks: u32,
    /// The rate that all workers share.
    pub rate: Option<Rate>,
    /// The times of the state machine.
    pub rules: &'a Rules,
    /// Whether completed emails wait for [`Ledger::told`].
    pub is_told: bool,
}

/// What a claim came to.
#[derive(Debug, Clone)]
pub struct Completion {
    /// The record as it was claimed.
    pub record: Record,
    /// What happened.
    pub event: Event,
}

/// A rate that all workers of a ledger share. Lookups take no slots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// Emails per second, the highest that the workers may learn.
    pub per_second: f64,
    /// How far ahead slots are reserved: no more is claimed than can be posted in this time.
    pub horizon: Duration,
    /// Whether a worker was told to slow down since its last tick: the shared rate falls.
    pub was_limited: bool,
}

/// What a tick gave.
#[derive(Debug)]
pub struct Ticked {
    /// The ledger's time in the transaction.
    pub now: Time,
    /// The claimed emails, the most urgent first.
    pub claimed: Vec<Claimed>,
    /// When a tick may claim the next email: when it is due, or has a slot. `None` if no email waits, and if the room for
    /// submissions was used up: more may be due.
    pub next_due: Option<Time>,
    /// How many completions came from a claim that another one has replaced. They changed nothing, unless they say that
    /// the email was accepted.
    pub stale: usize,
}

/// A claimed email.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The record, whose state is `dispatching`.
    pub record: Record,
    /// The content, as it was enqueued.
    pub payload: Vec<u8>,
    /// When it may be submitted. In the past if no rate limits it.
    pub slot: Time,
}

/// Which emails to list.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Filter {
    /// Only those in one of these states, by [`State::name`]. All if empty.
    pub states: Vec<&'static str>,
    /// Only those with a smaller id.
    pub before: Option<i64>,
    /// At most this many: 100 if 0.
    pub limit: u32,
}

/// How many emails are in each state.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// By the name of the state. A state without emails is missing.
    pub by_state: std::collections::BTreeMap<&'static str, u64>,
    /// How long the email that was due first has been due.
    pub oldest_due: Option<Duration>,
    /// Emails that were accepted in the last minute.
    pub accepted_last_minute: u64,
}
