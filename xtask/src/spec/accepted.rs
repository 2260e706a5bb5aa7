//! Differences that are known and stay, with the reason for each.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::Result;

const FILE: &str = "crates/cakemail-model/spec/differences.json";

#[derive(Debug, Default)]
pub struct Accepted(BTreeSet<String>);

/// One reason, and the lines of the report that it explains.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    #[allow(dead_code)] // for the reader of the file
    reason: String,
    differences: Vec<String>,
}

impl Accepted {
    pub fn read(root: &Path) -> Result<Self> {
        let text = fs::read_to_string(root.join(FILE)).map_err(|error| format!("{FILE}: {error}"))?;
        Self::parse(&text).map_err(|error| format!("{FILE}: {error}").into())
    }

    pub fn parse(text: &str) -> serde_json::Result<Self> {
        let entries: Vec<Entry> = serde_json::from_str(text)?;
        Ok(Self(entries.into_iter().flat_map(|entry| entry.differences).collect()))
    }

    pub fn contains(&self, difference: &str) -> bool {
        self.0.contains(difference)
    }
}
