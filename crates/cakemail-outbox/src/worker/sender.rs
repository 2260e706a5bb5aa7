//! The step of one claimed email: submits it, or looks for it in the logs.

use std::sync::Arc;
use std::time::Duration;

use cakemail_client::{Client, IdempotencyKey, RetryPolicy};
use cakemail_model::emails::NewEmail;
use cakemail_transport::{BootClock, SendBy};

use super::gate::ClaimTimes;
use super::verdict::{self, Verdict};
use super::watermark::Watermark;
use crate::state::{Event, Evidence, Reason, Record, Rules, State, Step};
use crate::{Error, Ledger, Result, Time, payload};

/// How much longer ago than its enqueuing an email is searched for: the clocks of the ledger and the server differ.
const LOOKBACK_MARGIN: Duration = Duration::from_secs(24 * 3600);

/// Submits emails and looks for them.
pub(super) struct Sender {
    client: Client,
    ledger: Arc<dyn Ledger>,
    rules: Arc<Rules>,
    watermark: Watermark,
}

/// An email that a worker holds.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) record: Record,
    pub(super) payload: Vec<u8>,
    pub(super) times: ClaimTimes,
}

impl Claim {
    pub(super) fn is_look(&self) -> bool {
        is_look(&self.record)
    }
}

/// Whether a claimed email is to be looked for.
pub(super) fn is_look(record: &Record) -> bool {
    matches!(record.progress.state, State::Dispatching { step: Step::Look, .. })
}

impl Sender {
    /// # Errors
    /// [`Error::Client`] when the client's transport cannot be kept from writing after a lease.
    pub(super) fn new(client: &Client, ledger: Arc<dyn Ledger>, rules: Arc<Rules>, clock: &BootClock) -> Result<Self> {
        client.send_by(SendBy::new(Duration::ZERO, clock.clone())).map_err(Error::Client)?;
        // A request that takes longer than the settle time could be accepted after its email was looked for.
        let client = client.deadline(rules.settle / 2).retry_policy(RetryPolicy::never());
        Ok(Self { client, ledger, rules, watermark: Watermark::default() })
    }

    /// Is told the ledger's time at each transaction.
    pub(super) fn ticked(&self, now: Time) {
        self.watermark.ticked(now);
    }

    /// Does the step of a claimed email.
    pub(super) async fn step(&self, claim: &Claim) -> Verdict {
        match claim.is_look() {
            true => Verdict::of_the_email(self.look(claim).await),
            false => self.submit(claim).await,
        }
    }

    async fn submit(&self, claim: &Claim) -> Verdict {
        let record = &claim.record;
        let email = match payload::decode(&claim.payload) {
            Ok(email) => email.tag(record.key.tag()),
            Err(reason) => return Verdict::of_the_email(Event::Refused(reason)),
        };
        let send_by = claim.times.send_by(record, &self.rules);
        if send_by.has_passed() {
            return Verdict::of_the_email(Event::Released);
        }
        let result = match self.client.without_rate_limit().send_by(send_by) {
            Ok(client) => client.emails().send(&email).await,
            Err(error) => Err(error),
        };
        verdict::submission(result)
    }

    async fn look(&self, claim: &Claim) -> Event {
        let record = &claim.record;
        let email = match payload::decode(&claim.payload) {
            Ok(email) => email,
            // Nobody can compare it with the logs: someone has to decide.
            Err(reason) => return Event::KeyConflict(reason),
        };
        let now = claim.times.now();
        let since = record.evidence_after(&self.rules).unwrap_or(now);
        let was_caught_up = self.watermark.has_passed(since);
        if let Some(event) = self.find(record, &email, now).await {
            return event;
        }
        if was_caught_up {
            return Event::NotFound(Evidence::CaughtUp);
        }
        match self.evidence(since, now).await {
            // They may have caught up after the search.
            Ok(Evidence::CaughtUp) => {
                self.watermark.raise(since);
                self.find(record, &email, now).await.unwrap_or(Event::NotFound(Evidence::CaughtUp))
            }
            Ok(evidence) => Event::NotFound(evidence),
            Err(event) => event,
        }
    }

    async fn find(&self, record: &Record, email: &NewEmail, now: Time) -> Option<Event> {
        verdict::search(self.client.emails().find(&record.key, email, lookback(record.enqueued_at, now)).await)
    }

    /// Whether the logs have an email whose submission began after `since` and was accepted.
    async fn evidence(&self, since: Time, now: Time) -> Result<Evidence, Event> {
        let failed = |error: Error| Event::LookFailed(Reason::new("Database", error.to_string()));
        let Some(key) = self.ledger.accepted_after(since).await.map_err(failed)? else {
            return Ok(Evidence::NoTraffic);
        };
        // One that was removed meanwhile, or cannot be read, shows nothing.
        let Some(email) = self.accepted_email(&key).await.map_err(failed)? else { return Ok(Evidence::Behind) };
        match verdict::search(self.client.emails().find(&key, &email, lookback(since, now)).await) {
            None => Ok(Evidence::Behind),
            Some(Event::LookFailed(reason)) => Err(Event::LookFailed(reason)),
            Some(_) => Ok(Evidence::CaughtUp),
        }
    }

    async fn accepted_email(&self, key: &IdempotencyKey) -> Result<Option<NewEmail>> {
        let payload = self.ledger.payload(key).await?;
        Ok(payload.and_then(|payload| payload::decode(&payload).ok()))
    }
}

fn lookback(since: Time, now: Time) -> Duration {
    now.since(since).saturating_add(LOOKBACK_MARGIN)
}
