//! Logs: one row for each event, or one for each email.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::comparison;
use crate::api::response::HandlerResult;
use crate::api::window::Window;
use crate::domain::lifecycle::EventKind;
use crate::domain::{Account, Email, Event, Fields, Time, compact};

pub(super) const OPERATIONS: super::Table =
    &[("getEmailAPILogs", Handler::Authenticated(list)), ("getEmailAPISummary", Handler::Authenticated(summary))];

fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let window = Window::of(call)?;
    let log_type = call.query().text("log_type").unwrap_or("all");
    let engagement =
        |event: &Event| (log_type == "all" || log_type == event.kind.as_str()) && window.includes(event.time);
    let mut rows: Vec<(&Email, &Event)> = emails(call, &window, account)
        .filter(|email| window.matches(email))
        .flat_map(|email| email.events.iter().map(move |event| (email, event)))
        .filter(|(_, event)| engagement(event))
        .collect();
    let (term, descends) = call.sort()?.unwrap_or(("time", true));
    rows.sort_by_key(|(_, event)| event.time);
    match term {
        "id" => rows.sort_by_key(|(_, event)| event.id),
        "submitted_time" => rows.sort_by_key(|(email, _)| email.submitted),
        "type" => rows.sort_by_key(|(_, event)| event.kind.as_str()),
        "provider" => rows.sort_by(|(a, _), (b, _)| a.provider().cmp(b.provider())),
        _ => {}
    }
    if descends {
        rows.reverse();
    }
    let rows = rows.into_iter().map(|(email, event)| entry(&window, email, event)).collect();
    Ok(call.paged_with_more(window.parameters(None), rows)?.documented())
}

fn entry(window: &Window, email: &Email, event: &Event) -> Value {
    json!({
        "id": event.id,
        "type": event.kind.as_str(),
        "email_id": email.id,
        "time": window.time(event.time),
        "email": email.recipient,
        "subject": email.subject(),
        "provider": email.provider(),
        "tags": email.tags().collect::<Vec<_>>(),
        "sender_name": email.sender_name,
        "sender_email": email.sender_email,
        "metadata": event.metadata,
    })
}

fn summary(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let window = Window::of(call)?;
    let query = call.query();
    let asked =
        |name: &str, value: &str| query.text(name).is_none_or(|engagement| comparison::matches(engagement, value));
    let mut emails: Vec<&Email> = emails(call, &window, account)
        .filter(|email| window.matches(email) && window.includes(email.submitted))
        .filter(|email| asked("status", summary_status(email.status())) && asked("email", &email.recipient))
        .filter(|email| query.text("engagement").is_none_or(|engagement| engaged(engagement, email)))
        .collect();
    let (_, descends) = call.sort()?.unwrap_or(("submitted_time", true));
    if descends {
        emails.reverse();
    }
    let rows = emails.into_iter().map(|email| row(&window, email)).collect();
    call.paged_with_more(window.parameters(None), rows)
}

fn row(window: &Window, email: &Email) -> Value {
    let time = |time: Option<Time>| time.map(|time| window.time(time));
    let engagement = |event: &&Event| matches!(event.kind, EventKind::Open | EventKind::Click);
    let engagements = || email.events.iter().filter(engagement).map(|event| event.time);
    compact(json!({
        "email_id": email.id,
        "status": email.status().as_str(),
        "email": email.recipient,
        "subject": email.subject(),
        "tags": email.tags().collect::<Vec<_>>(),
        "provider": email.provider(),
        "submitted_time": window.time(email.submitted),
        "delivered_time": time(email.first(EventKind::Delivered)),
        "first_open_time": time(email.first(EventKind::Open)),
        "first_click_time": time(email.first(EventKind::Click)),
        "first_engagement_time": time(engagements().min()),
        "last_engagement_time": time(engagements().max()),
        "unsubscribed": email.has(EventKind::Unsubscribe),
        "global_unsubscribed": false,
        "soft_bounce": email.has(EventKind::SoftBounce),
        "hard_bounce": email.has(EventKind::HardBounce),
        "reported_as_spam": email.has(EventKind::Spam),
        "open": email.count(EventKind::Open),
        "click": email.count(EventKind::Click),
    }))
}

/// The emails that may match: the one that the request selects, those with the key that it asks for, or all.
fn emails<'a>(call: &Call<'_>, window: &'a Window, account: &'a Account) -> Box<dyn Iterator<Item = &'a Email> + 'a> {
    match (call.query().text("email_id"), window.key()) {
        (Some(id), _) => Box::new(account.email(id).into_iter()),
        (None, Some(key)) => Box::new(account.emails.with_key(key)),
        (None, None) => Box::new(account.emails.iter()),
    }
}

/// The summary's name for a status: an opened email has the status `delivered`.
fn summary_status(status: EventKind) -> &'static str {
    match status {
        EventKind::Open | EventKind::Click => "delivered",
        EventKind::SoftBounce | EventKind::HardBounce => "bounced",
        EventKind::Unsubscribe => "unsubscribed",
        other => other.as_str(),
    }
}

fn engaged(engagement: &str, email: &Email) -> bool {
    let (open, click) = (email.has(EventKind::Open), email.has(EventKind::Click));
    let holds = |word: &str| match word {
        "click" => click,
        "open" => open,
        "open_not_click" => open && !click,
        _ => !open && !click,
    };
    match comparison::split(engagement) {
        ("!=" | "!~", word) => !holds(word),
        (_, word) => holds(word),
    }
}
