//! The webhooks of an account.

use serde::{Deserialize, Serialize};

use super::Time;

#[derive(Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) id: String,
    pub(crate) event: String,
    pub(crate) url: String,
    pub(crate) rate_limit: i64,
    pub(crate) rate_limit_period: String,
    pub(crate) key: String,
    pub(crate) archived: Option<Time>,
}
