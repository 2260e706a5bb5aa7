//! The domains of an account.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The domains that an account's emails are sent from.
#[derive(Serialize, Deserialize)]
pub(crate) struct Domains {
    pub(crate) auth: String,
    pub(crate) dkim: String,
    /// The domains that `PATCH` can change: bounce, tracking, forward.
    pub(crate) chosen: Map<String, Value>,
    pub(crate) valid: bool,
}

impl Domains {
    pub(super) fn of(domain: &str) -> Self {
        let chosen = [("bounce", format!("bounce.{domain}")), ("tracking", format!("https://links.{domain}"))];
        Self {
            auth: domain.into(),
            dkim: domain.into(),
            chosen: chosen.into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
            valid: true,
        }
    }
}
