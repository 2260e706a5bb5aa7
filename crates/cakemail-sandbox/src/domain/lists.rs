//! A list of contacts.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::index::{Key, Row};
use super::time::Time;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct List {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) status: ListStatus,
    pub(crate) policy_accepted: bool,
    pub(crate) language: String,
    pub(crate) created: Time,
    /// Name and address.
    pub(crate) default_sender: (String, String),
    pub(crate) redirections: Map<String, Value>,
    pub(crate) webhook: Map<String, Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListStatus {
    Active,
    Archived,
    Deleted,
}

impl ListStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Deleted => "deleted",
        }
    }
}

impl List {
    pub(crate) fn new(id: i64, name: &str, created: Time, sender: (&str, &str)) -> Self {
        Self {
            id,
            name: name.into(),
            status: ListStatus::Active,
            policy_accepted: false,
            language: "en_US".into(),
            created,
            default_sender: (sender.0.into(), sender.1.into()),
            redirections: Map::new(),
            webhook: Map::new(),
        }
    }
}

impl Row for List {
    const TERMS: &'static [&'static str] = &["id", "name", "status", "created_on"];

    fn key(&self, term: &str) -> Key<'_> {
        match term {
            "id" => Key::Number(self.id),
            "name" => Key::Text(&self.name),
            "status" => Key::Text(self.status.as_str()),
            "created_on" => Key::Number(self.created.seconds()),
            _ => Key::None,
        }
    }
}
