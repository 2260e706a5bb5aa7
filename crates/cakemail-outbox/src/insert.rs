//! The values of the insert that enqueues an email.

#[cfg(any(feature = "postgres", feature = "sqlite"))]
use cakemail_model::AttachmentContent;
use sha2::{Digest, Sha256};

use crate::time::micros;
use crate::{Lane, OnMissing, OutboxEmail, Result, Time, payload};

/// The columns of a new row in `outbox_email`, for an insert by a database crate that this crate does not know. All other
/// columns have defaults. Times and durations are in microseconds.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Insert {
    /// The key's [tag](cakemail_client::IdempotencyKey::tag).
    pub key: String,
    /// The content, in the [frozen format](payload).
    pub payload: Vec<u8>,
    /// The SHA-256 of `payload`: 32 bytes.
    pub digest: Vec<u8>,
    /// 0 for a transactional email, which is the default, 1 for a marketing email.
    pub class: i16,
    /// When to send it. `None` stands for the column's default, which is now.
    pub due_at: Option<i64>,
    /// It is not sent after this time.
    pub expires_at: Option<i64>,
    /// How long after a lost response it may be sent again. Parked if `None`.
    pub resend_after: Option<i64>,
}

impl Insert {
    /// The values for an email that passes validation. Blocks while it reads attachments that are read from a source.
    ///
    /// # Errors
    /// [`Error::Invalid`](crate::Error::Invalid).
    pub fn new(email: &OutboxEmail) -> Result<Self> {
        let payload = payload::encode(email)?;
        Ok(Self {
            key: email.key.tag().to_owned(),
            digest: Sha256::digest(&payload).to_vec(),
            payload,
            class: class(email.lane),
            due_at: email.send_at.map(Time::as_micros),
            expires_at: email.expires_at.map(Time::as_micros),
            resend_after: match email.on_missing {
                OnMissing::Park => None,
                OnMissing::ResendAfter(wait) => Some(micros(wait)),
            },
        })
    }

    /// The values for each email.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn all(emails: &[OutboxEmail]) -> Result<Vec<Self>> {
        emails.iter().map(Self::new).collect()
    }
}

impl std::fmt::Debug for Insert {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Insert").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The code of the column `class`.
pub(crate) const fn class(lane: Lane) -> i16 {
    match lane {
        Lane::Transactional => 0,
        Lane::Marketing => 1,
    }
}

/// The values for each email, made off the threads of the runtime if attachments are read from a source.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
pub(crate) async fn values(emails: &[OutboxEmail]) -> Result<Vec<Insert>> {
    if !emails.iter().any(reads_a_source) {
        return Insert::all(emails);
    }
    let emails = emails.to_vec();
    let values = tokio::task::spawn_blocking(move || Insert::all(&emails)).await;
    values.map_err(|error| crate::Error::Database(Box::new(error)))?
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
fn reads_a_source(email: &OutboxEmail) -> bool {
    let attachments = email.email.attachment.iter().flatten();
    attachments.into_iter().any(|attachment| matches!(attachment.content, AttachmentContent::Source(_)))
}
