//! Builds a client.

use std::sync::Arc;
use std::time::Duration;

use cakemail_model::AccountId;
use cakemail_transport::Transport;

use crate::client::Client;
use crate::credential_provider::CredentialProvider;
use crate::credentials::{Credentials, MfaPrompt, missing_credentials};
use crate::env;
use crate::error::{Error, ErrorKind, Result};
use crate::observer::{Observer, TracingObserver};
use crate::pipeline::{BaseUrl, CallOptions, Headers, Pipeline, RateLimit, RetryPolicy};
use crate::tokens;

impl Client {
    /// Starts building a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Builds a client from the environment: with `CAKEMAIL_ACCESS_TOKEN`, or with `CAKEMAIL_EMAIL` and
    /// `CAKEMAIL_PASSWORD`; and with `CAKEMAIL_API_BASE` as its base URL, if it is set. `CAKEMAIL_ALLOW_HTTP` names the
    /// hosts to which it may be plain `http`, separated by commas. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when a variable is missing or invalid.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }
}

/// Builds a [`Client`].
#[derive(Debug)]
pub struct ClientBuilder {
    authentication: Option<Authentication>,
    base_url: Result<BaseUrl>,
    http_hosts: Vec<String>,
    transport: Option<Arc<dyn Transport>>,
    observer: Arc<dyn Observer>,
    prompt: Option<MfaPrompt>,
    account: Option<AccountId>,
    retry_policy: RetryPolicy,
    rate_limit: RateLimit,
    attempt_timeout: Duration,
    deadline: Duration,
    headers: Result<Headers>,
}

/// Where access tokens come from.
#[derive(Debug)]
enum Authentication {
    Credentials(Credentials),
    Provider(Arc<dyn CredentialProvider>),
}

impl ClientBuilder {
    /// The base URL of the API.
    pub const BASE_URL: &'static str = "https://api.cakemail.dev";

    fn new() -> Self {
        Self {
            authentication: None,
            base_url: BaseUrl::parse(Self::BASE_URL),
            http_hosts: Vec::new(),
            transport: None,
            observer: Arc::new(TracingObserver),
            prompt: None,
            account: None,
            retry_policy: RetryPolicy::default(),
            rate_limit: RateLimit::default(),
            attempt_timeout: Duration::from_secs(30),
            deadline: Duration::from_secs(90),
            headers: Ok(Headers::default()),
        }
    }

    /// Starts from the environment, as [`Client::from_env`] does.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when there are no credentials, or a variable is not valid UTF-8.
    pub fn from_env() -> Result<Self> {
        let mut builder = Self::new().credentials(Credentials::from_env()?);
        if let Some(url) = env::read(env::API_BASE)? {
            builder = builder.base_url(url);
        }
        let hosts = env::read(env::ALLOW_HTTP)?.unwrap_or_default();
        Ok(hosts
            .split(',')
            .filter(|host| !host.trim().is_empty())
            .fold(builder, |builder, host| builder.allow_http(host.trim())))
    }

    /// Sets the credentials, with which the client obtains and renews its access tokens.
    #[must_use]
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.authentication = Some(Authentication::Credentials(credentials));
        self
    }

    /// Takes access tokens from a provider, in place of credentials.
    #[must_use]
    pub fn credential_provider(mut self, provider: impl CredentialProvider) -> Self {
        self.authentication = Some(Authentication::Provider(Arc::new(provider)));
        self
    }

    /// Sets the base URL of the API, [`BASE_URL`](Self::BASE_URL) by default.
    ///
    /// With `http` passwords, tokens and emails are sent unencrypted. [`build`](Self::build) therefore refuses it, except to
    /// this machine (`localhost` and names below it, and loopback addresses) and to the hosts of
    /// [`allow_http`](Self::allow_http).
    #[must_use]
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = BaseUrl::parse(&url.into());
        self
    }

    /// Allows a base URL with plain `http` to this host, given by its name or address without a port: for a sandbox in
    /// another container, for example.
    #[must_use]
    pub fn allow_http(mut self, host: impl Into<String>) -> Self {
        self.http_hosts.push(host.into());
        self
    }

    /// Sets the transport. By default the feature `reqwest` or `hyper` provides it.
    #[must_use]
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the observer of calls and attempts, [`TracingObserver`] by default. To keep both, pass a pair:
    /// `(TracingObserver, observer)`.
    #[must_use]
    pub fn observer(mut self, observer: impl Observer) -> Self {
        self.observer = Arc::new(observer);
        self
    }

    /// Sets the prompt for the code of a second factor, which accounts with multi-factor authentication require.
    #[must_use]
    pub fn mfa_prompt(mut self, prompt: MfaPrompt) -> Self {
        self.prompt = Some(prompt);
        self
    }

    /// Sets the sub-account that calls act for, where the operation supports it.
    #[must_use]
    pub fn account(mut self, account: impl Into<AccountId>) -> Self {
        self.account = Some(account.into());
        self
    }

    /// Sets how many times, and how soon, failed requests are repeated.
    #[must_use]
    pub fn retry_policy(mut self, retry_policy: RetryPolicy) -> Self {
        self.retry_policy = retry_policy;
        self
    }

    /// Sets the rate limit, [`RateLimit::Adaptive`] by default. [`build`](Self::build) rejects a fixed rate that is not
    /// finite or not above zero.
    #[must_use]
    pub fn rate_limit(mut self, rate_limit: RateLimit) -> Self {
        self.rate_limit = rate_limit;
        self
    }

    /// Sets the time limit of one attempt: 30 seconds by default.
    #[must_use]
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// Sets the time limit of a call, with all its attempts and waits: 90 seconds by default.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Adds a header to every request, those for access tokens included. The value is treated as a secret: it is never
    /// shown. [`Client::header`] adds one to some calls only.
    ///
    /// [`build`](Self::build) refuses a header whose name or value is not valid in HTTP, and those that are not the
    /// caller's to set: `Authorization`, `Accept`, `Accept-Encoding`, `Content-Type` and the other headers that describe
    /// the body, `Host`, and the headers of the connection such as `Connection`, `Transfer-Encoding` and `Proxy-…`. A
    /// `User-Agent` takes the place of the client's.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers = self.headers.and_then(|headers| headers.with(name, value));
        self
    }

    /// Builds the client. Sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] when credentials or a transport are missing, or the base URL, the rate limit or a
    /// header is invalid or not allowed.
    pub fn build(self) -> Result<Client> {
        let authentication = self.authentication.ok_or_else(|| missing_credentials("no credentials are given"))?;
        let base_url = self.base_url?;
        base_url.require_encryption(&self.http_hosts)?;
        self.rate_limit.validate()?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(base_url.is_loopback())?,
        };
        let options = CallOptions {
            account: self.account,
            deadline: self.deadline,
            attempt_timeout: self.attempt_timeout,
            send_by: None,
            retry_policy: self.retry_policy,
            headers: self.headers?.for_host(base_url.host()?),
            is_rate_limited: true,
            maybe_done: None,
        };
        let pipeline = Arc::new(Pipeline::new(transport, base_url, self.observer, self.rate_limit));
        let credentials = match authentication {
            Authentication::Provider(provider) => provider,
            Authentication::Credentials(credentials) => {
                tokens::provider(credentials, self.prompt, &pipeline, &options)?
            }
        };
        Ok(Client::from_parts(pipeline, credentials, options))
    }
}

#[cfg(any(feature = "reqwest", feature = "hyper"))]
fn default_transport(is_loopback: bool) -> Result<Arc<dyn Transport>> {
    #[cfg(not(feature = "reqwest"))]
    use cakemail_transport::HyperTransport as Default;
    #[cfg(feature = "reqwest")]
    use cakemail_transport::ReqwestTransport as Default;
    use cakemail_transport::Settings;

    // A proxy cannot reach this machine's loopback addresses.
    let settings = if is_loopback { Settings::new().no_proxy() } else { Settings::new() };
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
