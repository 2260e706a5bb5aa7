//! The rate limits of webhooks.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::time::Time;
use crate::domain::webhooks::Webhook;

/// The second or minute in which a webhook was last called, and how often it was called in it.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Window {
    start: Option<Time>,
    calls: i64,
}

impl Window {
    /// When a call that is due is allowed.
    pub(super) fn allows(self, webhook: &Webhook, due: Time) -> Time {
        let full = self.start.filter(|_| self.calls >= webhook.rate_limit.max(1));
        full.map_or(due, |start| start.plus(period(webhook)).max(due))
    }

    /// Counts a call.
    pub(super) fn count(&mut self, webhook: &Webhook, now: Time) {
        let length = i64::try_from(period(webhook).as_millis()).unwrap_or(i64::MAX);
        let start = Some(Time(now.0 - now.0.rem_euclid(length)));
        if self.start != start {
            *self = Self { start, calls: 0 };
        }
        self.calls += 1;
    }
}

fn period(webhook: &Webhook) -> Duration {
    Duration::from_secs(if webhook.rate_limit_period == "minute" { 60 } else { 1 })
}
