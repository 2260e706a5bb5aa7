//! The payload that is posted to a webhook, in both documented forms.
//!
//! The envelopes are documented, their `data` hardly. Assumed are `email_id`, `email`, `list_id`, `tags`, and `metadata`,
//! which is that of the log entry. Neither form has an id of the event: two clicks on one link within a second look like
//! one click that was delivered twice.

use cakemail_model::Timestamp;
use serde_json::{Value, json};

use super::emails::{Email, Event};
use super::fields::compact;
use super::lifecycle::EventKind;
use super::webhook_faults::Dialect;

/// The name of an event in webhooks. `Email.Sent`, `Email.Processing` and `Email.GlobalUnsubscribed` never happen here.
pub(crate) fn event_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Submitted => "Email.Submitted",
        EventKind::Queued => "Email.Queued",
        EventKind::Delivered => "Email.Delivered",
        EventKind::Open => "Email.Opened",
        EventKind::Click => "Email.Clicked",
        EventKind::Unsubscribe => "Email.Unsubscribed",
        EventKind::Spam => "Email.ReportedAsSpam",
        EventKind::SoftBounce | EventKind::HardBounce => "Email.Bounced",
        EventKind::Rejected => "Email.Rejected",
        EventKind::Error => "Email.Error",
    }
}

/// The body that is posted for an event of an email.
pub(crate) fn body(account_id: i64, email: &Email, event: &Event, dialect: Dialect) -> String {
    let (name, second) = (event_name(event.kind), event.time.seconds());
    let data = compact(json!({
        "email_id": email.id,
        "email": email.recipient,
        "list_id": email.list_id,
        "tags": email.tags().collect::<Vec<_>>(),
        "metadata": event.metadata,
    }));
    let payload = match dialect {
        // No user was signed in, and an open has no address that it came from.
        Dialect::Documented => json!({
            "event": name,
            "account_id": account_id,
            "ip": null,
            "user": {"id": null, "email": null, "account_id": null},
            "created_on": second,
            "data": data,
        }),
        Dialect::Newer => {
            json!({"event": name, "timestamp": Timestamp::from_second(second).to_string(), "data": data})
        }
    };
    payload.to_string()
}

/// The same payload about another address, as an attacker could forge it.
pub(crate) fn tampered(body: &str) -> String {
    let mut payload: Value = serde_json::from_str(body).unwrap_or_default();
    payload["data"]["email"] = "tampered@example.com".into();
    payload.to_string()
}
