//! The options that a caller sets for calls: the account, the deadline and additional headers.

use std::time::Duration;

use cakemail_model::AccountId;

use super::headers::Headers;

/// Options of every call that is made through one handle of a client.
#[derive(Debug, Clone)]
pub(crate) struct CallOptions {
    /// The sub-account to act for.
    pub(crate) account: Option<AccountId>,
    /// The time limit of a call, with all its attempts and waits.
    pub(crate) deadline: Duration,
    /// Headers that every request carries.
    pub(crate) headers: Headers,
}
