//! The client.

use std::sync::Arc;
use std::time::Duration;

use cakemail_model::{AccountId, Operation};
use cakemail_transport::{Body, Response};
use http::{HeaderName, HeaderValue};

use crate::call::Options;
use crate::pipeline::{self, Pipeline};
use crate::preflight::{Preflight, PreflightReport, preflight};
use crate::tokens::Tokens;
use crate::{ClientBuilder, Result};

/// A client of the Email API.
///
/// A clone is cheap and shares everything: connections, the access token, the retry budget. Clients that were built
/// apart share nothing.
///
/// What holds for some calls only is said of a handle: `client.for_account(id).emails().send(…)`.
#[derive(Debug, Clone)]
pub struct Client {
    shared: Arc<Shared>,
    options: Arc<Options>,
}

#[derive(Debug)]
struct Shared {
    pipeline: Arc<Pipeline>,
    tokens: Tokens,
}

impl Client {
    /// Builds a client from its parts.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// A client with credentials from the environment: `CAKEMAIL_ACCESS_TOKEN`, or else `CAKEMAIL_EMAIL` and
    /// `CAKEMAIL_PASSWORD`; and `CAKEMAIL_API_BASE`, when the API is elsewhere.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when something is missing or wrong. Nothing is
    /// sent yet.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    pub(crate) fn from_parts(pipeline: Arc<Pipeline>, tokens: Tokens, options: Options) -> Self {
        Self { shared: Arc::new(Shared { pipeline, tokens }), options: Arc::new(options) }
    }

    /// A handle whose calls act for a sub-account, where they can.
    #[must_use]
    pub fn for_account(&self, account: impl Into<AccountId>) -> Self {
        self.with(|options| options.account = Some(account.into()))
    }

    /// A handle whose calls take at most this long, with all their attempts and waits.
    #[must_use]
    pub fn deadline(&self, deadline: Duration) -> Self {
        self.with(|options| options.deadline = deadline)
    }

    /// A handle whose calls carry one more header. Its value is never shown: it may be a key.
    #[must_use]
    pub fn header(&self, name: HeaderName, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.with(|options| options.headers = options.headers.with(name, value))
    }

    fn with(&self, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::clone(&self.options);
        change(&mut options);
        Self { shared: Arc::clone(&self.shared), options: Arc::new(options) }
    }

    /// Makes a call and reads its answer. The groups ([`emails`](Self::emails) and so on) do this with a name.
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn execute<O: Operation>(&self, operation: &O) -> Result<O::Output> {
        pipeline::execute(&self.shared.pipeline, Some(&self.shared.tokens), &self.options, operation).await
    }

    /// Makes a call and leaves its answer as it came: status, headers and bytes. Only a success is an answer.
    ///
    /// # Errors
    /// As [`Error`](crate::Error) says.
    pub async fn execute_raw<O: Operation>(&self, operation: &O) -> Result<Response> {
        self.execute_counted(operation, pipeline::usual::<O>).await.map(|(answer, _)| answer)
    }

    /// The same, with how many attempts it took, of a body that is written so.
    pub(crate) fn execute_counted<'a, O: Operation>(
        &'a self,
        operation: &O,
        write: fn(&O::Body) -> Option<Body>,
    ) -> impl Future<Output = Result<(Response, u32)>> + Send + use<'a, O> {
        pipeline::execute_raw(&self.shared.pipeline, Some(&self.shared.tokens), &self.options, operation, write)
    }

    /// Checks, before anything is sent, what the guide's troubleshooting would look at afterwards: credentials, API
    /// access, the sender and its confirmation, its domain, the list, and the recipient when one is given.
    ///
    /// A check that cannot be made is no error: its state is unknown.
    pub async fn preflight(&self, what: &Preflight) -> PreflightReport {
        preflight(self, what).await
    }

    /// Obtains an access token now, when there is none, in place of with the first call: to know early whether the
    /// credentials are good.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`](crate::ErrorKind::Authentication) when they are not.
    pub async fn authenticate(&self) -> Result<()> {
        self.shared.tokens.access().await.map(drop)
    }
}
