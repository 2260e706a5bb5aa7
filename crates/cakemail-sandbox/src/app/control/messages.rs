//! `/_sandbox/messages`: shows the emails. Showing one is not an open.

mod links;

use serde_json::{Value, json};

use super::{Handler, Table, events, missing, pages};
use crate::api::field_error::FieldError;
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::search::Search;
use crate::domain::lifecycle::{self, EventKind};
use crate::domain::{Email, Fields, State, compact};
use crate::engine::{Command, ValidatedRequest};
use crate::message::preview::{self, Images, Scheme, View};
use crate::message::{self, Message, Query};

pub(super) const OPERATIONS: Table = &[
    ("listMessages", Handler::Immediate(list)),
    ("getMessage", Handler::Immediate(show)),
    ("previewMessage", Handler::Immediate(preview)),
    ("getMessageSource", Handler::Immediate(source)),
    ("downloadAttachment", Handler::Immediate(download)),
    ("addMessageEvent", Handler::Immediate(add_event)),
    ("trackOpen", Handler::Link(links::open)),
    ("trackClick", Handler::Link(links::click)),
    ("unsubscribe", Handler::Link(links::unsubscribe)),
];

/// What a recipient or a receiving server may do with an email.
const ACTIONS: [(&str, EventKind); 7] = [
    ("deliver", EventKind::Delivered),
    ("open", EventKind::Open),
    ("click", EventKind::Click),
    ("unsubscribe", EventKind::Unsubscribe),
    ("complain", EventKind::Spam),
    ("soft_bounce", EventKind::SoftBounce),
    ("hard_bounce", EventKind::HardBounce),
];

/// For what is not to be to_json by a browser as anything but what it is.
const INERT: [(&str, &str); 3] = [
    ("content-security-policy", "sandbox; default-src 'none'"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-resource-policy", "same-origin"),
];

/// Parses a search query. An absent one matches everything.
pub(super) fn query(text: Option<&str>, place: &str) -> Result<Query, ApiResponse> {
    let loc = || vec![place.into(), "q".into()];
    Query::parse(text.unwrap_or_default()).map_err(|msg| ApiResponse::invalid(FieldError::value(&loc(), msg)))
}

fn list(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let query = query(request.query.text("q"), "query")?;
    let state = app.state();
    let (skip, count) = pages::asked(request);
    let page = Search::new(&state, request.query.integer("account_id"), &query).page(skip, count);
    let rows = page.rows.into_iter().map(|(account, email)| row(account.id, email));
    Ok(ApiResponse::listing(&json!({"total": page.total, "total_is_exact": page.total_is_exact}), rows))
}

/// An email in a list.
pub(super) fn row(account_id: i64, email: &Email) -> Value {
    compact(json!({
        "id": email.id,
        "account_id": account_id,
        "recipient": email.recipient,
        "subject": Message::of(email, "").subject(),
        "sender": {"name": email.sender.name, "email": email.sender.email},
        "tags": email.tags().collect::<Vec<_>>(),
        "status": email.status(),
        "submitted_at": email.submitted.iso_millis(),
        "list_id": email.list_id,
        "type": if email.is_marketing { "marketing" } else { "transactional" },
        "opens": email.count(EventKind::Open),
        "clicks": email.count(EventKind::Click),
        "size": email.size,
        "attachments": email.attachments,
        "answered": email.answered,
        "read": email.read,
    }))
}

fn show(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let state = app.state();
    let (account, email) = asked(&state, request)?;
    let message = Message::of(email, &app.base);
    let here = format!("{}/_sandbox/messages/{}", app.base.path(), email.id);
    let headers = message::headers(&message::mime(&message));
    let headers: Vec<_> = headers.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let submission = email.submission();
    let files = message::files(&submission).into_iter().enumerate().map(|(n, file)| {
        let href = format!("{here}/attachments/{n}");
        json!({"name": file.name, "type": file.kind, "size": file.size(), "href": href})
    });
    let planned = email.planned().map(|(time, kind)| json!({"kind": kind, "time": time.iso_millis()}));
    Ok(ApiResponse::ok(json!({
        "message": row(account, email),
        "html": message.html().unwrap_or_default(),
        "text": message.text().unwrap_or_default(),
        "headers": headers,
        "files": files.collect::<Vec<_>>(),
        "links": message.links().into_iter().map(|it| json!({"url": it.url, "href": it.href})).collect::<Vec<_>>(),
        "events": email.events.iter().map(|event| events::to_json(account, email, event)).collect::<Vec<_>>(),
        "planned": planned.collect::<Vec<_>>(),
        "actions": ACTIONS.map(|(name, kind)| json!({"kind": name, "objection": email.objection(kind)})),
        "submission": email.submission().into_json(),
        "preview": format!("{here}/preview"),
        "as_submitted": format!("{here}/preview?as_submitted=true"),
        "source": format!("{here}/source"),
    })))
}

fn preview(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let state = app.state();
    let (_, email) = asked(&state, request)?;
    let as_submitted = request.query.flag("as_submitted");
    let message = if as_submitted { Message::as_submitted } else { Message::of }(email, &app.base);
    let images = if request.query.flag("images") { Images::Loaded } else { Images::Replaced };
    let scheme = if request.query.text("scheme") == Some("dark") { Scheme::Dark } else { Scheme::Light };
    let page = preview::sanitized(&message.page(), View { images, scheme });
    Ok(with(ApiResponse::html(page), preview::HEADERS).with_header("content-security-policy", preview::policy(images)))
}

fn source(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let state = app.state();
    let (_, email) = asked(&state, request)?;
    let mime = message::mime(&Message::of(email, &app.base));
    Ok(with(ApiResponse::other("text/plain; charset=utf-8", mime), &INERT))
}

fn download(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let state = app.state();
    let (_, email) = asked(&state, request)?;
    let index = request.path.integer("index").unwrap_or_default();
    let submission = email.submission();
    let file = usize::try_from(index).ok().and_then(|index| message::files(&submission).into_iter().nth(index));
    let file = file.ok_or_else(|| missing("Attachment", index))?;
    // A name has only characters that need no encoding.
    let disposition = format!("attachment; filename*=UTF-8''{}", file.name);
    let response = ApiResponse::other("application/octet-stream", file.bytes());
    Ok(with(response.with_header("content-disposition", disposition), &INERT))
}

fn add_event(app: &App, request: &ValidatedRequest) -> HandlerResult {
    let mut transaction = app.engine.begin();
    let (_, email) = asked(&transaction, request)?;
    let id = email.id;
    let name = request.body.text("kind").unwrap_or_default();
    let kind = ACTIONS.iter().find(|(known, _)| *known == name).map_or(EventKind::HardBounce, |(_, kind)| *kind);
    let metadata = match request.body.integer("link").filter(|_| kind == EventKind::Click) {
        Some(link) => links::click_metadata(&links::link(&Message::of(email, &app.base), link).ok_or_else(|| {
            ApiResponse::bad_request(
                &["body", "link"],
                format!("The email has no link {link}; they are counted from 0"),
            )
        })?),
        None => lifecycle::metadata(kind, None),
    };
    let recorded = transaction.apply(Command::RecordEvent { email: id, kind, metadata });
    recorded.map_err(|error| ApiResponse::command_error(&error, &["body", "kind"]))?;
    let (account, email) = asked(&transaction, request)?;
    let event = email.events.last().ok_or_else(|| missing("Event of", id))?;
    Ok(ApiResponse::created(events::to_json(account, email, event)))
}

/// The email in the path, and the id of its account.
pub(super) fn asked<'a>(state: &'a State, request: &ValidatedRequest) -> Result<(i64, &'a Email), ApiResponse> {
    let id = request.path.text("id").unwrap_or_default();
    let found = state.accounts.iter().find_map(|account| Some((account.id, account.email(id)?)));
    found.ok_or_else(|| missing("Email", id))
}

fn with(response: ApiResponse, headers: &[(&'static str, &str)]) -> ApiResponse {
    headers.iter().fold(response, |response, (name, value)| response.with_header(name, *value))
}
