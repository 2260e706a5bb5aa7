//! An email as the ledger stores it.

use cakemail_client::IdempotencyKey;
use cakemail_model::EmailStatus;

use crate::state::Progress;
use crate::{Lane, OnMissing, Time};

/// An email in the ledger, without its content.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// Its row.
    pub id: i64,
    /// The key that it was enqueued under.
    pub key: IdempotencyKey,
    /// Its lane.
    pub lane: Lane,
    /// It is not sent after this time.
    pub expires_at: Option<Time>,
    /// What to do when the response is lost and the logs do not have the email.
    pub on_missing: OnMissing,
    /// When it was enqueued.
    pub enqueued_at: Time,
    /// Where it stands.
    pub progress: Progress,
    /// When its progress last changed.
    pub changed_at: Time,
    /// What happened to it after it was accepted, as far as webhooks told.
    pub delivery: Option<Delivery>,
}

/// The latest event of an accepted email.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Delivery {
    /// Such as `delivered` or `bounced`.
    pub status: EmailStatus,
    /// When it happened.
    pub at: Time,
}
