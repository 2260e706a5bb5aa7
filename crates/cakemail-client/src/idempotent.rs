//! Sends an email under an idempotency key: looks it up in the logs, so that it is not sent twice.

use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cakemail_model::emails::NewEmail;
use cakemail_model::{FieldError, check_tag};
use tokio::time::Instant;
use tracing::debug;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::log_search::{LoggedEmail, find};
use crate::send::{ConfirmedBy, Sent, refused, submit, validate};
use crate::time;

/// Identifies one email, such as the receipt of one order, so that it can be found in the logs.
///
/// The key is sent as the email's tag `key-…`, which the account then has. Two keys are equal if their tags are.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    tag: String,
    /// For a random key: whether a call has used it or a clone of it.
    used: Option<Arc<AtomicBool>>,
}

const PREFIX: &str = "key-";

impl IdempotencyKey {
    /// A key of at most 251 letters, digits, `-` and `_`, or the [`tag`](Self::tag) of a key.
    ///
    /// # Errors
    /// The reason, when it is empty, too long or has other characters.
    pub fn new(key: &str) -> Result<Self, FieldError> {
        let key = key.strip_prefix(PREFIX).unwrap_or(key);
        if key.is_empty() {
            let message = "is empty: use a value that identifies this email, such as an order number";
            return Err(FieldError::new("key", message));
        }
        let tag = format!("{PREFIX}{key}");
        match check_tag(&tag) {
            Some(_) => Err(FieldError::new("key", "is not a valid key: use at most 251 letters, digits, `-` and `_`")),
            None => Ok(Self { tag, used: None }),
        }
    }

    /// A random key. It finds the email after a lost response. The first call with it skips the search for an earlier
    /// email; each further call makes it.
    pub fn random() -> Self {
        Self { tag: format!("{PREFIX}{:032x}", fastrand::u128(..)), used: Some(Arc::default()) }
    }

    /// The tag that the key is sent as.
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Whether no earlier email can have the key. Returns `true` at most once for a key and its clones.
    fn is_first_use(&self) -> bool {
        self.used.as_ref().is_some_and(|used| !used.swap(true, Ordering::Relaxed))
    }
}

impl PartialEq for IdempotencyKey {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl Eq for IdempotencyKey {}

impl Hash for IdempotencyKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tag.hash(state);
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
    let is_first_use = key.is_first_use();
    if !is_first_use && let Some(earlier) = find(client, key.tag(), policy.lookback).await? {
        return match earlier.is_refused() {
            true => Err(refused(earlier.id, earlier.status)),
            false => Ok(sent(earlier, 0, ConfirmedBy::PriorSend)),
        };
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
        let found = reconcile(client, key, policy.window).await;
        let is_missing = matches!(found, Ok(None));
        match found {
            Ok(Some(email)) if !email.is_refused() => return Ok(sent(email, attempts, ConfirmedBy::Reconciliation)),
            // Of several submissions with the key, another one may have been accepted.
            Ok(Some(email)) if is_first_use && resends == 0 => {
                return Err(refused(email.id, email.status).with_attempts(attempts));
            }
            _ => {}
        }
        let may_resend = policy.on_missing == OnMissing::Resend && outcome == Outcome::Unknown && resends < MAX_RESENDS;
        if !is_missing || !may_resend {
            return Err(error.with_attempts(attempts).with_outcome(outcome));
        }
        resends += 1;
        debug!(resends, "the email is not in the logs: submitting it again");
    }
}

fn sent(email: LoggedEmail, attempts: u32, confirmed_by: ConfirmedBy) -> Sent {
    Sent { id: email.id, status: email.status, attempts, confirmed_by, request_id: None }
}

/// Searches the logs until the key is found or the window ends, and once more at its end. A failed search is repeated.
/// The email is missing only if the last search says so; if that search fails, its error is returned.
async fn reconcile(client: &Client, key: &IdempotencyKey, window: Duration) -> Result<Option<LoggedEmail>> {
    let window_end = time::from_now(window);
    let mut interval = FIRST_INTERVAL;
    loop {
        let is_last = Instant::now() >= window_end;
        let search = tokio::time::timeout(SEARCH_TIMEOUT, find(client, key.tag(), None)).await;
        let found =
            search.unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "the search of the logs took too long")));
        if let Err(error) = &found {
            debug!(kind = ?error.kind(), "the logs cannot be read");
        }
        if is_last || matches!(found, Ok(Some(_))) {
            return found;
        }
        tokio::time::sleep_until(window_end.min(Instant::now() + interval)).await;
        interval = (interval * 2).min(MAX_INTERVAL);
    }
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

    #[test]
    fn a_key_made_from_the_tag_of_a_key_is_that_key() {
        for key in [
            IdempotencyKey::random(),
            IdempotencyKey::new("order-42").unwrap(),
            IdempotencyKey::new("key-key-1").unwrap(),
        ] {
            assert_eq!(IdempotencyKey::new(key.tag()).unwrap(), key);
        }
        assert!(IdempotencyKey::new("key-").is_err());
    }
}
