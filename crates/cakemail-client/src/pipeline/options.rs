//! The options that a caller sets for calls: the account, time limits, retries and additional headers.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cakemail_model::AccountId;
use cakemail_transport::SendBy;

use super::headers::Headers;
use super::retry::RetryPolicy;

/// Options of every call that is made through one handle of a client.
#[derive(Debug, Clone)]
pub(crate) struct CallOptions {
    /// The sub-account to act for.
    pub(crate) account: Option<AccountId>,
    /// The time limit of a call, with all its attempts and waits.
    pub(crate) deadline: Duration,
    /// The time limit of one attempt.
    pub(crate) attempt_timeout: Duration,
    /// When requests that change something may no longer be written.
    pub(crate) send_by: Option<SendBy>,
    /// How many times, and how soon, a failed request is repeated.
    pub(crate) retry_policy: RetryPolicy,
    /// Whether requests wait for the rate limiter.
    pub(crate) is_rate_limited: bool,
    /// Headers that every request carries.
    pub(crate) headers: Headers,
    /// Set when a call ends that may have done something, also when it is cancelled.
    pub(crate) maybe_done: Option<Arc<AtomicBool>>,
}
