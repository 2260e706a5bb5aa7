//! Checks the format of text, and describes what a schema allows.

use std::borrow::Cow;

use cakemail_model::{check_address, check_line};
use serde_json::Value;

use crate::api::pattern::description;

/// The error of `text` in this format, if there is one: its type and its message.
pub(super) fn check(format: &str, text: &str) -> Option<(&'static str, Cow<'static, str>)> {
    match format {
        "email" => check_address(text).map(|reason| ("value_error", format!("This {reason}").into())),
        "line" => check_line(text).map(|reason| ("value_error", format!("This {reason}").into())),
        "uuid" if uuid::Uuid::try_parse(text).is_err() => {
            Some(("uuid_parsing", "This must be a UUID, such as 3fbfa67e-c4c4-4e03-8dfd-556037960374".into()))
        }
        "uri" if !is_url(text) => Some(("url_parsing", "This must be a URL: https://host/path".into())),
        "json-string" if serde_json::from_str::<Value>(text).is_err() => {
            Some(("json_invalid", "This must be JSON, as text".into()))
        }
        _ => None,
    }
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| !host.is_empty()) && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// The allowed values for a message: all of them, or the first dozen.
pub(super) fn listed(allowed: &[Value]) -> String {
    let first: Vec<_> = allowed.iter().take(12).map(Value::to_string).collect();
    let more = allowed.len().saturating_sub(first.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", first.join(", "))
}

/// A description of a schema for a message.
pub(super) fn described(schema: &Value) -> String {
    if let Some(allowed) = schema["enum"].as_array() {
        return format!("one of {}", listed(allowed));
    }
    let kind = match schema["type"].as_str() {
        Some("array") => "a list",
        Some("object") => "an object",
        Some("integer") => "a whole number",
        _ => "text",
    };
    match (schema["minLength"].as_u64(), schema["pattern"].as_str().and_then(description)) {
        (Some(length), Some(description)) => format!("{kind} of {length} characters, {description}"),
        _ => kind.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        assert!(is_url("https://example.com/hook?a=1") && is_url("http://127.0.0.1:1"));
        assert!(!is_url("example.com") && !is_url("https://") && !is_url("https://a b") && !is_url("ftp://a.b"));
    }
}
