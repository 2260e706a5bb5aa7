//! Remembers which deliveries are processed and which are in progress.

use std::hash::{BuildHasher, Hasher, RandomState};

use async_trait::async_trait;
use cakemail_model::Timestamp;

use crate::DeliveryId;

/// Any error, as a store or an application reports it.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What a [`DeliveryStore`] knows about a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// Nothing, or a claim that has expired. The delivery is now in progress under the new claim.
    New,
    /// Another claim is in progress.
    InProgress,
    /// The delivery was processed.
    Done,
}

/// A receiver's claim to process a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Claim {
    /// The delivery.
    pub id: DeliveryId,
    /// A random number, which tells this claim from every other one.
    pub token: i64,
    /// When the claim is made.
    pub now: Timestamp,
    /// When it expires, unless the delivery is done or forgotten before.
    pub until: Timestamp,
}

impl Claim {
    /// Makes a claim with a random token. The receiver does this; a store's tests may, too.
    pub fn new(id: DeliveryId, now: Timestamp, until: Timestamp) -> Self {
        let random = RandomState::new().build_hasher().finish();
        Self { id, token: random.cast_signed(), now, until }
    }
}

/// Remembers deliveries, so that each event is processed once.
///
/// A delivery is new, then in progress, then done. [`MemoryStore`](crate::MemoryStore) is enough for one process that may
/// process an event again after a restart. Implement this trait over a database that all processes share, to remember
/// deliveries beyond that. One table is enough, with a row for each delivery:
///
/// | column | content |
/// | --- | --- |
/// | `id`, primary key | [`DeliveryId::as_bytes`] |
/// | `token` | [`Claim::token`] |
/// | `until`, may be null | [`Claim::until`] in epoch seconds; null when the delivery is done |
/// | `created` | [`Claim::now`]; delete done rows that are older than [`Receiver::window`](crate::Receiver::window) |
///
/// Every method must be atomic. A claim can expire while its handler still runs. That is why `forget` compares the token:
/// a slow handler must not delete the claim of another one, or the record that the delivery is done.
#[async_trait]
pub trait DeliveryStore: Send + Sync {
    /// Claims a delivery, unless it is done or another claim has not expired at `claim.now`.
    ///
    /// In SQL: `INSERT … ON CONFLICT (id) DO UPDATE SET token = :token, until = :until WHERE until <= :now`. If no row
    /// changed, the delivery is done where `until` is null, and in progress otherwise.
    ///
    /// # Errors
    /// The receiver responds with 503, and the sender tries again.
    async fn begin(&self, claim: Claim) -> Result<DeliveryState, BoxError>;

    /// Records that a delivery is done, even if the claim has expired.
    ///
    /// In SQL: `INSERT … ON CONFLICT (id) DO UPDATE SET until = NULL`.
    ///
    /// # Errors
    /// The receiver responds with 503, and the delivery is processed again.
    async fn complete(&self, claim: Claim) -> Result<(), BoxError>;

    /// Removes this claim, if it is still in progress: the delivery was not processed.
    ///
    /// This is called from `drop`, so it must return at once: a store that waits spawns a task. If that never runs, the
    /// claim expires.
    ///
    /// In SQL: `DELETE … WHERE id = :id AND token = :token AND until IS NOT NULL`.
    fn forget(&self, claim: Claim);
}
