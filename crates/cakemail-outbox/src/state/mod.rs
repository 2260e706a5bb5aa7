//! The state machine of an email in the outbox: pure, without I/O and without a clock.
//!
//! The API has no idempotency key, so an email that may have been accepted is never submitted blindly: it is looked up in
//! the logs first, and absence from the logs is weighed by the email's policy.

mod event;
mod record;
mod transitions;

pub use event::{Decision, Event, Evidence, Reason, Remote};
pub use record::{Delivery, Lane, OnMissing, Owner, Record};

use std::time::Duration;

use crate::Time;

/// Where an email stands.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Its state.
    pub state: State,
    /// Raised by each change. What a claim came to counts only while the epoch is the claim's, and so does everything else
    /// that was decided from a record.
    pub epoch: i64,
    /// When a worker may claim it. `None` when it has ended or is parked.
    pub due: Option<Time>,
    /// The end of the latest submission that may have been accepted. `None` while none may have been. It never moves back.
    pub doubt: Option<Time>,
    /// How many submissions began.
    pub submissions: u32,
    /// How many of them followed one that may have been accepted.
    pub resends: u32,
    /// How many attempts failed in a row: the next one waits longer.
    pub failures: u32,
    /// Why it is in its state, if something failed.
    pub reason: Option<Reason>,
}

/// The state of an email.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum State {
    /// It waits to be submitted.
    Queued,
    /// A worker has claimed it.
    Dispatching {
        /// Whose claim it is.
        owner: Owner,
        /// What the worker does.
        step: Step,
        /// When it was claimed.
        since: Time,
    },
    /// It may have been accepted. The logs will be searched.
    Unknown,
    /// Nobody can know whether it was accepted. An operator or the application decides.
    Parked,
    /// The server accepted it.
    Accepted(Remote),
    /// The server refused it for good, or it cannot be sent.
    Refused,
    /// It was cancelled, and was not accepted before as far as we know.
    Cancelled,
    /// It was not sent before it expired.
    Expired,
}

/// What a worker does with a claimed email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Submit it.
    Submit,
    /// Look it up in the logs, because it may have been accepted.
    Look,
}

/// The times of the state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// How long a claim may write to the network.
    pub lease: Duration,
    /// From the end of a submission until absence from the logs counts. Half of it is for a request that is accepted late, so
    /// that is the longest deadline of a request; the other half is for the lag of the logs.
    pub settle: Duration,
    /// The wait after the first failure. It doubles each time.
    pub first_backoff: Duration,
    /// The longest wait after a failure.
    pub max_backoff: Duration,
    /// How long after the settle time the logs may be unreadable, or known to lag, until the email is parked.
    pub evidence_limit: Duration,
    /// How many times an email is sent again by its policy.
    pub max_resends: u32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            settle: Duration::from_secs(60),
            first_backoff: Duration::from_secs(1),
            max_backoff: Duration::from_secs(300),
            evidence_limit: Duration::from_secs(24 * 3600),
            max_resends: 3,
        }
    }
}

/// A decision that the email's state does not allow. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an email that is {state} cannot be {decision}")]
pub struct NotAllowed {
    /// The name of the state.
    pub state: &'static str,
    /// The decision, as in "cancelled".
    pub decision: &'static str,
}

impl Progress {
    /// An email that was just enqueued, and is due at this time.
    pub fn queued(due: Time) -> Self {
        Self {
            state: State::Queued,
            epoch: 0,
            due: Some(due),
            doubt: None,
            submissions: 0,
            resends: 0,
            failures: 0,
            reason: None,
        }
    }
}

impl State {
    /// Its name, as commands and the documentation write it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Dispatching { .. } => "dispatching",
            Self::Unknown => "unknown",
            Self::Parked => "parked",
            Self::Accepted(_) => "accepted",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether nothing more happens to it by itself, except that an acceptance becomes known.
    pub const fn is_ended(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::Refused | Self::Cancelled | Self::Expired)
    }
}
