//! Sends an email under an idempotency key: looks it up in the logs, so that it is not sent twice.

use std::time::Duration;

use cakemail_model::emails::{GetEmail, NewEmail};
use cakemail_model::logs::{ListEmailLogs, LogQuery};
use cakemail_model::{FieldError, TagFilter, Timestamp, check_tag};
use tokio::time::Instant;
use tracing::debug;

use crate::client::Client;
use crate::error::{Outcome, Result};
use crate::send::{ConfirmedBy, Sent, submit, validate};
use crate::time;

/// Identifies one email, such as the receipt of one order, so that it can be found in the logs.
///
/// The key is sent as the email's tag `key-…`, which the account then has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    tag: String,
    is_random: bool,
}

const PREFIX: &str = "key-";

impl IdempotencyKey {
    /// A key of at most 251 letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// The reason, when it is empty, too long or has other characters.
    pub fn new(key: &str) -> Result<Self, FieldError> {
        let tag = format!("{PREFIX}{key}");
        if key.is_empty() {
            let message = "is empty: use a value that identifies this email, such as an order number";
            return Err(FieldError::new("key", message));
        }
        match check_tag(&tag) {
            Some(_) => Err(FieldError::new("key", "is not a valid key: use at most 251 letters, digits, `-` and `_`")),
            None => Ok(Self { tag, is_random: false }),
        }
    }

    /// A random key. It finds the email after a lost response, and skips the search for an earlier one.
    pub fn random() -> Self {
        Self { tag: format!("{PREFIX}{:032x}", fastrand::u128(..)), is_random: true }
    }

    /// The tag that the key is sent as.
    pub fn tag(&self) -> &str {
        &self.tag
    }
}

/// How to reconcile an email whose response was lost with the logs, and what to do when they do not have it.
///
/// The client searches the logs for the key during `window`. How soon an accepted email is in the logs is not documented,
/// so an email that is missing may still have been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReconcilePolicy {
    /// How long to search: 20 seconds by default. This is added to the call's deadline.
    pub window: Duration,
    /// What to do when the email is not found in this time.
    pub on_missing: OnMissing,
    /// How far back to search for an email with the same key before sending. By default the server decides: 7 days.
    pub lookback: Option<Duration>,
}

/// What to do when the logs do not have an email that may have been accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnMissing {
    /// Return an error whose outcome is [`Outcome::Unknown`].
    #[default]
    Report,
    /// Submit the email again, at most three times. The recipient may get it more than once.
    Resend,
}

impl Default for ReconcilePolicy {
    fn default() -> Self {
        Self { window: Duration::from_secs(20), on_missing: OnMissing::Report, lookback: None }
    }
}

impl ReconcilePolicy {
    /// Searches for 20 seconds, and reports a missing email.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long to search the logs.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Sets what to do when the email is not found.
    #[must_use]
    pub fn on_missing(mut self, on_missing: OnMissing) -> Self {
        self.on_missing = on_missing;
        self
    }

    /// Sets how far back to search for an email with the same key.
    #[must_use]
    pub fn lookback(mut self, lookback: Duration) -> Self {
        self.lookback = Some(lookback);
        self
    }
}

/// The largest number of resubmissions with [`OnMissing::Resend`].
const MAX_RESENDS: u32 = 3;
/// The first interval between two searches. It doubles each time.
const FIRST_INTERVAL: Duration = Duration::from_millis(200);
const MAX_INTERVAL: Duration = Duration::from_secs(3);
/// The time limit of one search.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Validates an email and submits it under a key, unless the logs have an email with that key.
pub(crate) async fn send_idempotent(
    client: &Client,
    email: &NewEmail,
    key: &IdempotencyKey,
    policy: &ReconcilePolicy,
) -> Result<Sent> {
    let email = email.clone().tag(key.tag());
    validate(&email)?;
    if !key.is_random
        && let Some(earlier) = find(client, key, policy.lookback).await?
    {
        return Ok(Sent { confirmed_by: ConfirmedBy::PriorSend, ..earlier });
    }
    let mut attempts = 0;
    let mut resends = 0;
    loop {
        let error = match submit(client, &email).await {
            Ok(sent) => return Ok(Sent { attempts: attempts + sent.attempts, ..sent }),
            Err(error) => error,
        };
        attempts += error.attempts();
        if error.outcome() == Outcome::NotDone && resends == 0 {
            return Err(error);
        }
        // A rejected resubmission does not tell what happened to the submission before it.
        let outcome = if error.outcome() == Outcome::Done { Outcome::Done } else { Outcome::Unknown };
        if let Some(found) = reconcile(client, key, policy.window).await {
            return Ok(Sent { attempts, ..found });
        }
        if policy.on_missing == OnMissing::Report || outcome == Outcome::Done || resends == MAX_RESENDS {
            return Err(error.with_attempts(attempts).with_outcome(outcome));
        }
        resends += 1;
        debug!(resends, "the email is not in the logs: submitting it again");
    }
}

/// Searches the logs until the key is found or the window ends, and once more at its end. A failed search is repeated.
async fn reconcile(client: &Client, key: &IdempotencyKey, window: Duration) -> Option<Sent> {
    let window_end = time::from_now(window);
    let mut interval = FIRST_INTERVAL;
    loop {
        let is_last = Instant::now() >= window_end;
        match tokio::time::timeout(SEARCH_TIMEOUT, find(client, key, None)).await {
            Ok(Ok(Some(found))) => return Some(found),
            Ok(Err(error)) => debug!(kind = ?error.kind(), "the logs cannot be read"),
            Ok(Ok(None)) | Err(_) => {}
        }
        if is_last {
            return None;
        }
        tokio::time::sleep_until(window_end.min(Instant::now() + interval)).await;
        interval = (interval * 2).min(MAX_INTERVAL);
    }
}

/// Finds the newest email with the key in the logs. Without `lookback` the server limits how old it may be.
async fn find(client: &Client, key: &IdempotencyKey, lookback: Option<Duration>) -> Result<Option<Sent>> {
    let mut query = LogQuery::new().tags(TagFilter::from(key.tag())).per_page(10);
    query.start_time = lookback.map(|lookback| Timestamp::now().saturating_sub(lookback));
    for line in client.execute(&ListEmailLogs { query }).await?.data {
        // A server that ignored the filter would return other emails: only the email's own tags count.
        let tags = match line.tags.is_empty() {
            true => client.execute(&GetEmail { email_id: line.email_id.clone() }).await?.tags,
            false => line.tags,
        };
        if tags.iter().any(|tag| tag == key.tag()) {
            let confirmed_by = ConfirmedBy::Reconciliation;
            return Ok(Some(Sent { id: line.email_id, status: line.kind, attempts: 0, confirmed_by }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::IdempotencyKey;

    #[test]
    fn a_key_is_valid_if_its_tag_is() {
        assert_eq!(IdempotencyKey::new("order-42").unwrap().tag(), "key-order-42");
        assert_eq!(IdempotencyKey::new(&"k".repeat(251)).unwrap().tag().len(), 255);
        for key in ["", "order 42", "é", &"k".repeat(252)] {
            assert!(IdempotencyKey::new(key).is_err(), "{key}");
        }
        assert_ne!(IdempotencyKey::random(), IdempotencyKey::random());
    }
}
