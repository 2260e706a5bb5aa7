//! What an application enqueues.

use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::emails::NewEmail;

use crate::Time;

/// An email to enqueue, under the key that identifies it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutboxEmail {
    /// Identifies the email: enqueuing it again under the same key does nothing.
    pub key: IdempotencyKey,
    /// What to send.
    pub email: NewEmail,
    /// Transactional emails are sent before marketing emails.
    pub lane: Lane,
    /// When to send it: now by default.
    pub send_at: Option<Time>,
    /// It is not sent after this time.
    pub expires_at: Option<Time>,
    /// What to do when the response is lost and the logs do not have the email.
    pub on_missing: OnMissing,
}

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

impl OutboxEmail {
    /// A transactional email to send now, which is parked when nobody can know whether it was accepted.
    pub fn new(key: IdempotencyKey, email: NewEmail) -> Self {
        Self { key, email, lane: Lane::default(), send_at: None, expires_at: None, on_missing: OnMissing::default() }
    }
}
