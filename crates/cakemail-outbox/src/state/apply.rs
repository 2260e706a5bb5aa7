//! The transitions.

use std::time::Duration;

use super::{Event, Evidence, NotAllowed, Progress, Reason, Rules, State, Step};
use crate::{OnMissing, Owner, Record, Time};

impl Record {
    /// Its progress after an event at this time.
    ///
    /// # Errors
    /// When its state does not allow the event.
    pub fn apply(&self, event: &Event, rules: &Rules, now: Time) -> Result<Progress, NotAllowed> {
        let next = Transition { record: self, current: &self.progress, rules, now }.next(event);
        next.ok_or_else(|| NotAllowed { state: self.progress.state.name(), event: event.name() })
    }

    /// Its progress after what a claim came to. That an email was accepted is a fact, also if another claim has replaced
    /// this one; everything else counts only while the epoch is the claim's.
    ///
    /// # Errors
    /// When the claim is not the current one.
    pub fn complete(&self, epoch: i64, event: &Event, rules: &Rules, now: Time) -> Result<Progress, NotAllowed> {
        let is_current = matches!(self.progress.state, State::Dispatching { .. }) && self.progress.epoch == epoch;
        if is_current || matches!(event, Event::Accepted(_)) {
            return self.apply(event, rules, now);
        }
        Err(NotAllowed { state: self.progress.state.name(), event: event.name() })
    }
}

struct Transition<'a> {
    record: &'a Record,
    current: &'a Progress,
    rules: &'a Rules,
    now: Time,
}

impl Transition<'_> {
    fn next(&self, event: &Event) -> Option<Progress> {
        match (&self.current.state, event) {
            (State::Accepted(_), Event::Accepted(_)) => Some(self.current.clone()),
            (_, Event::Accepted(remote)) => Some(self.ended(State::Accepted(remote.clone()), None)),
            (_, Event::Claim { owner }) => self.claimed(*owner),
            (State::Dispatching { step: Step::Submit, .. }, _) => self.submitted(event),
            (State::Dispatching { step: Step::Look, .. }, _) => self.looked(event),
            (state, _) => self.decided(state, event),
        }
    }

    fn claimed(&self, owner: Owner) -> Option<Progress> {
        if self.current.due.is_none_or(|due| due > self.now) {
            return None;
        }
        let (step, doubt) = match self.current.state {
            State::Queued if self.is_expired() => return Some(self.expired()),
            State::Queued => (Step::Submit, self.current.doubt),
            // The worker died or froze: it may have written until the end of its lease.
            State::Dispatching { step: Step::Submit, since, .. } => (Step::Look, Some(since.after(self.rules.lease))),
            State::Dispatching { step: Step::Look, .. } | State::Unknown => (Step::Look, self.current.doubt),
            _ => return None,
        };
        Some(Progress {
            state: State::Dispatching { owner, step, since: self.now },
            epoch: self.current.epoch + 1,
            due: Some(self.now.after(self.rules.lease).after(self.rules.settle)),
            doubt,
            submissions: self.current.submissions + u32::from(step == Step::Submit),
            ..self.current.clone()
        })
    }

    /// What a submission came to.
    fn submitted(&self, event: &Event) -> Option<Progress> {
        match event {
            Event::Released => {
                let submissions = self.current.submissions.saturating_sub(1);
                Some(Progress { submissions, ..self.waiting(State::Queued, self.now) })
            }
            // An earlier submission may have been accepted.
            Event::Refused(reason) if self.current.doubt.is_some() => Some(self.parked(reason)),
            Event::Refused(reason) => Some(self.ended(State::Refused, Some(reason.clone()))),
            Event::NotSent { reason, retry_after } => {
                let due = self.now.after(self.backoff().max(retry_after.unwrap_or_default()));
                Some(self.failed(State::Queued, due, reason))
            }
            Event::Lost(reason) => {
                let due = self.now.after(self.backoff());
                Some(Progress { doubt: Some(self.now), ..self.failed(State::Unknown, due, reason) })
            }
            _ => None,
        }
    }

    /// What a search of the logs came to.
    fn looked(&self, event: &Event) -> Option<Progress> {
        match event {
            Event::Released => Some(self.waiting(State::Unknown, self.now)),
            // Of several submissions, another one may have been accepted.
            Event::Refused(reason) if self.current.resends > 0 => Some(self.parked(reason)),
            Event::Refused(reason) => Some(self.ended(State::Refused, Some(reason.clone()))),
            Event::NotFound(evidence) => Some(self.missing(*evidence)),
            Event::LookFailed(reason) => Some(self.failed(State::Unknown, self.now.after(self.backoff()), reason)),
            Event::KeyConflict(reason) => Some(self.parked(reason)),
            _ => None,
        }
    }

    /// The logs do not have it. They prove nothing before they had time to catch up.
    fn missing(&self, evidence: Evidence) -> Progress {
        let doubt = self.current.doubt.unwrap_or(self.now);
        let settle = match self.record.on_missing {
            OnMissing::Park => self.rules.settle,
            OnMissing::ResendAfter(wait) => wait.max(self.rules.settle),
        };
        let (settled, next_look) = (doubt.after(settle), self.now.after(self.backoff()));
        let reason = Reason::new("NotFound", "the response was lost, and the logs do not have the email");
        if self.now < settled {
            return self.failed(State::Unknown, next_look.min(settled), &reason);
        }
        let is_parked = self.record.on_missing == OnMissing::Park
            || self.current.resends >= self.rules.max_resends
            || self.is_expired();
        let is_behind = evidence == Evidence::Behind;
        if is_parked || (is_behind && self.now >= doubt.after(self.rules.evidence_limit)) {
            return self.parked(&reason);
        }
        if is_behind {
            return self.failed(State::Unknown, next_look, &reason);
        }
        self.again()
    }

    /// What someone decided.
    fn decided(&self, state: &State, event: &Event) -> Option<Progress> {
        match (event, state) {
            (Event::Resend, State::Parked | State::Refused | State::Cancelled | State::Expired)
                if !self.is_expired() =>
            {
                Some(self.again())
            }
            (Event::Look, State::Parked | State::Unknown) if self.current.doubt.is_some() => {
                Some(self.waiting(State::Unknown, self.now))
            }
            (Event::MarkAccepted(remote), State::Parked | State::Unknown) => {
                Some(self.ended(State::Accepted(remote.clone()), None))
            }
            (Event::Cancel, State::Queued | State::Parked) => Some(self.ended(State::Cancelled, None)),
            _ => None,
        }
    }

    fn is_expired(&self) -> bool {
        self.record.expires_at.is_some_and(|expires_at| expires_at <= self.now)
    }

    fn expired(&self) -> Progress {
        let reason = Reason::new("Expired", "it was not sent before it expired");
        match self.current.doubt {
            None => self.ended(State::Expired, Some(reason)),
            Some(_) => self.parked(&reason),
        }
    }

    /// Queued to be sent once more.
    fn again(&self) -> Progress {
        let resends = self.current.resends + u32::from(self.current.doubt.is_some());
        Progress { resends, failures: 0, ..self.waiting(State::Queued, self.now) }
    }

    fn waiting(&self, state: State, due: Time) -> Progress {
        Progress { state, due: Some(due), ..self.current.clone() }
    }

    fn failed(&self, state: State, due: Time, reason: &Reason) -> Progress {
        let failures = self.current.failures.saturating_add(1);
        Progress { failures, reason: Some(reason.clone()), ..self.waiting(state, due) }
    }

    fn parked(&self, reason: &Reason) -> Progress {
        self.ended(State::Parked, Some(reason.clone()))
    }

    /// In a state in which no worker claims it.
    fn ended(&self, state: State, reason: Option<Reason>) -> Progress {
        Progress { state, due: None, reason, ..self.current.clone() }
    }

    fn backoff(&self) -> Duration {
        let factor = 1 << self.current.failures.min(16);
        self.rules.first_backoff.saturating_mul(factor).min(self.rules.max_backoff)
    }
}
