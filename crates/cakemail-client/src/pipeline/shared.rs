//! The parts of the pipeline that all clones of a client share.

use std::sync::Arc;

use cakemail_transport::Transport;

use super::base_url::BaseUrl;
use super::budget::RetryBudget;
use super::rate_limit::{RateLimit, RateLimiter};
use crate::observer::Observer;

/// What requests are sent with, whichever call they belong to.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) transport: Arc<dyn Transport>,
    pub(super) base_url: BaseUrl,
    pub(super) observer: Arc<dyn Observer>,
    pub(super) retry_budget: RetryBudget,
    pub(super) rate_limiter: RateLimiter,
}

impl Pipeline {
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        base_url: BaseUrl,
        observer: Arc<dyn Observer>,
        rate_limit: RateLimit,
    ) -> Self {
        Self {
            transport,
            base_url,
            observer,
            retry_budget: RetryBudget::new(),
            rate_limiter: RateLimiter::new(rate_limit),
        }
    }
}
