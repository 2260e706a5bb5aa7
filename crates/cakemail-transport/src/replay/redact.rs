//! Replaces secrets and email addresses in recorded exchanges.

use std::collections::{BTreeSet, HashMap};

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

/// Replaces a secret. It is valid in a header, so that a client can use a recorded token.
pub(super) const SECRET: &str = "***";

/// The domain of the addresses that replace others. RFC 2606 reserves it.
const DOMAIN: &str = "@recorded.example";

/// The length from which a secret is also replaced where no name marks it. Shorter ones could be ordinary words.
const MIN_SECRET: usize = 8;

/// Parts of the names of fields whose values are secrets, in lower case and without separators.
const SECRET_NAMES: [&str; 9] =
    ["password", "token", "secret", "apikey", "privatekey", "authorization", "challenge", "confirmationid", "mfacode"];

/// Gives the same address the same placeholder, and remembers the secrets that it has seen.
#[derive(Default)]
pub(super) struct Redactor {
    addresses: HashMap<String, usize>,
    secrets: BTreeSet<String>,
}

impl Redactor {
    /// Remembers the token of a request.
    pub(super) fn learn(&mut self, headers: &HeaderMap) {
        let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
        self.remember(value.split_once(' ').map_or(value, |(_, token)| token));
    }

    /// A path and its query. What is not replaced stays byte for byte.
    pub(super) fn url(&mut self, url: &str) -> String {
        let (path, query) = url.split_once('?').map_or((url, None), |(path, query)| (path, Some(query)));
        let path: Vec<_> = path.split('/').map(|segment| self.component(segment)).collect();
        let Some(query) = query else { return path.join("/") };
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => format!("{name}={SECRET}"),
            Some((name, value)) => format!("{}={}", self.component(name), self.component(value)),
            None => self.component(pair),
        });
        let query = pairs.collect::<Vec<_>>().join("&");
        format!("{}?{query}", path.join("/"))
    }

    fn component(&mut self, text: &str) -> String {
        let decoded = percent_decode_str(text).decode_utf8_lossy();
        let clean = self.text(&decoded);
        if clean == decoded { text.into() } else { utf8_percent_encode(&clean, NON_ALPHANUMERIC).to_string() }
    }

    /// A body: JSON as such, a form as an object, anything else as text.
    pub(super) fn body(&mut self, headers: &HeaderMap, body: &[u8]) -> Option<Value> {
        if body.is_empty() {
            return None;
        }
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let text = String::from_utf8_lossy(body);
        Some(match serde_json::from_slice(body) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => self.json(value),
            _ if kind.starts_with("application/x-www-form-urlencoded") => self.form(&text),
            _ => Value::String(self.text(&text)),
        })
    }

    fn form(&mut self, text: &str) -> Value {
        let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let fields: Map<_, _> = pairs.map(|(name, value)| (decoded(name), Value::String(decoded(value)))).collect();
        self.json(Value::Object(fields))
    }

    pub(super) fn json(&mut self, value: Value) -> Value {
        self.value(value, false)
    }

    fn value(&mut self, value: Value, secret: bool) -> Value {
        match value {
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, value)| {
                    let secret = secret || is_secret(&name);
                    (self.text(&name), self.value(value, secret))
                });
                Value::Object(fields.collect())
            }
            Value::Array(values) => values.into_iter().map(|value| self.value(value, secret)).collect(),
            Value::String(text) if secret => {
                self.remember(&text);
                SECRET.into()
            }
            Value::Number(_) if secret => SECRET.into(),
            Value::String(text) => Value::String(self.text(&text)),
            other => other,
        }
    }

    /// Text without addresses, and without the secrets that were seen.
    pub(super) fn text(&mut self, text: &str) -> String {
        let mut clean = String::new();
        let mut done = 0;
        for (at, _) in text.match_indices('@') {
            let local = start_of_local(&text[done.min(at)..at]);
            let domain = length_of_domain(&text[at + 1..]);
            if at < done || local == 0 || domain == 0 {
                continue;
            }
            clean.push_str(&text[done..at - local]);
            done = at + 1 + domain;
            clean.push_str(&self.placeholder(&text[at - local..done]));
        }
        clean.push_str(&text[done..]);
        for secret in &self.secrets {
            if clean.contains(secret) {
                clean = clean.replace(secret, SECRET);
            }
        }
        clean
    }

    fn placeholder(&mut self, address: &str) -> String {
        let next = self.addresses.len() + 1;
        format!("address-{}{DOMAIN}", self.addresses.entry(address.to_lowercase()).or_insert(next))
    }

    fn remember(&mut self, secret: &str) {
        if secret.len() >= MIN_SECRET {
            self.secrets.insert(secret.into());
        }
    }
}

/// Whether a recorded URL has a placeholder.
pub(super) fn has_placeholder(url: &str) -> bool {
    percent_decode_str(url).decode_utf8_lossy().contains(DOMAIN)
}

/// The length of the local part that a text ends with. It may take in too much, never too little.
fn start_of_local(before: &str) -> usize {
    let quoted = before.strip_suffix('"').and_then(|rest| rest.rfind('"'));
    let ends = |c: char| c.is_whitespace() || "<>()[]\\,;:\"".contains(c);
    before.len() - quoted.unwrap_or_else(|| before.rfind(ends).map_or(0, |place| place + width(before, place)))
}

/// The length of the domain that a text begins with.
fn length_of_domain(after: &str) -> usize {
    let literal = after.strip_prefix('[').and_then(|rest| rest.find(']'));
    if let Some(end) = literal {
        return end + 2;
    }
    let end = after.find(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-' && c != '.');
    after[..end.unwrap_or(after.len())].trim_end_matches(['.', '-']).len()
}

fn width(text: &str, place: usize) -> usize {
    text[place..].chars().next().map_or(0, char::len_utf8)
}

fn is_secret(name: &str) -> bool {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    name != "tokentype" && SECRET_NAMES.iter().any(|part| name.contains(part))
}
