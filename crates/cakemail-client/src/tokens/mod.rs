//! Access tokens for a client with [`Credentials`]: obtained, cached and renewed, with one renewal for all callers.
//!
//! [`grant`] makes the requests, [`renewal`] shares one of them between all callers, and [`cache`] keeps its result.

mod cache;
mod grant;
mod renewal;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use cakemail_model::Secret;
use tokio::time::Instant;

use crate::credential_provider::{AccessToken, CredentialProvider};
use crate::credentials::{Credentials, MfaPrompt};
use crate::error::{BoxError, Result};
use crate::pipeline::{CallOptions, Pipeline};
use cache::{Lookup, TokenCache};
use grant::{Grant, TokenSource, is_refusal};
use renewal::Renewal;

/// The provider for these credentials. Requests for tokens go through the pipeline, without a token.
pub(crate) fn provider(
    credentials: Credentials,
    prompt: Option<MfaPrompt>,
    pipeline: &Arc<Pipeline>,
    options: &CallOptions,
) -> Result<Arc<dyn CredentialProvider>> {
    if let Credentials::AccessToken(token) = credentials {
        return Ok(Arc::new(FixedToken(AccessToken::new(token)?)));
    }
    let refresh_token = match &credentials {
        Credentials::RefreshToken(token) => Some(token.clone()),
        _ => None,
    };
    let source = TokenSource::new(credentials, prompt, Arc::clone(pipeline), options.clone());
    Ok(Arc::new(TokenProvider::new(source, refresh_token)))
}

/// An access token that cannot be renewed.
#[derive(Debug)]
struct FixedToken(AccessToken);

#[async_trait]
impl CredentialProvider for FixedToken {
    fn cached(&self) -> Option<AccessToken> {
        Some(self.0.clone())
    }

    async fn token(&self) -> Result<AccessToken, BoxError> {
        Ok(self.0.clone())
    }

    fn invalidate(&self, _: &AccessToken) -> bool {
        false
    }
}

/// Obtains tokens with a password or a refresh token.
struct TokenProvider {
    source: Arc<TokenSource>,
    state: RwLock<State>,
}

struct State {
    cache: TokenCache,
    /// The renewal under way.
    renewal: Option<Renewal>,
}

impl TokenProvider {
    fn new(source: TokenSource, refresh_token: Option<Secret>) -> Self {
        let state = State { cache: TokenCache::new(refresh_token), renewal: None };
        Self { source: Arc::new(source), state: RwLock::new(state) }
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the renewal under way, or starts one. Returns its result, and whether it had been suspended: whether
    /// there was a time when no caller polled it.
    async fn refresh(&self) -> (Result<AccessToken>, bool) {
        let renewal = match self.join_or_start() {
            Ok(renewal) => renewal,
            Err(known) => return (known, false),
        };
        let suspended = renewal.was_suspended();
        let granted = renewal.granted().await;
        (self.complete(&renewal, granted), suspended)
    }

    /// Returns the renewal to await, or the result when none is needed.
    fn join_or_start(&self) -> Result<Renewal, Result<AccessToken>> {
        let mut state = self.write();
        let state = &mut *state;
        match (state.cache.lookup(Instant::now()), &mut state.renewal) {
            (Lookup::Usable(token), _) => Err(Ok(token)),
            (_, Some(renewal)) => Ok(renewal.join()),
            (Lookup::Refused(error), None) => Err(Err(error)),
            (Lookup::Missing, None) => {
                let renewal = Renewal::start(&self.source, state.cache.refresh_token());
                Ok(state.renewal.insert(renewal).clone())
            }
        }
    }

    /// Caches the result of a renewal: the first of its callers to get here does so for all of them.
    fn complete(&self, renewal: &Renewal, granted: Result<Grant>) -> Result<AccessToken> {
        let mut state = self.write();
        if state.renewal.as_ref().is_some_and(|current| current.is_same(renewal)) {
            state.renewal = None;
            state.cache.complete(&granted, Instant::now());
        }
        match (state.cache.unexpired(Instant::now()), granted) {
            (Some(token), _) => Ok(token),
            (None, Err(error)) => Err(error),
            // It has expired already: good for the calls that it was requested for.
            (None, Ok(grant)) => Ok(grant.token),
        }
    }
}

#[async_trait]
impl CredentialProvider for TokenProvider {
    fn cached(&self) -> Option<AccessToken> {
        self.read().cache.cached(Instant::now())
    }

    async fn token(&self) -> Result<AccessToken, BoxError> {
        if let Some(token) = self.cached() {
            return Ok(token);
        }
        let token = match self.refresh().await {
            // A renewal that nobody polled may have timed out for that reason alone.
            (Err(error), true) if !is_refusal(&error) => self.refresh().await.0,
            (token, _) => token,
        };
        Ok(token?)
    }

    fn invalidate(&self, token: &AccessToken) -> bool {
        self.write().cache.invalidate(token);
        true
    }
}

impl fmt::Debug for TokenProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenProvider").field(self.source.credentials()).finish()
    }
}
