//! An email as the ledger stores it.

use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::EmailStatus;

use super::Progress;
use crate::Time;

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

impl Record {
    /// An email that was just enqueued, and is due now.
    pub fn new(id: i64, key: IdempotencyKey, now: Time) -> Self {
        Self {
            id,
            key,
            lane: Lane::default(),
            expires_at: None,
            on_missing: OnMissing::default(),
            enqueued_at: now,
            progress: Progress::queued(now),
            changed_at: now,
            delivery: None,
        }
    }
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

/// Who claims emails: one worker, or one call of `dispatch`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner(pub i64);

/// Which emails are sent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lane {
    /// Before all marketing emails.
    #[default]
    Transactional,
    /// When no transactional email is due.
    Marketing,
}

/// What to do with an email that may have been accepted and is not in the logs after the settle time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OnMissing {
    /// Park it until an operator or the application decides. It is never sent twice.
    #[default]
    Park,
    /// Send it again when this time has passed since the submission, if the logs show other emails that were accepted
    /// after it, or no other was accepted. The recipient can get it twice if the logs are later than that.
    ResendAfter(Duration),
}
