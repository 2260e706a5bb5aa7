//! The client, and the handles that set options for its calls.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use cakemail_model::{AccountId, Operation};
use cakemail_transport::{Body, Response, SendBy};
use tokio::time::Instant;

use crate::credential_provider::{CredentialProvider, NO_TOKEN, obtain};
use crate::error::{Error, ErrorKind, Result};
use crate::key_uses::KeyUses;
use crate::metadata::ResponseMetadata;
use crate::pipeline::{self, CallOptions, Pipeline, RetryPolicy};
use crate::time;

/// A client of the Email API.
///
/// A clone is cheap and shares everything: the connections, the access token, the rate limit, the retry budget. Two
/// clients that were built separately share nothing.
///
/// An option for some calls only is set on a handle: `client.for_account(id).emails().send(…)`. A handle shares
/// everything with its client, too.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
    options: Arc<CallOptions>,
}

#[derive(Debug)]
struct Shared {
    pipeline: Arc<Pipeline>,
    credentials: Arc<dyn CredentialProvider>,
    key_uses: KeyUses,
}

impl Client {
    pub(crate) fn from_parts(
        pipeline: Arc<Pipeline>,
        credentials: Arc<dyn CredentialProvider>,
        options: CallOptions,
    ) -> Self {
        Self {
            shared: Arc::new(Shared { pipeline, credentials, key_uses: KeyUses::default() }),
            options: Arc::new(options),
        }
    }

    /// A handle whose calls act for a sub-account, where the operation supports it.
    #[must_use]
    pub fn for_account(&self, account: impl Into<AccountId>) -> Self {
        self.with(|options| options.account = Some(account.into()))
    }

    /// A handle whose calls take at most this long, with all their attempts and waits.
    #[must_use]
    pub fn deadline(&self, deadline: Duration) -> Self {
        self.with(|options| options.deadline = deadline)
    }

    /// A handle whose attempts take at most this long each.
    #[must_use]
    pub fn attempt_timeout(&self, timeout: Duration) -> Self {
        self.with(|options| options.attempt_timeout = timeout)
    }

    /// A handle whose calls write nothing after this moment, except reads and requests for access tokens: for a caller who
    /// gives an email up to another process then.
    ///
    /// Past the moment no attempt begins, and a write in the middle of a request is refused. The call fails with
    /// [`ErrorKind::Timeout`], unless the server has responded: with [`Outcome::NotDone`](crate::Outcome::NotDone) if the
    /// server cannot have the whole request, otherwise with [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when the client's transport
    /// [does not hold](cakemail_transport::Transport::holds_send_by) the moment: `HyperTransport` does.
    pub fn send_by(&self, send_by: SendBy) -> Result<Self> {
        if !self.shared.pipeline.transport.holds_send_by() {
            let message = "the transport does not hold `send_by`: give the builder a `HyperTransport`";
            return Err(Error::new(ErrorKind::Configuration, message));
        }
        Ok(self.with(|options| options.send_by = Some(send_by)))
    }

    /// A handle whose calls repeat failed requests by this policy. The retry budget stays the client's.
    #[must_use]
    pub fn retry_policy(&self, retry_policy: RetryPolicy) -> Self {
        self.with(|options| options.retry_policy = retry_policy)
    }

    /// A handle whose requests do not wait for the client's [rate limit](crate::RateLimit), for a caller that limits the
    /// rate of several processes itself. A 429 still slows the client's other handles.
    #[must_use]
    pub fn without_rate_limit(&self) -> Self {
        self.with(|options| options.is_rate_limited = false)
    }

    /// A handle whose calls carry an additional header, or another value of one that the builder set. The value is
    /// treated as a secret: it is never shown.
    ///
    /// Requests for access tokens do not carry it: a token belongs to all handles of a client. They carry the headers of
    /// [`ClientBuilder::header`](crate::ClientBuilder::header).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when the name or the value is not valid in HTTP, or
    /// the client sets this header itself: see [`ClientBuilder::header`](crate::ClientBuilder::header).
    pub fn header(&self, name: &str, value: &str) -> Result<Self> {
        let headers = self.options.headers.with(name, value)?;
        Ok(self.with(|options| options.headers = headers))
    }

    /// A handle for one call, which ends at `deadline`. `maybe_done` is set if the call may have done something.
    pub(crate) fn for_one_call(&self, deadline: Instant, maybe_done: &Arc<AtomicBool>) -> Self {
        self.with(|options| {
            options.deadline = deadline.saturating_duration_since(Instant::now());
            options.maybe_done = Some(Arc::clone(maybe_done));
        })
    }

    /// The time limit of a call through this handle.
    pub(crate) fn time_limit(&self) -> Duration {
        self.options.deadline
    }

    /// The idempotency keys that were used through the client, and the account that this handle uses them in.
    pub(crate) fn key_uses(&self) -> (&KeyUses, Option<&AccountId>) {
        (&self.shared.key_uses, self.options.account.as_ref())
    }

    fn with(&self, change: impl FnOnce(&mut CallOptions)) -> Self {
        let mut options = CallOptions::clone(&self.options);
        change(&mut options);
        Self { shared: Arc::clone(&self.shared), options: Arc::new(options) }
    }

    /// Executes an operation and decodes its response. The groups, such as [`emails`](Self::emails), do this under a
    /// name for each operation.
    ///
    /// # Errors
    /// Every call can fail with these kinds:
    /// - [`Invalid`](crate::ErrorKind::Invalid): an id is empty or made of dots; nothing was sent.
    /// - [`Authentication`](crate::ErrorKind::Authentication), [`MfaRequired`](crate::ErrorKind::MfaRequired),
    ///   [`Forbidden`](crate::ErrorKind::Forbidden): the credentials were rejected, or the account is not allowed to do
    ///   this.
    /// - [`RateLimited`](crate::ErrorKind::RateLimited), [`Server`](crate::ErrorKind::Server),
    ///   [`Connect`](crate::ErrorKind::Connect), [`Timeout`](crate::ErrorKind::Timeout),
    ///   [`ConnectionLost`](crate::ErrorKind::ConnectionLost): the last attempt failed, and another one was not made.
    /// - [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse): the response is not one of the API.
    ///
    /// Besides, the server can reject a request with [`BadRequest`](crate::ErrorKind::BadRequest) or
    /// [`NotFound`](crate::ErrorKind::NotFound).
    pub async fn execute<O: Operation>(&self, operation: &O) -> Result<O::Output> {
        pipeline::execute(&self.shared.pipeline, Some(&self.shared.credentials), &self.options, operation).await
    }

    /// Executes an operation that returns nothing of use. A response without a body is a success.
    pub(crate) async fn execute_and_discard<O: Operation>(&self, operation: &O) -> Result<()> {
        let decode = |response: Response, _| pipeline::discard::<O>(&response);
        self.execute_with(operation, pipeline::encode_small::<O>, decode).await
    }

    /// Executes an operation and decodes its response, and returns the request id, the status and the number of attempts
    /// besides.
    ///
    /// # Errors
    /// As [`execute`](Self::execute).
    pub async fn execute_with_metadata<O: Operation>(&self, operation: &O) -> Result<(O::Output, ResponseMetadata)> {
        let decode = |response: Response, attempts| {
            let output = pipeline::decode::<O, O::Output>(&response)?;
            Ok((output, ResponseMetadata::new(&response, attempts)))
        };
        self.execute_with(operation, pipeline::encode_small::<O>, decode).await
    }

    /// Executes an operation and returns its response undecoded: status, headers and body. Its status is a success; any
    /// other is an error.
    ///
    /// # Errors
    /// As [`execute`](Self::execute), but for a response that cannot be decoded.
    pub async fn execute_raw<O: Operation>(&self, operation: &O) -> Result<Response> {
        let encode = pipeline::encode_small::<O>;
        self.execute_with(operation, encode, |response, _| Ok(response)).await
    }

    /// Executes an operation with an encoding of its body and a decoding of its response. `decode` is passed the number
    /// of attempts.
    pub(crate) fn execute_with<'a, O, T, D>(
        &'a self,
        operation: &O,
        encode: fn(&O::Body) -> Option<Body>,
        decode: D,
    ) -> impl Future<Output = Result<T>> + Send + use<'a, O, T, D>
    where
        O: Operation,
        D: FnOnce(Response, u32) -> Result<T> + Send,
    {
        let Shared { pipeline, credentials, .. } = &*self.shared;
        pipeline::execute_with(pipeline, Some(credentials), &self.options, operation, encode, decode)
    }

    /// Obtains an access token now, unless one is cached, instead of with the first call: to learn early whether the
    /// credentials are accepted. The wait ends at the deadline.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication) when they are not,
    /// [`ErrorKind::MfaRequired`](crate::ErrorKind::MfaRequired) when a code is needed too, or the kind of a failed
    /// request.
    pub async fn authenticate(&self) -> Result<()> {
        if self.shared.credentials.cached().is_some() {
            return Ok(());
        }
        let timed_out = || Error::new(ErrorKind::Timeout, NO_TOKEN);
        obtain(&*self.shared.credentials, time::from_now(self.options.deadline), timed_out).await.map(drop)
    }
}
