//! Subscribing a URL to events.

use cakemail_model::WebhookId;
use cakemail_model::webhooks::{
    CreateWebhook, ListWebhooksQuery, NewWebhook, SubscribableEvent, Webhook, WebhookStatus, WebhookWithSignature,
};
use http::Uri;

use crate::{Error, ErrorKind, Outcome, Result, Webhooks};

impl Webhooks<'_> {
    /// Makes sure that each of these events is posted to `url`, and returns the webhooks that do it, with their keys.
    ///
    /// A webhook reports one event. The call uses those that exist for the URL, restores archived ones, and creates
    /// the missing ones. It does not touch others, such as those of another URL or event. Call it whenever the
    /// application starts: when nothing is missing, it changes nothing.
    ///
    /// `cakemail-webhook`'s `Verifier` can be made from the result. All keys are in it, also when several webhooks
    /// report one event. That can happen if two processes make the first call at the same time: each event then
    /// arrives twice, and a `Receiver` hands it over once.
    ///
    /// `GET /webhooks`, `POST /webhooks/{webhook_id}/unarchive`, `POST /webhooks`, `GET /webhooks/{webhook_id}`
    ///
    /// # Errors
    /// [`BadRequest`](crate::ErrorKind::BadRequest) if the server rejects the URL or an event, and the kinds that
    /// [every call](crate::Client::execute) can return. The outcome is that of the step that failed. After any error,
    /// call it again: it finds what it had created, also if the response to that was lost.
    pub async fn ensure<E: Into<SubscribableEvent>>(
        &self,
        url: &str,
        events: impl IntoIterator<Item = E>,
    ) -> Result<Vec<WebhookWithSignature>> {
        let events: Vec<_> = events.into_iter().map(Into::into).collect();
        let mut webhooks = self.posting_to(url).await?;
        let mut ids = Vec::new();
        for (index, event) in events.iter().enumerate() {
            let is_repeated = events[..index].contains(event);
            if !is_repeated && !webhooks.iter().any(|it| is_active(it) && reports(it, event)) {
                ids.push(self.restore_or_create(url, event, &webhooks).await?);
            }
        }
        if !ids.is_empty() {
            // Another process may have created some in the meantime: their keys are needed as well.
            webhooks = self.posting_to(url).await?;
        }
        let active = webhooks.into_iter().filter(|it| is_active(it) && events.iter().any(|event| reports(it, event)));
        for id in active.filter_map(|it| it.id) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let mut ensured = Vec::with_capacity(ids.len());
        for id in &ids {
            ensured.push(self.with_key(id).await?);
        }
        Ok(ensured)
    }

    /// The webhooks of a URL, archived ones included.
    async fn posting_to(&self, url: &str) -> Result<Vec<Webhook>> {
        let mut webhooks = self.list(ListWebhooksQuery::new().with_archived(true)).all().await?;
        webhooks.retain(|webhook| webhook.url.as_deref().is_some_and(|other| is_same_url(other, url)));
        Ok(webhooks)
    }

    async fn restore_or_create(&self, url: &str, event: &SubscribableEvent, existing: &[Webhook]) -> Result<WebhookId> {
        let archived = existing.iter().filter(|it| reports(it, event)).find_map(|it| it.id.clone());
        if let Some(id) = archived {
            self.unarchive(&id).await?;
            return Ok(id);
        }
        let body = NewWebhook::new(event.clone(), url);
        let error = match self.client.execute(&CreateWebhook { body: &body }).await {
            Ok(created) => return Ok(created.id),
            Err(error) if error.outcome() == Outcome::NotDone => return Err(error),
            Err(error) => error,
        };
        // The response was lost. If the listing does not show the webhook, it may still be created: the error says so.
        let listed = self.posting_to(url).await.unwrap_or_default();
        let created = listed.into_iter().find(|it| is_active(it) && reports(it, event));
        created.and_then(|it| it.id).ok_or(error)
    }

    async fn with_key(&self, id: &WebhookId) -> Result<WebhookWithSignature> {
        let webhook = self.get(id).await?;
        match &webhook.signature.key {
            Some(key) if !key.expose().is_empty() => Ok(webhook),
            _ => {
                Err(Error::new(ErrorKind::UnexpectedResponse, "the response has no signing key")
                    .in_operation("getWebhook"))
            }
        }
    }
}

fn reports(webhook: &Webhook, event: &SubscribableEvent) -> bool {
    webhook.event.as_ref().is_some_and(|other| other.as_str() == event.as_str())
}

fn is_active(webhook: &Webhook) -> bool {
    match &webhook.status {
        Some(status) => *status != WebhookStatus::Archived,
        None => webhook.archived_at.is_none(),
    }
}

/// Whether two URLs differ at most in the letter case of the host and in an empty path, which a server may rewrite.
fn is_same_url(one: &str, other: &str) -> bool {
    match (one.parse::<Uri>(), other.parse::<Uri>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}
