//! Access tokens for a client with [`Credentials`]: obtained, cached and renewed, with one renewal for all callers.
//!
//! [`grant`] makes the requests, [`future`] is one renewal, [`renewal`] lets all callers drive it, and [`cache`] keeps
//! its result.

mod cache;
mod future;
mod grant;
mod renewal;

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use std::task::{Context, Poll, Wake, Waker};

use async_trait::async_trait;
use cakemail_model::Secret;
use tokio::time::{Instant, sleep};

use crate::credential_provider::{AccessToken, CredentialProvider};
use crate::credentials::{Credentials, MfaPrompt};
use crate::error::{BoxError, Error, ErrorKind, Result};
use crate::pipeline::{CallOptions, Pipeline};
use cache::{Lookup, TokenCache};
use future::{PATIENCE, Progress, RenewalFuture};
use grant::{TokenSource, is_refusal};
use renewal::{Caller, Renewal, Turn};

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
    shared: Arc<Shared>,
    /// Wakes the callers of the current renewal.
    waker: Waker,
}

/// Lock order: `renewal`, then `cache`.
struct Shared {
    source: Arc<TokenSource>,
    renewal: Mutex<Renewal<RenewalFuture, Ended, Waker>>,
    cache: RwLock<TokenCache>,
}

/// The result of a renewal, for the callers that waited for it.
#[derive(Clone)]
struct Ended {
    token: Result<AccessToken>,
    was_suspended: bool,
}

/// The renewal's own waker. It does not keep the provider alive, which owns the renewal.
struct WakeCallers(Weak<Shared>);

impl Wake for WakeCallers {
    fn wake(self: Arc<Self>) {
        if let Some(shared) = self.0.upgrade() {
            let callers = shared.renewal().wake();
            wake(callers);
        }
    }
}

/// Wakes callers. Nothing is locked: a waker may run other code.
fn wake(callers: Vec<Waker>) {
    callers.into_iter().for_each(Waker::wake);
}

impl TokenProvider {
    fn new(source: TokenSource, refresh_token: Option<Secret>) -> Self {
        let shared = Arc::new(Shared {
            source: Arc::new(source),
            renewal: Mutex::new(Renewal::new()),
            cache: RwLock::new(TokenCache::new(refresh_token)),
        });
        let waker = Waker::from(Arc::new(WakeCallers(Arc::downgrade(&shared))));
        Self { shared, waker }
    }

    /// Waits for the end of a renewal. Returns `None` when the renewal was abandoned.
    async fn wait(&self, waiter: Waiter<'_>) -> Option<Ended> {
        let mut heartbeats = waiter.shared.renewal().heartbeats();
        let mut patience = pin!(sleep(PATIENCE));
        poll_fn(|context| {
            if let Poll::Ready(ended) = self.drive(&waiter, context) {
                return Poll::Ready(ended);
            }
            while patience.as_mut().poll(context).is_ready() {
                let renewal = waiter.shared.renewal();
                if renewal.is_silent_since(heartbeats) {
                    drop(renewal);
                    return Poll::Ready(waiter.abandon());
                }
                heartbeats = renewal.heartbeats();
                patience.as_mut().reset(Instant::now() + PATIENCE);
            }
            Poll::Pending
        })
        .await
    }

    /// Polls the renewal if it needs it and nobody else does.
    fn drive(&self, waiter: &Waiter<'_>, context: &mut Context<'_>) -> Poll<Option<Ended>> {
        let mut future = match waiter.turn(context.waker()) {
            Turn::Poll(future) => future,
            Turn::Wait => return Poll::Pending,
            Turn::Ended(ended) => return Poll::Ready(Some(ended)),
            Turn::Abandoned => return Poll::Ready(None),
        };
        match future.poll(&mut Context::from_waker(&self.waker)) {
            Progress::Pending { had_heartbeat } => {
                let callers = self.shared.renewal().put_back(future, had_heartbeat);
                wake(callers);
                Poll::Pending
            }
            Progress::Renewed { renewed, was_suspended } => {
                let mut renewal = self.shared.renewal();
                let token = self.shared.write_cache().complete(renewed, Instant::now());
                let ended = Ended { token, was_suspended };
                let callers = renewal.end(ended.clone());
                drop(renewal);
                wake(callers);
                Poll::Ready(Some(ended))
            }
        }
    }
}

impl Shared {
    fn renewal(&self) -> MutexGuard<'_, Renewal<RenewalFuture, Ended, Waker>> {
        self.renewal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_cache(&self) -> RwLockReadGuard<'_, TokenCache> {
        self.cache.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_cache(&self) -> RwLockWriteGuard<'_, TokenCache> {
        self.cache.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the renewal under way, or starts one. Returns the result when none is needed.
    fn join_or_start(&self) -> Result<Waiter<'_>, Result<AccessToken>> {
        let mut renewal = self.renewal();
        let lookup = self.read_cache().lookup(Instant::now());
        match lookup {
            Lookup::Usable(token) => return Err(Ok(token)),
            _ if renewal.is_under_way() => {}
            Lookup::Refused(error) => return Err(Err(error)),
            Lookup::Missing => {
                let refresh_token = self.write_cache().take_refresh_token();
                renewal.start(RenewalFuture::start(&self.source, refresh_token));
            }
        }
        Ok(Waiter { shared: self, caller: renewal.join() })
    }
}

/// A caller that waits for a renewal.
struct Waiter<'a> {
    shared: &'a Shared,
    caller: Caller,
}

impl Waiter<'_> {
    fn turn(&self, waker: &Waker) -> Turn<RenewalFuture, Ended> {
        let (_previous, turn) = {
            let mut renewal = self.shared.renewal();
            (renewal.register(self.caller, waker.clone()), renewal.turn(self.caller))
        };
        turn
    }

    /// Gives up a renewal that nobody can poll on. Without a password it is kept instead, because it has the refresh
    /// token: the caller fails, and the renewal goes on when its runtime does.
    fn abandon(&self) -> Option<Ended> {
        if !self.shared.source.has_password() {
            return Some(Ended { token: Err(stalled()), was_suspended: false });
        }
        let (_future, callers) = self.shared.renewal().abandon(self.caller);
        wake(callers);
        None
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let _waker = self.shared.renewal().leave(self.caller);
    }
}

fn stalled() -> Error {
    let message = "the access token is being renewed on another runtime, which is idle";
    Error::new(ErrorKind::Timeout, message)
}

#[async_trait]
impl CredentialProvider for TokenProvider {
    fn cached(&self) -> Option<AccessToken> {
        self.shared.read_cache().cached(Instant::now())
    }

    async fn token(&self) -> Result<AccessToken, BoxError> {
        let mut may_start_again = true;
        loop {
            let waiter = match self.shared.join_or_start() {
                Ok(waiter) => waiter,
                Err(known) => return Ok(known?),
            };
            match self.wait(waiter).await {
                None => {}
                // A renewal that nobody polled may have failed for that reason alone.
                Some(Ended { token: Err(error), was_suspended: true }) if may_start_again && !is_refusal(&error) => {
                    may_start_again = false;
                }
                Some(ended) => return Ok(ended.token?),
            }
        }
    }

    fn is_current(&self, token: &AccessToken) -> bool {
        self.shared.read_cache().is_current(token, Instant::now())
    }

    fn invalidate(&self, token: &AccessToken) -> bool {
        self.shared.write_cache().invalidate(token);
        true
    }
}

impl fmt::Debug for TokenProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenProvider").field(self.shared.source.credentials()).finish()
    }
}
