//! Webhooks: URLs that events are posted to.

// Written by `cargo xtask codegen` from the spec. Change that, not this.

use cakemail_model::WebhookId;
use cakemail_model::webhooks::{
    ArchiveWebhook, CreateWebhook, GetWebhook, ListWebhooks, ListWebhooksQuery, NewWebhook, PatchWebhook,
    UnarchiveWebhook, Webhook, WebhookPatch, WebhookWithSignature,
};

use crate::listing::Paged;
use crate::{Client, Listing, Result};

/// Webhooks: URLs that events are posted to.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks<'a> {
    pub(crate) client: &'a Client,
}

impl Client {
    /// Webhooks: URLs that events are posted to.
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { client: self }
    }
}

impl Webhooks<'_> {
    /// Lists the account's webhooks.
    ///
    /// Leaves out archived ones unless `with_archived` is true.
    ///
    /// `GET /webhooks`
    pub fn list(&self, query: ListWebhooksQuery) -> Listing<Webhook> {
        Listing::new(self.client, ListWebhooks { query })
    }

    /// Creates a webhook for one event.
    ///
    /// One webhook serves one event; several events take several webhooks. The response has no
    /// signing key: get it with `GET /webhooks/{webhook_id}`. The API has no idempotency key:
    /// repeating the request creates a second webhook, which delivers each event a second time.
    ///
    /// `POST /webhooks`
    ///
    /// Not idempotent: the client does not repeat the call when its response is lost, and the
    /// error's outcome is [`Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request, and the
    /// kinds that [every call](crate::Client::execute) can return.
    pub async fn create(&self, webhook: &NewWebhook) -> Result<Webhook> {
        Ok(self.client.execute(&CreateWebhook { body: webhook }).await?.data)
    }

    /// Shows one webhook together with the key that signs its deliveries.
    ///
    /// A delivery is signed with the base64 of the HMAC-SHA256 of the raw body; the header is
    /// `x-signature` or `X-Cakemail-Signature`. No timestamp is signed: the receiver must detect
    /// replays.
    ///
    /// `GET /webhooks/{webhook_id}`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn get(&self, webhook_id: &WebhookId) -> Result<WebhookWithSignature> {
        self.client.execute(&GetWebhook { webhook_id: webhook_id.clone() }).await
    }

    /// Changes where a webhook delivers, or how fast.
    ///
    /// Changes only the given fields. The event cannot be changed: create another webhook instead.
    ///
    /// `PATCH /webhooks/{webhook_id}`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn update(&self, webhook_id: &WebhookId, patch: &WebhookPatch) -> Result<Webhook> {
        Ok(self.client.execute(&PatchWebhook { webhook_id: webhook_id.clone(), body: patch }).await?.data)
    }

    /// Archives a webhook.
    ///
    /// An archived webhook delivers nothing. `POST /webhooks/{webhook_id}/unarchive` restores it.
    /// Webhooks cannot be deleted.
    ///
    /// `POST /webhooks/{webhook_id}/archive`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn archive(&self, webhook_id: &WebhookId) -> Result<Webhook> {
        Ok(self.client.execute(&ArchiveWebhook { webhook_id: webhook_id.clone() }).await?.data)
    }

    /// Restores an archived webhook.
    ///
    /// Deliveries resume with the next event. Events that occurred while it was archived are lost.
    ///
    /// `POST /webhooks/{webhook_id}/unarchive`
    ///
    /// Idempotent: the client repeats the call when its response is lost.
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the request,
    /// [`NotFound`](crate::ErrorKind::NotFound) if the object does not exist, and the kinds that
    /// [every call](crate::Client::execute) can return.
    pub async fn unarchive(&self, webhook_id: &WebhookId) -> Result<Webhook> {
        Ok(self.client.execute(&UnarchiveWebhook { webhook_id: webhook_id.clone() }).await?.data)
    }
}

impl Paged for ListWebhooks {
    type Item = Webhook;

    fn page(&self) -> u64 {
        self.query.page.unwrap_or(1)
    }

    fn per_page(&self) -> Option<u64> {
        self.query.per_page
    }

    fn advance(&mut self, _: Option<&str>) {
        self.query.page = Some(self.page().saturating_add(1));
    }
}
