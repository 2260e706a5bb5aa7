//! A page of the logs, read part by part, so that an odd part does not hide the others.

use cakemail_model::{EmailId, EmailStatus, JsonObject, Pagination};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::not_understood;
use crate::error::Result;

/// The number of entries in a page.
pub(super) const PER_PAGE: u64 = 10;

pub(super) struct LogPage {
    /// `None` if it cannot be read.
    pagination: Option<Pagination>,
    pub(super) entries: Vec<Value>,
}

impl LogPage {
    pub(super) fn new(mut page: JsonObject) -> Result<Self> {
        match page.remove("data") {
            Some(Value::Array(entries)) => {
                let pagination = page.remove("pagination").unwrap_or_default();
                let pagination = serde_json::from_value(pagination).map(Option::unwrap_or_default);
                Ok(Self { pagination: pagination.ok(), entries })
            }
            _ => Err(not_understood("the page has no list of entries")),
        }
    }

    /// Whether the server may have more entries than these. Unlike in a listing, any sign of more counts: an email that is
    /// missed here may be sent again.
    pub(super) fn may_lack_entries(&self) -> bool {
        let Some(Pagination { per_page, count, has_more, cursor, .. }) = &self.pagination else { return true };
        let entries = self.entries.len() as u64;
        let is_full = entries >= per_page.unwrap_or(PER_PAGE).clamp(1, PER_PAGE);
        let has_next_cursor = cursor.as_ref().is_some_and(|cursor| cursor.next.is_some());
        has_more.unwrap_or(is_full) || has_next_cursor || count.is_some_and(|count| count > entries)
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
