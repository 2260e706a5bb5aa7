//! Attachments: the base64 of one is that of its bytes, and text is base64 exactly if it can be decoded.

use std::io::Cursor;

use cakemail::Attachment;
use cakemail::model::{AttachmentContent, base64, check_attachment_name};

use super::{Target, ensure, ensure_eq, first_line, samples, text};

/// A name in the first line, then the bytes.
const SAMPLES: &[&str] =
    &["a.pdf\nbytes", "photo.JPG\n", "a.csv\nYSxiDQpjLGQK", "x\naGk=", "x\naGl=", "x\na===", "\n\n", "../a.pdf\n="];

pub fn target() -> Target {
    Target { name: "attachments", samples: samples(SAMPLES), check: Box::new(check) }
}

fn check(input: &[u8]) -> Result<(), String> {
    let (name, bytes) = first_line(input);
    let encoded = text(bytes);
    ensure_eq(base64::is_base64(&encoded), base64::decode(&encoded).is_some(), "is base64")?;
    let Ok(attachment) = Attachment::from_bytes(&name, bytes) else { return Ok(()) };
    ensure(check_attachment_name(&attachment.filename).is_none(), "the attachment's name is not accepted")?;
    let AttachmentContent::Base64(content) = &attachment.content else { return Err("the content is not held".into()) };
    ensure_eq(base64::decode(content).as_deref(), Some(bytes), "the bytes")?;
    let owned = bytes.to_vec();
    let read = Attachment::from_reader(&name, bytes.len() as u64, move || Ok(Cursor::new(owned.clone())))
        .map_err(|error| error.to_string())?;
    let json = |attachment: &Attachment| serde_json::to_value(attachment).map_err(|error| error.to_string());
    ensure_eq(json(&read)?, json(&attachment)?, "the attachment from a reader")
}
