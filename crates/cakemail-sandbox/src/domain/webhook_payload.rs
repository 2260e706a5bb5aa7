//! The payload that is posted to a webhook, in both documented forms.
//!
//! The envelopes are documented, most of their `data` is not. Assumed are `email_id`, `email`, `list_id`, `tags`, and
//! the
//! `metadata` of the log entry. Neither form has an id of the event, so two clicks on a link within a second equal one
//! click that was delivered twice.

use cakemail_model::webhooks::WebhookEvent;
use cakemail_model::{EmailStatus, JsonObject, Timestamp};
use cakemail_webhook::{Dialect, Event as Payload, User};
use serde_json::{Value, json};

use super::emails::{Email, Event};
use super::fields::compact;
use super::lifecycle::EventKind;

/// The webhook event of an email's event. `Email.Sent`, `Email.Processing` and `Email.GlobalUnsubscribed` do not occur
/// in the sandbox.
pub(crate) fn webhook_event(kind: EventKind) -> Option<WebhookEvent> {
    EmailStatus::from(kind.as_str()).webhook_event()
}

/// The body that is posted for an event of an email.
pub(crate) fn body(account_id: i64, email: &Email, event: &Event, name: WebhookEvent, dialect: Dialect) -> String {
    let mut payload = Payload::new(name, dialect);
    payload.created_on = Some(Timestamp::from_second(event.time.seconds()));
    payload.data = data(email, event);
    if dialect == Dialect::Documented {
        payload.account_id = Some(account_id.to_string().into());
        // No user was logged in, and the sandbox has no address that an open came from.
        payload.user = Some(User::default());
        payload.other.insert("ip".into(), Value::Null);
    }
    serde_json::to_string(&payload).unwrap_or_default()
}

fn data(email: &Email, event: &Event) -> JsonObject {
    let data = compact(json!({
        "email_id": email.id,
        "email": email.recipient,
        "list_id": email.list_id,
        "tags": email.tags().collect::<Vec<_>>(),
        "metadata": event.metadata(),
    }));
    match data {
        Value::Object(data) => data,
        _ => JsonObject::new(),
    }
}

/// The payload with another address, as an attacker could forge it.
pub(crate) fn tampered(body: &str) -> String {
    let mut payload: Value = serde_json::from_str(body).unwrap_or_default();
    payload["data"]["email"] = "tampered@example.com".into();
    payload.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_has_its_webhook_event() {
        for (kind, name) in [
            (EventKind::Submitted, "Email.Submitted"),
            (EventKind::Queued, "Email.Queued"),
            (EventKind::Delivered, "Email.Delivered"),
            (EventKind::Open, "Email.Opened"),
            (EventKind::Click, "Email.Clicked"),
            (EventKind::Unsubscribe, "Email.Unsubscribed"),
            (EventKind::Spam, "Email.ReportedAsSpam"),
            (EventKind::SoftBounce, "Email.Bounced"),
            (EventKind::HardBounce, "Email.Bounced"),
            (EventKind::Rejected, "Email.Rejected"),
            (EventKind::Error, "Email.Error"),
        ] {
            assert_eq!(webhook_event(kind).unwrap().as_str(), name);
        }
    }
}
