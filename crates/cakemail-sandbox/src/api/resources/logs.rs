//! What happened: one row for each event, or one for each email.

use serde_json::{Value, json};

use super::{Call, Fields, Handler};
use crate::api::document::Operation;
use crate::api::response::{Outcome, compact};
use crate::api::window::Window;
use crate::domain::Time;
use crate::domain::lifecycle::Kind;
use crate::domain::{Account, Email, Event};

pub(super) const OPERATIONS: super::Table =
    &[("getEmailAPILogs", Handler::Signed(list)), ("getEmailAPISummary", Handler::Signed(summary))];

fn list(call: &Call<'_>, account: &mut Account) -> Outcome {
    let window = Window::of(call)?;
    let log_type = call.query().text("log_type").unwrap_or("all");
    let wanted = |event: &Event| (log_type == "all" || log_type == event.kind.word()) && window.includes(event.time);
    let mut rows: Vec<(&Email, &Event)> = emails(call, account)
        .filter(|email| window.wants(email))
        .flat_map(|email| email.events.iter().map(move |event| (email, event)))
        .filter(|(_, event)| wanted(event))
        .collect();
    let (term, descends) = call.sort()?.unwrap_or(("time", true));
    rows.sort_by_key(|(_, event)| event.time);
    match term {
        "id" => rows.sort_by_key(|(_, event)| event.id),
        "submitted_time" => rows.sort_by_key(|(email, _)| email.submitted),
        "type" => rows.sort_by_key(|(_, event)| event.kind.word()),
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
        "type": event.kind.word(),
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

fn summary(call: &Call<'_>, account: &mut Account) -> Outcome {
    let window = Window::of(call)?;
    let query = call.query();
    let asked = |name: &str, value: &str| query.text(name).is_none_or(|wanted| holds(wanted, value));
    let mut emails: Vec<&Email> = emails(call, account)
        .filter(|email| window.wants(email) && window.includes(email.submitted))
        .filter(|email| asked("status", summary_status(email.status())) && asked("email", &email.recipient))
        .filter(|email| query.text("engagement").is_none_or(|wanted| engaged(wanted, email)))
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
    let engagement = |event: &&Event| matches!(event.kind, Kind::Open | Kind::Click);
    let engagements = || email.events.iter().filter(engagement).map(|event| event.time);
    compact(json!({
        "email_id": email.id,
        "status": email.status().word(),
        "email": email.recipient,
        "subject": email.subject(),
        "tags": email.tags().collect::<Vec<_>>(),
        "provider": email.provider(),
        "submitted_time": window.time(email.submitted),
        "delivered_time": time(email.first(Kind::Delivered)),
        "first_open_time": time(email.first(Kind::Open)),
        "first_click_time": time(email.first(Kind::Click)),
        "first_engagement_time": time(engagements().min()),
        "last_engagement_time": time(engagements().max()),
        "unsubscribed": email.has(Kind::Unsubscribe),
        "global_unsubscribed": false,
        "soft_bounce": email.has(Kind::SoftBounce),
        "hard_bounce": email.has(Kind::HardBounce),
        "reported_as_spam": email.has(Kind::Spam),
        "open": email.count(Kind::Open),
        "click": email.count(Kind::Click),
    }))
}

/// The account's emails, or the one that is asked for.
fn emails<'a>(call: &Call<'_>, account: &'a Account) -> impl Iterator<Item = &'a Email> {
    let asked = call.query().text("email_id");
    let one = asked.and_then(|id| account.email(id));
    let all = account.emails.iter().take(if asked.is_none() { usize::MAX } else { 0 });
    one.into_iter().chain(all)
}

/// The summary's word for a status: an email that was opened was delivered.
fn summary_status(status: Kind) -> &'static str {
    match status {
        Kind::Open | Kind::Click => "delivered",
        Kind::SoftBounce | Kind::HardBounce => "bounced",
        Kind::Unsubscribe => "unsubscribed",
        other => other.word(),
    }
}

fn engaged(wanted: &str, email: &Email) -> bool {
    let (open, click) = (email.has(Kind::Open), email.has(Kind::Click));
    let holds = |word: &str| match word {
        "click" => click,
        "open" => open,
        "open_not_click" => open && !click,
        _ => !open && !click,
    };
    match split(wanted) {
        ("!=" | "!~", word) => !holds(word),
        (_, word) => holds(word),
    }
}

/// Whether `value` is as `wanted` says: a bare value, or one after `==`, `!=`, `~~` (contains) or `!~`.
fn holds(wanted: &str, value: &str) -> bool {
    let (operator, operand) = split(wanted);
    match operator {
        "!=" => !value.eq_ignore_ascii_case(operand),
        "~~" => value.contains(operand),
        "!~" => !value.contains(operand),
        _ => value.eq_ignore_ascii_case(operand),
    }
}

fn split(wanted: &str) -> (&str, &str) {
    let operator = ["==", "!=", "~~", "!~"].into_iter().find(|operator| wanted.starts_with(operator)).unwrap_or("");
    (operator, &wanted[operator.len()..])
}

/// What of a parameter its schema is about: the summary's words come after an operator, or bare.
pub(crate) fn operand<'a>(operation: &Operation, parameter: &str, text: &'a str) -> &'a str {
    let operators = operation.id == "getEmailAPISummary" && matches!(parameter, "status" | "engagement");
    if operators { split(text).1 } else { text }
}
