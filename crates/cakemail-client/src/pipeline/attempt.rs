//! One attempt of a call: a token, a permit of the rate limiter, and one request through the transport.

use cakemail_transport::{Dispatch, DispatchWatch, Response, TransportError};
use http::StatusCode;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, Timeout, timeout_at};

use super::classify::{classify_response, classify_timeout, classify_transport_error};
use super::prepare::Call;
use super::rate_limit::Permit;
use crate::credential_provider::{AccessToken, CredentialProvider, NO_TOKEN, obtain};
use crate::error::{Error, ErrorKind, Outcome, Result, request_id_text, request_id_value};
use crate::observer::{AttemptFinished, AttemptFuture, AttemptStarted};
use crate::time;

/// An attempt that may be sent now.
pub(super) struct Attempt {
    /// `None` when the operation takes no token.
    token: Option<AccessToken>,
    permit: Permit,
    started: Instant,
    /// Set when the request is handed to the transport.
    watch: Option<DispatchWatch>,
}

impl Attempt {
    /// Waits for a token, then for the rate limiter, until the deadline.
    pub(super) async fn admit(call: &Call<'_>, deadline: Instant, attempts: u32) -> Result<Self> {
        let token = match call.credentials.map(|provider| (provider, provider.cached())) {
            None => None,
            Some((_, Some(token))) => Some(token),
            // Waits are boxed, because they are rare: the call's future stays small.
            Some((provider, None)) => Some(Box::pin(token(call, &**provider, deadline, attempts)).await?),
        };
        let now = Instant::now();
        if now >= deadline {
            return Err(not_admitted(call, ErrorKind::Timeout, "the deadline has passed", attempts));
        }
        let permit = match call.options.is_rate_limited {
            true => call.pipeline.rate_limiter.try_acquire(call.lane(), now),
            false => Some(Permit::UNLIMITED),
        };
        if let Some(permit) = permit {
            return Ok(Self { token, permit, started: now, watch: None });
        }
        Box::pin(Self::wait(call, token, deadline, attempts)).await
    }

    /// Waits for the rate limiter. A token that expires meanwhile is replaced.
    async fn wait(call: &Call<'_>, mut token: Option<AccessToken>, deadline: Instant, attempts: u32) -> Result<Self> {
        let waiter = call.pipeline.rate_limiter.join(call.lane());
        loop {
            let is_current = |token: &AccessToken| call.credentials.is_none_or(|provider| provider.is_current(token));
            // A token that had expired on arrival is sent all the same: the next one would have, too.
            let may_expire = token.as_ref().is_some_and(is_current);
            let permit = waiter.acquire(deadline).await;
            let permit = permit.ok_or_else(|| not_admitted(call, ErrorKind::RateLimited, NO_PERMIT, attempts))?;
            let started = Instant::now();
            let expired = call.credentials.filter(|_| may_expire && !token.as_ref().is_some_and(is_current));
            let Some(provider) = expired else { return Ok(Self { token, permit, started, watch: None }) };
            token = provider.cached();
            if token.is_some() {
                return Ok(Self { token, permit, started, watch: None });
            }
            call.pipeline.rate_limiter.give_back(permit);
            token = Some(self::token(call, &**provider, deadline, attempts).await?);
        }
    }

    /// Tells the provider that the server rejected the token. Returns whether another one can be obtained.
    pub(super) fn invalidate_token(&self, call: &Call<'_>) -> bool {
        match (call.credentials, &self.token) {
            (Some(provider), Some(token)) => provider.invalidate(token),
            _ => false,
        }
    }

    /// Sends the request, until the attempt timeout or the deadline.
    pub(super) fn send<'a>(&mut self, call: &Call<'a>, number: u32, deadline: Instant) -> Timeout<AttemptFuture<'a>> {
        let observer = &call.pipeline.observer;
        let event = AttemptStarted { operation: call.route.operation, route: call.route.path, attempt: number };
        observer.attempt_started(&event);
        let mut request = call.request(self.token.as_ref().map(AccessToken::authorization));
        self.watch = Some(request.body_mut().watch());
        let ends_at = deadline.min(time::add(self.started, call.options.attempt_timeout));
        timeout_at(ends_at, observer.wrap_attempt(&event, call.pipeline.transport.send(request)))
    }

    /// Classifies the end of the attempt, and reports it to the rate limiter. Any status but a success is an error, which
    /// the observer is told of; a success is [decoded](Self::decode) first.
    pub(super) fn conclude(
        &self,
        call: &Call<'_>,
        number: u32,
        sent: Result<Result<Response, TransportError>, Elapsed>,
    ) -> Result<Response> {
        let (dispatch, result) = match sent {
            Ok(Ok(response)) => (None, classify_response(call.route, response)),
            Ok(Err(error)) => (Some(error.dispatch()), Err(classify_transport_error(call.route, error))),
            Err(_) => {
                let dispatch = self.watch.as_ref().map_or(Dispatch::MaybeSent, DispatchWatch::dispatch);
                (Some(dispatch), Err(classify_timeout(call.route, dispatch)))
            }
        };
        if dispatch == Some(Dispatch::NotSent) {
            call.pipeline.rate_limiter.give_back(self.permit);
        }
        let now = Instant::now();
        match &result {
            Ok(_) => call.pipeline.rate_limiter.on_success(now),
            Err(error) if error.kind() == ErrorKind::RateLimited => {
                let max = call.options.retry_policy.max_retry_after;
                let pause = error.retry_after().map(|requested| requested.min(max));
                call.pipeline.rate_limiter.on_rate_limited(self.permit, pause, now);
            }
            Err(_) => {}
        }
        if let Err(error) = &result {
            self.finish(call, number, (error.status(), error.request_id()), dispatch, Some(error));
        }
        result
    }

    /// Decodes the response of a success, and tells the observer how the attempt ended: what it did is known only now.
    pub(super) fn decode<T>(
        self,
        call: &Call<'_>,
        number: u32,
        response: Response,
        decode: impl FnOnce(Response, u32) -> Result<T>,
    ) -> Result<T> {
        let (status, request_id) = (response.status(), request_id_value(&response).cloned());
        let result = decode(response, number).map_err(|error| error.with_attempts(number));
        let request_id = request_id.as_ref().and_then(request_id_text);
        self.finish(call, number, (Some(status), request_id), None, result.as_ref().err());
        result
    }

    /// Tells the observer that the attempt ended.
    fn finish(
        &self,
        call: &Call<'_>,
        number: u32,
        (status, request_id): (Option<StatusCode>, Option<&str>),
        dispatch: Option<Dispatch>,
        error: Option<&Error>,
    ) {
        call.pipeline.observer.attempt_finished(&AttemptFinished {
            operation: call.route.operation,
            route: call.route.path,
            attempt: number,
            status,
            request_id,
            dispatch,
            outcome: error.map_or(Outcome::Done, Error::outcome),
            error,
            started: self.started,
        });
    }
}

/// Obtains a token, until the deadline.
async fn token(
    call: &Call<'_>,
    provider: &dyn CredentialProvider,
    deadline: Instant,
    attempts: u32,
) -> Result<AccessToken> {
    obtain(provider, deadline, || not_admitted(call, ErrorKind::Timeout, NO_TOKEN, attempts)).await
}

const NO_PERMIT: &str = "the deadline passed while the request waited for the rate limit";

fn not_admitted(call: &Call<'_>, kind: ErrorKind, message: &'static str, attempts: u32) -> Error {
    Error::new(kind, message).in_operation(call.route.operation).with_attempts(attempts)
}
