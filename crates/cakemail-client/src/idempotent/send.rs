//! Submits an email at most once: claims the key, searches the logs, submits, and reconciles a lost response.

use std::time::Duration;

use cakemail_model::Operation;
use cakemail_model::emails::{NewEmail, SubmitEmail};
use tokio::time::Instant;
use tracing::debug;

use super::{IdempotencyKey, OnMissing, ReconcilePolicy};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::key_uses::{Claim, Submission};
use crate::log_search::{Found, LoggedEmail, Wanted, find};
use crate::send::{ConfirmedBy, Sent, refused, submit, validate};
use crate::time;

/// The largest number of resubmissions with [`OnMissing::Resend`].
const MAX_RESENDS: u32 = 3;
/// The first interval between two searches. It doubles each time.
const FIRST_INTERVAL: Duration = Duration::from_millis(200);
const MAX_INTERVAL: Duration = Duration::from_secs(3);
/// The time limit of one search.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Validates an email and submits it under a key, unless an email with that key was submitted before.
pub(crate) async fn send_idempotent(
    client: &Client,
    email: &NewEmail,
    key: &IdempotencyKey,
    policy: &ReconcilePolicy,
) -> Result<Sent> {
    let email = email.clone().tag(key.tag());
    validate(&email)?;
    let (now, time_limit) = (Instant::now(), client.time_limit());
    let deadline = time::add(now, time_limit);
    let (uses, account) = client.key_uses();
    let claim = uses.claim(account, key.tag(), &email, deadline).await;
    let claim = claim.map_err(|error| error.in_operation(SubmitEmail::ID))?;
    // A response that is lost in the last moment leaves time for one search.
    let submit_by = time::add(now, time_limit - SEARCH_TIMEOUT.min(time_limit / 4));
    let is_first_use = key.is_first_use();
    Sending { client, email, key, policy, deadline, submit_by, is_first_use, claim }.run().await
}

/// One call that sends an email under a key.
struct Sending<'a> {
    client: &'a Client,
    /// The email, with the key's tag.
    email: NewEmail,
    key: &'a IdempotencyKey,
    policy: &'a ReconcilePolicy,
    deadline: Instant,
    /// When submissions have to end.
    submit_by: Instant,
    /// Whether no earlier email can have the key.
    is_first_use: bool,
    claim: Claim<'a>,
}

impl Sending<'_> {
    async fn run(mut self) -> Result<Sent> {
        match self.claim.earlier() {
            Some(Submission::Accepted { id, status }) => {
                let earlier = LoggedEmail::new(id.clone(), status.clone());
                return Ok(sent(earlier, 0, ConfirmedBy::PriorSend));
            }
            Some(Submission::MaybeAccepted) => return self.reconcile_or_resend(unresolved(), 0).await,
            None if self.is_first_use => {}
            None => match self.search(self.submit_by, self.policy.lookback).await? {
                Found::Email(earlier) if earlier.is_refused() => return Err(refused(earlier.id, earlier.status)),
                Found::Email(earlier) => return Ok(sent(earlier, 0, ConfirmedBy::PriorSend)),
                Found::Other(conflict) => return Err(conflict.in_operation(SubmitEmail::ID)),
                Found::Nothing => {}
            },
        }
        match self.submit().await {
            Ok(sent) => Ok(sent),
            Err(error) if error.outcome() == Outcome::NotDone => Err(error),
            Err(error) => {
                let attempts = error.attempts();
                self.reconcile_or_resend(error, attempts).await
            }
        }
    }

    async fn submit(&mut self) -> Result<Sent> {
        let client = self.client.for_one_call(self.submit_by, self.claim.maybe_done());
        let sent = submit(&client, &self.email).await?;
        self.claim.accepted(sent.id.clone(), sent.status.clone());
        Ok(sent)
    }

    /// Searches the logs for an email that may have been accepted. `error` says why that is not known.
    async fn reconcile_or_resend(&mut self, mut error: Error, mut attempts: u32) -> Result<Sent> {
        let mut resends = 0;
        loop {
            // A rejected resubmission does not tell what happened to the submission before it.
            let outcome = if error.outcome() == Outcome::Done { Outcome::Done } else { Outcome::Unknown };
            let is_missing = match self.reconcile().await {
                Ok(Found::Email(email)) if !email.is_refused() => {
                    self.claim.accepted(email.id.clone(), email.status.clone());
                    let is_prior = attempts == 0;
                    let confirmed_by = if is_prior { ConfirmedBy::PriorSend } else { ConfirmedBy::Reconciliation };
                    return Ok(sent(email, attempts, confirmed_by));
                }
                // Of several submissions with the key, another one may have been accepted.
                Ok(Found::Email(email)) if self.is_first_use && resends == 0 => {
                    self.claim.refused();
                    return Err(refused(email.id, email.status).with_attempts(attempts));
                }
                // This email may have been accepted as well.
                Ok(Found::Other(conflict)) if outcome == Outcome::Unknown => {
                    let conflict = conflict.in_operation(SubmitEmail::ID).with_source(error);
                    return Err(conflict.with_attempts(attempts).with_outcome(outcome));
                }
                found => matches!(found, Ok(Found::Nothing)),
            };
            let may_resend = self.policy.on_missing == OnMissing::Resend
                && outcome == Outcome::Unknown
                && resends < MAX_RESENDS
                && Instant::now() < self.submit_by;
            if !is_missing || !may_resend {
                return Err(error.with_attempts(attempts).with_outcome(outcome));
            }
            resends += 1;
            debug!(resends, "the email is not in the logs: submitting it again");
            match self.submit().await {
                Ok(sent) => return Ok(Sent { attempts: attempts + sent.attempts, ..sent }),
                Err(next) => error = next,
            }
            attempts += error.attempts();
        }
    }

    /// Searches the logs until the email is found or the window ends, and once more at its end. A failed search is
    /// repeated. The last search decides, unless the deadline ended it.
    async fn reconcile(&self) -> Result<Found> {
        let window_end = time::from_now(self.policy.window);
        let mut interval = FIRST_INTERVAL;
        loop {
            let is_last = Instant::now() >= window_end;
            let found = self.search(self.deadline, None).await;
            if let Err(error) = &found {
                debug!(kind = ?error.kind(), "the logs cannot be read");
            }
            if is_last || matches!(found, Ok(Found::Email(_))) || Instant::now() >= self.deadline {
                return found;
            }
            let next = window_end.min(Instant::now() + interval);
            tokio::time::sleep_until(next.min(self.deadline)).await;
            interval = (interval * 2).min(MAX_INTERVAL);
        }
    }

    async fn search(&self, deadline: Instant, lookback: Option<Duration>) -> Result<Found> {
        let (tag, is_unique) = (self.key.tag(), self.is_first_use);
        let search = find(self.client, Wanted { tag, email: &self.email, is_unique }, lookback);
        let timed_out = || Error::new(ErrorKind::Timeout, "the search of the logs took too long");
        time::before(deadline.min(time::from_now(SEARCH_TIMEOUT)), search, timed_out).await
    }
}

fn sent(email: LoggedEmail, attempts: u32, confirmed_by: ConfirmedBy) -> Sent {
    Sent { id: email.id, status: email.status, attempts, confirmed_by, request_id: None }
}

/// The error of a call with a key whose earlier submission may have been accepted, and which the logs do not have.
fn unresolved() -> Error {
    let message = "an earlier call with the key may have sent the email, and the logs did not show it in time";
    Error::new(ErrorKind::Timeout, message).in_operation(SubmitEmail::ID).with_outcome(Outcome::Unknown)
}
