//! Observers: what a program can see of the client's calls and attempts.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use cakemail_model::Idempotency;
use cakemail_transport::{Dispatch, Response, TransportError};
use http::StatusCode;
use tokio::time::Instant;
use tracing::{Instrument, debug, debug_span};

use crate::error::{Error, Outcome};

/// Sees every call that passes validation, and every attempt of it: for logs, metrics and traces.
///
/// Every method does nothing by default. The methods run within the call, so they must return quickly. They see
/// identifiers and numbers only: no body, address, token or query.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use cakemail_client::{AttemptFinished, Observer};
///
/// #[derive(Debug, Default)]
/// struct RateLimitCounter(AtomicU64);
///
/// impl Observer for RateLimitCounter {
///     fn attempt_finished(&self, attempt: &AttemptFinished<'_>) {
///         if attempt.status.is_some_and(|status| status == 429) {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// ```
pub trait Observer: fmt::Debug + Send + Sync + 'static {
    /// A call begins.
    fn call_started(&self, _: &CallStarted) {}

    /// An attempt begins: its request is handed to the transport next.
    fn attempt_started(&self, _: &AttemptStarted) {}

    /// Wraps the future of an attempt, for example to enter a span each time it is polled. Returns it unchanged by
    /// default.
    fn wrap_attempt<'a>(&self, _: &AttemptStarted, attempt: AttemptFuture<'a>) -> AttemptFuture<'a> {
        attempt
    }

    /// An attempt ended: with a response, a failure of the transport, or a timeout.
    fn attempt_finished(&self, _: &AttemptFinished<'_>) {}

    /// The last attempt failed, and the call makes another one after a delay.
    fn retry_scheduled(&self, _: &RetryScheduled<'_>) {}

    /// A call ended. Called exactly once for each [`call_started`](Self::call_started), also when the call is
    /// cancelled.
    fn call_finished(&self, _: &CallFinished<'_>) {}
}

/// One attempt on its way through the transport.
pub type AttemptFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, TransportError>> + Send + 'a>>;

/// A call begins.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct CallStarted {
    /// The operation's id, such as `submitEmail`.
    pub operation: &'static str,
    /// The template of its path, such as `/v2/emails/{email_id}`.
    pub route: &'static str,
    /// What repeating its request would do.
    pub idempotency: Idempotency,
}

/// An attempt begins.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AttemptStarted {
    /// The operation's id.
    pub operation: &'static str,
    /// The template of its path.
    pub route: &'static str,
    /// The attempt's number within its call, from 1.
    pub attempt: u32,
}

/// An attempt ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct AttemptFinished<'a> {
    /// The operation's id.
    pub operation: &'static str,
    /// The template of its path.
    pub route: &'static str,
    /// The attempt's number within its call, from 1.
    pub attempt: u32,
    /// The status of the response. `None` when none arrived.
    pub status: Option<StatusCode>,
    /// The server's id of the request (`X-Request-Id`), if it gave one.
    pub request_id: Option<&'a str>,
    /// Whether the request may have been sent. `None` when a response arrived.
    pub dispatch: Option<Dispatch>,
    /// Whether the server did what this attempt requested.
    pub outcome: Outcome,
    /// Why the attempt failed: also when its status is a success and its body is not what it should be.
    pub error: Option<&'a Error>,
    pub(crate) started: Instant,
}

impl AttemptFinished<'_> {
    /// The time since the request was handed to the transport.
    pub fn duration(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A failed attempt is followed by another.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RetryScheduled<'a> {
    /// The operation's id.
    pub operation: &'static str,
    /// How many attempts have been made.
    pub attempts: u32,
    /// Why the last one failed.
    pub error: &'a Error,
    /// The delay before the next attempt. Zero after a 401: a new token is obtained instead.
    pub delay: Duration,
}

/// A call ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct CallFinished<'a> {
    /// The operation's id.
    pub operation: &'static str,
    /// The template of its path.
    pub route: &'static str,
    /// How many attempts were made.
    pub attempts: u32,
    /// Whether the server did what the call requested.
    pub outcome: Outcome,
    /// How the call ended.
    pub completion: Completion<'a>,
    pub(crate) started: Instant,
}

impl CallFinished<'_> {
    /// The time since the call started, with all attempts and waits.
    pub fn duration(&self) -> Duration {
        self.started.elapsed()
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Completion<'a> {
    /// The call returned a value.
    Succeeded,
    /// The call returned this error.
    Failed(&'a Error),
    /// The call's future was dropped before it was ready.
    Cancelled,
}

/// Reports calls and attempts to [`tracing`]: the observer of a client that is given no other.
///
/// Every attempt runs in a span `cakemail` of the level `DEBUG`, with the operation, the route and the attempt's
/// number. Retries are events of the level `DEBUG`; the ends of attempts and calls are events of the level `TRACE`.
#[derive(Debug, Clone, Copy, Default)]
pub struct TracingObserver;

impl Observer for TracingObserver {
    fn wrap_attempt<'a>(&self, attempt: &AttemptStarted, future: AttemptFuture<'a>) -> AttemptFuture<'a> {
        let AttemptStarted { operation, route, attempt } = *attempt;
        let span = debug_span!("cakemail", operation, route, attempt);
        // A second box is allocated only when a subscriber listens.
        if span.is_disabled() { future } else { Box::pin(future.instrument(span)) }
    }

    fn attempt_finished(&self, it: &AttemptFinished<'_>) {
        tracing::trace!(
            operation = it.operation,
            attempt = it.attempt,
            status = it.status.map(|status| status.as_u16()),
            request_id = it.request_id,
            dispatch = it.dispatch.map(tracing::field::debug),
            outcome = ?it.outcome,
            duration = ?it.duration(),
            "attempt finished"
        );
    }

    fn retry_scheduled(&self, it: &RetryScheduled<'_>) {
        debug!(operation = it.operation, attempts = it.attempts, kind = ?it.error.kind(), delay = ?it.delay, "retrying");
    }

    fn call_finished(&self, it: &CallFinished<'_>) {
        let kind = match it.completion {
            Completion::Failed(error) => Some(tracing::field::debug(error.kind())),
            Completion::Succeeded | Completion::Cancelled => None,
        };
        tracing::trace!(
            operation = it.operation,
            attempts = it.attempts,
            outcome = ?it.outcome,
            kind,
            duration = ?it.duration(),
            "call finished"
        );
    }
}

/// Two observers: each sees everything, the first one first.
impl<A: Observer, B: Observer> Observer for (A, B) {
    fn call_started(&self, call: &CallStarted) {
        self.0.call_started(call);
        self.1.call_started(call);
    }

    fn attempt_started(&self, attempt: &AttemptStarted) {
        self.0.attempt_started(attempt);
        self.1.attempt_started(attempt);
    }

    fn wrap_attempt<'a>(&self, attempt: &AttemptStarted, future: AttemptFuture<'a>) -> AttemptFuture<'a> {
        self.0.wrap_attempt(attempt, self.1.wrap_attempt(attempt, future))
    }

    fn attempt_finished(&self, attempt: &AttemptFinished<'_>) {
        self.0.attempt_finished(attempt);
        self.1.attempt_finished(attempt);
    }

    fn retry_scheduled(&self, retry: &RetryScheduled<'_>) {
        self.0.retry_scheduled(retry);
        self.1.retry_scheduled(retry);
    }

    fn call_finished(&self, call: &CallFinished<'_>) {
        self.0.call_finished(call);
        self.1.call_finished(call);
    }
}
