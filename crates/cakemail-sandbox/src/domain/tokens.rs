//! Access tokens, refresh tokens and challenges.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ids::Ids;
use super::profile::{Profile, RefreshTokens};
use super::time::Time;

/// How long a challenge is valid.
const CHALLENGE_LIFETIME: Duration = Duration::from_secs(600);

/// Below this many access tokens, those that have expired are not removed.
const MIN_TOKENS: usize = 100;

/// The account's id for each token.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Tokens {
    access: HashMap<String, (i64, Time)>,
    refresh: HashMap<String, i64>,
    challenges: HashMap<String, (i64, Time)>,
    /// The number of access tokens at which those that have expired are removed.
    #[serde(skip)]
    expired_at: usize,
    /// The access tokens of the sandbox's own pages.
    #[serde(skip)]
    viewers: HashMap<String, i64>,
}

/// A pair of tokens, and the access token's lifetime.
pub(crate) struct TokenPair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) lifetime: Duration,
}

impl Tokens {
    pub(crate) fn issue(&mut self, account: i64, now: Time, lifetime: Duration, ids: &Ids) -> TokenPair {
        let refresh = ids.secret();
        self.refresh.insert(refresh.clone(), account);
        self.renew(account, refresh, now, lifetime, ids)
    }

    fn renew(&mut self, account: i64, refresh: String, now: Time, lifetime: Duration, ids: &Ids) -> TokenPair {
        if self.access.len() >= self.expired_at {
            self.access.retain(|_, (_, expires)| *expires > now);
            self.expired_at = MIN_TOKENS.max(2 * self.access.len());
        }
        let access = ids.secret();
        self.access.insert(access.clone(), (account, now.plus(lifetime)));
        TokenPair { access, refresh, lifetime }
    }

    pub(crate) fn refresh(
        &mut self,
        token: &str,
        now: Time,
        lifetime: Duration,
        profile: &Profile,
        ids: &Ids,
    ) -> Option<TokenPair> {
        let account = *self.refresh.get(token)?;
        if profile.refresh_tokens == RefreshTokens::Reusable {
            return Some(self.renew(account, token.into(), now, lifetime, ids));
        }
        self.refresh.remove(token);
        Some(self.issue(account, now, lifetime, ids))
    }

    /// The account of an access token that is valid.
    pub(crate) fn account(&self, access: &str, now: Time) -> Option<i64> {
        let account = self.access.get(access).filter(|(_, expires)| *expires > now).map(|(account, _)| *account);
        account.or_else(|| self.viewers.get(access).copied())
    }

    /// Issues an access token for the sandbox's own pages.
    pub(crate) fn viewer(&mut self, account: i64) -> String {
        // Not from `Ids`: opening the pages must not change the ids that follow.
        let token = format!("viewer-{}", uuid::Uuid::new_v4().simple());
        self.viewers.insert(token.clone(), account);
        token
    }

    /// Whether a word is a token or a challenge.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.access.contains_key(word) || self.refresh.contains_key(word) || self.challenges.contains_key(word)
    }

    pub(crate) fn is_viewer(&self, access: &str) -> bool {
        self.viewers.contains_key(access)
    }

    /// Revokes all tokens and challenges of an account.
    pub(crate) fn revoke_all(&mut self, account: i64) {
        self.access.retain(|_, (owner, _)| *owner != account);
        self.refresh.retain(|_, owner| *owner != account);
        self.challenges.retain(|_, (owner, _)| *owner != account);
    }

    /// Revokes an access token.
    pub(crate) fn revoke(&mut self, access: &str) {
        self.access.remove(access);
    }

    /// Revokes all refresh tokens of an account.
    pub(crate) fn revoke_refresh_tokens(&mut self, account: i64) {
        self.refresh.retain(|_, owner| *owner != account);
    }

    /// The account that a refresh token is for.
    pub(crate) fn refreshable(&self, token: &str) -> Option<i64> {
        self.refresh.get(token).copied()
    }

    pub(crate) fn challenge(&mut self, account: i64, now: Time, ids: &Ids) -> String {
        self.challenges.retain(|_, (_, expires)| *expires > now);
        let challenge = ids.secret();
        self.challenges.insert(challenge.clone(), (account, now.plus(CHALLENGE_LIFETIME)));
        challenge
    }

    pub(crate) fn challenged(&self, challenge: &str, now: Time) -> Option<i64> {
        self.challenges.get(challenge).filter(|(_, expires)| *expires > now).map(|(account, _)| *account)
    }

    pub(crate) fn remove_challenge(&mut self, challenge: &str) {
        self.challenges.remove(challenge);
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}
