//! The content of an email as the ledger stores it: a frozen format, since rows outlive versions and other programs write
//! them too.
//!
//! ```json
//! {"version":1,"email":{…},"files":[{"name":"a.pdf","type":"pdf","path":"/invoices/a.pdf","size":4,"sha256":"…"}]}
//! ```
//!
//! `email` is a [`NewEmail`] as the API takes it. `files`, which may be missing, are read when the email is sent.

use std::borrow::Cow;

use cakemail_model::emails::NewEmail;
use serde::{Deserialize, Serialize};

use crate::file::AttachedFile;
use crate::state::Reason;
use crate::{Error, OutboxEmail, Result};

/// The version of the format that this crate writes, and the only one that it reads.
pub const VERSION: u32 = 1;

// A field that is not known is an error: leaving it out would send another email than was meant.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload<'a> {
    version: u32,
    email: Cow<'a, NewEmail>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    files: Cow<'a, [AttachedFile]>,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// The content of an email that passes validation. Blocks while it reads attachments that are read from a source.
///
/// # Errors
/// [`Error::Invalid`].
pub fn encode(email: &OutboxEmail) -> Result<Vec<u8>> {
    let invalid = |errors| Error::Invalid { key: email.key.tag().to_owned(), errors };
    email.email.validate().map_err(invalid)?;
    let payload = Payload { version: VERSION, email: Cow::Borrowed(&email.email), files: Cow::Borrowed(&email.files) };
    serde_json::to_vec(&payload).map_err(|_| {
        let unreadable = "cannot be read: keep the files in place until the email is enqueued";
        invalid(cakemail_model::FieldError::new("attachment", unreadable).into())
    })
}

/// The email of a payload. Its files become attachments that are read while it is sent, and nothing is read before.
///
/// # Errors
/// Why it is not a payload that this version can read, without repeating any of it.
pub fn decode(payload: &[u8]) -> Result<NewEmail, Reason> {
    let decoded: Payload<'_> = match serde_json::from_slice(payload) {
        Ok(payload) => payload,
        Err(error) => {
            let version = serde_json::from_slice(payload).map_or(VERSION, |Version { version }| version);
            // Only the position: the error's message may repeat the content.
            let message = format!("the payload cannot be read at line {}, column {}", error.line(), error.column());
            return Err(check(version).err().unwrap_or_else(|| Reason::new("InvalidPayload", message)));
        }
    };
    check(decoded.version)?;
    let files = decoded.files.into_owned().into_iter().map(AttachedFile::attachment);
    Ok(files.fold(decoded.email.into_owned(), NewEmail::attach))
}

fn check(version: u32) -> Result<(), Reason> {
    if version == VERSION {
        return Ok(());
    }
    let message =
        format!("the payload has version {version}, and this worker reads version {VERSION}: update the worker");
    Err(Reason::new("UnsupportedPayload", message))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use cakemail_client::IdempotencyKey;
    use cakemail_model::emails::{Attachment, NewEmail};
    use cakemail_model::{Content, ListId};
    use serde_json::{Value, json};

    use super::*;
    use crate::{AttachedFile, Insert};

    fn email() -> NewEmail {
        let content = Content::text("Your receipt", "Thank you.");
        NewEmail::transactional("42", ListId::new(7), "ada@example.com", content)
    }

    fn outbox_email(email: NewEmail) -> OutboxEmail {
        OutboxEmail::new(IdempotencyKey::new("order-42").unwrap(), email)
    }

    #[test]
    fn the_bytes_of_a_payload_and_its_digest_are_frozen() {
        let insert = Insert::new(&outbox_email(email())).unwrap();
        assert_eq!(std::str::from_utf8(&insert.payload).unwrap(), FROZEN);
        let digest: String = insert.digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, "0b915de49ed6207964702ecfa151514e0277e6f26f6ddab79aa64278353655f4");
        assert_eq!(decode(FROZEN.as_bytes()).unwrap(), email());
    }

    const FROZEN: &str = concat!(
        r#"{"version":1,"email":{"sender":{"id":"42"},"content":{"subject":"Your receipt","type":"transactional","#,
        r#""text":"Thank you.","encoding":"utf-8"},"email":"ada@example.com","list_id":7}}"#,
    );

    #[test]
    fn files_are_stored_by_path_and_read_when_the_email_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("SCAN.PDF");
        fs::write(&path, "scan").unwrap();
        let outbox_email = outbox_email(email().attach(Attachment::from_bytes("a.csv", b"a,b").unwrap()))
            .attach(AttachedFile::new(&path).unwrap());
        let payload = encode(&outbox_email).unwrap();
        let json: Value = serde_json::from_slice(&payload).unwrap();
        let sha256 = "59ad1b2fc74287ded1bba7af67765d23ad4a49f1ae51902cc2ed3f8ebee96cfa";
        let file = json!({"name": "SCAN.pdf", "type": "pdf", "path": path, "size": 4, "sha256": sha256});
        assert_eq!(json["files"], json!([file]));
        let sent = serde_json::to_value(decode(&payload).unwrap()).unwrap();
        let names = [&sent["attachment"][0]["filename"], &sent["attachment"][1]["filename"]];
        assert_eq!(names, ["a.csv", "SCAN.pdf"]);
        assert_eq!(sent["attachment"][1]["content"], "c2Nhbg==");
    }

    #[test]
    fn a_file_that_is_missing_or_has_changed_is_not_sent() {
        for (change, content) in
            [("missing", None), ("shorter", Some("sca")), ("longer", Some("scan2")), ("as long", Some("scam"))]
        {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("scan.pdf");
            fs::write(&path, "scan").unwrap();
            let payload = encode(&outbox_email(email()).attach(AttachedFile::new(&path).unwrap())).unwrap();
            match content {
                Some(content) => fs::write(&path, content).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let decoded = decode(&payload).unwrap();
            assert!(serde_json::to_vec(&decoded).is_err(), "{change}");
        }
    }

    #[test]
    fn a_payload_that_cannot_be_read_is_a_reason_without_content() {
        let unknown_field = r#"{"version":1,"email":{},"file":[]}"#;
        for (payload, kind) in [
            ("", "InvalidPayload"),
            ("ada@example.com", "InvalidPayload"),
            (r#"{"version":1,"email":"ada@example.com"}"#, "InvalidPayload"),
            (unknown_field, "InvalidPayload"),
            (r#"{"email":{}}"#, "InvalidPayload"),
            (r#"{"version":2}"#, "UnsupportedPayload"),
            (&FROZEN.replace(r#""version":1"#, r#""version":2"#), "UnsupportedPayload"),
        ] {
            let reason = decode(payload.as_bytes()).unwrap_err();
            assert_eq!(reason.kind, kind, "{payload}");
            assert!(!reason.message.contains("ada"), "{reason:?}");
        }
    }

    #[test]
    fn an_invalid_email_is_an_error_with_its_fields() {
        let mut invalid = email();
        invalid.content.subject = String::new();
        let error = encode(&outbox_email(invalid)).unwrap_err();
        let Error::Invalid { key, errors } = error else { panic!("{error}") };
        assert_eq!((key.as_str(), errors.as_slice()[0].field.as_str()), ("key-order-42", "content.subject"));
    }
}
