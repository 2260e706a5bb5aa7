//! `/_sandbox/messages`: the emails, to be looked at. Looking is never an open.

mod links;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Handler, Table, events, missing, of_account, page};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome, compact};
use crate::api::validation::{Checked, FieldError};
use crate::app::context::Core;
use crate::domain::lifecycle::Kind;
use crate::domain::{Email, State};
use crate::message::{self, Message, Query, preview};

pub(super) const OPERATIONS: Table = &[
    ("listMessages", Handler::Now(list)),
    ("getMessage", Handler::Now(show)),
    ("previewMessage", Handler::Now(preview)),
    ("getMessageSource", Handler::Now(source)),
    ("downloadAttachment", Handler::Now(download)),
    ("addMessageEvent", Handler::Now(happen)),
    ("trackOpen", Handler::Now(links::open)),
    ("trackClick", Handler::Now(links::click)),
    ("unsubscribe", Handler::Now(links::unsubscribe)),
];

/// For what is not to be shown by a browser as anything but what it is.
const INERT: [(&str, &str); 3] = [
    ("content-security-policy", "sandbox; default-src 'none'"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// The query of a call's `q`, which fits everything when it is absent.
pub(super) fn query(text: Option<&str>, place: &str) -> Result<Query, Answer> {
    let loc = || vec![place.into(), "q".into()];
    Query::read(text.unwrap_or_default()).map_err(|msg| Answer::invalid(vec![FieldError::value(&loc(), msg)]))
}

fn list(core: &Core, given: &Checked) -> Outcome {
    let query = query(given.query.text("q"), "query")?;
    let state = core.state();
    let accounts = state.accounts.iter().filter(|account| of_account(given, account.id));
    let emails = accounts.flat_map(|account| account.emails.iter().rev().map(|email| (account.id, email)));
    let mut emails: Vec<_> = emails.filter(|(_, email)| query.matches(email)).collect();
    emails.sort_by_key(|(_, email)| std::cmp::Reverse(email.submitted));
    Ok(Answer::ok(page(given, emails.into_iter().map(|(account, email)| row(account, email)))))
}

/// An email, in a line.
pub(super) fn row(account_id: i64, email: &Email) -> Value {
    compact(json!({
        "id": email.id,
        "account_id": account_id,
        "recipient": email.recipient,
        "subject": Message::of(email, "").subject(),
        "sender": {"name": email.sender_name, "email": email.sender_email},
        "tags": email.tags().collect::<Vec<_>>(),
        "status": email.status(),
        "submitted_at": email.submitted.iso_millis(),
        "list_id": email.list_id,
        "type": email.content("type").and_then(Value::as_str).unwrap_or("transactional"),
        "opens": email.count(Kind::Open),
        "clicks": email.count(Kind::Click),
        "size": email.size,
        "attachments": message::files(email).len(),
        "answered": email.answered,
    }))
}

fn show(core: &Core, given: &Checked) -> Outcome {
    let state = core.state();
    let (account, email) = asked(&state, given)?;
    let message = Message::of(email, &core.base);
    let here = format!("/_sandbox/messages/{}", email.id);
    let headers = message::headers(&message::mime(&message));
    let headers: Vec<_> = headers.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let files = message::files(email).into_iter().enumerate().map(|(n, file)| {
        let href = format!("{here}/attachments/{n}");
        json!({"name": file.name, "type": file.kind, "size": file.size(), "href": href})
    });
    let planned = state.account(account).map(|it| it.emails.planned(email)).unwrap_or_default();
    let planned = planned.into_iter().map(|(time, kind)| json!({"kind": kind, "time": time.iso_millis()}));
    Ok(Answer::ok(json!({
        "message": row(account, email),
        "html": message.html().unwrap_or_default(),
        "text": message.text().unwrap_or_default(),
        "headers": headers,
        "files": files.collect::<Vec<_>>(),
        "links": message.links().into_iter().map(|it| json!({"url": it.url, "href": it.href})).collect::<Vec<_>>(),
        "events": email.events.iter().map(|event| events::shown(account, email, event)).collect::<Vec<_>>(),
        "planned": planned.collect::<Vec<_>>(),
        "submission": email.request,
        "preview": format!("{here}/preview"),
        "as_submitted": format!("{here}/preview?as_submitted=true"),
        "source": format!("{here}/source"),
    })))
}

fn preview(core: &Core, given: &Checked) -> Outcome {
    let state = core.state();
    let (_, email) = asked(&state, given)?;
    let as_submitted = given.query.flag("as_submitted");
    let message = if as_submitted { Message::as_submitted } else { Message::of }(email, &core.base);
    Ok(with(Answer::html(preview::harmless(&message.page())), preview::HEADERS))
}

fn source(core: &Core, given: &Checked) -> Outcome {
    let state = core.state();
    let (_, email) = asked(&state, given)?;
    let mime = message::mime(&Message::of(email, &core.base));
    Ok(with(Answer::other("text/plain; charset=utf-8", mime), &INERT))
}

fn download(core: &Core, given: &Checked) -> Outcome {
    let state = core.state();
    let (_, email) = asked(&state, given)?;
    let index = given.path.integer("index").unwrap_or_default();
    let file = usize::try_from(index).ok().and_then(|index| message::files(email).into_iter().nth(index));
    let file = file.ok_or_else(|| missing("Attachment", index))?;
    // Its name has nothing in it that would have to be encoded.
    let disposition = format!("attachment; filename*=UTF-8''{}", file.name);
    let answer = Answer::other("application/octet-stream", file.bytes());
    Ok(with(answer.with_header("content-disposition", disposition), &INERT))
}

fn happen(core: &Core, given: &Checked) -> Outcome {
    let mut state = core.state();
    let (account, email) = asked(&state, given)?;
    let id = email.id;
    let kind = match given.body.text("kind").unwrap_or_default() {
        "deliver" => Kind::Delivered,
        "open" => Kind::Open,
        "click" => Kind::Click,
        "unsubscribe" => Kind::Unsubscribe,
        "complain" => Kind::Spam,
        "soft_bounce" => Kind::SoftBounce,
        _ => Kind::HardBounce,
    };
    let metadata = match given.body.integer("link").filter(|_| kind == Kind::Click) {
        Some(link) => links::clicked(&links::link(&Message::of(email, &core.base), link).ok_or_else(|| {
            Answer::bad_request(&["body", "link"], format!("The email has no link {link}; they are counted from 0"))
        })?),
        None => crate::domain::lifecycle::metadata(kind, None),
    };
    occur(&mut state, account, id, kind, metadata).map_err(|msg| Answer::bad_request(&["body", "kind"], msg))?;
    let (account, email) = asked(&state, given)?;
    let event = email.events.last().ok_or_else(|| missing("Event of", id))?;
    Ok(Answer::created(events::shown(account, email, event)))
}

/// Lets something happen to an email now, or says why it cannot.
fn occur(
    state: &mut State,
    account: i64,
    id: Uuid,
    kind: Kind,
    metadata: Map<String, Value>,
) -> Result<(), &'static str> {
    let now = state.now;
    let outcome = state.account_mut(account).and_then(|account| account.occur(id, kind, now, metadata));
    outcome.unwrap_or(Err("There is no such email"))
}

/// The email that a path names, and whose it is.
fn asked<'a>(state: &'a State, given: &Checked) -> Result<(i64, &'a Email), Answer> {
    let id = given.path.text("id").unwrap_or_default();
    let found = state.accounts.iter().find_map(|account| Some((account.id, account.email(id)?)));
    found.ok_or_else(|| missing("Email", id))
}

fn with(answer: Answer, headers: &[(&'static str, &str)]) -> Answer {
    headers.iter().fold(answer, |answer, (name, value)| answer.with_header(name, *value))
}
