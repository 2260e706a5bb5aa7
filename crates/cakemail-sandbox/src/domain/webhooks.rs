//! The webhooks of an account.

use serde::{Deserialize, Serialize};

use super::Time;
use super::index::{Key, Row};

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) url: String,
    pub(crate) rate_limit: i64,
    pub(crate) rate_limit_period: String,
    pub(crate) key: String,
    pub(crate) archived: Option<Time>,
}

impl Row for Webhook {
    const TERMS: &'static [&'static str] = &["id", "status", "event"];

    fn key(&self, term: &str) -> Key<'_> {
        match term {
            "id" => Key::Text(&self.id),
            "status" => Key::Text(self.status()),
            "event" => Key::Text(&self.event),
            _ => Key::None,
        }
    }
}

impl Webhook {
    pub(crate) fn status(&self) -> &'static str {
        if self.archived.is_some() { "archived" } else { "active" }
    }
}
