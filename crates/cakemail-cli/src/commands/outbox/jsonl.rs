//! The lines of a file of emails.

use std::path::PathBuf;

use cakemail::outbox::{AttachedFile, OutboxEmail, Time};
use cakemail::{IdempotencyKey, NewEmail, Timestamp};
use serde::Deserialize;

use crate::value_parsers;

/// An email as a line of the file describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    key: String,
    email: NewEmail,
    send_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    resend_after: Option<String>,
    #[serde(default)]
    attach: Vec<PathBuf>,
}

impl Line {
    /// The email of a line; `None` for an empty one. The error repeats no content.
    pub fn parse(line: &str) -> Result<Option<OutboxEmail>, String> {
        let line = line.trim_start_matches('\u{feff}');
        if line.trim().is_empty() {
            return Ok(None);
        }
        let line: Self = serde_json::from_str(line).map_err(|error| reason(&error))?;
        line.email().map(Some)
    }

    fn email(self) -> Result<OutboxEmail, String> {
        let parsed = IdempotencyKey::from_tag(&self.key).or_else(|_| IdempotencyKey::new(&self.key));
        let key = parsed.map_err(|error| error.to_string())?;
        self.email.validate().map_err(|errors| errors.to_string())?;
        let mut email = OutboxEmail::new(key, self.email);
        email.send_at = self.send_at.map(time);
        email.expires_at = self.expires_at.map(time);
        if let Some(wait) = self.resend_after {
            email = email.resend_after(value_parsers::duration(&wait).map_err(|help| format!("resend_after: {help}"))?);
        }
        self.attach.into_iter().try_fold(email, |email, path| {
            let file = AttachedFile::new(&path).map_err(|error| format!("attach: `{}`: {error}", path.display()))?;
            Ok(email.attach(file))
        })
    }
}

/// Of serde's messages, those about names of fields. The others may repeat a value.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let names_fields = ["missing field", "unknown field", "duplicate field"].iter().any(|it| message.starts_with(it));
    match error.classify() {
        serde_json::error::Category::Data if names_fields => {
            message.split(" at line ").next().unwrap_or_default().to_owned()
        }
        serde_json::error::Category::Data => format!("the value at column {} has the wrong type", error.column()),
        _ => format!("it is not valid JSON at column {}", error.column()),
    }
}

/// A time of the ledger's clock.
pub fn time(time: Timestamp) -> Time {
    Time::from_micros(time.as_second().saturating_mul(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn an_invalid_line_gets_a_reason_without_its_content() {
        let content = r#""content": {"type": "transactional", "subject": "s3cret", "text": "s3cret"}"#;
        let email = format!(r#"{{"sender": {{"id": "7"}}, "list_id": 42, "email": "s3cret@example.com", {content}}}"#);
        for (line, reason) in [
            ("s3cret".to_owned(), "not valid JSON"),
            (r#"{"key": "s3cret""#.to_owned(), "not valid JSON"),
            (format!(r#"{{"email": {email}}}"#), "missing field `key`"),
            (format!(r#"{{"key": "a", "email": {email}, "sendat": 1}}"#), "unknown field `sendat`"),
            (r#"{"key": "a", "email": "s3cret"}"#.to_owned(), "wrong type"),
            (format!(r#"{{"key": "s 3cret", "email": {email}}}"#), "key: is not a valid key"),
            (format!(r#"{{"key": "a", "email": {email}, "resend_after": "s3cret"}}"#), "resend_after: give a number"),
            (format!(r#"{{"key": "a", "email": {email}, "attach": ["gone.pdf"]}}"#), "attach: `gone.pdf`"),
            (format!(r#"{{"key": "a", "email": {}}}"#, email.replace("@example.com", "")), "email: "),
        ] {
            let given = Line::parse(&line).unwrap_err();
            assert!(given.contains(reason) && !given.contains("s3cret"), "{line}: {given}");
        }
        assert!(Line::parse(&format!(r#"{{"key": "a", "email": {email}}}"#)).unwrap().is_some());
        assert!(Line::parse("  ").unwrap().is_none());
    }
}
