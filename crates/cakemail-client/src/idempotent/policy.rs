//! How an email whose response was lost is reconciled with the logs.

use std::time::Duration;

/// How to reconcile an email whose response was lost with the logs, and what to do when they do not have it.
///
/// The client searches the logs for the key during `window`. How soon an accepted email is in the logs is not documented,
/// so an email that is missing may still have been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReconcilePolicy {
    /// How long to search: 20 seconds by default, and no longer than until the call's deadline.
    pub window: Duration,
    /// What to do when the email is not found in this time.
    pub on_missing: OnMissing,
    /// How far back to search for an email with the same key before sending. By default the server decides: 7 days.
    pub lookback: Option<Duration>,
}

/// What to do when the logs do not have an email that may have been accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum OnMissing {
    /// Return an error whose outcome is [`Outcome::Unknown`](crate::Outcome::Unknown).
    #[default]
    Report,
    /// Submit the email again, at most three times. The recipient may get it more than once.
    Resend,
}

impl Default for ReconcilePolicy {
    fn default() -> Self {
        Self { window: Duration::from_secs(20), on_missing: OnMissing::Report, lookback: None }
    }
}

impl ReconcilePolicy {
    /// Searches for 20 seconds, and reports a missing email.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how long to search the logs.
    #[must_use]
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Sets what to do when the email is not found.
    #[must_use]
    pub fn on_missing(mut self, on_missing: OnMissing) -> Self {
        self.on_missing = on_missing;
        self
    }

    /// Sets how far back to search for an email with the same key.
    #[must_use]
    pub fn lookback(mut self, lookback: Duration) -> Self {
        self.lookback = Some(lookback);
        self
    }
}
