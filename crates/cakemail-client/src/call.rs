//! What a caller may say of its calls, beyond what it asks for.

use std::time::Duration;

use cakemail_model::AccountId;

use crate::pipeline::Headers;

/// What holds for every call of one handle to a client.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// The sub-account to act for.
    pub(crate) account: Option<AccountId>,
    /// The time for a call with all its attempts.
    pub(crate) deadline: Duration,
    /// Headers that every request carries.
    pub(crate) headers: Headers,
}
