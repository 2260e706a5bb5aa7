//! An email as MIME, as it would go out: the same, byte by byte, whenever it is written.

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::text::Text;
use mail_builder::headers::url::URL;
use mail_builder::mime::MimePart;

use super::{Message, files};
use crate::api::Fields;

/// Headers that are written from the email itself; an additional header cannot take their place.
const OWN: &[&str] =
    &["bcc", "cc", "date", "from", "list-unsubscribe", "message-id", "mime-version", "sender", "subject", "to"];

/// Writes an email. In which encoding it was submitted makes no difference: it goes out in UTF-8.
pub(crate) fn mime(message: &Message<'_>) -> Vec<u8> {
    let email = message.email;
    let mut builder = MessageBuilder::new()
        .from(Address::new_address(Some(line(&email.sender_name)), address(&email.sender_email)))
        .to(Address::new_address(None::<&str>, address(&email.recipient)))
        .subject(line(&message.subject()))
        .date(email.submitted.seconds())
        .message_id(format!("{}@sandbox.invalid", email.id));
    if email.content("type").is_some_and(|it| it == "marketing") {
        builder = builder.header("List-Unsubscribe", URL::new(message.unsubscribe_url()));
    }
    for header in email.request.list("additional_headers").into_iter().flatten() {
        let (Some(name), Some(value)) = (header["name"].as_str(), header["value"].as_str()) else { continue };
        if is_additional(name) {
            builder = builder.header(name, Text::new(line(value)));
        }
    }
    let mut written = Vec::new();
    builder.body(body(message)).serialize(&mut written);
    written
}

/// The fields of a message's header, unfolded and otherwise as they are written.
pub(crate) fn headers(mime: &[u8]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in String::from_utf8_lossy(mime).split("\r\n").take_while(|line| !line.is_empty()) {
        match (line.strip_prefix([' ', '\t']), fields.last_mut(), line.split_once(": ")) {
            (Some(more), Some((_, value)), _) => value.extend([" ", more.trim_start()]),
            (None, _, Some((name, value))) => fields.push((name.into(), value.into())),
            _ => {}
        }
    }
    fields
}

fn body(message: &Message<'_>) -> MimePart<'static> {
    let (html, text) = message.tracked();
    let mut bodies = Vec::new();
    bodies.extend(text.map(|text| MimePart::new("text/plain", text)));
    bodies.extend(html.map(|html| MimePart::new("text/html", html)));
    if bodies.is_empty() {
        bodies.push(MimePart::new("text/html", message.page()));
    }
    let attached = files(message.email).into_iter().map(|file| {
        MimePart::new(media_type(file.kind), file.bytes()).attachment(file.name)
    });
    let parts: Vec<_> = [together(message, "alternative", bodies)].into_iter().chain(attached).collect();
    together(message, "mixed", parts)
}

/// Several parts as one; one is itself.
fn together(message: &Message<'_>, how: &str, mut parts: Vec<MimePart<'static>>) -> MimePart<'static> {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            // Nobody knows the id before the email is submitted, so no part can have the boundary in it.
            let boundary = format!("=_{}_{how}", message.email.id.simple());
            parts.extend(last);
            MimePart::new(ContentType::new(format!("multipart/{how}")).attribute("boundary", boundary), parts)
        }
    }
}

fn media_type(kind: &str) -> &'static str {
    match kind {
        "csv" => "text/csv",
        "calendar" => "text/calendar",
        "jpeg" => "image/jpeg",
        "png" => "image/png",
        "pdf" => "application/pdf",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

fn is_additional(name: &str) -> bool {
    let field = name.bytes().all(|it| it.is_ascii_graphic() && it != b':') && !name.is_empty();
    let name = name.to_ascii_lowercase();
    field && !OWN.contains(&name.as_str()) && !name.starts_with("content-")
}

/// A text that no header ends in.
fn line(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

/// An address that is one.
fn address(text: &str) -> String {
    text.chars().filter(|it| !it.is_control() && !it.is_whitespace() && !"<>,;".contains(*it)).collect()
}
