//! A fault: its requests, its phase and its effect.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Effect, Match};

/// An injected fault: an [`Effect`] on the requests that match `on`, in the phase `at`.
///
/// ```
/// use cakemail_sandbox::{Effect, Fault, Match, Phase};
///
/// // Every second email is accepted, and its response is lost.
/// let lost = Fault::on(Match::operation("submitEmail").every(2)).at(Phase::Committed).effect(Effect::Reset);
/// assert_eq!(lost.to_string(), "submitEmail, every 2: committed, reset");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    #[serde(default)]
    on: Match,
    #[serde(default, rename = "phase")]
    at: Phase,
    effect: Effect,
}

/// When a fault takes effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Phase {
    /// On a new connection, before its first request is read. Method and path are known by then, and the account
    /// when the token is in the first KiB; the recipient and whether it is a renewal are not.
    Accept,
    /// Before the handler: the request was read and had no effect.
    #[default]
    Handler,
    /// After the handler has succeeded and before the response: the email is accepted. A refused request does not reach
    /// this phase.
    Committed,
    /// While a response of any status is written. Before the connection is reset, closed or stalled, the head and half
    /// of the body are sent; other effects replace the response.
    Answering,
}

impl Phase {
    fn word(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Handler => "handler",
            Self::Committed => "committed",
            Self::Answering => "answering",
        }
    }
}

impl Fault {
    /// A fault for these requests. By default it is a 500 before the handler.
    #[must_use]
    pub fn on(matching: Match) -> Self {
        Self { on: matching, at: Phase::default(), effect: Effect::Status(500) }
    }

    /// Sets the phase. [`Effect::Truncate`] and [`Effect::Drip`] are always [`Phase::Answering`], and tokens are
    /// revoked after the request was read at the earliest.
    #[must_use]
    pub fn at(mut self, phase: Phase) -> Self {
        self.at = phase;
        self
    }

    /// Sets the effect.
    #[must_use]
    pub fn effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Only for requests of this account.
    pub(crate) fn of_account(mut self, id: i64) -> Self {
        self.on = self.on.account(id);
        self
    }

    pub(super) fn matching(&self) -> &Match {
        &self.on
    }

    pub(super) fn kind(&self) -> &Effect {
        &self.effect
    }

    pub(super) fn phase(&self) -> Phase {
        match self.at {
            _ if self.effect.needs_response() => Phase::Answering,
            Phase::Accept if self.effect.is_silent() => Phase::Handler,
            phase => phase,
        }
    }

    /// The reason why it is invalid, if it is.
    pub(crate) fn invalid_reason(&self) -> Option<String> {
        let known = |id: &str| crate::api::document::document().is_ok_and(|document| document.operation(id).is_some());
        match (self.on.operation_id(), &self.effect) {
            (Some(id), _) if !known(id) => Some(format!("{id:?} is not the id of an operation")),
            (_, Effect::Status(status)) if !(200..=599).contains(status) => {
                Some(format!("{status} is not a final status: use 200 to 599"))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, {}", self.on, self.phase().word(), self.effect)
    }
}
