//! What a client submitted.

use serde_json::{Map, Value};

use crate::domain::fields::Fields;
use crate::domain::stable_hash::StableHash;

/// The request body of a submission.
#[derive(Clone)]
pub(crate) struct Submission(Map<String, Value>);

impl Submission {
    pub(super) fn of(fields: Map<String, Value>) -> Self {
        Self(fields)
    }

    /// A field of the content.
    pub(crate) fn content(&self, field: &str) -> Option<&Value> {
        self.0.object("content")?.field(field)
    }

    /// A field of the content that is a text.
    pub(crate) fn content_text(&self, field: &str) -> Option<&str> {
        self.content(field).and_then(Value::as_str)
    }

    pub(crate) fn tags(&self) -> impl Iterator<Item = &str> {
        tags(&self.0)
    }

    pub(crate) fn attachments(&self) -> &[Value] {
        match self.0.field("attachment") {
            Some(Value::Array(files)) => files,
            Some(file) => std::slice::from_ref(file),
            None => &[],
        }
    }

    /// Whether it asks to track `opens`, `clicks_html` or `clicks_text`: each is on unless its option is `false`.
    pub(crate) fn tracks(&self, option: &str) -> bool {
        self.0.object("tracking").and_then(|tracking| tracking.field(option)).is_none_or(|value| value == true)
    }

    pub(crate) fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}

impl Fields for Submission {
    fn field(&self, name: &str) -> Option<&Value> {
        self.0.field(name)
    }
}

fn tags(submission: &Map<String, Value>) -> impl Iterator<Item = &str> {
    submission.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// Whether a tag is that of an idempotency key.
pub(super) fn is_key(tag: &str) -> bool {
    tag.starts_with("key-")
}

/// Two submissions to one recipient have the same fingerprint when both have the same idempotency key (a tag that
/// starts with `key-`), or neither has one and they are equal. The recipient's case makes no difference.
pub(crate) fn fingerprint(recipient: &str, submission: &Map<String, Value>) -> u64 {
    let mut hash = StableHash::new(0);
    hash.text(&recipient.to_lowercase());
    match tags(submission).find(|tag| is_key(tag)) {
        Some(key) => hash.text(key),
        None => hash.object(submission),
    }
    hash.finish()
}
