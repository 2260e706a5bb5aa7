//! What a request was about, in words for a list: an email's recipient and subject, or the name of what was created.

use serde_json::Value;

use crate::domain::{Email, State};
use crate::inspect::requests::SeenRequest;
use crate::message::Message;

/// The longest text, in characters.
const MAX: usize = 200;

/// The fields that say what a body describes.
const NAMES: [&str; 8] = ["subject", "name", "event", "url", "email", "address", "username", "grant_type"];

/// The most that are shown.
const MAX_NAMES: usize = 2;

pub(super) fn about(state: &State, request: &SeenRequest) -> Option<String> {
    let words = match email(state, request) {
        Some(email) => vec![email.recipient.to_string(), Message::of(email, "").subject()],
        None => names(request.body()),
    };
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let words = if words.is_empty() { request.query().to_owned() } else { words.join(" · ") };
    (!words.is_empty()).then(|| words.chars().take(MAX).collect())
}

/// The stored email whose id is in the path or in the response.
fn email<'a>(state: &'a State, request: &SeenRequest) -> Option<&'a Email> {
    let find = |id: &str| state.accounts.iter().find_map(|account| account.email(id));
    let in_response = || {
        let response: Value = serde_json::from_str(request.response_body()).ok()?;
        find(response["data"]["id"].as_str().or_else(|| response["id"].as_str())?)
    };
    request.path.split('/').find_map(find).or_else(in_response)
}

/// The names in a body, which is JSON or a form.
fn names(body: &str) -> Vec<String> {
    let field = |value: &Value| value.as_str().map(str::to_owned);
    let fields: Vec<(String, String)> = match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(fields)) => {
            let mut fields = fields;
            let subject = fields.get("content").and_then(|content| field(&content["subject"]));
            fields.extend(subject.map(|subject| ("subject".to_owned(), subject.into())));
            fields.iter().filter_map(|(name, value)| Some((name.clone(), field(value)?))).collect()
        }
        Ok(_) => Vec::new(),
        Err(_) => serde_urlencoded::from_str(body).unwrap_or_default(),
    };
    let value = |name: &&str| fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    NAMES.iter().filter_map(value).filter(|word| !word.is_empty()).take(MAX_NAMES).collect()
}
