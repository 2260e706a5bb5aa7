//! Webhooks: the addresses that events are sent to.

use cakemail_model::WebhookId;
use cakemail_model::webhooks::{
    ArchiveWebhook, CreateWebhook, GetWebhook, ListWebhooks, ListWebhooksQuery, NewWebhook, PatchWebhook,
    UnarchiveWebhook, Webhook, WebhookPatch, WebhookWithSignature,
};

use crate::listing::paged;
use crate::{Listing, Result};

group! {
    /// Webhooks: the addresses that events are sent to, one event each.
    Webhooks, webhooks
}

paged!(ListWebhooks => Webhook);

impl Webhooks<'_> {
    /// The webhooks there are. `GET /webhooks`
    pub fn list(&self, query: ListWebhooksQuery) -> Listing<Webhook> {
        Listing::new(self.client, ListWebhooks { query })
    }

    /// One webhook, with the key that its deliveries are signed with. `GET /webhooks/{webhook_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn get(&self, id: &WebhookId) -> Result<WebhookWithSignature> {
        self.client.execute(&GetWebhook { webhook_id: id.clone() }).await
    }

    /// Creates a webhook. [`get`](Self::get) it for its key. `POST /webhooks`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn create(&self, webhook: &NewWebhook) -> Result<Webhook> {
        Ok(self.client.execute(&CreateWebhook { body: webhook }).await?.data)
    }

    /// Changes a webhook. `PATCH /webhooks/{webhook_id}`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn update(&self, id: &WebhookId, patch: &WebhookPatch) -> Result<Webhook> {
        Ok(self.client.execute(&PatchWebhook { webhook_id: id.clone(), body: patch }).await?.data)
    }

    /// Archives a webhook: nothing is sent to it until it is unarchived. `POST /webhooks/{webhook_id}/archive`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn archive(&self, id: &WebhookId) -> Result<Webhook> {
        Ok(self.client.execute(&ArchiveWebhook { webhook_id: id.clone() }).await?.data)
    }

    /// Takes a webhook out of the archive. `POST /webhooks/{webhook_id}/unarchive`
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn unarchive(&self, id: &WebhookId) -> Result<Webhook> {
        Ok(self.client.execute(&UnarchiveWebhook { webhook_id: id.clone() }).await?.data)
    }
}
