//! What webhooks tell about emails, and the memory of the receiver.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use cakemail_client::IdempotencyKey;
use cakemail_model::Timestamp;
use cakemail_webhook::{BoxError, Claim, DeliveryState, DeliveryStore, Event};

use crate::state::State;
use crate::{Delivery, Error, Ledger, Outbox, Record, Result, Time};

impl Outbox {
    /// Records an event of an email: [`Record::delivery`]. It never goes backwards, in any order of the events. If the
    /// email may have been accepted and nobody knew, the logs are searched for it at once.
    ///
    /// Returns the email, or `None` if the event is of none in this outbox. Recording an event again changes nothing.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn record(&self, event: &Event) -> Result<Option<Record>> {
        let Some(status) = event.status() else { return Ok(None) };
        let at = event.created_on.unwrap_or_else(Timestamp::now);
        let delivery = Delivery::new(status, Time::from_micros(at.as_second().saturating_mul(1_000_000)));
        let id = event.email_id();
        for key in event.tags().into_iter().filter_map(|tag| IdempotencyKey::from_tag(tag).ok()) {
            let Some(record) = self.ledger().record_delivery(&key, id.as_ref(), &delivery).await? else { continue };
            // The event can be of an earlier email with the key. The logs tell, so it is no proof of an acceptance.
            return match record.progress.state {
                State::Unknown | State::Parked => self.look_again(&key, record).await.map(Some),
                _ => Ok(Some(record)),
            };
        }
        Ok(None)
    }

    async fn look_again(&self, key: &IdempotencyKey, record: Record) -> Result<Record> {
        match self.look(key).await {
            Err(Error::NotAllowed(_) | Error::NotFound(_)) => Ok(record), // it has changed meanwhile
            looked => looked,
        }
    }

    /// A store for a [`Receiver`](cakemail_webhook::Receiver), in the ledger's database: an event is processed once, also
    /// after a restart and by several processes. [`prune`](Self::prune) removes what is old.
    pub fn delivery_store(&self) -> WebhookStore {
        WebhookStore { ledger: Arc::clone(self.ledger()) }
    }
}

/// Remembers the deliveries of webhooks in the ledger's database.
#[derive(Clone)]
pub struct WebhookStore {
    ledger: Arc<dyn Ledger>,
}

impl fmt::Debug for WebhookStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl DeliveryStore for WebhookStore {
    async fn begin(&self, claim: Claim) -> Result<DeliveryState, BoxError> {
        Ok(self.ledger.begin_webhook(claim).await?)
    }

    async fn complete(&self, claim: Claim) -> Result<(), BoxError> {
        Ok(self.ledger.complete_webhook(claim).await?)
    }

    fn forget(&self, claim: Claim) {
        // Without a runtime, the claim expires.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let ledger = Arc::clone(&self.ledger);
            drop(runtime.spawn(async move { ledger.forget_webhook(claim).await }));
        }
    }
}
