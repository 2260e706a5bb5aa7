//! The progress of a call: its attempts and their combined outcome, reported to the observer.

use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::classify::outcome_if_sent;
use super::prepare::Call;
use super::retry::RetryDecision;
use crate::error::{Error, Outcome};
use crate::observer::{CallFinished, CallStarted, Completion, RetryScheduled};
use crate::time;

/// What a call has done so far. Reports a cancelled call when it is dropped before [`finish`](Self::finish).
pub(super) struct CallProgress<'a> {
    pub(super) call: &'a Call<'a>,
    started: Instant,
    pub(super) attempts: u32,
    /// The worst outcome of the attempts so far: a later attempt that did nothing does not undo an earlier one.
    pub(super) outcome: Outcome,
    in_flight: bool,
    /// Whether the server has rejected a token: another one is tried once.
    pub(super) token_renewed: bool,
    finished: bool,
}

impl<'a> CallProgress<'a> {
    pub(super) fn start(call: &'a Call<'a>) -> Self {
        let route = call.route;
        call.pipeline.observer.call_started(&CallStarted {
            operation: route.operation,
            route: route.path,
            idempotency: route.idempotency,
        });
        let started = Instant::now();
        Self {
            call,
            started,
            attempts: 0,
            outcome: Outcome::NotDone,
            in_flight: false,
            token_renewed: false,
            finished: false,
        }
    }

    /// When the call has to end.
    pub(super) fn deadline(&self) -> Instant {
        time::add(self.started, self.call.options.deadline)
    }

    /// When the next attempt has to begin.
    pub(super) fn begin_by(&self) -> Instant {
        let deadline = self.deadline();
        match self.call.send_by() {
            Some(send_by) => deadline.min(time::from_now(send_by.remaining())),
            None => deadline,
        }
    }

    /// Counts an attempt that is about to be sent.
    pub(super) fn attempt_started(&mut self) {
        self.attempts += 1;
        self.in_flight = true;
    }

    /// Adds a failed attempt to the outcome. Returns the error with the attempts and the outcome of the whole call.
    pub(super) fn attempt_failed(&mut self, error: Error) -> Error {
        self.in_flight = false;
        self.outcome = self.outcome.max(error.outcome());
        error.with_attempts(self.attempts).with_outcome(self.outcome)
    }

    /// Whether to retry after a failed attempt.
    pub(super) fn decide(&self, error: &Error) -> RetryDecision {
        let Call { pipeline, options, route, .. } = self.call;
        let (deadline, budget) = (self.begin_by(), &pipeline.retry_budget);
        options.retry_policy.decide(error, route.idempotency, self.attempts, deadline, budget)
    }

    pub(super) fn retry_scheduled(&self, error: &Error, delay: Duration) {
        let (operation, attempts) = (self.call.route.operation, self.attempts);
        self.call.pipeline.observer.retry_scheduled(&RetryScheduled { operation, attempts, error, delay });
    }

    /// Reports the end of the call.
    pub(super) fn finish(mut self, error: Option<&Error>) {
        self.finished = true;
        match error {
            None => self.report(Outcome::Done, Completion::Succeeded),
            Some(error) => self.report(error.outcome(), Completion::Failed(error)),
        }
    }

    fn report(&self, outcome: Outcome, completion: Completion<'_>) {
        if let Some(maybe_done) = self.call.options.maybe_done.as_ref().filter(|_| outcome != Outcome::NotDone) {
            maybe_done.store(true, Ordering::Relaxed);
        }
        let route = self.call.route;
        self.call.pipeline.observer.call_finished(&CallFinished {
            operation: route.operation,
            route: route.path,
            attempts: self.attempts,
            outcome,
            completion,
            started: self.started,
        });
    }
}

impl Drop for CallProgress<'_> {
    fn drop(&mut self) {
        if !self.finished {
            let sent = if self.in_flight { outcome_if_sent(self.call.route.idempotency) } else { Outcome::NotDone };
            self.report(self.outcome.max(sent), Completion::Cancelled);
        }
    }
}
