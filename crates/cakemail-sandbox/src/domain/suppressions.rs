//! Suppressed addresses: `a@b.c`, `*@b.c`, `a@*`.

use std::collections::BTreeMap;
use std::sync::Arc;

use cakemail_model::SuppressionPattern;
use serde::{Deserialize, Serialize, Serializer};

use super::index::{Key, Row, Table};

#[derive(Default, Clone, Deserialize)]
#[serde(from = "BTreeMap<SuppressionPattern, Source>")]
pub(crate) struct Suppressions(Table<Suppression>);

#[derive(Debug, Clone)]
pub(crate) struct Suppression {
    pub(crate) pattern: SuppressionPattern,
    pub(crate) source: Source,
}

/// Why an address is suppressed. The API removes only an entry of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    User,
    System,
    Complaint,
}

impl Source {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::System => "system",
            Self::Complaint => "complaint",
        }
    }
}

impl Row for Suppression {
    const TERMS: &'static [&'static str] = &["email"];

    fn key(&self, term: &str) -> Key<'_> {
        if term == "email" { Key::Text(self.pattern.as_str()) } else { Key::None }
    }
}

impl From<BTreeMap<SuppressionPattern, Source>> for Suppressions {
    fn from(sources: BTreeMap<SuppressionPattern, Source>) -> Self {
        Self(sources.into_iter().map(|(pattern, source)| Suppression { pattern, source }).collect())
    }
}

impl Serialize for Suppressions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|entry| (&entry.pattern, entry.source)))
    }
}

impl Suppressions {
    /// Adds an entry. An existing one keeps its source, unless the new source is not the user.
    pub(crate) fn add(&mut self, pattern: &str, source: Source) {
        let pattern = SuppressionPattern::new(pattern);
        let key = Key::Text(pattern.as_str());
        if self.0.find("email", key).is_none() {
            self.0.push(Suppression { pattern, source });
        } else if source != Source::User {
            self.0.change_row("email", key, |entry| entry.source = source);
        }
    }

    pub(crate) fn get(&self, pattern: &str) -> Option<&Suppression> {
        self.0.row("email", Key::Text(SuppressionPattern::new(pattern).as_str()))
    }

    pub(crate) fn remove(&mut self, pattern: &str) -> Option<Arc<Suppression>> {
        self.0.remove_row("email", Key::Text(SuppressionPattern::new(pattern).as_str()))
    }

    /// The entry that suppresses `address`.
    pub(crate) fn matching(&self, address: &str) -> Option<SuppressionPattern> {
        SuppressionPattern::matching(address).into_iter().find(|pattern| self.get(pattern.as_str()).is_some())
    }

    pub(crate) fn table(&self) -> &Table<Suppression> {
        &self.0
    }
}
