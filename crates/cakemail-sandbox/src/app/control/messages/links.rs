//! What an email asks for when it is read: its pixel, its links, and the way out of its list.
//!
//! Assumed: a click is no open as well, and what cannot have happened, such as an open before the delivery, is answered
//! and not logged.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{INERT, asked, occur, with};
use crate::api::Fields;
use crate::api::response::{Answer, Outcome};
use crate::api::validation::Checked;
use crate::app::context::Core;
use crate::app::control::missing;
use crate::domain::lifecycle::Kind;
use crate::message::{Link, Message, html, is_web, tracks};

/// A transparent picture of one dot.
const PIXEL: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

const UNCACHED: &str = "no-store, no-cache, must-revalidate, private, max-age=0";

/// What cannot stand in a header.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\').add(b'^').add(b'`');

pub(super) fn open(core: &Core, given: &Checked) -> Outcome {
    let mut state = core.state();
    let (account, email) = asked(&state, given)?;
    if tracks(email, "opens") {
        let id = email.id;
        // An email that was not delivered cannot have been opened; whoever asks gets the picture all the same.
        let _ = occur(&mut state, account, id, Kind::Open, Map::new());
    }
    let answer = Answer::other("image/gif", PIXEL).with_header("x-content-type-options", "nosniff");
    Ok(answer.with_header("cache-control", UNCACHED).with_header("pragma", "no-cache"))
}

pub(super) fn click(core: &Core, given: &Checked) -> Outcome {
    let mut state = core.state();
    let (account, email) = asked(&state, given)?;
    let number = given.path.integer("link").unwrap_or_default();
    let link = link(&Message::of(email, &core.base), number).filter(|link| is_web(&link.url));
    let link = link.ok_or_else(|| missing("Link", number))?;
    if link.tracked {
        let id = email.id;
        let _ = occur(&mut state, account, id, Kind::Click, clicked(&link));
    }
    let mut answer = Answer::html(String::new());
    answer.status = 302;
    let location = utf8_percent_encode(&link.url, UNSAFE).to_string();
    let answer = answer.with_header("location", location).with_header("referrer-policy", "no-referrer");
    Ok(answer.with_header("cache-control", UNCACHED))
}

pub(super) fn unsubscribe(core: &Core, given: &Checked) -> Outcome {
    let mut state = core.state();
    let (account, email) = asked(&state, given)?;
    let (id, recipient, again) = (email.id, email.recipient.clone(), email.has(Kind::Unsubscribe));
    let outcome = if again { Ok(()) } else { occur(&mut state, account, id, Kind::Unsubscribe, Map::new()) };
    let recipient = html::escaped(&recipient);
    let said = match outcome {
        Ok(()) if again => format!("{recipient} had unsubscribed already."),
        Ok(()) => format!("{recipient} has unsubscribed."),
        Err(why) => format!("{recipient} cannot unsubscribe by this email. {why}."),
    };
    let page = format!("<!DOCTYPE html><html lang=\"en\"><title>Unsubscribe</title><body><p>{said}</p></body></html>");
    Ok(with(Answer::html(page), &INERT).with_header("cache-control", UNCACHED))
}

/// A link of an email by its number.
pub(super) fn link(message: &Message<'_>, number: i64) -> Option<Link> {
    message.links().into_iter().nth(usize::try_from(number).ok()?)
}

/// What a click says of itself in the logs.
pub(super) fn clicked(link: &Link) -> Map<String, Value> {
    Map::from_iter([("link".into(), link.url.clone().into())])
}
