//! The one road that every call takes, each step in its own file:
//!
//! ```text
//! total deadline → retry → pace → auth → span → attempt timeout → transport → status → decode
//! ```

mod answer;
mod attempt;
mod budget;
mod rate_limit;
mod request;
mod retry;

use std::sync::Arc;
use std::time::Duration;

use cakemail_model::{Idempotency, Operation};
use cakemail_transport::{Body, Response, Transport};
use tokio::time::Instant;
use tracing::debug;

pub(crate) use answer::decode;
pub(crate) use budget::Budget;
pub(crate) use rate_limit::Pacer;
pub use rate_limit::RateLimit;
pub(crate) use request::Base;
use request::Call;
pub(crate) use request::{Headers, write};
use retry::RetryDecision;
pub use retry::RetryPolicy;

use crate::call::Options;
use crate::error::{Error, ErrorKind, Outcome};
use crate::tokens::Tokens;

/// What the road is made of, shared by all clones of a client.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) base: Base,
    pub(crate) retry: RetryPolicy,
    pub(crate) budget: Budget,
    pub(crate) pacer: Pacer,
    /// The time for one attempt.
    pub(crate) attempt_timeout: Duration,
}

/// Writes the body of an operation as most are: some 256 bytes of it.
pub(crate) fn usual<O: Operation>(body: &O::Body) -> Option<Body> {
    write(O::BODY, body, 256)
}

/// Takes an operation down the road and reads the answer.
pub(crate) async fn execute<O: Operation>(
    pipeline: &Pipeline,
    tokens: Option<&Tokens>,
    options: &Options,
    operation: &O,
) -> Result<O::Output, Error> {
    let (answer, attempts) = execute_raw(pipeline, tokens, options, operation, usual::<O>).await?;
    decode::<O, _>(&answer).map_err(|error| error.with_attempts(attempts))
}

/// Takes an operation, whose body is written so, down the road and leaves the answer as it came, with how many attempts
/// it took.
pub(crate) fn execute_raw<'a, O: Operation>(
    pipeline: &'a Pipeline,
    tokens: Option<&'a Tokens>,
    options: &'a Options,
    operation: &O,
    write: fn(&O::Body) -> Option<Body>,
) -> impl Future<Output = Result<(Response, u32), Error>> + Send + use<'a, O> {
    // Written at once, so that nothing waits with the operation in hand; and held here alone.
    let call = Call::new(pipeline, tokens.filter(|_| O::AUTH), options, operation, write);
    async move { run_attempts(call.as_ref().map_err(Error::clone)?).await }
}

/// The road itself, for any call: total deadline, retries, and a token for each attempt.
async fn run_attempts(call: &Call<'_>) -> Result<(Response, u32), Error> {
    let deadline = after(call.options.deadline);
    let mut attempts = 0;
    let mut renewed = false;
    let mut outcome = Outcome::NotDone;
    loop {
        // What is rarely waited for is boxed, so that the call itself stays small.
        let permit = match call.pipeline.pacer.free() {
            Some(permit) => permit,
            None => {
                let permit = async { Ok(call.pipeline.pacer.permit().await) };
                let permit = Box::pin(until(deadline, permit, || held_back(call, attempts))).await;
                permit.map_err(|error| error.with_outcome(outcome))?
            }
        };
        let token = match call.tokens.map(|tokens| (tokens, tokens.good())) {
            Some((_, Some(token))) => Some(token),
            Some((tokens, None)) => {
                let token = Box::pin(until(deadline, tokens.access(), || {
                    out_of_time(call, "no access token was obtained in time", attempts)
                }))
                .await;
                // A call without a token has not been made; what an earlier attempt may have done stands.
                Some(token.map_err(|error| error.with_outcome(outcome))?)
            }
            None => None,
        };
        let Some(limit) = attempt::limit(call, deadline) else {
            return Err(out_of_time(call, "the deadline has passed", attempts).with_outcome(outcome));
        };
        attempts += 1;
        let made = attempt::make(call, token.as_deref(), attempts, limit).await;
        let error = match attempt::meaning(call, made) {
            Ok(answer) => {
                call.pipeline.budget.deposit();
                call.pipeline.pacer.passed();
                return Ok((answer, attempts));
            }
            Err(error) => error,
        };
        // What one attempt may have done, a later one that surely did nothing does not undo.
        outcome = outcome.max(error.outcome());
        let error = error.with_attempts(attempts).with_outcome(outcome);
        if error.kind() == ErrorKind::RateLimited {
            call.pipeline.pacer.refused(permit);
        }
        if error.kind() == ErrorKind::Authentication
            && let (Some(tokens), Some(token), false) = (call.tokens, &token, renewed)
        {
            renewed = true;
            if tokens.refuse(token) {
                debug!(operation = call.route.id, "the token was refused: renewing it");
                continue;
            }
        }
        match call.pipeline.retry.next(&error, call.route.effect, attempts, deadline, &call.pipeline.budget) {
            RetryDecision::RetryAfter(delay) => {
                debug!(operation = call.route.id, attempts, kind = ?error.kind(), ?delay, "trying again");
                Box::pin(tokio::time::sleep(delay)).await;
            }
            RetryDecision::Stop => return Err(error),
        }
    }
}

/// The moment so long from now, or one that nobody lives to see.
pub(crate) fn after(duration: Duration) -> Instant {
    later(Instant::now(), duration)
}

fn later(now: Instant, duration: Duration) -> Instant {
    const THIRTY_YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    now + duration.min(THIRTY_YEARS)
}

/// Waits for something until the deadline, and does not begin to when that is over.
async fn until<T>(
    deadline: Instant,
    wait: impl Future<Output = Result<T, Error>>,
    late: impl FnOnce() -> Error,
) -> Result<T, Error> {
    if Instant::now() >= deadline {
        return Err(late());
    }
    tokio::time::timeout_at(deadline, wait).await.unwrap_or_else(|_| Err(late()))
}

fn out_of_time(call: &Call<'_>, message: &'static str, attempts: u32) -> Error {
    Error::new(ErrorKind::Timeout, message).in_operation(call.route.id).with_attempts(attempts)
}

fn held_back(call: &Call<'_>, attempts: u32) -> Error {
    let message = "the deadline passed while the request waited for the rate limit";
    Error::new(ErrorKind::RateLimited, message).in_operation(call.route.id).with_attempts(attempts)
}

/// What an attempt with an unknown fate means for a call.
fn if_delivered(effect: Idempotency) -> Outcome {
    match effect {
        Idempotency::Safe => Outcome::NotDone,
        Idempotency::Idempotent | Idempotency::NonIdempotent => Outcome::Unknown,
    }
}
