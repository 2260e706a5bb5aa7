//! Parses the body of a request.

use serde_json::{Value, json};

use super::document::Body;
use super::field_error::FieldError;
use super::form;

/// Parses a body in the content type that the operation expects.
///
/// # Errors
/// When the operation expects JSON, and the body is missing, of another content type, or not JSON.
pub(crate) fn parse(expected: &Body, content_type: Option<&str>, body: &[u8]) -> Result<Value, FieldError> {
    if expected.form { Ok(parse_form(content_type, body)) } else { parse_json(content_type, body) }
}

/// A body of another content type is a form without fields, as in the live framework.
fn parse_form(content_type: Option<&str>, body: &[u8]) -> Value {
    let fields = form::fields(content_type.unwrap_or_default(), body).unwrap_or_default();
    Value::Object(fields.into_iter().map(|(name, value)| (name, value.into())).collect())
}

fn parse_json(content_type: Option<&str>, body: &[u8]) -> Result<Value, FieldError> {
    if body.is_empty() {
        return Err(FieldError::missing(vec!["body".into()]));
    }
    let media_type = content_type.unwrap_or("application/json").split(';').next().unwrap_or_default().trim();
    let media_type = media_type.to_ascii_lowercase();
    if media_type != "application/json" && !(media_type.starts_with("application/") && media_type.ends_with("+json")) {
        let msg = "This must be JSON: send it with the header Content-Type: application/json";
        return Err(FieldError::new(vec!["body".into()], "dict_type", msg));
    }
    serde_json::from_slice(body).map_err(|error| {
        let loc = vec!["body".into(), json!(offset(body, &error))];
        FieldError::new(loc, "json_invalid", format!("The body is not JSON: {error}"))
    })
}

/// Where in the body parsing failed, in bytes.
fn offset(body: &[u8], error: &serde_json::Error) -> usize {
    let lines = body.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    lines.map(<[u8]>::len).sum::<usize>() + error.column().saturating_sub(1)
}
