//! Who is signed in.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Ids;
use crate::domain::Time;
use crate::domain::profile::{Profile, RefreshTokens};

/// How long a second factor is waited for.
const CHALLENGE: Duration = Duration::from_secs(600);

/// Each is for the account with that id.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Tokens {
    access: HashMap<String, (i64, Time)>,
    refresh: HashMap<String, i64>,
    challenges: HashMap<String, (i64, Time)>,
    /// Those of the sandbox's own pages.
    #[serde(skip)]
    viewers: HashMap<String, i64>,
}

/// A pair of tokens, and the access token's lifetime.
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) lifetime: Duration,
}

impl Tokens {
    pub(crate) fn issue(&mut self, account: i64, now: Time, lifetime: Duration, ids: &Ids) -> Pair {
        let refresh = ids.secret();
        self.refresh.insert(refresh.clone(), account);
        self.renew(account, refresh, now, lifetime, ids)
    }

    fn renew(&mut self, account: i64, refresh: String, now: Time, lifetime: Duration, ids: &Ids) -> Pair {
        self.access.retain(|_, (_, expires)| *expires > now);
        let access = ids.secret();
        self.access.insert(access.clone(), (account, now.plus(lifetime)));
        Pair { access, refresh, lifetime }
    }

    pub(crate) fn refresh(
        &mut self,
        token: &str,
        now: Time,
        lifetime: Duration,
        profile: &Profile,
        ids: &Ids,
    ) -> Option<Pair> {
        let account = *self.refresh.get(token)?;
        if profile.refresh_tokens == RefreshTokens::Reusable {
            return Some(self.renew(account, token.into(), now, lifetime, ids));
        }
        self.refresh.remove(token);
        Some(self.issue(account, now, lifetime, ids))
    }

    /// The account of a token that is known and still good.
    pub(crate) fn account(&self, access: &str, now: Time) -> Option<i64> {
        let usual = self.access.get(access).filter(|(_, expires)| *expires > now).map(|(account, _)| *account);
        usual.or_else(|| self.viewers.get(access).copied())
    }

    /// A token for the sandbox's own pages.
    pub(crate) fn viewer(&mut self, account: i64) -> String {
        // No id is spent: what is only looked at stays as it was.
        let token = format!("viewer-{}", uuid::Uuid::new_v4().simple());
        self.viewers.insert(token.clone(), account);
        token
    }

    /// Whether a word is one of these, of whatever kind.
    pub(crate) fn knows(&self, word: &str) -> bool {
        self.access.contains_key(word) || self.refresh.contains_key(word) || self.challenges.contains_key(word)
    }

    pub(crate) fn is_viewer(&self, access: &str) -> bool {
        self.viewers.contains_key(access)
    }

    /// Ends all that an account has.
    pub(crate) fn end(&mut self, account: i64) {
        self.access.retain(|_, (it, _)| *it != account);
        self.refresh.retain(|_, it| *it != account);
        self.challenges.retain(|_, (it, _)| *it != account);
    }

    /// Ends an access token.
    pub(crate) fn expire(&mut self, access: &str) {
        self.access.remove(access);
    }

    /// Ends all refresh tokens.
    pub(crate) fn spend_refresh_tokens(&mut self) {
        self.refresh.clear();
    }

    /// The account that a refresh token is for.
    pub(crate) fn refreshable(&self, token: &str) -> Option<i64> {
        self.refresh.get(token).copied()
    }

    pub(crate) fn challenge(&mut self, account: i64, now: Time, ids: &Ids) -> String {
        self.challenges.retain(|_, (_, expires)| *expires > now);
        let challenge = ids.secret();
        self.challenges.insert(challenge.clone(), (account, now.plus(CHALLENGE)));
        challenge
    }

    pub(crate) fn challenged(&self, challenge: &str, now: Time) -> Option<i64> {
        self.challenges.get(challenge).filter(|(_, expires)| *expires > now).map(|(account, _)| *account)
    }

    pub(crate) fn answered(&mut self, challenge: &str) {
        self.challenges.remove(challenge);
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}
