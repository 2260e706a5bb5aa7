//! Writes an email as MIME. The same email always results in the same bytes.

use cakemail_model::{base64, check_header_name};
use mail_builder::MessageBuilder;
use mail_builder::headers::HeaderType;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::headers::text::Text;
use mail_builder::headers::url::URL;
use mail_builder::mime::MimePart;
use mail_parser::MessageParser;

use super::{Message, files};
use crate::domain::Fields;

/// Writes an email in UTF-8, with any `encoding` in its submission.
pub(crate) fn mime(message: &Message<'_>) -> Vec<u8> {
    let email = message.email;
    let mut builder = MessageBuilder::new()
        .from(Address::new_address(Some(line(&email.sender.name)), address(&email.sender.email)))
        .to(Address::new_address(None::<&str>, address(&email.recipient)))
        .header("Subject", header_text(&message.subject()))
        .date(email.submitted.seconds())
        .message_id(format!("{}@sandbox.invalid", email.id));
    if email.is_marketing {
        builder = builder.header("List-Unsubscribe", URL::new(message.unsubscribe_url()));
    }
    for header in message.submission().list("additional_headers").into_iter().flatten() {
        let (Some(name), Some(value)) = (header["name"].as_str(), header["value"].as_str()) else { continue };
        // A state of an earlier version may have others.
        if check_header_name(name, email.is_marketing).is_none() {
            builder = builder.header(name, additional_header(name, value));
        }
    }
    let mut written = Vec::new();
    builder.body(body(message)).serialize(&mut written);
    without_preambles(written, message)
}

/// The value of an additional header. A list of addresses or of message ids is folded between its items.
fn additional_header(name: &str, value: &str) -> HeaderType<'static> {
    let list = match name.to_ascii_lowercase().as_str() {
        "reply-to" | "mail-followup-to" | "mail-reply-to" | "disposition-notification-to" => addresses(value),
        "references" | "in-reply-to" => message_ids(value),
        _ => None,
    };
    list.unwrap_or_else(|| header_text(value))
}

/// A list of addresses. `None` when it cannot be read as one.
fn addresses(value: &str) -> Option<HeaderType<'static>> {
    let header = format!("To: {}\r\n\r\n", line(value));
    let read = MessageParser::new().parse_headers(header.as_bytes())?;
    let list: Vec<_> = read.to()?.iter().map(|one| one.address().map(|it| (one.name(), it))).collect::<Option<_>>()?;
    let write = |(name, it): (Option<&str>, &str)| Address::new_address(name.map(str::to_owned), it.to_owned());
    (!list.is_empty()).then(|| Address::new_list(list.into_iter().map(write).collect()).into())
}

/// A list of message ids. `None` when it cannot be read as one.
fn message_ids(value: &str) -> Option<HeaderType<'static>> {
    let id = |word: &str| Some(word.strip_prefix('<')?.strip_suffix('>')?.to_owned());
    let ids: Vec<_> = value.split_whitespace().map(id).collect::<Option<_>>()?;
    (!ids.is_empty()).then(|| MessageId::new_list(ids.into_iter()).into())
}

/// Removes the empty line that the library writes before the first boundary of each multipart.
fn without_preambles(mut written: Vec<u8>, message: &Message<'_>) -> Vec<u8> {
    for subtype in ["mixed", "alternative"] {
        let empty_line = format!("\r\n\r\n\r\n--{}\r\n", boundary(message, subtype));
        let found = written.windows(empty_line.len()).position(|window| window == empty_line.as_bytes());
        if let Some(at) = found {
            written.drain(at..at + 2);
        }
    }
    written
}

/// The id is unknown before the email is submitted, so no part can contain the boundary.
fn boundary(message: &Message<'_>, subtype: &str) -> String {
    format!("=_{}_{subtype}", message.email.id.simple())
}

/// The fields of a message's header, unfolded and not decoded.
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
    let attached = files(message.submission())
        .into_iter()
        .map(|file| MimePart::new(media_type(file.kind), file.bytes()).attachment(file.name));
    let parts: Vec<_> = [multipart(message, "alternative", bodies)].into_iter().chain(attached).collect();
    multipart(message, "mixed", parts)
}

/// Combines several parts into a multipart of this subtype. A single part stays as it is.
fn multipart(message: &Message<'_>, subtype: &str, mut parts: Vec<MimePart<'static>>) -> MimePart<'static> {
    match (parts.pop(), parts.is_empty()) {
        (Some(single), true) => single,
        (last, _) => {
            let boundary = boundary(message, subtype);
            parts.extend(last);
            MimePart::new(ContentType::new(format!("multipart/{subtype}")).attribute("boundary", boundary), parts)
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

/// The text of a header. Text that looks encoded is encoded, so that a reader does not decode it.
fn header_text(text: &str) -> HeaderType<'static> {
    const WORD: usize = 42; // the most bytes whose base64 fits into the 75 characters of an encoded word
    let text = line(text);
    if !text.contains("=?") {
        return Text::new(text).into();
    }
    let (mut words, mut rest) = (Vec::new(), text.as_str());
    while !rest.is_empty() {
        let end = (0..=WORD.min(rest.len())).rev().find(|at| rest.is_char_boundary(*at));
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        words.push(format!("=?utf-8?B?{}?=", base64::encode(word)));
        rest = after;
    }
    Raw::new(words.join(" ")).into()
}

/// A text without control characters, which could end a header.
fn line(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}

/// A single address, without characters that could start another.
fn address(text: &str) -> String {
    text.chars().filter(|it| !it.is_control() && !it.is_whitespace() && !"<>,;".contains(*it)).collect()
}

#[cfg(test)]
mod tests {
    use mail_parser::MimeHeaders;
    use serde_json::{Value, json};

    use super::*;
    use crate::message::tests::{BASE, email};

    fn written(request: Value) -> Vec<u8> {
        mime(&Message::of(&email(request), BASE))
    }

    fn full_submission() -> Value {
        json!({
            "content": {
                "type": "marketing",
                "subject": "Grüße, [firstname]",
                "html": "<p>Hé [firstname] <a href=\"http://a.example\">a</a></p>",
                "text": "Hé [firstname]\n.\nFrom here\n--",
            },
            "tracking": {"opens": false, "clicks_html": false},
            "additional_headers": [{"name": "Comments", "value": "sévén"}, {"name": "Reply-To", "value": "a@b.co"}],
            "attachment": [
                {"filename": "a.pdf", "type": "pdf", "content": "AAH/"},
                {"filename": "b.csv", "type": "csv", "content": "YSxiDQpjLGQK"},
            ],
        })
    }

    #[test]
    fn another_mime_parser_reads_the_same_email() {
        let bytes = written(full_submission());
        let read = MessageParser::new().parse(&bytes).unwrap();
        let single = |address: Option<&mail_parser::Address<'_>>| {
            let one = address.unwrap().first().unwrap();
            (one.name().map(str::to_owned), one.address().unwrap().to_owned())
        };
        assert_eq!(single(read.from()), (Some("The Shop".into()), "shop@example.org".into()));
        assert_eq!(single(read.to()), (None, "zoe@example.com".into()));
        assert_eq!(read.subject(), Some("Grüße, Zoë"));
        assert_eq!(read.date().unwrap().to_rfc3339(), "2026-01-01T12:00:00Z");
        assert_eq!(read.message_id(), Some("11112222-3333-4444-5555-666677778888@sandbox.invalid"));
        assert_eq!(read.header("Comments").unwrap().as_text(), Some("sévén"));
        assert_eq!(single(read.reply_to()).1, "a@b.co");
        assert_eq!(read.body_html(0).unwrap(), "<p>Hé Zoë <a href=\"http://a.example\">a</a></p>");
        assert_eq!(read.body_text(0).unwrap().replace("\r\n", "\n"), "Hé Zoë\n.\nFrom here\n--");
        let files: Vec<_> = read.attachments().map(|it| (it.attachment_name(), it.contents())).collect();
        assert_eq!(files, [(Some("a.pdf"), &b"\x00\x01\xff"[..]), (Some("b.csv"), b"a,b\r\nc,d\n")]);
        assert_eq!(read.attachment(1).unwrap().content_type().unwrap().ctype(), "text");
    }

    #[test]
    fn text_that_looks_encoded_is_read_as_it_was_submitted() {
        for text in ["=?utf-8?q?a?=".to_owned(), "=?".to_owned(), "=?utf-8?q?é?= ".repeat(20) + "end"] {
            let bytes = written(json!({
                "content": {"type": "transactional", "subject": text, "text": "t"},
                "additional_headers": [{"name": "Comments", "value": text}],
            }));
            let read = MessageParser::new().parse(&bytes).unwrap();
            assert_eq!(read.subject(), Some(text.as_str()));
            assert_eq!(read.header("Comments").unwrap().as_text(), Some(text.as_str()));
            assert!(
                bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 79),
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn lists_are_folded_between_their_items() {
        let people: Vec<_> = (0..30).map(|n| format!("\"Müller, Anna {n}\" <anna{n}@example.com>")).collect();
        let ids: Vec<_> = (0..30).map(|n| format!("<{n}.abcdefghijklmnop@mail.example.com>")).collect();
        let bytes = written(json!({
            "content": {"type": "transactional", "subject": "s", "text": "t"},
            "additional_headers": [
                {"name": "Reply-To", "value": people.join(", ")},
                {"name": "References", "value": ids.join(" ")},
            ],
        }));
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.lines().all(|line| line.len() <= 78), "{text}");
        assert!(ids.iter().all(|id| text.contains(id)), "an id is not broken, nor encoded: {text}");
        let read = MessageParser::new().parse(&bytes).unwrap();
        let reply_to = read.reply_to().unwrap();
        let names: Vec<_> = reply_to.iter().map(|it| (it.name().unwrap(), it.address().unwrap())).collect();
        assert_eq!(names.len(), 30);
        assert_eq!((names[7].0, names[7].1), ("Müller, Anna 7", "anna7@example.com"));
        assert_eq!(read.references().as_text_list().unwrap().len(), 30);
    }

    #[test]
    fn a_list_that_cannot_be_read_is_written_as_text() {
        for (name, value) in [("References", "see the last email"), ("Reply-To", ""), ("In-Reply-To", "<a@b> x")] {
            let bytes = written(json!({
                "content": {"type": "transactional", "subject": "s", "text": "t"},
                "additional_headers": [{"name": name, "value": value}],
            }));
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.contains(&format!("{name}: {value}")), "{text}");
        }
    }

    #[test]
    fn nothing_stands_before_the_first_boundary() {
        let text = String::from_utf8(written(full_submission())).unwrap();
        assert_eq!(text.matches("\r\n\r\n\r\n--").count(), 0, "{text}");
    }

    #[test]
    fn mime_is_reproducible() {
        assert_eq!(written(full_submission()), written(full_submission()));
    }

    #[test]
    fn headers_are_unfolded_and_unique() {
        let fields = headers(&written(full_submission()));
        let field = |name: &str| fields.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
        let link = format!("<{BASE}/_sandbox/unsubscribe/11112222-3333-4444-5555-666677778888>");
        assert_eq!(field("List-Unsubscribe"), Some(link.as_str()));
        assert_eq!(field("MIME-Version"), Some("1.0"));
        assert!(field("Content-Type").unwrap().starts_with("multipart/mixed; boundary="));
        let mut names: Vec<_> = fields.iter().map(|it| it.0.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), fields.len());
    }

    #[test]
    fn transactional_emails_have_no_unsubscribe_link() {
        let fields = headers(&written(json!({"content": {"type": "transactional", "subject": "s", "text": "t"}})));
        assert!(!fields.iter().any(|it| it.0 == "List-Unsubscribe"));
        assert!(fields.iter().any(|it| it.0 == "Content-Type" && it.1.starts_with("text/plain")));
    }

    #[test]
    fn a_header_value_cannot_start_another_header() {
        for end in ["\r\n", "\n", "\r", "\r\n\r\n", "\u{85}", "\0", "\u{2028}"] {
            let hostile = format!("x{end}X-Evil: 1{end} {end}Bcc: evil@example.com{end}");
            let mut email = email(json!({
                "content": {"type": "marketing", "subject": hostile, "html": "<p>x</p>",
                            "custom_attributes": [{"name": "a", "value": hostile}]},
                "additional_headers": [
                    {"name": "X-Fine", "value": hostile},
                    {"name": hostile, "value": "x"},
                    {"name": "X-Evil:", "value": "x"},
                    {"name": "", "value": "x"},
                    {"name": "bCC", "value": "evil@example.com"},
                    {"name": "Content-Type", "value": "text/html"},
                ],
                "attachment": {"filename": hostile, "type": hostile, "content": "AA=="},
            }));
            email.recipient = format!("{}{hostile}", email.recipient).into();
            let sender = std::sync::Arc::make_mut(&mut email.sender);
            sender.email.push_str(&hostile);
            sender.name.push_str(&hostile);
            let bytes = mime(&Message::of(&email, BASE));
            let text = String::from_utf8(bytes.clone()).unwrap();
            for line in text.lines() {
                let line = line.to_lowercase();
                assert!(!["x-evil", "bcc"].iter().any(|it| line.starts_with(it)), "{end:?}: {text}");
            }
            let read = MessageParser::new().parse(&bytes).unwrap();
            let names: Vec<_> = read.headers().iter().map(|it| it.name()).collect();
            assert_eq!(
                names,
                [
                    "From",
                    "To",
                    "Subject",
                    "Date",
                    "Message-ID",
                    "List-Unsubscribe",
                    "X-Fine",
                    "MIME-Version",
                    "Content-Type"
                ]
            );
            assert_eq!(read.to().unwrap().iter().count(), 1, "{text}");
            assert_eq!(read.attachment_count(), 1);
        }
    }
}
