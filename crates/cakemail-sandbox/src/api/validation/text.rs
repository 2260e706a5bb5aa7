//! What text can be wrong about: its pattern and its format.

use regex_lite::Regex;
use serde_json::Value;

/// A pattern of the document, compiled, with words for people.
#[derive(Debug)]
pub(crate) struct Pattern {
    source: String,
    matcher: Matcher,
}

#[derive(Debug)]
enum Matcher {
    /// Attachments are large, and a regular expression is slow on them.
    Base64,
    Regex(Regex),
}

const BASE64: &str = "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$";

/// Words for the document's patterns.
const WORDS: &[(&str, &str)] = &[
    (BASE64, "base64 (standard alphabet, padded, without line breaks)"),
    ("^[a-zA-Z0-9-_]+$", "made of letters, digits, - and _ only"),
    (
        r"^[a-zA-Z0-9-_]+\.(csv|doc|docx|ics|jpeg|pdf|png|xls|xlsx)$",
        "a name of letters, digits, - and _ with one of the endings .csv .doc .docx .ics .jpeg .pdf .png .xls .xlsx",
    ),
    (
        r"(^\*@[^@*]+\.[^@*]+$|^[^@*]+@\*$|^[^@*]+@[^@*]+\.[^@*]+$)",
        "an address (a@b.c), a whole domain (*@b.c) or a name at any domain (a@*)",
    ),
    ("^[0-9]+$", "digits only"),
    ("^[0-9a-fA-F]+$", "hexadecimal digits only"),
];

impl Pattern {
    pub(crate) fn new(source: &str) -> Result<Self, String> {
        let matcher = match source {
            BASE64 => Matcher::Base64,
            _ => Matcher::Regex(Regex::new(source).map_err(|error| format!("pattern {source}: {error}"))?),
        };
        Ok(Self { source: source.into(), matcher })
    }

    pub(crate) fn fits(&self, text: &str) -> bool {
        match &self.matcher {
            Matcher::Base64 => is_base64(text.as_bytes()),
            Matcher::Regex(regex) => regex.is_match(text),
        }
    }

    pub(crate) fn advice(&self) -> String {
        match words(&self.source) {
            Some(words) => format!("This must be {words}"),
            None => format!("This must match {}", self.source),
        }
    }
}

fn words(source: &str) -> Option<&'static str> {
    WORDS.iter().find(|(pattern, _)| *pattern == source).map(|(_, words)| *words)
}

fn is_base64(text: &[u8]) -> bool {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let digits = &text[..text.len() - padding];
    text.len().is_multiple_of(4)
        && digits.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// What is wrong with `text` as `format`: a kind and a message.
pub(super) fn format_fault(format: &str, text: &str) -> Option<(&'static str, &'static str)> {
    match format {
        "email" if !is_email(text) => Some(("value_error", "This must be an email address: name@domain.tld")),
        "uuid" if uuid::Uuid::try_parse(text).is_err() => {
            Some(("uuid_parsing", "This must be a UUID, such as 3fbfa67e-c4c4-4e03-8dfd-556037960374"))
        }
        "uri" if !is_url(text) => Some(("url_parsing", "This must be a URL: https://host/path")),
        "json-string" if serde_json::from_str::<Value>(text).is_err() => {
            Some(("json_invalid", "This must be JSON, as text"))
        }
        _ => None,
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_fits = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let dots_fit = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let name_fits = (1..=64).contains(&local.len()) && local.chars().all(local_fits) && dots_fit;
    name_fits && text.len() <= 254 && is_domain(domain)
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let ends = !label.starts_with('-') && !label.ends_with('-');
        (1..=63).contains(&label.len()) && ends && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    let top_is_name = text.rsplit('.').next().is_some_and(|top| top.chars().any(char::is_alphabetic));
    text.contains('.') && text.split('.').all(label) && top_is_name
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| !host.is_empty()) && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Allowed values, for a message: all of them, or the first dozen.
pub(super) fn listed(allowed: &[Value]) -> String {
    let shown: Vec<_> = allowed.iter().take(12).map(Value::to_string).collect();
    let more = allowed.len().saturating_sub(shown.len());
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}

/// A form that a value may take, for a message.
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
    match (schema["minLength"].as_u64(), schema["pattern"].as_str().and_then(words)) {
        (Some(length), Some(words)) => format!("{kind} of {length} characters, {words}"),
        _ => kind.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn email_addresses() {
        for good in ["a@b.co", "first.last+tag@sub.example.com", "o'neil@example.org", "é@exämple.fr"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b.co", "a@", "a@b", "a b@c.de", "a@b..co", ".a@b.co", "a@-b.co", "a@b.co\n", "a@1.2.3.4"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn base64_says_what_its_pattern_says() {
        let regex = Regex::new(BASE64).unwrap();
        for text in ["", "aGk=", "aGkh", "aA==", "aGk", "a===", "====", "aG k", "=aGk", "aGk=aGk=", "aGk\n"] {
            assert_eq!(is_base64(text.as_bytes()), regex.is_match(text), "{text:?}");
        }
    }

    #[test]
    fn urls() {
        assert!(is_url("https://example.com/hook?a=1") && is_url("http://127.0.0.1:1"));
        assert!(!is_url("example.com") && !is_url("https://") && !is_url("https://a b") && !is_url("ftp://a.b"));
    }
}
