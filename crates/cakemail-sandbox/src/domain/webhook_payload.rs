//! What a webhook is told of an email: both documented forms of the payload.
//!
//! The envelopes are documented, what is in `data` is hardly: assumed are `email_id`, `email`, `list_id`, `tags`, and
//! `metadata` with what the log's entry of the event has there. Neither form has an id of the event, so two clicks on one
//! link within a second look like one that was delivered twice.

use cakemail_model::Timestamp;
use serde_json::{Value, json};

use super::Dialect;
use crate::api::response::compact;
use crate::domain::lifecycle::Kind;
use crate::domain::{Email, Event};

/// The event that a webhook is created for. `Email.Sent`, `Email.Processing` and `Email.GlobalUnsubscribed` never happen
/// here.
pub(crate) fn event(kind: Kind) -> &'static str {
    match kind {
        Kind::Submitted => "Email.Submitted",
        Kind::Queued => "Email.Queued",
        Kind::Delivered => "Email.Delivered",
        Kind::Open => "Email.Opened",
        Kind::Click => "Email.Clicked",
        Kind::Unsubscribe => "Email.Unsubscribed",
        Kind::Spam => "Email.ReportedAsSpam",
        Kind::SoftBounce | Kind::HardBounce => "Email.Bounced",
        Kind::Rejected => "Email.Rejected",
        Kind::Error => "Email.Error",
    }
}

/// What is posted when `event` has happened to `email`.
pub(crate) fn body(account_id: i64, email: &Email, event: &Event, dialect: Dialect) -> String {
    let (name, second) = (self::event(event.kind), event.time.seconds());
    let data = compact(json!({
        "email_id": email.id,
        "email": email.recipient,
        "list_id": email.list_id,
        "tags": email.tags().collect::<Vec<_>>(),
        "metadata": event.metadata,
    }));
    let payload = match dialect {
        // Nobody was logged in, and there is no address that an open could have come from.
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

/// The same payload about another address: what somebody on the way could make of it.
pub(crate) fn tampered(body: &str) -> String {
    let mut payload: Value = serde_json::from_str(body).unwrap_or_default();
    payload["data"]["email"] = "tampered@example.com".into();
    payload.to_string()
}
