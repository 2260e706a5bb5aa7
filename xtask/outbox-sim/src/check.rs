//! What must hold at the end of a schedule.

use cakemail_outbox::state::{Remote, State};

use crate::world::{Assumptions, Email, World};

impl World {
    /// What is wrong with an email at the end.
    pub fn problem(&self, email: &Email) -> Option<String> {
        let state = &email.record.progress.state;
        let accepted: Vec<u32> = email.log.iter().filter(|entry| !entry.is_refused).map(|entry| entry.id).collect();
        let may_repeat = email.is_resent_by_decision
            || (self.assumptions == Assumptions::LateLogs && email.is_resent_without_traffic);
        let is_accepted_id = |remote: &Remote| {
            remote.id.as_ref().is_none_or(|id| accepted.iter().any(|accepted| *id.as_str() == accepted.to_string()))
        };
        let is_false = match state {
            State::Accepted(remote) => accepted.is_empty() || !is_accepted_id(remote),
            State::Refused | State::Expired => !accepted.is_empty(),
            State::Cancelled => email.is_cancelled_before_doubt && !accepted.is_empty(),
            _ => false,
        };
        let what = if accepted.len() > 1 && !may_repeat {
            "duplicated"
        } else if is_false {
            "in a state that is not true"
        } else if email.is_known_accepted && !matches!(state, State::Accepted(_)) {
            "known to be accepted, and lost again"
        } else if !state.is_ended() && *state != State::Parked {
            "left open"
        } else {
            return None;
        };
        Some(format!("email {} is {what}: it is {}, the server accepted {accepted:?}", email.record.id, state.name()))
    }
}
