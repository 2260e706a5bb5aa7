//! A client from its parts.

use std::sync::Arc;
use std::time::Duration;

use cakemail_model::AccountId;
use cakemail_transport::Transport;
use http::header::{HOST, HeaderMap, HeaderValue, USER_AGENT};

use crate::call::Options;
use crate::credentials::{Credentials, MfaPrompt, missing};
use crate::pipeline::{Base, Budget, Headers, Pacer, Pipeline, RateLimit, RetryPolicy};
use crate::tokens::Tokens;
use crate::{Client, Error, ErrorKind, Result};

/// Builds a [`Client`].
#[derive(Debug)]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    base: Result<Base>,
    transport: Option<Arc<dyn Transport>>,
    prompt: Option<MfaPrompt>,
    account: Option<AccountId>,
    retry_policy: RetryPolicy,
    rate_limit: RateLimit,
    attempt_timeout: Duration,
    deadline: Duration,
}

impl ClientBuilder {
    /// Where the API is.
    pub const BASE_URL: &'static str = "https://api.cakemail.dev";

    pub(crate) fn new() -> Self {
        Self {
            credentials: None,
            base: Base::read(Self::BASE_URL),
            transport: None,
            prompt: None,
            account: None,
            retry_policy: RetryPolicy::default(),
            rate_limit: RateLimit::default(),
            attempt_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(90),
        }
    }

    /// Starts from the environment: credentials, and the base URL when `CAKEMAIL_API_BASE` is set.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when there are no credentials.
    pub fn from_env() -> Result<Self> {
        let builder = Self::new().credentials(Credentials::from_env()?);
        Ok(match std::env::var("CAKEMAIL_API_BASE") {
            Ok(url) if !url.trim().is_empty() => builder.base_url(url),
            _ => builder,
        })
    }

    /// Who the client is.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Where the API is: `https://api.cakemail.dev` unless given.
    ///
    /// Over plain `http` passwords and tokens travel in the clear: it is for a sandbox.
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base = Base::read(&url.into());
        self
    }

    /// What carries requests: the feature's own transport unless given.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Who to ask for the code of a second factor, when the server challenges for one.
    #[must_use]
    pub fn mfa_prompt(mut self, prompt: MfaPrompt) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// The sub-account to act for, where a call can.
    #[must_use]
    pub fn account(mut self, account: impl Into<AccountId>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// How often, and how soon, a failed call is made again.
    #[must_use]
    pub fn retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
        self.retry_policy = retry_policy;
        self
    }

    /// How many requests are made in a second: as many as the server allows, unless given.
    #[must_use]
    pub fn rate_limit(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = rate_limit;
        self
    }

    /// The time for one attempt: 30 seconds unless given.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// The time for a call with all its attempts and waits: 90 seconds unless given.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when credentials or a transport are missing, or the base URL is none.
    pub fn build(self) -> Result<Client> {
        let credentials = self.credentials.ok_or_else(|| missing("no credentials are given"))?;
        let base = self.base?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(base.is_loopback())?,
        };
        let mut headers = HeaderMap::new();
        headers.insert(HOST, base.host()?);
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("cakemail-rust/", env!("CARGO_PKG_VERSION"))));
        let options = Options { account: self.account, deadline: self.deadline, headers: Headers::new(headers) };
        let pipeline = Arc::new(Pipeline {
            transport,
            base,
            retry: self.retry_policy,
            budget: Budget::new(),
            pacer: Pacer::new(self.rate_limit),
            attempt_timeout: self.attempt_timeout,
        });
        let tokens = Tokens::new(credentials, self.prompt, Arc::clone(&pipeline), options.clone())?;
        Ok(Client::from_parts(pipeline, tokens, options))
    }
}

#[cfg(any(feature = "reqwest", feature = "hyper"))]
fn default_transport(loopback: bool) -> Result<Arc<dyn Transport>> {
    #[cfg(not(feature = "reqwest"))]
    use cakemail_transport::HyperTransport as Default;
    #[cfg(feature = "reqwest")]
    use cakemail_transport::ReqwestTransport as Default;
    use cakemail_transport::Settings;

    // No proxy leads to this machine.
    let settings = if loopback { Settings::new().no_proxy() } else { Settings::new() };
    let transport = Default::with_settings(settings)
        .map_err(|error| Error::new(ErrorKind::Configuration, "the transport cannot be created").with_source(error))?;
    Ok(Arc::new(transport))
}

#[cfg(not(any(feature = "reqwest", feature = "hyper")))]
fn default_transport(_: bool) -> Result<Arc<dyn Transport>> {
    Err(Error::new(
        ErrorKind::Configuration,
        "no transport: enable the feature `reqwest` or `hyper`, or pass a transport to the builder",
    ))
}
