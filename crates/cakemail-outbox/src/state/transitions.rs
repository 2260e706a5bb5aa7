//! The transitions.

use std::time::Duration;

use super::{Decision, Event, Evidence, NotAllowed, Progress, Reason, Remote, Rules, State, Step};
use crate::{OnMissing, Owner, Record, Time};

/// A server that asks for a longer wait is asked again after this one.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 3600);

impl Record {
    /// Its progress when a worker claims it: `dispatching`, or `expired` or `parked` because it expired. `None` if it is not
    /// due.
    ///
    /// The ledger must know that the owner of a `dispatching` email has ended, as its lock shows: a process that is stopped
    /// can still go on.
    pub fn claim(&self, owner: Owner, rules: &Rules, now: Time) -> Option<Progress> {
        Transition::new(self, rules, now).claimed(owner)
    }

    /// Its progress after what the claim with this epoch came to. `None` if that is not the current claim: nothing changes.
    /// That an email was accepted always counts.
    pub fn complete(&self, epoch: i64, event: &Event, rules: &Rules, now: Time) -> Option<Progress> {
        let claim = match self.progress.state {
            State::Dispatching { step, since, .. } if epoch == self.progress.epoch => Some((step, since)),
            _ => None,
        };
        Transition::new(self, rules, now).completed(event, claim)
    }

    /// Another email that was claimed at this time or later and accepted shows whether the logs have caught up, if it is
    /// searched before this one. `None` if this one is not in doubt.
    ///
    /// A request may be accepted after its end, when its last bytes arrive late: half of the settle time is for that, and
    /// the other half for the logs.
    pub fn evidence_after(&self, rules: &Rules) -> Option<Time> {
        self.progress.doubt.map(|doubt| doubt.after(rules.settle / 2))
    }

    /// Its progress after a decision.
    ///
    /// # Errors
    /// When its state does not allow the decision. While a worker has claimed it, none is allowed.
    pub fn decide(&self, decision: &Decision, rules: &Rules, now: Time) -> Result<Progress, NotAllowed> {
        let transition = Transition::new(self, rules, now);
        transition.decided(decision).ok_or_else(|| {
            let is_too_late = *decision == Decision::Resend && transition.is_expired();
            let state = if is_too_late { "expired" } else { self.progress.state.name() };
            NotAllowed { state, decision: decision.name() }
        })
    }
}

struct Transition<'a> {
    record: &'a Record,
    current: &'a Progress,
    rules: &'a Rules,
    now: Time,
}

impl<'a> Transition<'a> {
    fn new(record: &'a Record, rules: &'a Rules, now: Time) -> Self {
        Self { record, current: &record.progress, rules, now }
    }

    fn claimed(&self, owner: Owner) -> Option<Progress> {
        if self.current.due.is_none_or(|due| due > self.now) {
            return None;
        }
        let (step, doubt) = match self.current.state {
            State::Queued if self.is_expired() => return Some(self.expired()),
            State::Queued => (Step::Submit, self.current.doubt),
            // The worker died or froze: it may have written until the end of its lease.
            State::Dispatching { step: Step::Submit, since, .. } => {
                (Step::Look, Some(self.doubt(since.after(self.rules.lease))))
            }
            State::Dispatching { step: Step::Look, .. } | State::Unknown => (Step::Look, self.current.doubt),
            _ => return None,
        };
        let due = self.now.after(self.rules.lease).after(self.rules.settle);
        Some(Progress {
            doubt,
            submissions: self.current.submissions.saturating_add(u32::from(step == Step::Submit)),
            ..self.waiting(State::Dispatching { owner, step, since: self.now }, due)
        })
    }

    fn completed(&self, event: &Event, claim: Option<(Step, Time)>) -> Option<Progress> {
        let next = match (event, claim) {
            (Event::Accepted(remote), _) => return self.accepted(remote),
            (_, None) => return None,
            (Event::Released, Some((Step::Submit, _))) => {
                let submissions = self.current.submissions.saturating_sub(1);
                Progress { submissions, ..self.waiting(State::Queued, self.now) }
            }
            (Event::Released, Some((Step::Look, _))) => self.waiting(State::Unknown, self.now),
            (Event::Refused(reason), Some((step, _))) if self.is_another_in_doubt(step) => self.parked(reason),
            (Event::Refused(reason), Some(_)) => self.ended(State::Refused, Some(reason.clone())),
            (Event::NotSent { reason, retry_after }, Some((Step::Submit, _))) => {
                let wait = self.backoff().max(retry_after.unwrap_or_default().min(MAX_RETRY_AFTER));
                self.failed(State::Queued, self.now.after(wait), reason)
            }
            (
                Event::Lost(reason) | Event::LookFailed(reason) | Event::KeyConflict(reason),
                Some((Step::Submit, since)),
            ) => self.lost(since, reason),
            (Event::NotFound(_), Some((Step::Submit, since))) => {
                self.lost(since, &Reason::new("Lost", "the outcome of the submission is not known"))
            }
            (Event::NotFound(evidence), Some((Step::Look, since))) => self.missing(since, *evidence),
            (Event::KeyConflict(reason), Some((Step::Look, _))) => self.parked(reason),
            (
                Event::LookFailed(reason) | Event::Lost(reason) | Event::NotSent { reason, .. },
                Some((Step::Look, _)),
            ) => self.unseen(reason),
        };
        Some(next)
    }

    fn accepted(&self, remote: &Remote) -> Option<Progress> {
        let State::Accepted(known) = &self.current.state else {
            return Some(self.ended(State::Accepted(remote.clone()), None));
        };
        match (&known.id, &remote.id) {
            (None, Some(_)) => Some(self.ended(State::Accepted(remote.clone()), self.current.reason.clone())),
            (Some(first), Some(second)) if first != second => {
                let message = format!("it was accepted twice: the other email has the id {second}");
                let reason = Some(Reason::new("AcceptedTwice", message));
                (self.current.reason != reason).then(|| self.ended(self.current.state.clone(), reason))
            }
            _ => None,
        }
    }

    fn lost(&self, since: Time, reason: &Reason) -> Progress {
        let doubt = self.doubt(since.max(self.now));
        let due = self.next_look(doubt.after(self.rules.settle));
        Progress { doubt: Some(doubt), ..self.failed(State::Unknown, due, reason) }
    }

    /// Whether a submission other than the refused one may have been accepted.
    fn is_another_in_doubt(&self, step: Step) -> bool {
        match step {
            Step::Submit => self.current.doubt.is_some(),
            Step::Look => self.current.resends > 0,
        }
    }

    /// The logs did not have it after `since`, when the search was claimed: it may be long ago, and what they lacked then
    /// proves nothing if it was before the settle time, or if they are known to lag.
    fn missing(&self, since: Time, evidence: Evidence) -> Progress {
        let reason = Reason::new("NotFound", "the response was lost, and the logs do not have the email");
        let is_final = self.record.on_missing == OnMissing::Park
            || self.current.resends >= self.rules.max_resends
            || self.is_expired();
        match evidence {
            Evidence::Behind => {
                self.unseen(&Reason::new("LogsBehind", "the response was lost, and the logs lack later emails too"))
            }
            _ if since < self.settled() => self.failed(State::Unknown, self.next_look(self.settled()), &reason),
            _ if is_final => self.parked(&reason),
            _ => self.again(),
        }
    }

    /// The logs do not tell. They are searched again, for a limited time.
    fn unseen(&self, reason: &Reason) -> Progress {
        if self.now >= self.settled().after(self.rules.evidence_limit) {
            return self.parked(reason);
        }
        self.failed(State::Unknown, self.next_look(self.settled()), reason)
    }

    /// What someone decided.
    fn decided(&self, decision: &Decision) -> Option<Progress> {
        match (decision, &self.current.state) {
            (Decision::Resend, State::Parked | State::Refused | State::Cancelled) if !self.is_expired() => {
                Some(self.again())
            }
            (Decision::Look, State::Parked | State::Unknown) => Some(self.waiting(State::Unknown, self.now)),
            (Decision::MarkAccepted(_), State::Dispatching { .. } | State::Accepted(_)) => None,
            (Decision::MarkAccepted(remote), _) if self.current.doubt.is_some() => {
                Some(self.ended(State::Accepted(remote.clone()), None))
            }
            (Decision::Cancel, State::Queued | State::Parked) => Some(self.ended(State::Cancelled, None)),
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
        let resends = self.current.resends.saturating_add(u32::from(self.current.doubt.is_some()));
        Progress { resends, failures: 0, ..self.waiting(State::Queued, self.now) }
    }

    fn failed(&self, state: State, due: Time, reason: &Reason) -> Progress {
        let failures = self.current.failures.saturating_add(1);
        Progress { failures, reason: Some(reason.clone()), ..self.waiting(state, due) }
    }

    fn parked(&self, reason: &Reason) -> Progress {
        self.ended(State::Parked, Some(reason.clone()))
    }

    /// In a state in which a worker claims it when it is due.
    fn waiting(&self, state: State, due: Time) -> Progress {
        Progress { state, due: Some(due), epoch: self.current.epoch.saturating_add(1), ..self.current.clone() }
    }

    /// In a state in which no worker claims it.
    fn ended(&self, state: State, reason: Option<Reason>) -> Progress {
        Progress { state, due: None, reason, epoch: self.current.epoch.saturating_add(1), ..self.current.clone() }
    }

    /// The later one of the doubt so far and this one: the clock may have stepped back.
    fn doubt(&self, end: Time) -> Time {
        self.current.doubt.map_or(end, |doubt| doubt.max(end))
    }

    /// From this time on, absence from the logs is weighed.
    fn settled(&self) -> Time {
        let settle = match self.record.on_missing {
            OnMissing::Park => self.rules.settle,
            OnMissing::ResendAfter(wait) => wait.max(self.rules.settle),
        };
        self.current.doubt.unwrap_or(self.now).after(settle)
    }

    /// Looks become rarer, and one is made at the settle time.
    fn next_look(&self, settled: Time) -> Time {
        let next = self.now.after(self.backoff());
        if self.now < settled { next.min(settled) } else { next }
    }

    fn backoff(&self) -> Duration {
        let factor = 1 << self.current.failures.min(16);
        self.rules.first_backoff.saturating_mul(factor).min(self.rules.max_backoff)
    }
}
