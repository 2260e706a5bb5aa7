//! What an application enqueues.

use std::time::Duration;

use cakemail_client::IdempotencyKey;
use cakemail_model::emails::{EmailType, NewEmail};

use crate::{AttachedFile, Lane, OnMissing, Time};

/// An email to enqueue, under the key that identifies it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OutboxEmail {
    /// Identifies the email: enqueuing it again under the same key does nothing.
    pub key: IdempotencyKey,
    /// What to send.
    pub email: NewEmail,
    /// Files to attach besides, which are read when it is sent.
    pub files: Vec<AttachedFile>,
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
    /// An email to send now, in the lane of its type, which is parked when nobody can know whether it was accepted.
    pub fn new(key: IdempotencyKey, email: NewEmail) -> Self {
        let lane = match email.content.kind {
            EmailType::Marketing => Lane::Marketing,
            _ => Lane::Transactional,
        };
        Self { key, email, files: Vec::new(), lane, send_at: None, expires_at: None, on_missing: OnMissing::default() }
    }

    /// Sends it in this lane.
    #[must_use]
    pub fn lane(self, lane: Lane) -> Self {
        Self { lane, ..self }
    }

    /// Sends it at this time, or as soon as possible after it.
    #[must_use]
    pub fn send_at(self, time: impl Into<Time>) -> Self {
        Self { send_at: Some(time.into()), ..self }
    }

    /// Does not send it after this time.
    #[must_use]
    pub fn expires_at(self, time: impl Into<Time>) -> Self {
        Self { expires_at: Some(time.into()), ..self }
    }

    /// Sends it again when its response was lost and the logs do not have it: see [`OnMissing::ResendAfter`].
    #[must_use]
    pub fn resend_after(self, wait: Duration) -> Self {
        Self { on_missing: OnMissing::ResendAfter(wait), ..self }
    }

    /// Attaches a file that is read when the email is sent. Large files stay out of the database.
    #[must_use]
    pub fn attach(mut self, file: AttachedFile) -> Self {
        self.files.push(file);
        self
    }
}
