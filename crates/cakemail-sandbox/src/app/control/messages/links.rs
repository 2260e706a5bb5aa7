//! The targets of the pixel and the links in an email.
//!
//! Assumed: a click is not an open as well. An event that cannot happen, such as an open before the delivery, has the usual
//! response and is not logged.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{INERT, asked, with};
use crate::api::response::{ApiResponse, HandlerResult};
use crate::app::context::App;
use crate::app::control::missing;
use crate::domain::Fields;
use crate::domain::lifecycle::EventKind;
use crate::engine::{Command, CommandError, Transaction, ValidatedRequest};
use crate::message::{Link, Message, html, is_web};

/// A transparent picture of one pixel.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

const UNCACHED: &str = "no-store, no-cache, must-revalidate, private, max-age=0";

/// Characters that a header cannot have.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`');

pub(super) fn open(app: &App, request: &ValidatedRequest, follow: bool) -> HandlerResult {
    let mut transaction = app.engine.begin();
    let (_, email) = asked(&transaction, request)?;
    if follow && email.submission().tracks("opens") {
        let event = Command::RecordEvent { email: email.id, kind: EventKind::Open, metadata: Map::new() };
        record_if_possible(&mut transaction, event)?;
    }
    let response = ApiResponse::other("image/gif", PIXEL).with_header("x-content-type-options", "nosniff");
    Ok(response.with_header("cache-control", UNCACHED).with_header("pragma", "no-cache"))
}

pub(super) fn click(app: &App, request: &ValidatedRequest, follow: bool) -> HandlerResult {
    let mut transaction = app.engine.begin();
    let (_, email) = asked(&transaction, request)?;
    let number = request.path.integer("link").unwrap_or_default();
    let link = link(&Message::of(email, &app.base), number).filter(|link| is_web(&link.url));
    let link = link.ok_or_else(|| missing("Link", number))?;
    if follow && link.tracked {
        let metadata = click_metadata(&link);
        let event = Command::RecordEvent { email: email.id, kind: EventKind::Click, metadata };
        record_if_possible(&mut transaction, event)?;
    }
    let mut response = ApiResponse::html(String::new());
    response.status = 302;
    let location = utf8_percent_encode(&link.url, UNSAFE).to_string();
    let response = response.with_header("location", location).with_header("referrer-policy", "no-referrer");
    Ok(response.with_header("cache-control", UNCACHED))
}

pub(super) fn unsubscribe(app: &App, request: &ValidatedRequest, follow: bool) -> HandlerResult {
    let mut transaction = app.engine.begin();
    let (_, email) = asked(&transaction, request)?;
    let (id, recipient) = (email.id, html::escaped(&email.recipient));
    let text = if email.has(EventKind::Unsubscribe) {
        format!("{recipient} had unsubscribed already.")
    } else if !follow {
        format!("{recipient} can unsubscribe.")
    } else {
        let event = Command::RecordEvent { email: id, kind: EventKind::Unsubscribe, metadata: Map::new() };
        match transaction.apply(event) {
            Ok(()) => format!("{recipient} has unsubscribed."),
            Err(CommandError::Rejected(reason)) => format!("{recipient} cannot unsubscribe by this email. {reason}."),
            Err(error) => return Err(error.into()),
        }
    };
    let page = format!("<!DOCTYPE html><html lang=\"en\"><title>Unsubscribe</title><body><p>{text}</p></body></html>");
    Ok(with(ApiResponse::html(page), &INERT).with_header("cache-control", UNCACHED))
}

/// Records an event. One that cannot happen, such as an open before the delivery, is ignored.
fn record_if_possible(transaction: &mut Transaction<'_>, event: Command) -> Result<(), ApiResponse> {
    match transaction.apply(event) {
        Ok(()) | Err(CommandError::Rejected(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A link in an email, by its number.
pub(super) fn link(message: &Message<'_>, number: i64) -> Option<Link> {
    message.links().into_iter().nth(usize::try_from(number).ok()?)
}

/// The metadata of a click in the logs.
pub(super) fn click_metadata(link: &Link) -> Map<String, Value> {
    Map::from_iter([("link".into(), link.url.clone().into())])
}
