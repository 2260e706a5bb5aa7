//! What an application enqueues.

use cakemail_client::IdempotencyKey;
use cakemail_model::emails::NewEmail;

use crate::{Lane, OnMissing, Time};

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

impl OutboxEmail {
    /// A transactional email to send now, which is parked when nobody can know whether it was accepted.
    pub fn new(key: IdempotencyKey, email: NewEmail) -> Self {
        Self { key, email, lane: Lane::default(), send_at: None, expires_at: None, on_missing: OnMissing::default() }
    }
}
