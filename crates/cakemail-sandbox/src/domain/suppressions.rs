//! Suppressed addresses: `a@b.c`, `*@b.c`, `a@*`.

use std::collections::BTreeMap;

use cakemail_model::SuppressionPattern;
use serde::{Deserialize, Serialize};

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Suppressions(BTreeMap<SuppressionPattern, Source>);

/// Why an address is suppressed. Only an entry of the user can be removed.
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

impl Suppressions {
    /// Adds an entry. An existing one keeps its source, unless the new source is not the user.
    pub(crate) fn add(&mut self, pattern: &str, source: Source) {
        let entry = self.0.entry(SuppressionPattern::new(pattern)).or_insert(source);
        if source != Source::User {
            *entry = source;
        }
    }

    pub(crate) fn source(&self, pattern: &str) -> Option<Source> {
        self.0.get(&SuppressionPattern::new(pattern)).copied()
    }

    pub(crate) fn remove(&mut self, pattern: &str) {
        self.0.remove(&SuppressionPattern::new(pattern));
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Source)> {
        self.0.iter().map(|(pattern, source)| (pattern.as_str(), *source))
    }

    /// The entry that suppresses `address`.
    pub(crate) fn matching(&self, address: &str) -> Option<SuppressionPattern> {
        SuppressionPattern::matching(address).into_iter().find(|pattern| self.0.contains_key(pattern))
    }
}
