//! A whole state in one JSON document, as the export and the journal hold it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::State;

/// The version of the format, of journals too. Version 1, of unpublished builds, depended on the compiler's hasher.
pub(super) const VERSION: u32 = 2;

#[derive(Serialize, Deserialize)]
pub(crate) struct Snapshot<S> {
    /// The version of the format.
    cakemail_sandbox: u32,
    state: S,
}

impl<'a> Snapshot<&'a State> {
    pub(crate) fn of(state: &'a State) -> Self {
        Self { cakemail_sandbox: VERSION, state }
    }
}

impl Snapshot<State> {
    /// Reads a snapshot.
    ///
    /// # Errors
    /// A message for the user when it is not a snapshot of this version.
    pub(crate) fn read(value: Value) -> Result<State, String> {
        match value.get("cakemail_sandbox").and_then(Value::as_u64) {
            Some(version) if version == u64::from(VERSION) => {
                serde_json::from_value(value).map(|snapshot: Self| snapshot.state).map_err(|error| error.to_string())
            }
            Some(version) => Err(other_version(version)),
            None => Err("this is not a state of a sandbox".into()),
        }
    }
}

/// The error message for a format of another version.
pub(super) fn other_version(version: u64) -> String {
    format!("it has version {version} of the sandbox's format, and this release reads version {VERSION} only")
}
