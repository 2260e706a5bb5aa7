//! Access tokens: one renewal for any number of callers.
//!
//! A renewal is a future that every waiting caller polls. Whoever is cancelled stops polling and the others carry it
//! on; when all are gone it waits where it is for the next caller, so that the answer to a request that was sent, and
//! with it a rotated refresh token, is never lost. Nothing runs in the background.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use cakemail_model::tokens::{
    AnswerChallenge, ChallengeResponse, CreateToken, CreateTokenQuery, CreateTokenResponse, GrantType, Token,
    TokenRequest,
};
use cakemail_model::{Operation, Secret};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use http::HeaderValue;
use tokio::time::Instant;
use tracing::debug;

use crate::call::Options;
use crate::credentials::{Credentials, MfaPrompt};
use crate::error::{Error, ErrorKind, Outcome};
use crate::pipeline::{self, Pipeline};

/// What a client knows of its tokens.
pub(crate) struct Tokens {
    source: Arc<Source>,
    state: RwLock<State>,
}

/// Where tokens come from.
struct Source {
    credentials: Credentials,
    prompt: Option<MfaPrompt>,
    pipeline: Arc<Pipeline>,
    options: Options,
}

#[derive(Default)]
struct State {
    access: Option<Arc<Access>>,
    refresh: Option<Secret>,
    renewal: Option<Renewal>,
    /// Whether there was a time when nobody waited for it.
    left_alone: bool,
    /// How many tokens there have been: a token's serial number is its place among them.
    serial: u64,
    /// Renewals that have failed in a row, the last one's error, and how long to leave it at that.
    failures: u32,
    failure: Option<Error>,
    rest_until: Option<Instant>,
}

/// A token that calls can be made with.
pub(crate) struct Access {
    authorization: HeaderValue,
    serial: u64,
    renew_at: Instant,
    expires_at: Instant,
}

impl Access {
    pub(crate) fn authorization(&self) -> &HeaderValue {
        &self.authorization
    }
}

/// A token as it was granted, and when it was asked for.
#[derive(Clone)]
struct Grant {
    token: Token,
    asked_at: Instant,
}

type Renewal = Shared<BoxFuture<'static, Result<Grant, Error>>>;

/// A lifetime is believed up to this.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The rest after the first failure; it doubles with each, up to a minute.
const REST: Duration = Duration::from_secs(1);

impl Tokens {
    pub(crate) fn new(
        credentials: Credentials,
        prompt: Option<MfaPrompt>,
        pipeline: Arc<Pipeline>,
        options: Options,
    ) -> Result<Self, Error> {
        let mut state = State::default();
        match &credentials {
            Credentials::AccessToken(token) => {
                let never = Instant::now() + LONGEST * 365;
                let access = Access { authorization: bearer(token)?, serial: 0, renew_at: never, expires_at: never };
                state.access = Some(Arc::new(access));
            }
            Credentials::RefreshToken(token) => state.refresh = Some(token.clone()),
            Credentials::Password { .. } => {}
        }
        Ok(Self { source: Arc::new(Source { credentials, prompt, pipeline, options }), state: RwLock::new(state) })
    }

    /// A token that is good already.
    pub(crate) fn good(&self) -> Option<Arc<Access>> {
        let fresh = |access: &&Arc<Access>| Instant::now() < access.renew_at;
        self.state.read().unwrap_or_else(PoisonError::into_inner).access.as_ref().filter(fresh).map(Arc::clone)
    }

    /// A token that is good, renewed first when it is not.
    pub(crate) async fn access(&self) -> Result<Arc<Access>, Error> {
        if let Some(access) = self.good() {
            return Ok(access);
        }
        match self.renewed().await {
            // Its time ran out while nobody waited for it: that says nothing of one that begins now.
            (Err(error), true) if !is_refusal(&error) => self.renewed().await.0,
            (access, _) => access,
        }
    }

    /// What a renewal brings, and whether it had been left alone by all who waited for it.
    async fn renewed(&self) -> (Result<Arc<Access>, Error>, bool) {
        let (renewal, left_alone) = match self.begin() {
            Begun::Good(access) => return (Ok(access), false),
            Begun::Failed(error) => return (Err(error), false),
            Begun::Renewal(renewal, left_alone) => (renewal, left_alone),
        };
        let granted = renewal.clone().await;
        (self.settle(&renewal, granted), left_alone)
    }

    /// Joins the renewal under way, or begins one, unless it is better to leave it.
    fn begin(&self) -> Begun {
        let now = Instant::now();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let resting = state.rest_until.is_some_and(|until| now < until);
        if let Some(access) = &state.access {
            // Renewed since we looked; or still good while a renewal that failed is left to rest.
            if now < access.renew_at || (resting && now < access.expires_at) {
                return Begun::Good(access.clone());
            }
        }
        if let Some(error) = state.failure.clone().filter(|_| resting && state.renewal.is_none()) {
            return Begun::Failed(error);
        }
        let refresh = state.refresh.clone();
        let source = Arc::clone(&self.source);
        state.left_alone = match &state.renewal {
            Some(renewal) => state.left_alone || renewal.strong_count() == Some(1),
            None => false,
        };
        let left_alone = state.left_alone;
        let renew = async move { source.renew(refresh).await.map_err(harmless) };
        let renewal = state.renewal.get_or_insert_with(|| renew.boxed().shared());
        Begun::Renewal(renewal.clone(), left_alone)
    }

    /// Keeps what a renewal has brought; the first of its callers to come does so for all.
    fn settle(&self, renewal: &Renewal, granted: Result<Grant, Error>) -> Result<Arc<Access>, Error> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if state.renewal.as_ref().is_some_and(|current| current.ptr_eq(renewal)) {
            state.renewal = None;
            match &granted {
                Ok(grant) => state.keep(grant)?,
                Err(error) => state.note(error),
            }
        }
        let good = state.access.as_ref().filter(|access| Instant::now() < access.expires_at);
        match (good, granted) {
            (Some(access), _) => Ok(access.clone()),
            (None, Err(error)) => Err(error),
            // Its lifetime is over already: good for the call that it was asked for.
            (None, Ok(grant)) => Access::new(&grant, state.serial).map(Arc::new),
        }
    }

    /// Notes that the server refused a token. Whether another can be had.
    pub(crate) fn refuse(&self, token: &Access) -> bool {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        if matches!(self.source.credentials, Credentials::AccessToken(_)) {
            return false;
        }
        // When it has been renewed since, the new one has not been refused.
        if state.access.as_ref().is_some_and(|access| access.serial == token.serial) {
            state.access = None;
        }
        true
    }
}

enum Begun {
    Good(Arc<Access>),
    Failed(Error),
    Renewal(Renewal, bool),
}

impl State {
    fn keep(&mut self, grant: &Grant) -> Result<(), Error> {
        self.serial += 1;
        self.access = Some(Arc::new(Access::new(grant, self.serial)?));
        if let Some(refresh) = &grant.token.refresh_token {
            self.refresh = Some(refresh.clone());
        }
        (self.failures, self.failure, self.rest_until) = (0, None, None);
        Ok(())
    }

    fn note(&mut self, error: &Error) {
        // A refusal is remembered, so that a wrong password is not tried with every call; so is any failure while
        // there is a token to go on with.
        let refused = is_refusal(error);
        if refused || self.access.is_some() {
            let rest = REST.saturating_mul(1 << self.failures.min(6)).min(Duration::from_secs(60));
            self.rest_until = Some(Instant::now() + rest);
            self.failures += 1;
        }
        self.failure = refused.then(|| error.clone());
    }
}

impl Access {
    fn new(grant: &Grant, serial: u64) -> Result<Self, Error> {
        let lifetime = match grant.token.expires_in {
            0 => LONGEST, // not told: it is good until it is refused
            seconds => Duration::from_secs(seconds).min(LONGEST),
        };
        // Early enough to be in time, late enough not to be renewed with every call.
        let margin = (lifetime / 10).min(Duration::from_secs(60));
        Ok(Self {
            authorization: bearer(&grant.token.access_token)?,
            serial,
            renew_at: grant.asked_at + (lifetime - margin),
            expires_at: grant.asked_at + lifetime,
        })
    }
}

impl Source {
    /// The refresh token first, when there is one; the password when it is refused.
    async fn renew(self: Arc<Self>, refresh: Option<Secret>) -> Result<Grant, Error> {
        if let Some(refresh) = refresh {
            let request = TokenRequest::new().grant_type(GrantType::RefreshToken).refresh_token(refresh);
            match self.create(request).await {
                Err(error) if is_refusal(&error) && matches!(self.credentials, Credentials::Password { .. }) => {
                    debug!(kind = ?error.kind(), "the refresh token was refused: using the password");
                }
                granted => return granted,
            }
        }
        let Credentials::Password { username, password, account } = &self.credentials else {
            return Err(crate::credentials::missing("these credentials cannot obtain another access token"));
        };
        let mut request =
            TokenRequest::new().grant_type(GrantType::Password).username(username.as_str()).password(password.clone());
        request.account_id.clone_from(account);
        self.create(request).await
    }

    async fn create(&self, request: TokenRequest) -> Result<Grant, Error> {
        let asked_at = Instant::now();
        let operation = CreateToken { query: CreateTokenQuery::new(), body: &request };
        let challenge = match pipeline::execute(&self.pipeline, None, &self.options, &operation).await {
            Ok(CreateTokenResponse::Token(token)) => return Ok(Grant { token, asked_at }),
            Ok(CreateTokenResponse::Challenge(challenge)) => challenge.challenge,
            Ok(_) => {
                let error = Error::new(ErrorKind::UnexpectedResponse, "the response contains no access token");
                return Err(error.in_operation(CreateToken::ID).with_attempts(1));
            }
            Err(error) => match error.challenge() {
                Some(challenge) => challenge.clone(),
                None => return Err(error),
            },
        };
        self.answer(challenge).await
    }

    /// Asks for the code of a second factor and sends it.
    async fn answer(&self, challenge: Secret) -> Result<Grant, Error> {
        let Some(prompt) = &self.prompt else {
            let error = Error::new(ErrorKind::MfaRequired, "multi-factor authentication is required");
            return Err(error.in_operation(CreateToken::ID).with_attempts(1));
        };
        let code = prompt
            .ask()
            .await
            .map_err(|cause| Error::new(ErrorKind::MfaRequired, format!("no MFA code was given: {cause}")))?;
        let asked_at = Instant::now();
        let body = ChallengeResponse::new(challenge, code);
        let token = pipeline::execute(&self.pipeline, None, &self.options, &AnswerChallenge { body: &body }).await?;
        Ok(Grant { token, asked_at })
    }
}

/// A token that was asked for in vain changes nothing that a caller has asked for.
fn harmless(error: Error) -> Error {
    error.with_outcome(Outcome::NotDone)
}

/// Whether the server has looked at the credentials and said no.
fn is_refusal(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::MfaRequired | ErrorKind::Configuration => true,
        ErrorKind::RateLimited | ErrorKind::Server => false,
        _ => error.status().is_some_and(|status| status.is_client_error()),
    }
}

fn bearer(token: &Secret) -> Result<HeaderValue, Error> {
    let message = "the access token contains characters that an HTTP header cannot hold";
    let unusable = |_| Error::new(ErrorKind::Configuration, message);
    let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(unusable)?;
    value.set_sensitive(true);
    Ok(value)
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tokens").field(&self.source.credentials).finish()
    }
}
