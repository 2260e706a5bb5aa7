//! The patterns of the document, with descriptions for messages.

use cakemail_model::base64::is_base64;
use regex_lite::Regex;

/// A compiled pattern.
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

/// Descriptions of the document's patterns.
const DESCRIPTIONS: &[(&str, &str)] = &[
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

    pub(crate) fn matches(&self, text: &str) -> bool {
        match &self.matcher {
            Matcher::Base64 => is_base64(text),
            Matcher::Regex(regex) => regex.is_match(text),
        }
    }

    pub(crate) fn advice(&self) -> String {
        match description(&self.source) {
            Some(description) => format!("This must be {description}"),
            None => format!("This must match {}", self.source),
        }
    }
}

pub(super) fn description(source: &str) -> Option<&'static str> {
    DESCRIPTIONS.iter().find(|(pattern, _)| *pattern == source).map(|(_, description)| *description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base64_check_equals_its_pattern() {
        let regex = Regex::new(BASE64).unwrap();
        for text in ["", "aGk=", "aGkh", "aA==", "aGk", "a===", "====", "aG k", "=aGk", "aGk=aGk=", "aGk\n"] {
            assert_eq!(is_base64(text), regex.is_match(text), "{text:?}");
        }
    }
}
