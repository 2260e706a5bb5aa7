//! What a claim came to, and what someone decides.

use std::time::Duration;

use cakemail_model::{EmailId, FieldError};
use serde::{Deserialize, Serialize};

/// What a claim came to. Each counts in each step: one that does not belong to the step is taken as the event of that step
/// that proves least.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The worker has not begun, and gives it back.
    Released,
    /// It was accepted. A fact, from any claim at any time.
    Accepted(Remote),
    /// The server refused it for good, or it cannot be sent.
    Refused(Reason),
    /// The submission was not sent, or refused for now.
    NotSent {
        /// Why.
        reason: Reason,
        /// The earliest time for the next one, from now. At most a day counts.
        retry_after: Option<Duration>,
    },
    /// The response was lost: it may have been accepted.
    Lost(Reason),
    /// The logs were read, and do not have it.
    NotFound(Evidence),
    /// The logs could not be read or understood.
    LookFailed(Reason),
    /// Another email has its key in the logs.
    KeyConflict(Reason),
}

/// What an operator or the application decides about an email.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Decision {
    /// Send it, or send it again: of a parked, refused or cancelled email that has not expired.
    Resend,
    /// Look it up in the logs now: of a parked or unknown email.
    Look,
    /// It was accepted: of an email that may have been.
    MarkAccepted(Remote),
    /// Do not send it: of a queued or parked email.
    Cancel,
}

/// What the logs show of other emails, when they do not have this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// They have another email that was accepted after the submission.
    CaughtUp,
    /// They lack another email that was accepted after the submission.
    Behind,
    /// No other email was accepted after the submission.
    NoTraffic,
}

/// An accepted email, as the API knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Remote {
    /// Its id. `None` when someone decided without knowing it, or the response did not have it.
    pub id: Option<EmailId>,
}

impl Remote {
    /// The email with this id.
    pub fn new(id: impl Into<Option<EmailId>>) -> Self {
        Self { id: id.into() }
    }
}

/// Why something failed: no content, no recipient, no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reason {
    /// The kind of the error, such as `ConnectionLost`.
    pub kind: String,
    /// The error's message.
    pub message: String,
    /// The fields that the server refused, or that are invalid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
    /// The server's id of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Reason {
    /// A reason without fields.
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind: kind.into(), message: message.into(), fields: Vec::new(), request_id: None }
    }
}

impl Decision {
    /// What it does to the email, as in "cannot be cancelled".
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Resend => "sent again",
            Self::Look => "looked up",
            Self::MarkAccepted(_) => "marked as accepted",
            Self::Cancel => "cancelled",
        }
    }
}
