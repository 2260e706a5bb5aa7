//! A page of the logs, read part by part, so that an odd part does not hide the others.

use cakemail_model::{EmailId, EmailStatus, JsonObject};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::not_understood;
use crate::error::Result;

/// The number of entries in a page.
pub(super) const PER_PAGE: usize = 10;

pub(super) struct LogPage {
    pagination: Value,
    pub(super) entries: Vec<Value>,
}

impl LogPage {
    pub(super) fn new(mut page: JsonObject) -> Result<Self> {
        match page.remove("data") {
            Some(Value::Array(entries)) => {
                Ok(Self { pagination: page.remove("pagination").unwrap_or_default(), entries })
            }
            _ => Err(not_understood("the page has no list of entries")),
        }
    }

    /// Whether the server may have more entries than these.
    pub(super) fn may_lack_entries(&self) -> bool {
        let entries = self.entries.len();
        if let Some(count) = self.pagination.get("count").and_then(Value::as_u64)
            && count > entries as u64
        {
            return true;
        }
        match self.pagination.get("has_more") {
            None | Some(Value::Null) => entries >= PER_PAGE,
            Some(more) => *more != Value::Bool(false),
        }
    }
}

/// The fields of an entry that could be read.
pub(super) struct Entry {
    pub(super) id: Option<EmailId>,
    pub(super) status: EmailStatus,
    pub(super) tags: Option<Vec<String>>,
    pub(super) recipient: Option<String>,
    pub(super) subject: Option<String>,
}

impl Entry {
    pub(super) fn new(value: &Value) -> Self {
        fn field<T: DeserializeOwned>(value: &Value, name: &str) -> Option<T> {
            T::deserialize(value.get(name)?).ok()
        }
        let tags: Option<Vec<String>> = field(value, "tags");
        Self {
            id: field(value, "email_id"),
            status: field(value, "type").unwrap_or_default(),
            tags: tags.filter(|tags| !tags.is_empty()),
            recipient: field(value, "email"),
            subject: field(value, "subject"),
        }
    }
}
