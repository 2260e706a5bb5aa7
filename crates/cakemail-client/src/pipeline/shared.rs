//! The parts of the pipeline that all clones of a client share.

use std::sync::Arc;
use std::time::Duration;

use cakemail_transport::Transport;

use super::base_url::BaseUrl;
use super::budget::RetryBudget;
use super::rate_limit::{RateLimit, RateLimiter};
use super::retry::RetryPolicy;
use crate::observer::Observer;

/// What requests are sent with, whichever call they belong to.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(super) transport: Arc<dyn Transport>,
    pub(super) base_url: BaseUrl,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) retry_policy: RetryPolicy,
    pub(super) retry_budget: RetryBudget,
    pub(super) rate_limiter: RateLimiter,
    pub(super) attempt_timeout: Duration,
}

impl Pipeline {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        base_url: BaseUrl,
        observer: Arc<dyn Observer>,
        retry_policy: RetryPolicy,
        rate_limit: RateLimit,
        attempt_timeout: Duration,
    ) -> Self {
        Self {
            transport,
            base_url,
            observer,
            retry_policy,
            retry_budget: RetryBudget::new(),
            rate_limiter: RateLimiter::new(rate_limit),
            attempt_timeout,
        }
    }
}
