//! Logs: one row for each event, or one for each email.

use serde_json::{Value, json};

use super::Handler;
use crate::api::call::Call;
use crate::api::comparison;
use crate::api::response::HandlerResult;
use crate::api::window::Window;
use crate::domain::index::{Numbers, Terms, page};
use crate::domain::lifecycle::EventKind;
use crate::domain::{Account, Email, Emails, Event, Fields, Time, compact};

pub(super) const OPERATIONS: super::Table =
    &[("getEmailAPILogs", Handler::Authenticated(list)), ("getEmailAPISummary", Handler::Authenticated(summary))];

fn list(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let (window, emails) = (Window::of(call)?, &account.emails);
    let mut events = window.events(emails);
    if let Some(id) = call.query().text("email_id") {
        events &= emails.events_of(&email_with(id, emails));
    }
    if let Some(word) = call.query().text("log_type").filter(|word| *word != "all") {
        events &= of_type(word, emails);
    }
    let (term, descends) = call.sort()?.unwrap_or(("time", true));
    let order = |skip, count| match term {
        "submitted_time" => emails.log().page_by_email(&events, skip, count, descends),
        "type" => types(emails).page(&events, skip, count, descends),
        "provider" => emails.log().providers.page(&events, skip, count, descends),
        // By time, in which ids count up, too.
        _ => page(&events, skip, count, descends),
    };
    let row = |number| emails.event(number).map(|(email, event)| entry(&window, email, event));
    Ok(call.page_with_more(window.parameters(None), &events, order, row).documented())
}

/// The events of a type.
fn of_type(word: &str, emails: &Emails) -> Numbers {
    let kinds = EventKind::ALL.into_iter().filter(|kind| kind.as_str() == word);
    kinds.fold(Numbers::new(), |events, kind| events | emails.log().of_kind(kind))
}

/// The events of each type.
fn types(emails: &Emails) -> Terms<&'static str> {
    let mut types = Terms::default();
    for kind in EventKind::ALL {
        types.add_all(kind.as_str(), emails.log().of_kind(kind));
    }
    types
}

fn entry(window: &Window, email: &Email, event: &Event) -> Value {
    json!({
        "id": event.id(email.id),
        "type": event.kind.as_str(),
        "email_id": email.id,
        "time": window.time(event.time),
        "email": email.recipient,
        "subject": email.subject,
        "provider": email.provider(),
        "tags": email.tags().collect::<Vec<_>>(),
        "sender_name": email.sender.name,
        "sender_email": email.sender.email,
        "metadata": event.metadata(),
    })
}

fn summary(call: &Call<'_>, account: &mut Account) -> HandlerResult {
    let (window, emails, query) = (Window::of(call)?, &account.emails, call.query());
    let mut found = window.emails(emails);
    if let Some(id) = query.text("email_id") {
        found &= email_with(id, emails);
    }
    if let Some(filter) = query.text("email") {
        let recipient = |number| emails.get(number).map(|email| email.recipient.clone()).unwrap_or_default();
        found &= emails.index().with_recipient(|it| comparison::matches(filter, it), recipient);
    }
    if let Some(filter) = query.text("status") {
        found &= with_status(filter, emails);
    }
    if let Some(filter) = query.text("engagement") {
        found = engaged(filter, found, emails);
    }
    let (_, descends) = call.sort()?.unwrap_or(("submitted_time", true));
    let order = |skip, count| page(&found, skip, count, descends);
    let row = |number| emails.get(number).map(|email| row(&window, email));
    Ok(call.page_with_more(window.parameters(None), &found, order, row))
}

fn row(window: &Window, email: &Email) -> Value {
    let time = |time: Option<Time>| time.map(|time| window.time(time));
    let engagement = |event: &&Event| matches!(event.kind, EventKind::Open | EventKind::Click);
    let engagements = || email.events.iter().filter(engagement).map(|event| event.time);
    compact(json!({
        "email_id": email.id,
        "status": email.status().as_str(),
        "email": email.recipient,
        "subject": email.subject,
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

/// The email with this id, if there is one.
fn email_with(id: &str, emails: &Emails) -> Numbers {
    uuid::Uuid::try_parse(id).ok().and_then(|id| emails.number(id)).into_iter().collect()
}

/// The emails whose status matches a filter.
fn with_status(filter: &str, emails: &Emails) -> Numbers {
    let kinds = EventKind::ALL.into_iter().filter(|kind| comparison::matches(filter, summary_status(*kind)));
    kinds.fold(Numbers::new(), |found, kind| found | emails.index().with_status(kind))
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

/// The emails among `all` whose engagement matches a filter.
fn engaged(filter: &str, all: Numbers, emails: &Emails) -> Numbers {
    let (opened, clicked) = (emails.index().had(EventKind::Open), emails.index().had(EventKind::Click));
    let (operator, word) = comparison::split(filter);
    let engaged = match word {
        "click" => &all & clicked,
        "open" => &all & opened,
        "open_not_click" => &all & (opened - clicked),
        _ => &all - opened - clicked,
    };
    if matches!(operator, "!=" | "!~") { all - engaged } else { engaged }
}
