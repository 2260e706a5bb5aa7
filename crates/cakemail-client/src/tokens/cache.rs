//! The token cache: the current token, the refresh token, and the last refusal.

use std::time::Duration;

use cakemail_model::Secret;
use tokio::time::Instant;

use super::grant::{Grant, Renewed, is_refusal};
use crate::credential_provider::AccessToken;
use crate::error::{Error, Outcome, Result};

/// The longest lifetime that is believed, and the lifetime of a token that states none.
const MAX_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// A token is renewed a tenth of its lifetime before it expires, and at most this long before.
const MAX_RENEWAL_MARGIN: Duration = Duration::from_secs(60);
/// The pause after a failed renewal. It doubles with each further failure.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// What is known of the tokens of one client.
#[derive(Default)]
pub(super) struct TokenCache {
    token: Option<CachedToken>,
    refresh_token: Option<Secret>,
    /// Renewals that have failed in a row.
    failures: u32,
    /// The error of the last renewal, when the server refused the credentials.
    refusal: Option<Error>,
    /// No renewal is started before this.
    paused_until: Option<Instant>,
}

struct CachedToken {
    token: AccessToken,
    renew_at: Instant,
    expires_at: Instant,
}

/// What a caller without a fresh token does.
pub(super) enum Lookup {
    /// It uses this token.
    Usable(AccessToken),
    /// It fails: the server refused the credentials a moment ago.
    Refused(Error),
    /// It renews the token.
    Missing,
}

impl TokenCache {
    pub(super) fn new(refresh_token: Option<Secret>) -> Self {
        Self { refresh_token, ..Self::default() }
    }

    /// Gives the refresh token to a renewal. It can be used once, so nobody else has it until the renewal returns it.
    pub(super) fn take_refresh_token(&mut self) -> Option<Secret> {
        self.refresh_token.take()
    }

    /// The token, until it is time to renew it.
    pub(super) fn cached(&self, now: Instant) -> Option<AccessToken> {
        self.token.as_ref().filter(|cached| now < cached.renew_at).map(|cached| cached.token.clone())
    }

    /// The token, until it expires.
    pub(super) fn unexpired(&self, now: Instant) -> Option<AccessToken> {
        self.token.as_ref().filter(|cached| now < cached.expires_at).map(|cached| cached.token.clone())
    }

    pub(super) fn lookup(&self, now: Instant) -> Lookup {
        let is_paused = self.paused_until.is_some_and(|until| now < until);
        let usable = if is_paused { self.unexpired(now) } else { self.cached(now) };
        match (usable, &self.refusal) {
            (Some(token), _) => Lookup::Usable(token),
            (None, Some(error)) if is_paused => Lookup::Refused(error.clone()),
            _ => Lookup::Missing,
        }
    }

    /// Whether `token` can still be sent: it is the newest one, it has not expired, and no server has rejected it.
    pub(super) fn is_current(&self, token: &AccessToken, now: Instant) -> bool {
        self.token.as_ref().is_some_and(|cached| cached.token.is_clone_of(token) && now < cached.expires_at)
    }

    /// Stores the result of a renewal. Returns the token for the calls that waited for it.
    pub(super) fn complete(&mut self, renewed: Renewed, now: Instant) -> Result<AccessToken> {
        self.refresh_token = renewed.refresh_token;
        match renewed.granted {
            Ok(grant) => Ok(self.store(grant)),
            Err(error) => {
                // A failed request for a token has not done anything that a caller requested.
                let error = error.with_outcome(Outcome::NotDone);
                self.note_failure(&error, now);
                self.unexpired(now).ok_or(error)
            }
        }
    }

    /// Forgets a token that the server rejected, unless a newer one has taken its place.
    pub(super) fn invalidate(&mut self, token: &AccessToken) {
        if self.token.as_ref().is_some_and(|cached| cached.token.is_clone_of(token)) {
            self.token = None;
        }
    }

    fn store(&mut self, grant: Grant) -> AccessToken {
        let lifetime = grant.lifetime.map_or(MAX_LIFETIME, |lifetime| lifetime.min(MAX_LIFETIME));
        let margin = (lifetime / 10).min(MAX_RENEWAL_MARGIN);
        self.token = Some(CachedToken {
            token: grant.token.clone(),
            renew_at: grant.requested_at + (lifetime - margin),
            expires_at: grant.requested_at + lifetime,
        });
        (self.failures, self.refusal, self.paused_until) = (0, None, None);
        grant.token
    }

    /// Pauses renewals after a refusal, so that a wrong password is not tried with every call; and after any failure
    /// while there is a token to go on with.
    fn note_failure(&mut self, error: &Error, now: Instant) {
        let refused = is_refusal(error);
        if refused || self.token.is_some() {
            let pause = FIRST_PAUSE.saturating_mul(1 << self.failures.min(6)).min(MAX_PAUSE);
            self.paused_until = Some(now + pause);
            self.failures += 1;
        }
        self.refusal = refused.then(|| error.clone());
    }
}
